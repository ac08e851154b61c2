"""The ladder climbed: every rung by every network on five folds and a test, kept as tables."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evaluation.screening import THRESHOLDS, best_threshold, f1_curve
from helpers.ladder import zeros
from helpers.ladder.dealing import TEST, Sides, dealt, sides
from helpers.ladder.pictures import Screened, screened
from helpers.ladder.rungs import ALWAYS_BENIGN, UNTRAINED, ZEROS, Rung, Training, rungs
from helpers.ladder.targets import Targets, targets
from helpers.ladder.trainings import Said, Trainer
from helpers.networks.screening import NAMES
from helpers.paths import RunPaths
from helpers.profile import Profile, ProfileError
from helpers.progress import Progress, write_json
from helpers.published.bassi import AUXILIARY_TARGETS

HALF = 0.5
"""What is called where no threshold is chosen."""
LOOKED_INTO = "cnn"
"""The network from which auxiliary targets are left out."""
NO_NETWORK = "none"
FILES = ("predictions", "curves", "auxiliary", "left_out")


@dataclass(frozen=True)
class Climbed:
    """What the ladder gave.

    Attributes:
        folder: Where it is kept.
        screened: The pictures.
        rungs: The rungs, from the lowest.
    """

    folder: Path
    screened: Screened
    rungs: tuple[Rung, ...]

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row a network, rung, side (out_of_fold | test) and picture: fold, image_id, patient_id, laterality, view,
        cancer, probability and threshold. The rungs zero have the network "none"; the test's probability is the mean
        over the folds' networks, and so is its threshold."""
        return pd.read_parquet(self.folder / "predictions.parquet")

    @cached_property
    def curves(self) -> pd.DataFrame:
        """F1 at each threshold: network, rung, fold, threshold, validation, held, and chosen, the fold's threshold."""
        return pd.read_parquet(self.folder / "curves.parquet")

    @cached_property
    def auxiliary(self) -> pd.DataFrame:
        """What the heads of the auxiliary rung say: network, image_id, target, said, and how sure they are."""
        return pd.read_parquet(self.folder / "auxiliary.parquet")

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """`predictions` of the topmost rung out of fold, `left_out` naming the target whose head counted nothing, or
        "" where all did."""
        return pd.read_parquet(self.folder / "left_out.parquet")


def climbed(profile: Profile, paths: RunPaths) -> Climbed:
    """Opens what the ladder gave; climbs it first where need be. A climb that was stopped goes on where it was.

    Args:
        profile: The run's profile.
        paths: Where the run's artifacts lie; the tables are kept in its folder `ladder`.

    Returns:
        The `Climbed`.

    Raises:
        ProfileError: A weight is given to a head that there is not.
        CohortError: There are too few patients with cancer.
        DatasetError: The pictures cannot be used.
    """
    unknown = set(profile.ladder.auxiliary_weights) - set(AUXILIARY_TARGETS)
    if unknown:
        raise ProfileError(
            f"ladder.auxiliary_weights: no head {sorted(unknown)}; valid: {', '.join(AUXILIARY_TARGETS)}"
        )
    folder, about = paths.ladder, _settings(profile)
    pictures = screened(profile.ladder, profile.seed, folder / "pictures", Progress("screening pictures", "picture"))
    result = Climbed(folder, pictures, tuple(rungs(profile.ladder.rungs)))
    if not _fits(folder / "settings.json", about):
        parts = folder / "parts"
        if not _fits(parts / "settings.json", about):
            shutil.rmtree(parts, ignore_errors=True)
            write_json(parts / "settings.json", about)
        (folder / "settings.json").unlink(missing_ok=True)
        for name, table in climb(profile, pictures, parts).items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        # Last of all: without it the other files count for nothing.
        write_json(folder / "settings.json", about)
        shutil.rmtree(parts)
    return result


def climb(profile: Profile, pictures: Screened, parts: Path) -> dict[str, pd.DataFrame]:
    """Climbs the ladder.

    Args:
        profile: The run's profile.
        pictures: The pictures.
        parts: The folder that keeps each training.

    Returns:
        {name: table} for each of `FILES`, as `Climbed` describes them.
    """
    return _Climb(profile, pictures, parts).tables()


def _settings(profile: Profile) -> dict:
    return {"ladder": profile.ladder.model_dump(mode="json"), "seed": profile.seed}


def _fits(file: Path, settings: dict) -> bool:
    return file.exists() and json.loads(file.read_text()) == json.loads(json.dumps(settings))


class _Climb:
    """One climb; what it needs everywhere."""

    def __init__(self, profile: Profile, pictures: Screened, parts: Path) -> None:
        self.settings, self.table, self.seed = profile.ladder, pictures.table, profile.seed
        self.cancer = self.table["cancer"].to_numpy(bool)
        self.fold = dealt(self.table, self.settings.folds, self.settings.test_parts, self.seed)
        self.sides = [sides(self.fold, number) for number in range(self.settings.folds)]
        self.test = np.flatnonzero(self.fold == TEST)
        self.targets: Targets = targets(self.table)
        given = (pictures, self.targets, self.fold, self.settings, self.seed, parts)
        self.trainers = {name: Trainer(name, *given) for name in NAMES}
        self.rungs = rungs(self.settings.rungs)
        self.progress, self.done = Progress("ladder", "training"), 0

    def tables(self) -> dict[str, pd.DataFrame]:
        """See `climb`."""
        ways = [(NO_NETWORK, name, self._by_metadata(name)) for name in ZEROS]
        ways += [(net, rung.name, self._by_network(net, rung.training)) for net in NAMES for rung in self.rungs]
        scanned = {rung.name for rung in self.rungs if UNTRAINED in rung.switches} | {ZEROS[1]}
        judged = [self._judged(said, rung in scanned, network=net, rung=rung) for net, rung, said in ways]
        curves = [self._curves(said, rung in scanned, net, rung) for net, rung, said in ways if rung != ALWAYS_BENIGN]
        return {
            "predictions": pd.concat(judged, ignore_index=True),
            "curves": pd.concat(curves, ignore_index=True),
            "auxiliary": pd.concat([self._heads(net) for net in NAMES], ignore_index=True),
            "left_out": pd.concat(list(self._without_each()), ignore_index=True),
        }

    def _by_metadata(self, name: str) -> list[Said]:
        return [
            {side: zeros.said(name, self.table, own.train, rows) for side, rows in self._rows(own).items()}
            for own in self.sides
        ]

    def _rows(self, own: Sides) -> dict[str, np.ndarray]:
        return {"validation": own.validation, "held": own.held, "test": self.test}

    def _by_network(self, network: str, training: Training, folds: int | None = None) -> list[Said]:
        results = []
        for own in self.sides[:folds]:
            results.append(self.trainers[network].said(training, own))
            self.done += 1
            self.progress(self.done, max(self.done, self._total()))
        return results

    def _total(self) -> int:
        out = min(self.settings.left_out_folds, self.settings.folds) * len(AUXILIARY_TARGETS)
        return len(NAMES) * len(self.rungs) * self.settings.folds + (out if self._auxiliary else 0)

    @property
    def _auxiliary(self) -> Rung | None:
        """The topmost rung, if it has auxiliary heads."""
        return self.rungs[-1] if "auxiliary" in self.rungs[-1].switches else None

    def _chosen(self, said: Said, own: Sides, scanned: bool) -> float:
        return best_threshold(self.cancer[own.validation], said["validation"]) if scanned else HALF

    def _judged(self, said: list[Said], scanned: bool, **about: str) -> pd.DataFrame:
        chosen = [self._chosen(each, own, scanned) for each, own in zip(said, self.sides, strict=False)]
        held = [
            self._of(own.held, each["held"], threshold, fold=own.number, side="out_of_fold")
            for each, own, threshold in zip(said, self.sides, chosen, strict=False)
        ]
        mean = np.mean([each["test"] for each in said], axis=0)
        test = self._of(self.test, mean, float(np.mean(chosen)), fold=TEST, side="test")
        return pd.concat([*held, test], ignore_index=True).assign(**about)

    def _of(self, rows: np.ndarray, probability: np.ndarray, threshold: float, **about: object) -> pd.DataFrame:
        known = self.table.loc[rows, ["image_id", "patient_id", "laterality", "view", "cancer"]]
        known = known.assign(cancer=known["cancer"].astype(bool), **about)
        return known.assign(probability=probability.astype(np.float64), threshold=threshold)

    def _curves(self, said: list[Said], scanned: bool, network: str, rung: str) -> pd.DataFrame:
        parts = []
        for each, own in zip(said, self.sides, strict=True):
            curves = {
                side: f1_curve(self.cancer[rows], each[side])
                for side, rows in (("validation", own.validation), ("held", own.held))
            }
            about = {"network": network, "rung": rung, "fold": own.number, "chosen": self._chosen(each, own, scanned)}
            parts.append(pd.DataFrame({**about, "threshold": THRESHOLDS, **curves}))
        return pd.concat(parts, ignore_index=True)

    def _heads(self, network: str) -> pd.DataFrame:
        """Out of fold by the network that has not seen a picture; on the test by the first fold's."""
        columns = ["network", "image_id", "target", "said", "sure"]
        if not self._auxiliary:
            return pd.DataFrame(columns=columns)
        said = [self.trainers[network].said(self._auxiliary.training, own) for own in self.sides]
        parts = [("held", own.held, each) for own, each in zip(self.sides, said, strict=True)]
        tables = []
        for side, rows, each in [*parts, ("test", self.test, said[0])]:
            for target in AUXILIARY_TARGETS:
                words, sure = self.targets.said(target, each[f"{side}/{target}"])
                image_ids = self.table.loc[rows, "image_id"].to_numpy()
                tables.append(pd.DataFrame({"image_id": image_ids, "target": target, "said": words, "sure": sure}))
        return pd.concat(tables, ignore_index=True).assign(network=network)[columns]

    def _without_each(self) -> Iterator[pd.DataFrame]:
        """The topmost rung with all heads, then without each in turn, on the folds that this is tried on."""
        top, folds = self._auxiliary, self.settings.left_out_folds
        if not top or not folds:
            yield pd.DataFrame(columns=["left_out", "image_id", "patient_id", "laterality", "cancer", "probability"])
            return
        for target in ("", *AUXILIARY_TARGETS):
            training = Training(top.training.switches, target)
            said = self._by_network(LOOKED_INTO, training, folds) if target else self._all_heads(training, folds)
            table = self._judged(said, UNTRAINED in top.switches, left_out=target)
            yield table[table["side"] == "out_of_fold"]

    def _all_heads(self, training: Training, folds: int) -> list[Said]:
        return [self.trainers[LOOKED_INTO].said(training, own) for own in self.sides[:folds]]
