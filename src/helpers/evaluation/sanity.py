"""Would a map look the same had a network learnt nothing? Cascading randomization of weights (Adebayo et al. 2018)."""

from collections.abc import Iterator

import cv2
import keras
import numpy as np
import pandas as pd
from scipy.stats import rankdata

from helpers.evaluation.intervals import interval, patient_weights
from helpers.networks import latent_layers


def randomized(model: keras.Model, *, seed: int) -> Iterator[str]:
    """Randomizes a network in place, from the scores down to the picture, and stops after each part.

    The values of each weight are shuffled within it, which forgets what was learnt and keeps the scale, so that what
    reaches the next layer stays in its range.

    Args:
        model: A network that may be spoilt.
        seed: Seed of the shuffles.

    Yields:
        The name of the part just randomized, all parts above it being so already; see `cascade`.
    """
    rng = np.random.default_rng(seed)
    for name, part in cascade(model):
        for layer in part:
            layer.set_weights([_shuffled(weight, rng) for weight in layer.get_weights()])
        yield name


def cascade(model: keras.Model) -> list[tuple[str, list[keras.layers.Layer]]]:
    """The parts of a network from the scores down, as (name, layers with weights).

    A part is named after its last layer: "logits", the vectors of the head, then the ends of the backbone's stages;
    the last one reaches down to the picture.
    """
    ends = [model.layers.index(model.get_layer(name)) for name in latent_layers(model)]
    parts, above = [("logits", model.layers[ends[-1] + 1 :])], ends[-1] + 1
    for end in [*ends[-2::-1], -1]:
        parts.append((model.layers[above - 1].name, model.layers[end + 1 : above]))
        above = end + 1
    parts = [(name, [layer for layer in part if layer.weights]) for name, part in parts]
    return [(name, part) for name, part in parts if part]


def _shuffled(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(weight.ravel()).reshape(weight.shape)


def rank_correlation(maps: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each map with another, over their cells.

    Args:
        maps: (n, h, w).
        others: (n, h, w).

    Returns:
        (n,) float64; NaN where a map is the same everywhere.
    """
    cells = maps.shape[1] * maps.shape[2]
    first, second = (_centered_ranks(each.reshape(len(each), cells)) for each in (maps, others))
    norms = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return np.divide((first * second).sum(axis=1), norms, out=np.full(len(norms), np.nan), where=norms > 0)


def _centered_ranks(values: np.ndarray) -> np.ndarray:
    ranks = rankdata(values, axis=1) if len(values) else values.astype(float)
    return ranks - ranks.mean(axis=1, keepdims=True)


def likeness(table: pd.DataFrame, by: list[str], measures: list[str], draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Means of a likeness, with 95 % intervals over patients.

    Args:
        table: One row a group and picture: patient_id, the columns `by`, and the measures; NaN where a map is empty.
        by: The columns that make the groups.
        measures: "spearman", "ssim" or both.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns `by`, measure, n (pictures of which it is defined), value, low and high.
    """
    rows = []
    for group, own in table.groupby(by, sort=False):
        weights, owner = patient_weights(own["patient_id"], draws, seed=seed)
        for measure in measures:
            values = own[measure].to_numpy(dtype=float)
            known = ~np.isnan(values)
            drawn = weights[:, owner[known]]
            counts = drawn.sum(axis=1)
            means = np.divide(drawn @ values[known], counts, out=np.full(len(drawn), np.nan), where=counts > 0)
            value = values[known].mean() if known.any() else np.nan
            rows.append((*group, measure, int(known.sum()), value, *(interval(means) or (np.nan, np.nan))))
    return pd.DataFrame(rows, columns=[*by, "measure", "n", "value", "low", "high"])


def structural_similarity(maps: np.ndarray, others: np.ndarray) -> np.ndarray:
    """SSIM of each map with another, both scaled to a maximum of one (Wang et al. 2004; Gaussian window of 1.5 px).

    Args:
        maps: (n, size, size), not negative, size at least 11.
        others: (n, size, size).

    Returns:
        (n,) float64; 1 for equal maps.
    """
    return np.array([_ssim(_scaled(one), _scaled(other)) for one, other in zip(maps, others, strict=True)])


def _scaled(one: np.ndarray) -> np.ndarray:
    return one.astype(np.float64) / (one.max() or 1)


def _ssim(one: np.ndarray, other: np.ndarray) -> float:
    mean_one, mean_other = _window(one), _window(other)
    variances = _window(one**2) - mean_one**2 + _window(other**2) - mean_other**2
    covariance = _window(one * other) - mean_one * mean_other
    small, smaller = 0.01**2, 0.03**2
    above = (2 * mean_one * mean_other + small) * (2 * covariance + smaller)
    below = (mean_one**2 + mean_other**2 + small) * (variances + smaller)
    # Where the window reaches beyond the map, its border would count.
    return float((above / below)[5:-5, 5:-5].mean())


def _window(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)
