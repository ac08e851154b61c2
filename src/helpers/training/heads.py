"""Fits a network with several heads: what a picture's target is worth is a weight, and nothing where it is missing."""

from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import ops

from helpers.maps import forget
from helpers.networks.backend import make_deterministic
from helpers.training.fit import DivergedError
from helpers.training.order import Ordered

LOSSES = {"sigmoid": "binary_crossentropy", "softmax": "categorical_crossentropy", "linear": "mean_squared_error"}
"""The loss of a head, by its activation."""
Augment = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""Alters a picture, uint8 (size, size)."""
ByHead = Mapping[str, np.ndarray]


class Labelled(Ordered):
    """Reads pictures batch by batch, with the targets of each head and what they are worth.

    Args:
        pictures: (n, size, size) uint8, may be memory-mapped.
        rows: Indices of the rows to read.
        batch_size: Rows a batch; the last one may be smaller.
        targets: {head: (n, units)}; None to predict.
        worth: {head: (n,)} what a row's target counts, 0 where it is missing.
        seed: Of the order, drawn anew each epoch, and of the alterations; None keeps the order of `rows`.
        augment: What alters training pictures; None leaves them as they are.
    """

    def __init__(self, pictures, rows, batch_size, targets=None, worth=None, seed=None, augment=None):
        super().__init__(rows, batch_size, seed)
        self.pictures, self.targets, self.worth, self.augment = pictures, targets, worth, augment

    def __getitem__(self, index: int):
        rows = self.batch(index)
        pictures = self._read(rows)
        if self.targets is None:
            return (pictures,)
        return pictures, _of(self.targets, rows), _of(self.worth, rows)

    def _read(self, rows: np.ndarray) -> np.ndarray:
        pictures = np.asarray(self.pictures[rows])
        forget(self.pictures)
        if self.augment:
            pictures = np.stack([self.augment(each, self.draws(row)) for each, row in zip(pictures, rows, strict=True)])
        return pictures[..., None].astype("float32")


def _of(values: ByHead, rows: np.ndarray) -> dict[str, np.ndarray]:
    return {head: each[rows] for head, each in values.items()}


class HeadsLearner:
    """A network compiled once and trained as often as one likes, each time from the weights that it came with.

    Args:
        model: From `helpers.networks.screening.build`.
        learning_rate: AdamW's.
        weight_decay: AdamW's, decoupled.
        seed: Of whatever the network's own generators, which start anew with its weights, do not draw.
    """

    def __init__(self, model: keras.Model, learning_rate: float, weight_decay: float = 0.0, *, seed: int) -> None:
        # Once: a new seed makes TensorFlow forget its compiled functions, which cost more than a small training.
        make_deterministic(seed)
        self.model, self.learning_rate = model, learning_rate
        self.start = [np.array(ops.convert_to_numpy(each)) for each in model.variables]
        losses = {head: LOSSES[model.get_layer(head).activation.__name__] for head in model.output}
        model.compile(keras.optimizers.AdamW(learning_rate, weight_decay=weight_decay), losses)

    def fit(
        self,
        pictures: np.ndarray,
        targets: ByHead,
        worth: ByHead,
        train: np.ndarray,
        *,
        epochs: int,
        batch_size: int,
        seed: int,
        augment: Augment | None = None,
    ) -> list[float]:
        """Trains; a target counts as much as it is worth, in the loss and nowhere else.

        Args:
            pictures: (n, size, size) uint8.
            targets: {head: (n, units)}.
            worth: {head: (n,)}, 0 where a target is missing.
            train: Indices of the training rows.
            epochs: Passes over them.
            batch_size: Rows a step.
            seed: Of the order and the alterations.
            augment: What alters training pictures.

        Returns:
            The loss of each epoch.

        Raises:
            DivergedError: The loss was no number.
        """
        for variable, value in zip(self.model.variables, self.start, strict=True):
            variable.assign(value)
        for variable in self.model.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.model.optimizer.learning_rate = self.learning_rate
        rows = Labelled(pictures, train, batch_size, targets, worth, seed, augment)
        halt = [keras.callbacks.TerminateOnNaN()]
        losses = self.model.fit(rows, epochs=epochs, shuffle=False, verbose=0, callbacks=halt).history["loss"]
        if not np.isfinite(losses).all():
            where = f"{self.model.name}: the loss is not finite in epoch {len(losses)}"
            raise DivergedError(f"{where}; try a lower learning_rate")
        return losses

    def predict(self, pictures: np.ndarray, rows: np.ndarray, batch_size: int = 64) -> dict[str, np.ndarray]:
        """What each head says.

        Args:
            pictures: (n, size, size) uint8.
            rows: Indices of the rows to predict.
            batch_size: Rows a batch.

        Returns:
            {head: (len(rows), units) float32}.
        """
        return self.model.predict(Labelled(pictures, rows, batch_size), verbose=0)
