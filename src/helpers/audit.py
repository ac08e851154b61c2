"""The audit of a cohort before any network: who stands on two sides, and what hangs together with the label."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors

from helpers.cohort import leak_audit
from helpers.datasets.exams import LABELS, severity
from helpers.datasets.signature import NEAR_DUPLICATE, signatures
from helpers.imaging.turning import turned

ORIGINS = ("source", "site_id", "machine_id", "implant", "laterality", "view")
"""Columns of the exam table that say where and how a picture was taken, and nothing about disease."""


def audit(exams: pd.DataFrame, protocol: str, found: np.ndarray) -> pd.DataFrame:
    """Counts held-out pictures that training has seen something of: their patient, their source, or their like.

    Args:
        exams: The exam table with splits.
        protocol: "patient_grouped" or "as_published".
        found: (n, d) float32, the signature of each picture, in table order.

    Returns:
        `helpers.cohort.leak_audit` with two more columns: `near_duplicate`, how many of the pictures have a training
        picture within `NEAR_DUPLICATE`, and `near_duplicate_share`.
    """
    nearest = nearest_in_training(found, exams[f"split_{protocol}"])
    close = nearest["distance"].lt(NEAR_DUPLICATE).groupby(nearest["split"])
    table = leak_audit(exams, protocol)
    return table.assign(near_duplicate=close.sum(), near_duplicate_share=close.mean())


def nearest_in_training(found: np.ndarray, split: pd.Series) -> pd.DataFrame:
    """Finds the training picture that each held-out picture resembles most.

    Args:
        found: (n, d) float32, signatures.
        split: (n,) train, or another side; null for a picture that is not used.

    Returns:
        DataFrame, one row a picture that is neither training nor null: split, row and nearest (places in `found`)
        and distance.
    """
    side = split.to_numpy(dtype=object)
    training, held = np.flatnonzero(side == "train"), np.flatnonzero(split.notna() & (split != "train"))
    distance, place = NearestNeighbors(n_neighbors=1).fit(found[training]).kneighbors(found[held])
    columns = {"split": side[held], "row": held, "nearest": training[place[:, 0]], "distance": distance[:, 0]}
    return pd.DataFrame(columns)


def distances_to_training(exams: pd.DataFrame, protocols: Iterable[str], found: np.ndarray) -> pd.DataFrame:
    """How far each test picture lies from the training picture that resembles it most, under each protocol.

    Args:
        exams: The exam table with splits.
        protocols: The protocols.
        found: (n, d) float32, the signature of each picture, in table order.

    Returns:
        DataFrame with the columns of `nearest_in_training`, of the tests alone, and protocol.
    """
    tables = [nearest_in_training(found, exams[f"split_{name}"]).assign(protocol=name) for name in protocols]
    return pd.concat(tables, ignore_index=True).query("split == 'test'")


def duplicate_pairs(found: np.ndarray, distance: float = NEAR_DUPLICATE) -> np.ndarray:
    """All pairs of pictures that are taken for copies of each other.

    Args:
        found: (n, d) float32, signatures.
        distance: How far apart two copies may lie.

    Returns:
        (m, 2) int, places in `found`, the lower first, each pair once.
    """
    pairs = NearestNeighbors(radius=distance).fit(found).radius_neighbors_graph(found).tocoo()
    once = pairs.row < pairs.col
    return np.column_stack([pairs.row[once], pairs.col[once]])


def planted_copies(pictures: np.ndarray, patients: np.ndarray, seed: int) -> dict[str, int]:
    """Tries the search for copies where the truth is known: each picture gets a copy, turned by any angle.

    Args:
        pictures: (n, size, size) uint8, without copies of its own.
        patients: (n,) the patient of each picture.
        seed: Of the angles, and of whether a copy is mirrored.

    Returns:
        {"planted": copies made, "found": those that were paired with their picture, "same_patient" and
        "other_patient": flagged pairs that nobody planted}.
    """
    rng, count = np.random.default_rng(seed), len(pictures)
    copies = [turned(np.asarray(picture), rng.uniform(0, 360), rng.random() < 0.5) for picture in pictures]
    pairs = duplicate_pairs(signatures([*map(np.asarray, pictures), *copies]))
    planted = pairs[:, 1] == pairs[:, 0] + count
    first, second = (pairs[~planted] % count).T
    same = np.asarray(patients)[first] == np.asarray(patients)[second]
    return {
        "planted": count,
        "found": int(planted.sum()),
        "same_patient": int(same.sum()),
        "other_patient": int((~same).sum()),
    }


def confounds(exams: pd.DataFrame, draws: int = 1000, *, seed: int) -> pd.DataFrame:
    """Measures how far the label hangs together with where and how a picture was taken, without the picture.

    Cramer's V (1946) of independent columns is near 0, of a column that tells the label 1; in a small cohort it is
    above 0 by chance, so it is set against cohorts in which patients have exchanged their labels.

    Args:
        exams: The exam table; copies are left out.
        draws: Number of exchanges.
        seed: Of the exchanges.

    Returns:
        DataFrame indexed by column, those of `ORIGINS` with two values or more: values, their number; cramers_v; and
        by_chance, which no column exceeds in 95 of 100 exchanges, the columns' number allowed for (Bonferroni).
    """
    originals = exams[exams["copy_of"].isna()]
    labels, rng = severity(originals["label"]).to_numpy(), np.random.default_rng(seed)
    exchanged = [labels[_exchange(originals["patient_id"], rng)] for _ in range(draws)]
    columns = [column for column in ORIGINS if originals[column].nunique() > 1]
    rows = {column: _confound(originals[column], labels, exchanged, 0.05 / len(columns)) for column in columns}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["values", "cramers_v", "by_chance"])


def _confound(
    column: pd.Series, labels: np.ndarray, exchanged: list[np.ndarray], risk: float
) -> tuple[int, float, float]:
    codes, names = pd.factorize(column)
    chance = np.quantile([_cramers_v(codes, other) for other in exchanged], 1 - risk)
    return len(names), _cramers_v(codes, labels), float(chance)


def _cramers_v(codes: np.ndarray, labels: np.ndarray) -> float:
    known, classes = codes >= 0, len(LABELS)
    cells = np.bincount(codes[known] * classes + labels[known], minlength=(codes.max() + 1) * classes)
    counts = cells.reshape(-1, classes)
    # A class or a value that does not occur has no row in the table.
    counts = counts[np.ix_(counts.any(axis=1), counts.any(axis=0))]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    most = min(counts.shape) - 1
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / counts.sum() / most)) if most else 0.0


def _exchange(patients: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """An order of rows in which patients with as many pictures have changed places."""
    owner = pd.factorize(patients)[0]
    sizes = np.bincount(owner)[owner]
    order = np.lexsort((owner, sizes))
    taken = np.empty(len(owner), int)
    for size in np.unique(sizes):
        blocks = order[sizes[order] == size].reshape(-1, size)
        taken[blocks] = rng.permutation(blocks)
    return taken
