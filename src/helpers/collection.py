"""A collection as public ones are made: each picture several times, then dealt out by picture or by patient."""

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from helpers.cohort import CohortError
from helpers.datasets.exams import LABELS
from helpers.imaging.framing import resized
from helpers.imaging.turning import Window, copied

COLUMNS = ["image_id", "copy_of", "patient_id", "label", "row", "number"]
DEALERS = {"patient_grouped": StratifiedGroupKFold, "as_published": StratifiedKFold}


def multiplied(exams: pd.DataFrame, copies: int, at_most: int, seed: int) -> pd.DataFrame:
    """Lists every original several times.

    Args:
        exams: The exam table with splits; blind pictures and augmented copies are left out.
        copies: How often each picture stands in the collection.
        at_most: Pictures, copies included; of a larger collection, whole patients are drawn until they are reached.
        seed: Of that draw.

    Returns:
        DataFrame with `COLUMNS`: image_id ("<original>~<number>" for a copy), copy_of (null for the original),
        patient_id, label, row (the original's place in the picture store) and number, of `copied`.
    """
    used = exams["copy_of"].isna() & (exams["split_as_published"] != "blind")
    originals = exams.loc[used, ["image_id", "patient_id", "label"]].assign(row=np.flatnonzero(used))
    originals = _whole_patients(originals, at_most // copies, seed)
    numbered = [_numbered(originals, number) for number in range(copies)]
    return pd.concat(numbered)[COLUMNS].sort_values(["row", "number"], ignore_index=True)


def pictures_of(table: pd.DataFrame, store: np.ndarray, windows: dict[int, Window], size: int) -> np.ndarray:
    """The pictures of a multiplied collection.

    Args:
        table: Of `multiplied`.
        store: The picture store, uint8 (m, side, side).
        windows: What is copied of each original, by its row.
        size: Side of the result in pixels.

    Returns:
        Array (n, size, size), uint8, in table order.
    """
    places = table[["row", "number"]].itertuples(index=False)
    return np.stack([resized(copied(np.asarray(store[row]), number, windows[row]), size) for row, number in places])


def dealt(table: pd.DataFrame, protocol: str, folds: int, seed: int) -> np.ndarray:
    """Deals the pictures out to folds of equal class shares.

    Args:
        table: Of `multiplied`.
        protocol: "as_published" deals out pictures one by one, "patient_grouped" whole patients.
        folds: Number of folds.
        seed: Of the shuffle.

    Returns:
        (n,) int, the fold of each picture.

    Raises:
        CohortError: A class has fewer patients than there are folds.
    """
    patients = table.groupby("label")["patient_id"].nunique().reindex(LABELS, fill_value=0)
    if patients.min() < folds:
        raise CohortError(f"{patients.idxmin()}: {patients.min()} patients, expected {folds}, one a fold")
    dealer = DEALERS[protocol](folds, shuffle=True, random_state=seed)
    together = table["patient_id"] if protocol == "patient_grouped" else None
    fold = np.empty(len(table), int)
    for number, (_, held) in enumerate(dealer.split(table, table["label"], together)):
        fold[held] = number
    return fold


def sides(fold: np.ndarray, test: int) -> dict[str, np.ndarray]:
    """Lets one fold be the test, the next one the validation, and the others the training.

    Args:
        fold: (n,) int, of `dealt`; three folds at least.
        test: The fold that is tested.

    Returns:
        {"train", "validation", "test"}, the rows of each, int.
    """
    validation = (test + 1) % (fold.max() + 1)
    chosen = {"test": fold == test, "validation": fold == validation}
    chosen["train"] = ~(chosen["test"] | chosen["validation"])
    return {side: np.flatnonzero(rows) for side, rows in chosen.items()}


def siblings(table: pd.DataFrame, sources: np.ndarray, training: np.ndarray) -> pd.DataFrame:
    """Counts what the training pictures hold of each picture's source and patient.

    Args:
        table: Of `multiplied`.
        sources: (n,) what each picture was made of, the same for copies of one original.
        training: (m,) int, the rows of the training pictures.

    Returns:
        DataFrame in table order: `copies`, training pictures made from the same original, and `relatives`, training
        pictures of the same patient, copies included.
    """
    keys = pd.DataFrame({"copies": sources, "relatives": table["patient_id"]})
    return keys.apply(lambda key: key.map(key.iloc[training].value_counts()).fillna(0).astype(int))


def _whole_patients(originals: pd.DataFrame, at_most: int, seed: int) -> pd.DataFrame:
    order = np.random.default_rng(seed).permutation(np.sort(originals["patient_id"].unique()))
    reached = originals.groupby("patient_id").size().loc[order].cumsum()
    return originals[originals["patient_id"].isin(reached.index[reached <= max(at_most, reached.iloc[0])])]


def _numbered(originals: pd.DataFrame, number: int) -> pd.DataFrame:
    if number == 0:
        return originals.assign(copy_of=pd.Series(None, originals.index, dtype="str"), number=0)
    names = originals["image_id"]
    return originals.assign(image_id=names + f"~{number}", copy_of=names, number=number)
