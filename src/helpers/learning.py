"""Trains one network by each protocol of a run, and writes down what came of it."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from helpers import networks, training
from helpers.datasets.exams import LABELS, severity
from helpers.evaluation import metrics
from helpers.networks.backend import distribute
from helpers.paths import NetworkPaths
from helpers.preparation import Cohort
from helpers.profile import NetworkSettings, Profile
from helpers.progress import Progress, write_json


def learn(
    name: str, profile: Profile, protocols: tuple[str, ...], cohort: Cohort, paths: NetworkPaths, cache: Path
) -> None:
    """Trains a network by each protocol and writes its artifacts, all but the settings that vouch for them.

    Args:
        name: The network's name.
        profile: The run's profile.
        protocols: The network of the first one is kept.
        cohort: The pictures and splits.
        paths: Where the network's artifacts go.
        cache: Where activations of frozen layers are kept.
    """
    if profile.distribute and distribute() == 1:
        print("distribute=true changes nothing here: there is one device")
    paths.folder.mkdir(parents=True, exist_ok=True)
    # Written last of all; a run that is stopped between two files leaves none that vouches for both.
    paths.settings.unlink(missing_ok=True)
    progress, all_epochs = Progress(name, "epoch"), profile.network(name).epochs * len(protocols)
    results = [
        _one_protocol(name, profile, protocol, cohort, cache, partial(_report, progress, place, all_epochs))
        for place, protocol in enumerate(protocols)
    ]
    models, histories, predictions = zip(*results, strict=True)
    models[0].save(paths.model)
    pd.concat(histories, ignore_index=True).to_csv(paths.history, index=False)
    pd.concat(predictions, ignore_index=True).to_parquet(paths.predictions, index=False)
    measured = {
        protocol: metrics.network_metrics(table, profile.bootstrap_draws, seed=profile.seed)
        for protocol, table in zip(protocols, predictions, strict=True)
    }
    # A measured time is never the same twice; it stands in a file of its own, so that metrics.json can be.
    about = {"parameters": models[0].count_params(), "latency": paths.latency.name}
    write_json(paths.metrics, {**measured, **about})
    write_json(paths.latency, _latency(models[0], cohort.pictures))


def _one_protocol(
    name: str, profile: Profile, protocol: str, cohort: Cohort, cache_folder: Path, on_epoch: Callable
) -> tuple[keras.Model, pd.DataFrame, pd.DataFrame]:
    settings, exams = profile.network(name), cohort.exams
    split = exams[f"split_{protocol}"]
    labels = severity(exams["label"]).to_numpy()
    model = _fresh(name, profile, settings, cohort)
    progress = Progress(f"{name}, frozen layers", "picture")
    cache = training.Cache(cache_folder, settings.cache_dtype, on_picture=progress)
    history = training.fit(
        model,
        cohort.pictures,
        labels,
        np.flatnonzero(split == "train"),
        np.flatnonzero(split == "validation"),
        training_settings(settings, profile.seed),
        cache=cache,
        on_epoch=on_epoch,
    )
    history.insert(0, "protocol", protocol)
    rows = np.flatnonzero(split.notna())
    probabilities = training.predict(model, cohort.pictures, cache=cache)[rows]
    table = exams.loc[rows, ["image_id", "patient_id"]].assign(protocol=protocol, split=split[rows])
    table["label"] = exams.loc[rows, "label"]
    return model, history, table.assign(**dict(zip(LABELS, probabilities.T, strict=True))).reset_index(drop=True)


def _report(progress: Progress, place: int, total: int, epoch: int, epochs: int, logs: dict) -> None:
    """Counts the epochs of all protocols as one task; early stopping makes the count jump ahead."""
    progress(place * epochs + epoch, total)


def _fresh(name: str, profile: Profile, settings: NetworkSettings, cohort: Cohort) -> keras.Model:
    model = networks.build(
        name,
        profile.image_size,
        weights=settings.weights,
        unfrozen_layers=settings.unfrozen_layers,
        reduction_ratio=settings.reduction_ratio,
        dropout=settings.dropout,
        seed=profile.seed,
    )
    if settings.weights == "none" and name != "baseline_cnn":
        networks.recalibrate(model, cohort.pictures[_always_training(cohort.exams, profile)])
    return model


def _always_training(exams: pd.DataFrame, profile: Profile) -> np.ndarray:
    """Original pictures that are training pictures in every protocol: what may set a network up before any split."""
    columns = [f"split_{protocol}" for protocol in profile.protocols]
    always = (exams[columns] == "train").all(axis=1) & exams["copy_of"].isna()
    return np.flatnonzero(always)[:256]


def training_settings(settings: NetworkSettings, seed: int) -> training.Settings:
    """What `helpers.training.fit` takes of a network's settings."""
    return training.Settings(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        optimizer=settings.optimizer,
        weight_decay=settings.weight_decay,
        fsl_lambda=settings.fsl_lambda,
        augment=settings.augment,
        plateau_patience=settings.plateau_patience,
        stopping_patience=settings.stopping_patience,
        seed=seed,
    )


def _latency(model: keras.Model, pictures: np.ndarray, repeats: int = 9) -> dict[str, float]:
    """Milliseconds for one picture, the median of several, after one that warms up."""
    one = np.asarray(pictures[:1], dtype="float32")[..., None]
    seconds = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        model.predict_on_batch(one)
        seconds.append(time.perf_counter() - started)
    return {"milliseconds_a_picture": round(1000 * float(np.median(seconds[1:])), 2)}
