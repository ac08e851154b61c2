"""What a threshold does: sensitivity at a fixed specificity and the reverse, for malignant against the rest."""

import numpy as np
import pandas as pd

from helpers.evaluation.cases import MALIGNANT
from helpers.evaluation.intervals import BLOCK, patient_weights, resampled_sums, share_interval
from helpers.evaluation.rows import each

LEVEL = 0.90
"""The specificity, or sensitivity, that is held fixed."""
_SLACK = 1e-9


def sensitivity_at(
    scores: np.ndarray, positive: np.ndarray, owner: np.ndarray, weights: np.ndarray, specificity: float = LEVEL
) -> np.ndarray:
    """The highest sensitivity of each draw among thresholds that keep a specificity.

    The threshold is chosen anew in each draw, so an interval from these holds the doubt about it.

    Args:
        scores: (n,) the higher, the more positive; positive is called from the threshold on.
        positive: (n,) bool.
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.
        specificity: The least share of negative pictures not called.

    Returns:
        (draws,) float64; NaN where a draw holds no positive or no negative picture.
    """
    blocks = np.array_split(weights, max(1, len(weights) // BLOCK))
    columns = [np.ascontiguousarray(block.T)[owner] for block in blocks]
    return np.concatenate([_best(*_rates(scores, positive, each), specificity) for each in columns])


def specificity_at(
    scores: np.ndarray, positive: np.ndarray, owner: np.ndarray, weights: np.ndarray, sensitivity: float = LEVEL
) -> np.ndarray:
    """The highest specificity of each draw among thresholds that keep a sensitivity: `sensitivity_at`, turned over."""
    return sensitivity_at(-scores, ~positive, owner, weights, sensitivity)


def threshold_for(scores: np.ndarray, positive: np.ndarray, specificity: float = LEVEL) -> float:
    """The lowest of the scores that, taken as threshold, keeps a specificity.

    Args:
        scores: (n,) the higher, the more positive; positive is called from the threshold on.
        positive: (n,) bool.
        specificity: The least share of negative pictures not called.

    Returns:
        The threshold; infinity where even the highest score would call too many.
    """
    false_positives, _ = _rates(scores, positive, np.ones((len(scores), 1)))
    highest_first = np.append(np.inf, np.unique(scores)[::-1])
    return float(highest_first[false_positives[:, 0] <= 1 - specificity + _SLACK][-1])


def operating_points(predictions: pd.DataFrame, level: float = LEVEL, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Sensitivity for malignant at a fixed specificity on the test, and the reverse, with 95 % intervals.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        level: What is held fixed.
        draws: Number of bootstrap draws over patients.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, protocol, metric ("sensitivity" or "specificity"), at, value, low and high.
    """
    rows = []
    for network, protocol, table in each(predictions):
        scores, positive = malignant(table)
        weights, owner = patient_weights(table["patient_id"], draws, seed=seed)
        for metric, function in (("sensitivity", sensitivity_at), ("specificity", specificity_at)):
            (value,) = function(scores, positive, owner, np.ones((1, weights.shape[1])), level)
            kind = positive if metric == "sensitivity" else ~positive
            drawn = function(scores, positive, owner, weights, level)
            rows.append((network, protocol, metric, level, value, *share_interval(drawn, value, len(set(owner[kind])))))
    return pd.DataFrame(rows, columns=["network", "protocol", "metric", "at", "value", "low", "high"])


def carried_thresholds(
    predictions: pd.DataFrame, level: float = LEVEL, draws: int = 2000, *, seed: int
) -> pd.DataFrame:
    """A threshold set on validation pictures for a specificity, and what it does on the test.

    Args:
        predictions: As for `operating_points`.
        level: The specificity asked for on the validation pictures.
        draws: Number of bootstrap draws over test patients, the threshold held fixed.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, protocol, threshold, metric ("sensitivity" or "specificity"), value, low
        and high.
    """
    thresholds = {
        (network, protocol): threshold_for(*malignant(table), level)
        for network, protocol, table in each(predictions, "validation")
    }
    rows = []
    for network, protocol, table in each(predictions):
        threshold = thresholds[network, protocol]
        scores, positive = malignant(table)
        right = {"sensitivity": (scores >= threshold) & positive, "specificity": (scores < threshold) & ~positive}
        for metric, kind in (("sensitivity", positive), ("specificity", ~positive)):
            value, low, high = _share(right[metric], kind, table["patient_id"], draws, seed)
            rows.append((network, protocol, threshold, metric, value, low, high))
    return pd.DataFrame(rows, columns=["network", "protocol", "threshold", "metric", "value", "low", "high"])


def malignant(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The question of screening: the probability of malignant, and whether it is.

    Args:
        rows: Rows of a predictions table.

    Returns:
        scores, (n,) float64, and positive, (n,) bool.
    """
    return rows[MALIGNANT].to_numpy(dtype=np.float64), (rows["label"] == MALIGNANT).to_numpy()


def _rates(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False positive rate and sensitivity, (t, draws), from "nothing is called" on by one more distinct score."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    return tuple(_cumulative(weights[order] * kind[order][:, None], last) for kind in (~positive, positive))


def _cumulative(weights: np.ndarray, last: np.ndarray) -> np.ndarray:
    summed = np.cumsum(weights, axis=0)
    total = summed[-1]
    rates = np.divide(summed[last], total, out=np.full((len(last), len(total)), np.nan), where=total > 0)
    return np.concatenate([np.where(total > 0, 0.0, np.nan)[None], rates])


def _best(false_positives: np.ndarray, sensitivity: np.ndarray, specificity: float) -> np.ndarray:
    allowed = false_positives <= 1 - specificity + _SLACK
    best = np.where(allowed, sensitivity, 0.0).max(axis=0)
    return np.where(np.isnan(false_positives[0]), np.nan, best)


def _share(hit: np.ndarray, kind: np.ndarray, patients: pd.Series, draws: int, seed: int) -> tuple[float, float, float]:
    """The share of the pictures of a kind that are hit, with its interval."""
    weights, owner = patient_weights(patients, draws, seed=seed)
    hits, all_of_kind = resampled_sums(np.column_stack([hit, kind]), owner, weights).T
    drawn = np.divide(hits, all_of_kind, out=np.full(draws, np.nan), where=all_of_kind > 0)
    value = hit.sum() / kind.sum()
    return value, *share_interval(drawn, value, len(set(owner[kind])))
