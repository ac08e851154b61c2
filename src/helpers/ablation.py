"""The grid of the chapter on the modules: two backbones, four heads, several losses, seeds and folds.

A backbone starts the same in every training, and so does a head of one seed; what differs between two cells of the
grid is the module or the loss that tells them apart.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohort import folds
from helpers.datasets.exams import LABELS
from helpers.evaluation import latent_space, separability
from helpers.evaluation.intervals import patient_weights
from helpers.heads import Head, Trunk
from helpers.preparation import Cohort
from helpers.profile import CARRIERS, Profile
from helpers.progress import Progress, write_json

HEADS = tuple({"gagm": gagm, "sevector": sevector} for gagm, sevector in product((False, True), repeat=2))


@dataclass(frozen=True)
class Ablation:
    """What the grid gave.

    Attributes:
        folder: Where it is kept.
    """

    folder: Path

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a training and measure: network, gagm, sevector, loss, strength, fold, seed, epochs, scope, ..."""
        return pd.read_parquet(self.folder / "runs.parquet")

    @cached_property
    def pictures(self) -> pd.DataFrame:
        """One row a training and held-out picture: its probabilities, its nearest class mean, and two components."""
        return pd.read_parquet(self.folder / "pictures.parquet")

    @cached_property
    def draws(self) -> np.ndarray:
        """(rows of `runs`, draws) float32: each measure in each bootstrap draw of patients."""
        return np.load(self.folder / "draws.npy")


def ablated(profile: Profile, cohort: Cohort, folder: Path, cache: Path) -> Ablation:
    """Opens the grid's results; trains it first where they are missing or other settings made them.

    What was trained of a grid that was stopped, head by head, is not trained again.

    Args:
        profile: The run's profile.
        cohort: The run's pictures.
        folder: Where the results are kept.
        cache: Where activations of frozen layers are kept.

    Returns:
        The `Ablation`.
    """
    settings = {"data": profile.data_settings(), "grid": profile.grid_settings()}
    if not _fits(folder, settings):
        parts = list(_heads(profile, cohort, folder, cache, settings))
        results = [(part.runs, part.draws, part.pictures) for part in parts]
        _keep(folder, settings, results)
        for part in parts:
            shutil.rmtree(part.folder)
    return Ablation(folder)


Result = tuple[pd.DataFrame, np.ndarray, pd.DataFrame]
"""Some trainings: their rows of `runs`, `draws` and `pictures`."""


def _keep(folder: Path, settings: dict, results: Iterable[Result]) -> Ablation:
    runs, draws, pictures = zip(*results, strict=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").unlink(missing_ok=True)
    pd.concat(runs, ignore_index=True).to_parquet(folder / "runs.parquet", index=False)
    pd.concat(pictures, ignore_index=True).to_parquet(folder / "pictures.parquet", index=False)
    np.save(folder / "draws.npy", np.concatenate(draws))
    # Last of all: without it the other files count for nothing.
    write_json(folder / "settings.json", settings)
    return Ablation(folder)


def _fits(folder: Path, settings: dict) -> bool:
    note = folder / "settings.json"
    return note.exists() and json.loads(note.read_text()) == json.loads(json.dumps(settings))


def cells(profile: Profile) -> list[dict]:
    """The cells of the grid for one backbone: gagm, sevector, loss, strength."""
    grid = profile.modules
    none_and_more = [("fsl", strength) for strength in (0.0, *grid.fsl_lambdas)]
    others = [("center", grid.center_lambda), ("contrastive", grid.contrastive_lambda)]
    return [
        {**head, "loss": loss, "strength": strength}
        for head in HEADS
        for loss, strength in (*none_and_more, *(others if all(head.values()) else ()))
    ]


@dataclass(frozen=True)
class _Fold:
    number: int
    sides: pd.Series
    weights: np.ndarray

    def rows(self, *sides: str) -> np.ndarray:
        return self.sides.index[self.sides.isin(sides)].to_numpy()


def _folds(profile: Profile, exams: pd.DataFrame) -> list[_Fold]:
    found = []
    for number, sides in enumerate(folds(exams, profile.modules.folds, profile.validation_share, profile.seed)):
        patients = exams.loc[sides.index[sides == "test"], "patient_id"]
        weights, owner = patient_weights(patients, profile.bootstrap_draws, seed=(profile.seed, number))
        found.append(_Fold(number, sides, weights.T[owner].astype("float32")))
    return found


def _heads(profile: Profile, cohort: Cohort, folder: Path, cache: Path, settings: dict) -> Iterator[Ablation]:
    """The grid head by head, each opened where it is kept already."""
    dealt, every = _folds(profile, cohort.exams), cells(profile)
    each = len(dealt) * profile.modules.seeds
    progress, done, total = Progress("modules", "training"), 0, len(CARRIERS) * len(every) * each
    for name in CARRIERS:
        trunk = None
        for number, modules in enumerate(HEADS):
            part = folder / f"{name}_{number}"
            own = [cell for cell in every if {key: cell[key] for key in modules} == modules]
            if not _fits(part, settings):
                trunk = trunk or Trunk(name, profile, cohort, cache)
                results = _trainings(trunk.head(modules), own, dealt, cohort.exams)
                _keep(part, settings, _counted(results, progress, done, total))
            done += len(own) * each
            yield Ablation(part)


def _counted(results: Iterable[Result], progress: Progress, before: int, total: int) -> Iterator[Result]:
    for number, result in enumerate(results, start=1):
        yield result
        progress(before + number, total)


def _trainings(head: Head, own: list[dict], dealt: list[_Fold], exams: pd.DataFrame) -> Iterator[Result]:
    for cell, fold, seed in product(own, dealt, head.starts):
        history = head.fit(cell["loss"], cell["strength"], fold.rows("train"), fold.rows("validation"), seed)
        kept = int(history.loc[history["val_loss"].idxmin(), "epoch"])
        about = {"network": head.trunk.name, **cell, "fold": fold.number, "seed": seed}
        yield _results(about, kept, head, fold, exams)


def _results(about: dict, epochs: int, head: Head, fold: _Fold, exams: pd.DataFrame) -> Result:
    """The measures of one training on its held-out pictures, the same in each draw, and the pictures one by one."""
    train, test = fold.rows("train"), fold.rows("test")
    values, probabilities = head.said(np.concatenate([train, test]))
    learnt, held, said = values[: len(train)], values[len(train) :], probabilities[len(train) :]
    labels = head.trunk.labels
    nearest = {
        scope: separability.nearest_mean(learnt, labels[train], held, names)
        for scope, names in separability.SCOPES.items()
    }
    given = (held, labels[test], said, nearest)
    points = separability.measured(*given, np.ones((len(test), 1)))
    draws = separability.measured(*given, fold.weights)
    runs = [
        {**about, "epochs": epochs, "scope": scope, "measure": measure, "value": float(value[0])}
        for (scope, measure), value in points.items()
    ]
    pictures = exams.loc[test, ["image_id", "patient_id", "label"]].assign(**about)
    pictures[list(LABELS)] = said
    pictures["nearest"] = np.array(LABELS)[nearest["all"]]
    pictures[["component_1", "component_2"]] = latent_space.pca(held, 2)
    return pd.DataFrame(runs), np.stack([*draws.values()]).astype("float32"), pictures
