"""A ladder climbed by a learner that costs nothing, for whatever looks at one."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.datasets.phantom import screening
from helpers.datasets.screening import problems
from helpers.ladder import climb, trainings
from helpers.ladder.pictures import Screened
from helpers.ladder.rungs import rungs
from helpers.networks.screening import MAIN

SETTINGS = (
    "ladder.patients=90 ladder.prevalence=0.12 ladder.image_size=32 ladder.folds=3 ladder.test_parts=4 "
    "ladder.left_out_folds=2 bootstrap_draws=100"
)


def profile(more: str = "") -> profiles.Profile:
    """A small profile."""
    return profiles.load("ci", f"{SETTINGS} {more}")


def made(seed: int = 3, patients: int = 90) -> Screened:
    """Pictures whose middle is brighter where there is cancer, some of the time."""
    table = screening.load(patients, seed, 0.12, 128).table
    rng, ill = np.random.default_rng(seed), table["cancer"].to_numpy(bool)
    resized = rng.integers(20, 90, (len(table), 32, 32)).astype(np.uint8)
    resized[ill & (rng.random(len(table)) < 0.7), 12:20, 12:20] += 60
    return Screened(table, {"resized": resized, "cropped": np.maximum(resized, 20)}, problems({}), True)


@dataclass
class QuickLearner:
    """Learns the mean picture with cancer less the one without, weighed by what each target is worth.

    Attributes:
        seen: The rows, targets and worths of each training.
    """

    heads: dict[str, tuple[int, str]]
    seen: list = field(default_factory=list)

    def fit(self, pictures, targets, worth, train, *, seed, augment=None, **_) -> list[float]:
        """As `HeadsLearner.fit`."""
        shown = pictures[train]
        if augment:
            draws = [np.random.default_rng((seed, int(row))) for row in train]
            shown = np.stack([augment(each, rng) for each, rng in zip(shown, draws, strict=True)])
        flat, ill = np.reshape(shown, (len(train), -1)).astype(float), targets[MAIN][train, 0]
        weights = np.where(ill > 0, worth[MAIN][train] / max(ill.sum(), 1), -1 / max((1 - ill).sum(), 1))
        for name, (units, _) in self.heads.items():
            known = worth[name][train] > 0
            if units == 1 and known.any() and name != "age":
                yes = targets[name][train, 0]
                weights = weights + 0.05 * worth[name][train] * (yes - yes.mean())
        self.direction = (weights - weights.mean()) @ flat
        self.seen.append({"train": train, "worth": {name: each.copy() for name, each in worth.items()}})
        return [0.0]

    def predict(self, pictures, rows, batch_size=0) -> dict[str, np.ndarray]:
        """As `HeadsLearner.predict`."""
        score = np.reshape(pictures[rows], (len(rows), -1)).astype(float) @ self.direction
        said = 1 / (1 + np.exp(-(score - score.mean()) / (score.std() + 1e-9) + 1.5))
        rng = np.random.default_rng(1)
        heads = {name: rng.dirichlet(np.ones(units), len(rows)) if units > 1 else rng.random((len(rows), 1))
                 for name, (units, _) in self.heads.items()}  # fmt: skip
        return {MAIN: said[:, None].astype(np.float32), **heads}


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets every training be the quick one's."""
    monkeypatch.setattr(trainings.Trainer, "_learner", property(lambda self: QuickLearner(self.targets.heads)))


def climbed(folder: Path, more: str = "") -> climb.Climbed:
    """A ladder that was climbed, its tables in a folder; the learner has to be the quick one."""
    own, pictures = profile(more), made()
    parts = folder / "parts"
    parts.mkdir(parents=True)
    for name, table in climb.climb(own, pictures, parts).items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    return climb.Climbed(folder, pictures, tuple(rungs(own.ladder.rungs)))


def with_table(pictures: Screened, **columns: object) -> Screened:
    """The same pictures under a table with other columns."""
    return replace(pictures, table=pictures.table.assign(**columns))


def where(table: pd.DataFrame, **values: object) -> pd.DataFrame:
    """The rows in which each column has its value."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table
