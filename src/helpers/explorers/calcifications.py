"""The calcifications explorer: a film with the places that a pair of networks suspects, and a threshold to move."""

from collections.abc import Sequence

import anywidget
import cv2
import numpy as np
import pandas as pd
import traitlets

from helpers.calcifications.films import Film
from helpers.evaluation.froc import LIMIT
from helpers.explorers.kit import FOLDER, STYLE, explore, packed, script
from helpers.figures.calcified_films import CALLED, TRUTH

QUALITY = 80
"""WebP's, of a film; its grain weighs more than its tissue."""


Shown = tuple[Film, np.ndarray]
"""A film of the test, and the pixels that the Segmentator calls calcification, boolean, as the film's picture."""


class Calcifications(anywidget.AnyWidget):
    """Shows films; decides nothing: thresholds, sensitivities and hits come from Python.

    Attributes:
        films: One entry a film: id, width, height, cluster, and first and count of its candidates.
        candidates: float64 (candidates, 4): x, y in pixels of the film, score, and 1 for a hit; film after film.
        pictures: All pictures, one after the other: of each film itself, its truth and its outline, WebP.
        ends: Where each of those ends.
        steps: float64 (steps, 3): threshold, false positives a picture and sensitivity on the whole test, from the
            highest threshold to the lowest.
        start: The step at first.
        colors: Of the truth and of the outline.
        tested: Films of the test, and clusters in them.
    """

    _esm = (FOLDER / "viewer.js").read_text() + script("calcifications.js")
    _css = STYLE + (FOLDER / "calcifications.css").read_text()
    films = traitlets.List().tag(sync=True)
    candidates = traitlets.Bytes().tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    ends = traitlets.List().tag(sync=True)
    steps = traitlets.Bytes().tag(sync=True)
    start = traitlets.Int().tag(sync=True)
    colors = traitlets.List([TRUTH, CALLED]).tag(sync=True)
    tested = traitlets.List().tag(sync=True)


def steps_of(found: pd.DataFrame, pictures: pd.DataFrame, limit: float = LIMIT) -> pd.DataFrame:
    """Every threshold that changes anything, with what it gives on the whole test.

    Args:
        found: One row a candidate: image_id, score, hit.
        pictures: One row a film: image_id, cluster.
        limit: False positives a picture after which no threshold follows.

    Returns:
        DataFrame, from the highest threshold to the lowest: threshold, false_positives, sensitivity.
    """
    # Scores are probabilities: from 1 on nothing is named, and the curve starts at its corner.
    thresholds = np.unique([*found["score"].to_numpy(float), 1.0])[::-1]
    false = np.sort(found.loc[~found["hit"], "score"].to_numpy(float))
    highest = np.sort(found[found["hit"]].groupby("image_id")["score"].max().to_numpy(float))
    table = pd.DataFrame(
        {
            "threshold": thresholds,
            "false_positives": (len(false) - np.searchsorted(false, thresholds)) / len(pictures),
            "sensitivity": (len(highest) - np.searchsorted(highest, thresholds)) / max(1, pictures["cluster"].sum()),
        }
    )
    return table[table["false_positives"] <= limit].reset_index(drop=True)


def calcifications(films: Sequence[Shown], found: pd.DataFrame, pictures: pd.DataFrame) -> None:
    """Shows the explorer and its static twin.

    Args:
        films: The films to look at, of the test.
        found: Candidates of the whole test: image_id, row, column, score, hit.
        pictures: All films of the test: image_id, cluster.
    """
    steps = steps_of(found, pictures)
    own = [found[found["image_id"] == film.image_id].sort_values("score", ascending=False) for film, _ in films]
    counts = [len(each) for each in own]
    images = [image for shown in films for image in _images(*shown)]
    start = int(np.searchsorted(steps["false_positives"], 0.5, side="right")) - 1
    explorer = Calcifications(
        films=[
            _described(film, first, count)
            for (film, _), first, count in zip(films, np.cumsum([0, *counts[:-1]]).tolist(), counts, strict=True)
        ],
        candidates=packed(pd.concat(own)[["column", "row", "score", "hit"]].astype(float), "float64"),
        pictures=b"".join(images),
        ends=np.cumsum([len(image) for image in images]).tolist(),
        steps=packed(steps, "float64"),
        start=max(start, 0),
        tested=[len(pictures), int(pictures["cluster"].sum())],
    )
    what = (
        "Clusters found at a few thresholds of the Detector's score, and false positives a picture, on the whole test."
    )
    explore(explorer, _twin(steps), what)


def _described(film: Film, first: int, count: int) -> dict:
    height, width = film.picture.shape
    size = {"width": width, "height": height}
    return {"id": film.image_id, **size, "cluster": film.cluster, "first": first, "count": count}


def _images(film: Film, outlined: np.ndarray) -> list[bytes]:
    layers = [_edges(film.calcifications, TRUTH), _edges(outlined, CALLED)]
    lossy = cv2.imencode(".webp", film.picture, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()
    return [lossy, *(cv2.imencode(".webp", layer, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes() for layer in layers)]


def _edges(pixels: np.ndarray, color: str) -> np.ndarray:
    """The outermost pixels of a mask in a color, all others clear: (height, width, 4) in OpenCV's order."""
    inner = cv2.erode(pixels.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    layer = np.zeros((*pixels.shape, 4), np.uint8)
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    layer[pixels & ~inner] = (blue, green, red, 255)
    return layer


def _twin(steps: pd.DataFrame) -> pd.DataFrame:
    wanted = [0.0, 0.25, 0.5, 1.0, LIMIT]
    places = np.searchsorted(steps["false_positives"], wanted, side="right") - 1
    rows = steps.iloc[np.unique(places[places >= 0])]
    return rows.round(3).set_index("threshold")
