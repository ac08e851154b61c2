"""Fits a network and predicts with it; the same call whether its frozen part is cached or not."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from keras import ops

from helpers.networks.backend import fed, make_deterministic
from helpers.networks.losses import FeatureSmoothing, Penalty
from helpers.training.batches import Batches
from helpers.training.frozen_prefix import Cache, activations, split

Progress = Callable[[int, int, dict[str, float]], None]
COLUMNS = ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
OPTIMIZERS = {"adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}


@dataclass(frozen=True)
class Settings:
    """How a network is trained; the defaults are document A's (Dahes 2025, section 2) where it gives a value.

    Attributes:
        epochs: At most so many passes over the training pictures.
        batch_size: Pictures a step.
        learning_rate: At the start.
        optimizer: adam | adamw.
        weight_decay: Of either optimizer, decoupled; 0 for none.
        fsl_lambda: Weight of the Feature Smoothing Loss on layer "embedding"; 0 leaves it out.
        augment: Whether training pictures are mirrored and shifted; the frozen part then runs every step.
        plateau_patience: Epochs without a better validation loss after which the learning rate is halved.
        stopping_patience: The same, after which training stops; the best epoch's weights are restored anyhow.
        seed: Of the order, the dropout and the augmentation.
    """

    epochs: int = 30
    batch_size: int = 16
    learning_rate: float = 1e-4
    optimizer: str = "adam"
    weight_decay: float = 0.0
    fsl_lambda: float = 0.0
    augment: bool = False
    plateau_patience: int = 5
    stopping_patience: int = 10
    seed: int = 0


def fit(
    model: keras.Model,
    pictures: np.ndarray,
    labels: np.ndarray,
    train: np.ndarray,
    validation: np.ndarray,
    settings: Settings,
    cache: Cache | None = None,
    on_epoch: Progress | None = None,
) -> pd.DataFrame:
    """Trains a network in place and leaves it with the weights of its best epoch.

    Categorical cross-entropy, no class weights; ReduceLROnPlateau (factor 0.5) and EarlyStopping on the validation
    loss (Dahes 2025, section 2). Two calls with equal arguments give equal bits, on one machine
    and with one number of threads.

    Args:
        model: From `helpers.networks.build`.
        pictures: uint8, (n, size, size), may be memory-mapped.
        labels: int, (n,), class indices.
        train: Indices of the training rows.
        validation: Indices of the validation rows.
        settings: See `Settings`.
        cache: Where what the frozen part makes of all n pictures is kept; None runs the whole network each step, and
            so does augmentation, which shows the frozen part a new picture every time; a warning says so.
        on_epoch: Called after each epoch with the epoch, from 1, the most there can be, and its logs.

    Returns:
        DataFrame with `COLUMNS`, one row an epoch. With the Feature Smoothing Loss the losses contain it.

    Raises:
        ValueError: No training or validation rows, or an unknown optimizer.
        DivergedError: The loss was no number in the first epoch; later, a warning says where, and the best weights
            stay.
    """
    _check(train, validation, settings)
    if settings.augment and cache and split(model)[0]:
        said = f"{model.name}: augmented pictures are new each epoch, so its frozen part is not cached"
        warnings.warn(said, stacklevel=2)
        cache = None
    penalty = Penalty(FeatureSmoothing()) if settings.fsl_lambda else None
    learner = Learner(*learnable(exposed(model) if penalty else model, pictures, cache), labels, settings, penalty)
    return learner.fit(train, validation, settings.seed, settings.fsl_lambda, on_epoch)


def predict(model: keras.Model, pictures: np.ndarray, batch_size: int = 32, cache: Cache | None = None) -> np.ndarray:
    """Probabilities of every picture.

    Args:
        model: From `helpers.networks.build`, trained.
        pictures: uint8, (n, size, size).
        batch_size: Pictures a batch.
        cache: The one given to `fit`, to run only what was trained.

    Returns:
        float32, (n, classes).
    """
    network, inputs = learnable(model, pictures, cache)
    return network.predict(Batches(inputs, np.arange(len(pictures)), batch_size), verbose=0)


def exposed(model: keras.Model) -> keras.Model:
    """The same network with two outputs by name, "probabilities" and "embedding", for a loss that looks at both."""
    return keras.Model(
        model.input, {"probabilities": model.output, "embedding": model.get_layer("embedding").output}, name=model.name
    )


def learnable(
    model: keras.Model, pictures: np.ndarray, cache: Cache | None = None, at: str | None = None
) -> tuple[keras.Model, list[np.ndarray]]:
    """What of a network has to run each step, and the arrays that it takes.

    Args:
        model: Flat network.
        pictures: uint8, (n, size, size).
        cache: Where what the frozen part makes of the pictures is kept; None leaves the network whole.
        at: A layer to cut after, see `helpers.training.frozen_prefix.split`.

    Returns:
        The network, or its part behind the cut, and its inputs, n rows each.
    """
    prefix, tail = split(model, at) if cache else (None, model)
    return (tail, activations(prefix, pictures, cache)) if prefix else (model, [pictures])


class Learner:
    """A network compiled once and trained as often as one likes, each time from the weights that it then has.

    Compiling takes longer than training a small head, so a grid of many short trainings compiles few learners.

    Args:
        network: First result of `learnable`; with a penalty, of a model that is `exposed`.
        inputs: Second result of `learnable`.
        labels: int, (n,), class indices.
        settings: See `Settings`; its lambda is given to `fit` anew each time, and so is the seed of the order.
        penalty: What is added to the cross-entropy.
    """

    def __init__(
        self,
        network: keras.Model,
        inputs: list[np.ndarray],
        labels: np.ndarray,
        settings: Settings,
        penalty: Penalty | None = None,
    ) -> None:
        # Once: a new seed makes TensorFlow forget its compiled functions, a quarter of what a small training takes.
        make_deterministic(settings.seed)
        self.settings, self.penalty, self.inputs = settings, penalty, inputs
        self.model = _penalized(network, penalty) if penalty else network
        self.targets = np.eye(self.model.output_shape[-1], dtype="float32")[labels]
        optimizer = OPTIMIZERS[settings.optimizer](settings.learning_rate, weight_decay=settings.weight_decay)
        self.model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])

    def fit(
        self,
        train: np.ndarray,
        validation: np.ndarray,
        seed: int,
        strength: float = 0.0,
        on_epoch: Progress | None = None,
    ) -> pd.DataFrame:
        """Trains from the weights that the network has now, everything else as if it were the first time.

        Args:
            train: Indices of the training rows.
            validation: Indices of the validation rows.
            seed: Of the order and the augmentation. Dropout draws from the network's own generators, as they stand.
            strength: lambda of the penalty.
            on_epoch: As for `fit`.

        Returns:
            DataFrame as `fit` returns it.
        """
        self._restart(strength)
        halt = _HaltOnNaN()
        settings, inputs = self.settings, [*self.inputs, *([self.targets] if self.penalty else [])]
        learned = Batches(inputs, train, settings.batch_size, self.targets, seed, settings.augment)
        data, steps = fed(self.model, learned)
        held, held_steps = fed(self.model, Batches(inputs, validation, settings.batch_size, self.targets))
        history = self.model.fit(
            data,
            steps_per_epoch=steps,
            validation_data=held,
            validation_steps=held_steps,
            epochs=settings.epochs,
            callbacks=[halt, *_callbacks(settings, on_epoch)],
            shuffle=False,  # Batches draw their order; Keras would draw a second one from Python's global state
            verbose=0,
        )
        return halt.checked(_table(history.history))

    def _restart(self, strength: float) -> None:
        for variable in self.model.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.model.optimizer.learning_rate = self.settings.learning_rate
        if self.penalty:
            self.penalty.restart(strength)


class DivergedError(ArithmeticError):
    """A training whose loss was no number before any weights were worth keeping."""


class _HaltOnNaN(keras.callbacks.Callback):
    """Ends a training whose loss is no number; the best epoch's weights are restored by `EarlyStopping` then."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if not np.isfinite([logs["loss"], logs["val_loss"]]).all():
            self.model.stop_training = True

    def checked(self, table: pd.DataFrame) -> pd.DataFrame:
        """The epochs before the loss was no number; says where that was."""
        whole = np.isfinite(table[["loss", "val_loss"]]).all(axis=1)
        if whole.all():
            return table
        name, first = self.model.name.removesuffix("_tail"), int(table["epoch"][~whole].iloc[0])
        where = f"{name}: the loss is not finite in epoch {first}"
        if not whole.any():
            raise DivergedError(f"{where}, so there are no weights to keep; try a lower learning_rate")
        warnings.warn(f"{where}; training stopped, and the weights of the best epoch before it are kept", stacklevel=4)
        return table[whole]


def _penalized(network: keras.Model, penalty: Penalty) -> keras.Model:
    probabilities, features = network.output["probabilities"], network.output["embedding"]
    classes = keras.Input(probabilities.shape[1:], name="classes")
    return keras.Model([*network.inputs, classes], penalty(probabilities, features, classes), name=network.name)


def _check(train: np.ndarray, validation: np.ndarray, settings: Settings) -> None:
    if not len(train) or not len(validation):
        raise ValueError(f"expected training and validation rows, got {len(train)} and {len(validation)}")
    if settings.optimizer not in OPTIMIZERS:
        raise ValueError(f"expected an optimizer out of {', '.join(OPTIMIZERS)}, got {settings.optimizer!r}")


def _callbacks(settings: Settings, on_epoch: Progress | None) -> list[keras.callbacks.Callback]:
    callbacks = [
        keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=settings.plateau_patience),
        keras.callbacks.EarlyStopping("val_loss", patience=settings.stopping_patience, restore_best_weights=True),
    ]
    if on_epoch:
        report = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: on_epoch(epoch + 1, settings.epochs, logs)
        )
        callbacks.append(report)
    return callbacks


def _table(history: dict[str, list[float]]) -> pd.DataFrame:
    table = pd.DataFrame(history)
    table["epoch"] = np.arange(1, len(table) + 1)
    return table[COLUMNS]
