"""Two networks on the same pictures: differences with intervals, paired by patient, and corrected where there are
many."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.evaluation import delong
from helpers.evaluation.intervals import interval, patient_weights, resampled_auc, resampled_sums
from helpers.evaluation.metrics import CLASSES, class_scores, labels_and_probabilities
from helpers.evaluation.rows import aligned


def holm(p_values: np.ndarray) -> np.ndarray:
    """P-values corrected for their number, so that the chance of any false finding stays below the level (Holm 1979).

    Args:
        p_values: (n,) float; NaN where a comparison could not be made, which counts for nothing.

    Returns:
        (n,) float64, at most 1, in the same order.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    # NaN is sorted last, and stays NaN.
    order = np.argsort(p_values)
    factors = np.count_nonzero(~np.isnan(p_values)) - np.arange(len(p_values))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p_values[order] * np.maximum(factors, 1)))
    return adjusted


def paired_difference(value: float, draws: np.ndarray) -> delong.Difference:
    """A difference whose two sides were computed on the same draws of patients.

    Args:
        value: The difference on all pictures.
        draws: (draws,) the difference on each draw; NaN where a side is not defined.

    Returns:
        The `Difference` with its percentile interval. The p-value is twice the share of draws on the other side of
        zero, one draw added so that it is never 0 (Davison and Hinkley 1997, section 4.2).
    """
    low, high = interval(draws) or (np.nan, np.nan)
    defined = draws[~np.isnan(draws)]
    tail = min(np.count_nonzero(defined <= 0), np.count_nonzero(defined >= 0))
    return delong.Difference(float(value), low, high, min(1.0, 2 * (tail + 1) / (len(defined) + 1)))


def macro_f1(labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Macro F1 of each draw, the class of the highest probability being called.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws,) float64.
    """
    return _class_scores(labels, probabilities, owner, weights)[2].mean(axis=1)


def recalls(labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The recall of each class in each draw; arguments as for `macro_f1`.

    Returns:
        (draws, 3) float64; 0 for a class that a draw does not hold.
    """
    return _class_scores(labels, probabilities, owner, weights)[1]


def compared_f1(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Differences of the macro F1 on the test between any two networks, by the paired bootstrap over patients.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        draws: Number of bootstrap draws, the same patients for both networks.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns protocol, first, second, difference, low, high, p and p_holm (corrected within a
        protocol).
    """
    rows = [
        (protocol, first, second, *_fields(_f1_difference(tables[first], tables[second], draws, seed)))
        for protocol, first, second, tables in _pairs(predictions)
    ]
    return _corrected(pd.DataFrame(rows, columns=["protocol", "first", "second", *FIELDS]), ["protocol"])


def compared_areas(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Differences of the areas under the ROC curves on the test, each class against the rest, by three ways.

    Args:
        predictions: As for `compared_f1`.
        draws: Number of bootstrap draws, the same patients for both networks.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns protocol, label, first, second, way ("DeLong": pictures independent, "Obuchowski":
        pictures grouped by patient, "bootstrap": patients drawn), difference, low, high, p and p_holm (corrected for
        all pairs and classes of a protocol, within a way).
    """
    rows = [
        (protocol, label, first, second, way, *_fields(difference))
        for protocol, first, second, tables in _pairs(predictions)
        for label in CLASSES
        for way, difference in _area_differences(tables[first], tables[second], label, draws, seed).items()
    ]
    table = pd.DataFrame(rows, columns=["protocol", "label", "first", "second", "way", *FIELDS])
    return _corrected(table, ["protocol", "way"])


FIELDS = ["difference", "low", "high", "p"]


def _fields(difference: delong.Difference) -> tuple[float, float, float, float]:
    return difference.value, difference.low, difference.high, difference.p


def _corrected(table: pd.DataFrame, family: list[str]) -> pd.DataFrame:
    return table.assign(p_holm=table.groupby(family, sort=False)["p"].transform(holm))


def _pairs(predictions: pd.DataFrame) -> Iterator[tuple[str, str, str, dict[str, pd.DataFrame]]]:
    for protocol in predictions["protocol"].unique():
        tables = aligned(predictions, protocol)
        for first, second in combinations(tables, 2):
            yield protocol, first, second, tables


def _f1_difference(first: pd.DataFrame, second: pd.DataFrame, draws: int, seed: int) -> delong.Difference:
    drawn = patient_weights(first["patient_id"], draws, seed=seed)
    whole = np.ones((1, drawn[0].shape[1]))
    by_draw, at_all = (
        np.subtract(*(macro_f1(*labels_and_probabilities(rows), drawn[1], weights) for rows in (first, second)))
        for weights in (drawn[0], whole)
    )
    return paired_difference(at_all[0], by_draw)


def _area_differences(
    first: pd.DataFrame, second: pd.DataFrame, label: str, draws: int, seed: int
) -> dict[str, delong.Difference]:
    positive = (first["label"] == label).to_numpy()
    if not positive.any() or positive.all():
        return {}
    scores = np.stack([rows[label].to_numpy(dtype=np.float64) for rows in (first, second)])
    weights, owner = patient_weights(first["patient_id"], draws, seed=seed)
    by_draw = np.subtract(*(resampled_auc(each, positive, owner, weights) for each in scores))
    plain, grouped = (delong.areas(scores, positive, clusters) for clusters in (None, owner))
    return {
        "DeLong": delong.area_difference(plain),
        "Obuchowski": delong.area_difference(grouped),
        "bootstrap": paired_difference(-np.diff(plain.values)[0], by_draw),
    }


def _class_scores(labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> tuple:
    classes = len(CLASSES)
    cells = np.eye(classes**2)[classes * labels + probabilities.argmax(axis=1)]
    return class_scores(resampled_sums(cells, owner, weights).reshape(-1, classes, classes))
