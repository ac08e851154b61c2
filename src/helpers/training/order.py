"""Rows batch by batch, in an order that the seed and the epoch decide, whichever backend Keras runs on."""

import math

import keras
import numpy as np


class Ordered(keras.utils.PyDataset):
    """What all our batches share: which rows stand in which, anew each epoch; what is read of them, each decides.

    Args:
        rows: Indices of the rows to read.
        batch_size: Rows a batch; the last one may be smaller.
        seed: Seed of the order, drawn anew each epoch; None keeps the order of `rows`.
    """

    def __init__(self, rows, batch_size: int, seed: int | None) -> None:
        super().__init__()
        self.rows, self.batch_size, self.seed = np.asarray(rows), batch_size, seed
        self.epoch = 0
        self.order = self._drawn()

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / self.batch_size)

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self.order = self._drawn()

    def batch(self, index: int) -> np.ndarray:
        """The rows of one batch of this epoch."""
        return self.order[index * self.batch_size : (index + 1) * self.batch_size]

    def draws(self, row: int) -> np.random.Generator:
        """The generator of what this epoch alters in one row, whatever stands beside it."""
        return np.random.default_rng((self.seed, self.epoch, int(row)))

    def _drawn(self) -> np.ndarray:
        if self.seed is None:
            return self.rows
        return np.random.default_rng((self.seed, self.epoch)).permutation(self.rows)
