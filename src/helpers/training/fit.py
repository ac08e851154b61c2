"""Fits a network and predicts with it; the same call whether its frozen part is cached or not."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from helpers.networks.backend import make_deterministic
from helpers.networks.losses import FeatureSmoothing
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
    """
    _check(train, validation, settings)
    make_deterministic(settings.seed)
    learner, inputs = _learner(_with_objectives(model, settings), pictures, cache, settings.augment)
    _compile(learner, settings)
    targets = dict.fromkeys(learner.output_names, np.eye(model.output_shape[-1], dtype="float32")[labels])
    history = learner.fit(
        Batches(inputs, train, settings.batch_size, targets, settings.seed, settings.augment),
        validation_data=Batches(inputs, validation, settings.batch_size, targets),
        epochs=settings.epochs,
        callbacks=_callbacks(settings, on_epoch),
        verbose=0,
    )
    return _table(history.history)


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
    learner, inputs = _learner(model, pictures, cache)
    return learner.predict(Batches(inputs, np.arange(len(pictures)), batch_size), verbose=0)


def _check(train: np.ndarray, validation: np.ndarray, settings: Settings) -> None:
    if not len(train) or not len(validation):
        raise ValueError(f"expected training and validation rows, got {len(train)} and {len(validation)}")
    if settings.optimizer not in OPTIMIZERS:
        raise ValueError(f"expected an optimizer out of {', '.join(OPTIMIZERS)}, got {settings.optimizer!r}")


def _learner(
    model: keras.Model, pictures: np.ndarray, cache: Cache | None, augment: bool = False
) -> tuple[keras.Model, list[np.ndarray]]:
    prefix, tail = split(model) if cache else (None, model)
    if prefix is None:
        return model, [pictures]
    if augment:
        warnings.warn(
            f"{model.name}: augmented pictures are new each epoch, so its frozen part is not cached", stacklevel=3
        )
        return model, [pictures]
    return tail, activations(prefix, pictures, cache)


def _with_objectives(model: keras.Model, settings: Settings) -> keras.Model:
    outputs = {"probabilities": model.output}
    if settings.fsl_lambda:
        outputs["embedding"] = model.get_layer("embedding").output
    return keras.Model(model.input, outputs, name=model.name)


def _compile(learner: keras.Model, settings: Settings) -> None:
    losses = {"probabilities": keras.losses.CategoricalCrossentropy(), "embedding": FeatureSmoothing()}
    scales = {"probabilities": 1.0, "embedding": settings.fsl_lambda}
    learner.compile(
        OPTIMIZERS[settings.optimizer](settings.learning_rate, weight_decay=settings.weight_decay),
        loss={name: losses[name] for name in learner.output_names},
        loss_weights={name: scales[name] for name in learner.output_names},
        metrics={"probabilities": ["accuracy"]},
    )


def _callbacks(settings: Settings, on_epoch: Progress | None) -> list[keras.callbacks.Callback]:
    callbacks = [
        keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=settings.plateau_patience),
        keras.callbacks.EarlyStopping("val_loss", patience=settings.stopping_patience, restore_best_weights=True),
    ]
    if on_epoch:
        report = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: on_epoch(epoch + 1, settings.epochs, _plain(logs))
        )
        callbacks.append(report)
    return callbacks


def _plain(logs: dict) -> dict:
    # With two outputs Keras puts the output's name before its metrics; "loss" is then the sum of both.
    return {name.replace("probabilities_accuracy", "accuracy"): value for name, value in logs.items()}


def _table(history: dict[str, list[float]]) -> pd.DataFrame:
    table = pd.DataFrame(_plain(history))
    table["epoch"] = np.arange(1, len(table) + 1)
    return table[COLUMNS]
