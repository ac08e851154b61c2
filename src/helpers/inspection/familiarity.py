"""What a network was trained on: looked at once, and kept beside the network."""

from pathlib import Path

import keras
import numpy as np

from helpers.evaluation.latent_space import activations
from helpers.evaluation.outside import Cloud, Familiar, familiar
from helpers.experiment import Trained
from helpers.networks import latent_layers
from helpers.preparation import Cohort

MOST = 500
"""Training pictures, and held-out ones, that are looked at; more change little and take long."""


def stages(model: keras.Model) -> list[str]:
    """The layers at which a network's stages end, in the order of the data."""
    return [name for name in latent_layers(model) if len(model.get_layer(name).output.shape) == 4]


def is_familiar(trained: Trained) -> bool:
    """Whether what the network was trained on has been looked at since it was trained."""
    kept = trained.paths.familiar
    return kept.exists() and kept.stat().st_mtime >= trained.paths.model.stat().st_mtime


def familiar_of(trained: Trained, cohort: Cohort) -> Familiar:
    """What a network was trained on, as the ends of its stages see it.

    Args:
        trained: A trained network.
        cohort: The run's pictures. Of the protocol that trained `trained.model`, the training pictures, without
            augmented copies, describe what is known, and the validation pictures, of other patients, what is usual.

    Returns:
        The `Familiar`; computed once, which takes a minute or two, then read.
    """
    if not is_familiar(trained):
        _write(trained.paths.familiar, _looked_at(trained, cohort))
    return _read(trained.paths.familiar)


def _looked_at(trained: Trained, cohort: Cohort) -> Familiar:
    train, held_out = (_rows(trained, cohort, split) for split in ("train", "validation"))
    seen = activations(trained.model, stages(trained.model), cohort.pictures[np.concatenate([train, held_out])])
    return familiar([each[: len(train)] for each in seen.values()], [each[len(train) :] for each in seen.values()])


def _rows(trained: Trained, cohort: Cohort, split: str) -> np.ndarray:
    exams = cohort.exams
    rows = np.flatnonzero((exams[f"split_{trained.protocols[0]}"] == split) & exams["copy_of"].isna())
    return np.sort(np.random.default_rng(0).permutation(rows)[:MOST])


def _write(path: Path, known: Familiar) -> None:
    arrays = {"units": known.units, "held_out": known.held_out, "floors": [each.floor for each in known.clouds]}
    for number, each in enumerate(known.clouds):
        single = {"mean": each.mean, "axes": each.axes, "pulls": each.pulls}
        arrays |= {f"{name}_{number}": values.astype(np.float32) for name, values in single.items()}
    draft = path.with_name(f".{path.name}")
    np.savez(draft.open("wb"), **arrays)
    draft.replace(path)


def _read(path: Path) -> Familiar:
    with np.load(path) as kept:
        floors = kept["floors"]
        clouds = [
            Cloud(kept[f"mean_{number}"], kept[f"axes_{number}"], kept[f"pulls_{number}"], float(floor))
            for number, floor in enumerate(floors)
        ]
        return Familiar(tuple(clouds), kept["units"], kept["held_out"])
