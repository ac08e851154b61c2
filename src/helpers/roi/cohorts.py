"""Cohorts whose pictures have an ROI flag as often as in document C's two data sets, by class."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from helpers.cohort import CohortError
from helpers.datasets.exams import LABELS, severity
from helpers.published import yoshitsugu

COLUMNS = ["image_id", "patient_id", "label", "view", "row", "flag", "fold"]
ANNOTATED = "annotated"
"""The run's own pictures, with a flag where the data set marks a lesion."""
PAIR = ("benign", "malignant")


@dataclass(frozen=True)
class Rates:
    """How often pictures have an ROI mask, and how many of them are malignant.

    Attributes:
        malignant: Share with a mask among malignant pictures.
        benign: Share with a mask among benign pictures.
        prevalence: Share of malignant among benign and malignant pictures.
    """

    malignant: float
    benign: float
    prevalence: float

    def melted(self, level: float) -> "Rates":
        """The same share of pictures with a mask over all, told apart by the label less and less.

        Args:
            level: From 0, these rates, to 1, where both classes have a mask equally often.
        """
        both = self.prevalence * self.malignant + (1 - self.prevalence) * self.benign
        malignant, benign = (rate + level * (both - rate) for rate in (self.malignant, self.benign))
        return Rates(malignant, benign, self.prevalence)


def published(data: str) -> Rates:
    """The rates of one of document C's data sets (its Tables 2 and 4)."""
    counts = yoshitsugu.masks(data)
    share = counts["with ROIs"] / counts["total"]
    prevalence = counts.loc["malignant", "total"] / counts.loc["total", "total"]
    return Rates(float(share["malignant"]), float(share["benign"]), float(prevalence))


def composed(exams: pd.DataFrame, prevalence: float | None, at_most: int, folds: int, seed: int) -> pd.DataFrame:
    """Chooses whole patients, so that benign and malignant pictures stand in a given ratio, and deals them out.

    Args:
        exams: The run's exam table; blind pictures and copies are left out.
        prevalence: Share of malignant among benign and malignant pictures; None takes all patients.
        at_most: Benign and malignant pictures, about.
        folds: Each patient is in one; each is tested once.
        seed: Of the choice and the deal.

    Returns:
        DataFrame with `COLUMNS` but the flag: normal pictures of the chosen, and of patients without any other
        picture, are there too; `row` is the picture's place in the exam table, `view` such as "RMLO".

    Raises:
        CohortError: A class has fewer patients than there are folds.
    """
    own = exams[exams["copy_of"].isna() & (exams["split_patient_grouped"] != "blind")]
    own = own.assign(row=own.index, view=(own["laterality"].fillna("?") + own["view"].fillna("?")))
    worst = severity(own["label"]).groupby(own["patient_id"]).max().map(dict(enumerate(LABELS)))
    rng = np.random.default_rng(seed)
    counts = own[own["label"].isin(PAIR)].groupby("patient_id").size()
    wanted = _wanted(counts.groupby(worst).sum(), prevalence, at_most)
    chosen = [*worst.index[worst == "normal"]]
    for label in PAIR:
        patients = rng.permutation(np.sort(worst.index[worst == label]))
        before = counts.loc[patients].cumsum().shift(fill_value=0)
        # Never fewer than one a fold, however rare the class is meant to be.
        chosen += [*patients[(before < wanted[label]).to_numpy() | (np.arange(len(patients)) < folds)]]
    table = own[own["patient_id"].isin(chosen)].sort_values("image_id", ignore_index=True)
    return table.assign(fold=_dealt(table, folds, seed))[[name for name in COLUMNS if name != "flag"]]


def _wanted(counts: pd.Series, prevalence: float | None, at_most: int) -> dict[str, float]:
    benign, malignant = (float(counts.get(label, 0)) for label in PAIR)
    if prevalence is not None:
        odds = prevalence / (1 - prevalence)
        benign = min(benign, malignant / odds)
        malignant = benign * odds
    shrink = min(1.0, at_most / max(1.0, benign + malignant))
    return {"benign": shrink * benign, "malignant": shrink * malignant}


def _dealt(table: pd.DataFrame, folds: int, seed: int) -> np.ndarray:
    patients = table.groupby("label")["patient_id"].nunique().reindex(list(PAIR), fill_value=0)
    if patients.min() < folds:
        raise CohortError(f"{patients.idxmin()}: {patients.min()} patients, expected {folds}, one a fold")
    fold = np.empty(len(table), int)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(splitter.split(table, table["label"], table["patient_id"])):
        fold[held] = number
    return fold


def drawn(table: pd.DataFrame, rates: Rates, seed: int) -> pd.Series:
    """Draws which pictures have an ROI mask, by class alone and as many as its rate says; a normal picture has none.

    Each picture has one place in its class's queue, whatever the rates: as they change, so do as few flags as need be.

    Args:
        table: Of `composed`.
        rates: See `Rates`.
        seed: Of the draw.

    Returns:
        Series of bool.
    """
    number = pd.Series(np.random.default_rng((seed, 7)).random(len(table)), table.index)
    place = number.groupby(table["label"]).rank() - 0.5
    rate = table["label"].map({"normal": 0.0, "benign": rates.benign, "malignant": rates.malignant})
    return place < rate * table.groupby("label")["label"].transform("size")


def annotated(table: pd.DataFrame, exams: pd.DataFrame) -> pd.Series:
    """Which pictures the data set itself marks a lesion in: Series of bool."""
    return pd.Series(exams["lesion_radius"].notna().to_numpy()[table["row"]], table.index)
