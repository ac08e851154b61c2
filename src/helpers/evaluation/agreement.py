"""How far the calls of one reader agree with the truth, or with another reader: Cohen's kappa and the plain shares."""

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights, resampled_sums
from helpers.evaluation.metrics import CLASSES, labels_and_probabilities

SCORES = ("accuracy", "sensitivity", "specificity", "kappa")
MALIGNANT = CLASSES.index("malignant")


def cohens_kappa(confusion: np.ndarray) -> np.ndarray:
    """Agreement beyond what two readers would reach by chance, each class called as often as now (Cohen 1960).

    With p_o the share of pictures on which they agree and p_e the share expected by chance, it is
    (p_o - p_e) / (1 - p_e). It is computed from whole counts up to one division, so that the browser, which does the
    same, gets the same bits.

    Args:
        confusion: (..., 3, 3) counts, rows one reader's calls (or the truth), columns the other's.

    Returns:
        (...) float64, 1 for agreement on every picture and 0 for chance; NaN where both know one class only.
    """
    counts = np.asarray(confusion, dtype=np.float64)
    pictures = counts.sum(axis=(-2, -1))
    by_chance = (counts.sum(axis=-1) * counts.sum(axis=-2)).sum(axis=-1)
    return _ratio(pictures * np.trace(counts, axis1=-2, axis2=-1) - by_chance, pictures**2 - by_chance)


def scores(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """What the blind test tells of a reader.

    Args:
        confusion: (..., 3, 3) counts, rows the truth, columns the calls.

    Returns:
        {name: (...) float64} of `SCORES`: accuracy; sensitivity, the share of malignant pictures called malignant;
        specificity, the share of the others not called so; kappa. NaN where there is nothing below the line.
    """
    counts = np.asarray(confusion, dtype=np.float64)
    pictures, malignant = counts.sum(axis=(-2, -1)), counts[..., MALIGNANT, :].sum(axis=-1)
    let_go = np.delete(np.delete(counts, MALIGNANT, axis=-2), MALIGNANT, axis=-1).sum(axis=(-2, -1))
    return {
        "accuracy": _ratio(np.trace(counts, axis1=-2, axis2=-1), pictures),
        "sensitivity": _ratio(counts[..., MALIGNANT, MALIGNANT], malignant),
        "specificity": _ratio(let_go, pictures - malignant),
        "kappa": cohens_kappa(counts),
    }


def agreement(
    first: np.ndarray, second: np.ndarray, owner: np.ndarray, weights: np.ndarray
) -> dict[str, tuple[float, float, float]]:
    """`scores` of one reader's calls against the truth, or against another reader's, with 95 % intervals.

    Args:
        first: (n,) int, the truth, or the calls of one reader.
        second: (n,) int, the calls of the other.
        owner: (n,) int, the patient of each picture, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it; draws that leave a score undefined are left out.

    Returns:
        {name: (value, low, high)}; NaN where a score, or each draw of it, is not defined.
    """
    size = len(CLASSES)
    cells = np.eye(size**2)[size * np.asarray(first) + np.asarray(second)]
    drawn = scores(resampled_sums(cells, owner, weights).reshape(-1, size, size))
    value = scores(cells.sum(axis=0).reshape(size, size))
    return {name: (float(value[name]), *(interval(drawn[name]) or (np.nan, np.nan))) for name in SCORES}


def blind_scores(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """How each network does on the pictures that no split has touched.

    Args:
        predictions: Several networks' predictions: network, protocol, split, image_id, patient_id, label, normal,
            benign, malignant; the rows of the split "blind" are used.
        draws: Number of bootstrap draws over patients; the same for each network.
        seed: Seed of the draws.

    Returns:
        Tidy DataFrame: network, protocol, metric (out of `SCORES`), value, low, high.
    """
    rows = []
    blind = predictions[predictions["split"] == "blind"]
    for (network, protocol), table in blind.groupby(["network", "protocol"], sort=False):
        labels, probabilities = labels_and_probabilities(table)
        weights, owner = patient_weights(table["patient_id"], draws, seed=seed)
        found = agreement(labels, probabilities.argmax(axis=1), owner, weights)
        rows += [(network, protocol, metric, *values) for metric, values in found.items()]
    return pd.DataFrame(rows, columns=["network", "protocol", "metric", "value", "low", "high"])


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
