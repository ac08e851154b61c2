"""Does a map point at the lesion? Maps, lesions and blind baselines as arrays; intervals over patients.

Maps are (n, size, size), not negative, in pixels of the pictures; lesions are circles (x, y, radius), (n, 3), in the
same pixels, whose centers lie on whole numbers.
"""

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights

MEASURES = ("pointing", "energy", "top_k")
TOLERANCE = 0.03
"""How far beside a lesion a map may point, as a share of the side: the pointing game's 15 pixels of about 500."""
BLUR = 1 / 32
"""Width of the blur, as a share of the side, before brightness and edges are looked for."""
BASELINES = ("uniform", "random", "breast center", "usual place", "brightest tissue", "edges")
"""Maps that know nothing of the lesion in a picture."""
OUTCOMES = ("hits", "errors", "all")


def inside(circles: np.ndarray, size: int, tolerance: float = 0.0) -> np.ndarray:
    """Pixels within each lesion.

    Args:
        circles: (n, 3).
        size: Side of a picture, px.
        tolerance: Share of the side by which the lesions are widened.

    Returns:
        (n, size, size) bool; the pixel nearest to a lesion's center belongs to it, however small it is.
    """
    rows, columns = np.mgrid[:size, :size]
    x, y, radius = (circles[:, part, None, None] for part in range(3))
    distance = np.hypot(columns - x, rows - y)
    nearest = distance <= distance.min(axis=(1, 2), keepdims=True)
    return (distance <= radius + tolerance * size) | nearest


def enlarged(maps: np.ndarray, size: int) -> np.ndarray:
    """Brings maps to the size of the pictures, linearly, a cell over the pixels that it was made from.

    Args:
        maps: (n, h, w).
        size: Side of a picture, px.

    Returns:
        (n, size, size) float32.
    """
    resized = [cv2.resize(each.astype(np.float32), (size, size), interpolation=cv2.INTER_LINEAR) for each in maps]
    return np.stack(resized) if resized else np.zeros((0, size, size), np.float32)


def scores(maps: np.ndarray, circles: np.ndarray) -> pd.DataFrame:
    """How well each map finds its lesion; an empty map points nowhere and scores 0.

    "pointing": whether the map's strongest pixel lies in the lesion or within `TOLERANCE` of it (the pointing game:
    Zhang et al. 2016); of equally strong pixels the share that does. "energy": the share of the map's sum that lies
    in the lesion. "top_k": of the k strongest pixels, k being the lesion's area, the share that lies in it.

    Args:
        maps: (n, size, size).
        circles: (n, 3).

    Returns:
        DataFrame with the columns pointing, energy and top_k, n rows, each from 0 to 1.
    """
    size = maps.shape[-1]
    lesions, near = inside(circles, size), inside(circles, size, TOLERANCE)
    return pd.DataFrame(
        [_score(one, lesion, around) for one, lesion, around in zip(maps, lesions, near, strict=True)],
        columns=list(MEASURES),
        dtype=float,
    )


def _score(one: np.ndarray, lesion: np.ndarray, near: np.ndarray) -> tuple[float, float, float]:
    if not one.max() > 0:
        return 0.0, 0.0, 0.0
    pointing = near[one == one.max()].mean()
    return pointing, one[lesion].sum(dtype=float) / one.sum(dtype=float), _top_k(one, lesion)


def _top_k(one: np.ndarray, lesion: np.ndarray) -> float:
    area = int(lesion.sum())
    least = np.partition(one, one.size - area, axis=None)[one.size - area]
    above, equal = one > least, one == least
    # Of the pixels on the threshold, only so many belong to the strongest; which, is left to chance.
    share = (area - above.sum()) / equal.sum()
    return float((lesion & above).sum() + share * (lesion & equal).sum()) / area


def usual_places(lesions: np.ndarray, size: int) -> np.ndarray:
    """Where lesions usually are: the share of lesions that cover each pixel.

    Args:
        lesions: (n, 3) of pictures framed alike.
        size: Side of a picture, px.

    Returns:
        (size, size) float32; the same everywhere where no lesion is known.
    """
    return inside(lesions, size).mean(axis=0, dtype=np.float32) if len(lesions) else np.ones((size, size), np.float32)


def usual_places_of_others(lesions: np.ndarray, size: int) -> np.ndarray:
    """The same for each lesion from all but itself: (n, size, size) float32."""
    covered = inside(lesions, size)
    return ((covered.sum(axis=0) - covered) / max(1, len(lesions) - 1)).astype(np.float32)


def blind_maps(pictures: np.ndarray, usual: np.ndarray, cells: int = 8, *, seed: int) -> dict[str, np.ndarray]:
    """Maps of `BASELINES`.

    Args:
        pictures: uint8, (n, size, size); what is not breast is black.
        usual: Where lesions of other pictures are, (size, size), or (n, size, size) where that differs.
        cells: Cells a side of the random maps.
        seed: Seed of the random maps.

    Returns:
        {baseline: (n, size, size) float32}. "uniform" is the same everywhere; "random" are cells of noise;
        "breast center" falls off from the middle of the tissue; "usual place" is `usual`; "brightest tissue" is the
        picture, and "edges" its gradient inside the breast, both after a blur.
    """
    count, size = len(pictures), pictures.shape[-1]
    noise = np.random.default_rng(seed).random((count, cells, cells), dtype=np.float32)
    return {
        "uniform": np.ones((count, size, size), np.float32),
        "random": enlarged(noise, size),
        "breast center": _each(_around_center, pictures),
        "usual place": np.broadcast_to(usual, (count, size, size)),
        "brightest tissue": _each(_blurred, pictures),
        "edges": _each(_edges, pictures),
    }


def _each(one, pictures: np.ndarray) -> np.ndarray:
    return np.stack([one(picture) for picture in pictures]) if len(pictures) else pictures.astype(np.float32)


def _around_center(picture: np.ndarray) -> np.ndarray:
    size = len(picture)
    tissue = np.argwhere(picture > 0) if picture.any() else np.argwhere(picture == 0)
    row, column = tissue.mean(axis=0)
    rows, columns = np.mgrid[:size, :size]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * (size / 6) ** 2)).astype(np.float32)


def _blurred(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), BLUR * len(picture))


def _edges(picture: np.ndarray) -> np.ndarray:
    blurred = _blurred(picture)
    slope = np.hypot(cv2.Sobel(blurred, cv2.CV_32F, 1, 0), cv2.Sobel(blurred, cv2.CV_32F, 0, 1))
    # The skin line would be the strongest edge of all: a blind baseline should get a fair chance inside the breast.
    reach = 2 * round(2 * BLUR * len(picture)) + 1
    breast = cv2.erode((picture > 0).astype(np.uint8), np.ones((reach, reach), np.uint8))
    return slope * breast


def means(table: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Mean scores of each map, for hits, errors and all, with 95 % intervals over patients.

    Args:
        table: One row a network, field, picture and map: network, field, map, image_id, patient_id, hit, and
            `MEASURES`.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, field, map, outcome, measure, n, value, low and high; no row for an
        outcome without a picture.
    """
    return _summarized(table, draws, seed, lambda values: values)


def advantages(table: pd.DataFrame, of: str = "grad_cam", draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Mean differences between one map and each other on the same pictures, with 95 % intervals over patients.

    Args:
        table: As for `means`.
        of: The map that the others are compared with.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame as `means` returns it, of the baselines and, where it was done, of occlusion; above 0 where `of` is
        better.
    """
    own = table[table["map"].isin([of, *BASELINES, "occlusion"])]
    found = _summarized(own, draws, seed, lambda values: {name: values[of] - each for name, each in values.items()})
    return found[found["map"] != of].reset_index(drop=True)


def _summarized(table: pd.DataFrame, draws: int, seed: int, change) -> pd.DataFrame:
    rows = []
    for (network, field), own in table.groupby(["network", "field"], sort=False):
        about, values = _by_map(own)
        weights, owner = patient_weights(about["patient_id"], draws, seed=seed)
        for name, scored in change(values).items():
            for outcome, chosen in _outcomes(about["hit"].to_numpy(dtype=bool)):
                drawn = _weighted_means(scored[chosen], owner[chosen], weights)
                for place, measure in enumerate(MEASURES):
                    ends = interval(drawn[:, place]) or (np.nan, np.nan)
                    value = scored[chosen, place].mean()
                    rows.append((network, field, name, outcome, measure, int(chosen.sum()), value, *ends))
    columns = ["network", "field", "map", "outcome", "measure", "n", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _by_map(own: pd.DataFrame) -> tuple[pd.DataFrame, Mapping[str, np.ndarray]]:
    """The pictures, one row each, and every map's scores of them in that order, (n, 3)."""
    about = own.drop_duplicates("image_id").sort_values("image_id", ignore_index=True)
    values = {
        name: rows.set_index("image_id").loc[about["image_id"], list(MEASURES)].to_numpy()
        for name, rows in own.groupby("map", sort=False)
    }
    return about, values


def _outcomes(hit: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    for outcome, chosen in zip(OUTCOMES, (hit, ~hit, np.ones_like(hit)), strict=True):
        if chosen.any():
            yield outcome, chosen


def _weighted_means(values: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    drawn = weights[:, owner]
    counts = drawn.sum(axis=1, keepdims=True)
    return np.divide(drawn @ values, counts, out=np.full((len(drawn), values.shape[1]), np.nan), where=counts > 0)
