"""Batches out of memory-mapped arrays: pictures, or what a frozen part of a network made of them."""

import numpy as np

from helpers.maps import forget
from helpers.training.order import Ordered

SHIFT = 0.05
"""Largest shift of an augmented picture, as a share of its size."""


class Batches(Ordered):
    """Reads the rows of one or more arrays batch by batch, whichever backend Keras runs on.

    Args:
        inputs: Arrays that share their first axis: pictures (n, size, size) uint8, or cached activations; one-hot
            classes (n, classes) where a loss inside the network takes them.
        rows: Indices of the rows to read.
        batch_size: Rows a batch; the last one may be smaller.
        targets: (n, classes) one-hot; None to predict.
        shuffle_seed: Seed of the order, drawn anew each epoch; None keeps the order of `rows`.
        augment: Whether pictures are mirrored and shifted at random, each by its own generator.
    """

    def __init__(self, inputs, rows, batch_size, targets=None, shuffle_seed=None, augment=False):
        super().__init__(rows, batch_size, shuffle_seed)
        self.inputs, self.targets, self.augment = inputs, targets, augment

    def __getitem__(self, index: int):
        rows = self.batch(index)
        inputs = tuple(self._read(array, rows) for array in self.inputs)
        inputs = inputs[0] if len(inputs) == 1 else inputs
        if self.targets is None:
            return (inputs,)
        return inputs, self.targets[rows]

    def _read(self, array: np.ndarray, rows: np.ndarray) -> np.ndarray:
        values = np.asarray(array[rows])
        forget(array)
        if values.ndim == 3:
            values = values[..., None]
        if self.augment and values.ndim == 4:
            values = np.stack([self._jittered(value, row) for value, row in zip(values, rows, strict=True)])
        return values.astype("float32", copy=False)

    def _jittered(self, picture: np.ndarray, row: int) -> np.ndarray:
        rng = self.draws(row)
        height, width = picture.shape[:2]
        reach = round(SHIFT * height)
        if rng.random() < 0.5:
            picture = picture[:, ::-1]
        top, left = rng.integers(0, 2 * reach + 1, size=2)
        padded = np.pad(picture, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
        return padded[top : top + height, left : left + width]
