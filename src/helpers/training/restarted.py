"""A network compiled once and trained many times from one start, for protocols that train dozens of small ones."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

AT_ONCE = 128
"""Pictures that a trained network takes at once."""


class Restarted:
    """Trains a network from the same weights again and again.

    Every batch has one size, since each other would be compiled too: what lacks in an epoch's last batch is drawn
    again from the rows. There is no validation, and the number of epochs is kept, as in document C.

    Args:
        model: From `helpers.networks`; its weights now are the start.
        loss: Keras' name of it.
        batch_size: Pictures a step.
        weight_decay: Of AdamW.
    """

    def __init__(self, model: keras.Model, loss: str, batch_size: int, weight_decay: float) -> None:
        self.model, self.batch_size = model, batch_size
        # Seeds of dropout are variables too, and no weights.
        self.start = [np.array(ops.convert_to_numpy(variable)) for variable in model.variables]
        model.compile(keras.optimizers.AdamW(weight_decay=weight_decay), loss)

    def shown(self, pictures: np.ndarray, targets: np.ndarray) -> None:
        """Sets what the rows of `fit` and `said` are rows of.

        Args:
            pictures: uint8, (n, size, size).
            targets: float32, (n, ...), as the loss takes them.
        """
        self.pictures, self.targets = pictures[..., None], targets

    def fit(self, rows: np.ndarray, epochs: int, rate: float, seed: int | Sequence[int]) -> None:
        """Trains from the start.

        Args:
            rows: Indices of the training rows; one at least.
            epochs: Passes over them.
            rate: Learning rate.
            seed: Of the order.
        """
        for variable, value in zip(self.model.variables, self.start, strict=True):
            variable.assign(value)
        for variable in self.model.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.model.optimizer.learning_rate = rate
        rng = np.random.default_rng(seed)
        for _ in range(epochs):
            order = np.concatenate([rng.permutation(rows), rng.choice(rows, -len(rows) % self.batch_size)])
            for batch in order.reshape(-1, self.batch_size):
                self.model.train_on_batch(self.pictures[batch].astype("float32"), self.targets[batch])

    def said(self, rows: np.ndarray) -> np.ndarray:
        """What the network, as trained last, says of some rows: float32, (m, ...)."""
        padded = np.concatenate([rows, np.repeat(rows[:1], -len(rows) % AT_ONCE)]).reshape(-1, AT_ONCE)
        said = [self.model.predict_on_batch(self.pictures[batch].astype("float32")) for batch in padded]
        return np.concatenate(said)[: len(rows)].astype(np.float32, copy=False)
