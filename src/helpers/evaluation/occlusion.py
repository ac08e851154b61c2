"""Occlusion: how much a class's score falls when a part of the picture is hidden (Zeiler and Fergus 2014)."""

from collections.abc import Callable

import keras
import numpy as np

from helpers.evaluation.grad_cam import LOGITS

PATCH = 2
"""Side of what is hidden at once, in cells; parts overlap by half."""


def occlusion_maps(
    model: keras.Model,
    pictures: np.ndarray,
    classes: np.ndarray,
    cells: int = 6,
    batch_size: int = 32,
    on_picture: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """The fall of one class's score, before the softmax, for a square hidden around each cell of a grid.

    What is hidden takes the mean gray of the picture's tissue: black would be a hole in the breast.

    Args:
        model: Classifier with one (n, size, size, 1) input.
        pictures: uint8, (n, size, size); what is not breast is black.
        classes: (n,) int, the class whose score is watched, for each picture.
        cells: Cells a side of the map.
        batch_size: Pictures handled at once.
        on_picture: Called with the number of pictures done and of all.

    Returns:
        (n, cells, cells) float32; above 0 where hiding the cell speaks against the class.
    """
    scores = keras.Model(model.inputs[0], model.get_layer(LOGITS).output)
    falls = np.zeros((len(pictures), cells, cells), np.float32)
    for number, (picture, chosen) in enumerate(zip(pictures, classes, strict=True)):
        given = hidden(picture, cells)
        batches = (given[start : start + batch_size] for start in range(0, len(given), batch_size))
        said = np.concatenate([scores.predict_on_batch(batch[..., None]) for batch in batches])[:, chosen]
        falls[number] = (said[-1] - said[:-1]).reshape(cells, cells)
        if on_picture:
            on_picture(number + 1, len(pictures))
    return falls


def hidden(picture: np.ndarray, cells: int) -> np.ndarray:
    """A picture with a square hidden around each cell, and at last the picture itself.

    Args:
        picture: uint8, (size, size).
        cells: Cells a side.

    Returns:
        (cells * cells + 1, size, size) float32.
    """
    size, tissue = len(picture), picture[picture > 0]
    gray = tissue.mean() if tissue.size else 0.0
    copies = np.repeat(picture[None].astype(np.float32), cells**2 + 1, axis=0)
    edges = [_span(cell, size, cells) for cell in range(cells)]
    for place, copy in enumerate(copies[:-1]):
        copy[edges[place // cells], edges[place % cells]] = gray
    return copies


def _span(cell: int, size: int, cells: int) -> slice:
    middle, reach = (cell + 0.5) * size / cells, PATCH / 2 * size / cells
    return slice(max(0, round(middle - reach)), min(size, round(middle + reach)))
