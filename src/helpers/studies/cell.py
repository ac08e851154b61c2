"""One cell of a study: the training that every network of the book gets, on one fold, from one start."""

import os
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from sklearn.model_selection import StratifiedKFold, train_test_split

from helpers.cohort import folds
from helpers.experiment import Trained, trained
from helpers.paths import NetworkPaths, RunPaths
from helpers.preparation import Cohort, is_prepared, prepared
from helpers.profile import Profile
from helpers.studies.plan import Cell, Plan

SCRATCH = ".activations-"
"""How the folder of a cell starts that keeps its activations while it trains; a cell that was killed leaves it."""


class CellPaths(NetworkPaths):
    """The artifacts of one cell: those of a network but its weights, of which a thousand would fill a disk.

    Args:
        folder: build/<profile>/studies/<study>/<cell>.
    """

    def artifacts(self) -> list[Path]:
        """The files that tell what came out."""
        return [self.metrics, self.predictions, self.history]


def paths_of(plan: Plan, build: Path) -> RunPaths:
    """Where a study's artifacts lie: a run of its own inside that of its profile.

    Args:
        plan: The study.
        build: The folder that holds the runs' folders.

    Returns:
        The paths of build/<profile>/studies/<study>.
    """
    return RunPaths(plan.name, build / plan.profile.name / "studies")


def pictures(plan: Plan, data: str, paths: RunPaths, run: RunPaths | None = None) -> Cohort:
    """Opens a study's pictures and splits; links those of its profile's run where they fit, or makes them.

    A study has its own, so that the book and its studies may have different settings and never undo one another.

    Args:
        plan: The study.
        data: The archive or folder that the pictures are read from, or "".
        paths: Where the study's artifacts lie.
        run: Where those of its profile's run lie, if at hand.

    Returns:
        The `Cohort`.
    """
    if run and not is_prepared(plan.profile, data, paths) and is_prepared(plan.profile, data, run):
        paths.root.mkdir(parents=True, exist_ok=True)
        for own, other in zip(_files(paths), _files(run), strict=True):
            own.unlink(missing_ok=True)
            os.link(other, own)
    return prepared(plan.profile, data, paths)


def _files(paths: RunPaths) -> list[Path]:
    return [paths.pictures, paths.exams, paths.data_notes]


def trained_cell(plan: Plan, cell: Cell, data: str, paths: RunPaths) -> Trained:
    """Opens what came out of a cell; trains it first where it is missing or other settings made it.

    Args:
        plan: The study.
        cell: One of its cells.
        data: The archive or folder that the pictures are read from, or "".
        paths: Where the study's artifacts lie.

    Returns:
        The cell as a `Trained` network whose weights were not kept.
    """
    profile, cohort, own = plan.profile_of(cell), pictures(plan, data, paths), CellPaths(paths.root / cell.name)
    sides = dealt(cohort.exams, cell, plan.settings.folds, plan.profile)
    exams = cohort.exams.assign(**{f"split_{cell.protocol}": sides})
    # From imagenet, the frozen part is the same for all cells; drawn by the seed, it is this cell's alone.
    alone = profile.network(cell.network).weights == "none"
    with TemporaryDirectory(prefix=SCRATCH, dir=paths.root) if alone else nullcontext(paths.activations) as cache:
        result = trained(cell.network, profile, replace(cohort, exams=exams), own, Path(cache))
    own.model.unlink(missing_ok=True)
    return result


def dealt(exams: pd.DataFrame, cell: Cell, count: int, profile: Profile) -> pd.Series:
    """Deals the pictures out to the sides of one fold, the same for all cells of one fold and protocol.

    Args:
        exams: The exam table with splits.
        cell: Tells the protocol and the fold. "patient_grouped" deals out whole patients and original pictures,
            "as_published" single pictures, the augmented copies among them, which leaks.
        count: How many folds there are.
        profile: The study's profile, for its seed and its share for validation.

    Returns:
        train | validation | test, indexed as `exams`; null for what a fold does not use.

    Raises:
        CohortError: A class has too few patients for as many folds.
    """
    if cell.protocol == "patient_grouped":
        sides = folds(exams, count, profile.validation_share, profile.seed)[cell.fold]
    else:
        sides = _by_picture(exams, cell.fold, count, profile)
    return sides.reindex(exams.index)


def _by_picture(exams: pd.DataFrame, fold: int, count: int, profile: Profile) -> pd.Series:
    split = exams["split_as_published"]
    used = exams[split.notna() & (split != "blind")].sort_values("image_id")
    dealer = StratifiedKFold(count, shuffle=True, random_state=profile.seed)
    others, tested = list(dealer.split(used, used["label"]))[fold]
    rest = used.iloc[others]
    _, validation = train_test_split(
        rest.index, test_size=profile.validation_share, stratify=rest["label"], random_state=profile.seed
    )
    sides = pd.Series("train", index=used.index)
    sides.iloc[tested] = "test"
    sides[validation] = "validation"
    return sides
