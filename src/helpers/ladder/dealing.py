"""Who trains, who chooses the threshold, who is tested: whole patients, stratified by cancer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from helpers.cohort import CohortError

TEST = -1
"""Marks the pictures that no fold holds: the test that is looked at last."""


@dataclass(frozen=True)
class Sides:
    """The rows of one fold.

    Attributes:
        number: The fold's number.
        train: Rows that the network learns from.
        validation: Rows of the next fold, on which the threshold is chosen.
        held: Rows of the fold itself.
    """

    number: int
    train: np.ndarray
    validation: np.ndarray
    held: np.ndarray


def dealt(table: pd.DataFrame, folds: int, test_parts: int, seed: int) -> np.ndarray:
    """Deals patients out: a test first, then folds.

    Args:
        table: The screening table.
        folds: Number of folds.
        test_parts: The test is one of so many parts; document B has one of five.
        seed: What the dealing derives from.

    Returns:
        (n,) int, the fold of each picture, `TEST` for the test.

    Raises:
        CohortError: There are fewer patients with cancer than are needed.
    """
    cancer, patients = table["cancer"].to_numpy(bool), table["patient_id"].to_numpy()
    need, have = test_parts + folds, len(set(patients[cancer]))
    if have < need:
        raise CohortError(f"cancer: {have} patients, expected {need} or more, one for each fold and part of the test")
    _, tested = next(_parts(test_parts, seed).split(patients, cancer, patients))
    fold = np.full(len(table), TEST)
    others = np.setdiff1d(np.arange(len(table)), tested)
    for number, (_, held) in enumerate(_parts(folds, seed).split(others, cancer[others], patients[others])):
        fold[others[held]] = number
    return fold


def sides(fold: np.ndarray, number: int) -> Sides:
    """The rows of each side where one fold is held out.

    Args:
        fold: From `dealt`.
        number: The fold that is held out.

    Returns:
        Its `Sides`; the test is on none of them.
    """
    count = fold.max() + 1
    chooses = (number + 1) % count
    train = np.flatnonzero((fold != TEST) & (fold != number) & (fold != chooses))
    return Sides(number, train, np.flatnonzero(fold == chooses), np.flatnonzero(fold == number))


def _parts(count: int, seed: int) -> StratifiedGroupKFold:
    return StratifiedGroupKFold(count, shuffle=True, random_state=seed)
