"""Plays document C's protocol out on the run's pictures, and keeps what every network said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.imaging.framing import resized
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.progress import Progress, write_json
from helpers.published.yoshitsugu import CESM, VINDR
from helpers.roi import cohorts
from helpers.roi.cohorts import ANNOTATED, PAIR
from helpers.roi.learners import NETWORKS, Learner
from helpers.roi.localizing import localized
from helpers.roi.separation import WAYS, Learn, Way, played

TABLES = ("pictures", "predictions", "found", "abnormal", "choices")
MELTING = Way(separated=True, apart=False)
"""The way whose flags melt."""


@dataclass(frozen=True)
class Played:
    """What came of it, each a table.

    Attributes:
        folder: Where it is kept.
    """

    folder: Path

    @cached_property
    def pictures(self) -> pd.DataFrame:
        """Columns cohort, level and those of `helpers.roi.cohorts`; levels above 0 of the VinDr-like cohort alone."""
        return pd.read_parquet(self.folder / "pictures.parquet")

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Columns cohort, level, network, separated, apart, image_id, masked and unmasked; normal pictures too."""
        return pd.read_parquet(self.folder / "predictions.parquet")

    @cached_property
    def found(self) -> pd.DataFrame:
        """Columns cohort, image_id, score, found and hit, of the localizer; empty where no lesion's place is known."""
        return pd.read_parquet(self.folder / "found.parquet")

    @cached_property
    def abnormal(self) -> pd.DataFrame:
        """Columns cohort, network, image_id and abnormal, the probability of any lesion."""
        return pd.read_parquet(self.folder / "abnormal.parquet")

    @cached_property
    def choices(self) -> pd.DataFrame:
        """Columns cohort, network, fold, rate, loss and chosen."""
        return pd.read_parquet(self.folder / "choices.parquet")

    @property
    def cohorts(self) -> list[str]:
        """The cohorts of the run."""
        return list(self.pictures["cohort"].unique())

    def table(self, cohort: str, level: float = 0.0) -> pd.DataFrame:
        """The pictures of one cohort, with `flag`, indexed from 0."""
        own = self.pictures[(self.pictures["cohort"] == cohort) & (self.pictures["level"] == level)]
        return own.reset_index(drop=True)

    def said(self, cohort: str, network: str, way: Way, level: float = 0.0) -> pd.DataFrame:
        """What a network said, in the order of `table`: masked and unmasked.

        What does not separate does not depend on the flag, so any level has what level 0 has.
        """
        level = level if way.separated else 0.0
        every, wanted = self.predictions, {"cohort": cohort, "network": network, "level": level, **vars(way)}
        rows = every[np.logical_and.reduce([every[column] == value for column, value in wanted.items()])]
        return rows.set_index("image_id").loc[self.table(cohort)["image_id"]].reset_index()[["masked", "unmasked"]]


def play(profile: Profile, cohort: Cohort, folder: Path) -> Played:
    """Opens what was played; plays it first where it is missing or other settings made it.

    Args:
        profile: The run's profile.
        cohort: The run's pictures.
        folder: Where the tables are kept.

    Returns:
        The `Played`.
    """
    about, settings = folder / "settings.json", settings_of(profile)
    if not about.exists() or json.loads(about.read_text()) != json.loads(json.dumps(settings)):
        about.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in _played(profile, cohort).items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        # Last of all: without it the other files count for nothing.
        write_json(about, settings)
    return Played(folder)


def settings_of(profile: Profile) -> dict:
    """All that the result depends on."""
    return {"roi": profile.roi.model_dump(mode="json"), "data": profile.data_settings(), "networks": NETWORKS}


def levels_of(profile: Profile) -> list[float]:
    """How far the flag is melted, from 0, VinDr's rates, to 1, where it says nothing."""
    return [round(float(level), 4) for level in np.linspace(0, 1, profile.roi.levels)]


def _played(profile: Profile, cohort: Cohort) -> dict[str, pd.DataFrame]:
    made, tables = _cohorts(profile, cohort), {name: [] for name in TABLES}
    pictures = {name: _pictures(cohort, levels[0.0], profile.roi.image_size) for name, levels in made.items()}
    for name, levels in made.items():
        tables["pictures"] += [table.assign(cohort=name, level=level) for level, table in levels.items()]
        tables["found"].append(_found(profile, cohort, levels[0.0], pictures[name]).assign(cohort=name))
    progress, rounds = Progress("with and without separation", "network and cohort"), [*product(NETWORKS, made)]
    for network in NETWORKS:
        learner = Learner(network, profile.roi, profile.seed)
        for name, levels in made.items():
            for key, table in _said(learner, levels, pictures[name], profile.roi.smallest):
                tables[key].append(table.assign(cohort=name, network=network))
            progress(rounds.index((network, name)) + 1, len(rounds))
    return {name: pd.concat(found, ignore_index=True) for name, found in tables.items()}


def _cohorts(profile: Profile, cohort: Cohort) -> dict[str, dict[float, pd.DataFrame]]:
    """Each cohort's pictures with their flags, by how far these are melted."""
    own, exams, seed = profile.roi, cohort.exams, profile.seed
    made = {}
    for data in (VINDR, CESM):
        rates = cohorts.published(data)
        table = cohorts.composed(exams, rates.prevalence, own.at_most, own.folds, seed)
        levels = levels_of(profile) if data == VINDR else [0.0]
        made[data] = {level: table.assign(flag=cohorts.drawn(table, rates.melted(level), seed)) for level in levels}
    if not cohort.synthetic:
        table = cohorts.composed(exams, None, own.at_most, own.folds, seed)
        made[ANNOTATED] = {0.0: table.assign(flag=cohorts.annotated(table, exams))}
    return made


def _said(
    learner: Learner, levels: dict[float, pd.DataFrame], pictures: np.ndarray, smallest: int
) -> Iterator[tuple[str, pd.DataFrame]]:
    """One network on one cohort: its learning rates, every way of dividing, and normal or abnormal."""
    table = levels[0.0]
    learner.shown(pictures, table["label"] == "malignant")
    yield "choices", learner.choose(table)
    for way, level in [*((way, 0.0) for way in WAYS), *((MELTING, level) for level in levels if level)]:
        said = played(levels[level], way, learner, smallest)
        yield "predictions", said.assign(image_id=table["image_id"], level=level, **vars(way))
    learner.shown(pictures, table["label"].isin(PAIR))
    yield "abnormal", pd.DataFrame({"image_id": table["image_id"], "abnormal": _abnormal(table, learner)})


def _abnormal(table: pd.DataFrame, learn: Learn) -> np.ndarray:
    """Probability of any lesion, learnt from all pictures of other folds' patients; 1 where no normal is known."""
    abnormal, said = table["label"].isin(PAIR).to_numpy(), np.ones(len(table))
    for fold in np.unique(table["fold"]):
        held = (table["fold"] == fold).to_numpy()
        if not abnormal[~held].all():
            said[held] = learn(np.flatnonzero(~held), np.flatnonzero(held), int(fold))
    return said


def _found(profile: Profile, cohort: Cohort, table: pd.DataFrame, pictures: np.ndarray) -> pd.DataFrame:
    lesions = _lesions(cohort, table, profile.roi.image_size)
    if np.isnan(lesions[table["flag"]]).all():
        columns = {"image_id": "str", "score": float, "found": bool, "hit": "boolean"}
        return pd.DataFrame(columns=list(columns)).astype(columns)
    return localized(table, pictures, lesions, profile.roi, profile.seed).assign(image_id=table["image_id"])


def _pictures(cohort: Cohort, table: pd.DataFrame, size: int) -> np.ndarray:
    return np.stack([resized(np.asarray(cohort.pictures[row]), size) for row in table["row"]])


def _lesions(cohort: Cohort, table: pd.DataFrame, size: int) -> np.ndarray:
    places = cohort.exams[["framed_x", "framed_y", "framed_radius"]].to_numpy(float)[table["row"]]
    # Pixel i of a picture spans i - .5 to i + .5, hence the halves.
    return (places + [0.5, 0.5, 0]) * (size / cohort.pictures.shape[1]) - [0.5, 0.5, 0]
