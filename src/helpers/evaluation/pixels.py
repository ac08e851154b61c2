"""How well pixels are labelled, from a histogram of 8-bit scores a picture: a draw of patients is then a weighted sum.

A histogram is (2, 256): pixels without and with calcification, by score. Score 0 is kept for pixels that no network
was asked about, and for those that are certainly nothing.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights, resampled_sums, share_interval

LEVELS = 256


def quantized(scores: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scores as 8 bits.

    Args:
        scores: Any shape; minus infinity where there is none.
        low: This or less becomes 1.
        high: This or more becomes 255.

    Returns:
        uint8 of the same shape, rising with the scores, 0 where there is none.
    """
    steps = np.rint((np.clip(scores, low, high) - low) * ((LEVELS - 2) / (high - low))).astype(np.uint8) + np.uint8(1)
    return np.where(np.isneginf(scores), np.uint8(0), steps)


def histogram(levels: np.ndarray, truth: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Counts pixels by truth and score.

    Args:
        levels: uint8 (height, width).
        truth: Boolean, the same shape.
        where: Which pixels count, boolean, the same shape.

    Returns:
        int64 (2, 256).
    """
    return np.stack([np.bincount(levels[where & part], minlength=LEVELS) for part in (~truth, truth)])


def upward(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positives where a pixel is called from each score on.

    Args:
        counts: (..., 2, 256).

    Returns:
        Two arrays (..., 256).
    """
    sums = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1]
    return sums[..., 0, :], sums[..., 1, :]


def roc_area(counts: np.ndarray) -> np.ndarray:
    """Area under the ROC curve; scores in one bin count half (Mann and Whitney 1947). `counts` (..., 2, 256)."""
    false, true = upward(counts)
    above = np.concatenate([true[..., 1:], np.zeros_like(true[..., :1])], axis=-1)
    ordered = (counts[..., 0, :] * (above + counts[..., 1, :] / 2)).sum(axis=-1)
    return _ratio(ordered, false[..., 0] * true[..., 0])


def average_precision(counts: np.ndarray) -> np.ndarray:
    """Area under the precision-recall curve: precision, weighted by the gain in recall. `counts` (..., 2, 256)."""
    false, true = upward(counts)
    precision = _ratio(true, true + false)
    return _ratio((np.nan_to_num(precision) * counts[..., 1, :]).sum(axis=-1), true[..., 0])


def dice(counts: np.ndarray, threshold: int) -> np.ndarray:
    """Dice of pixels called from a score on, over all pictures together. `counts` (..., 2, 256)."""
    false, true = (each[..., threshold] for each in upward(counts))
    return _ratio(2 * true, true + false + counts[..., 1, :].sum(axis=-1))


def best_threshold(counts: np.ndarray) -> int:
    """The score, above 0, from which on calling pixels gives the highest Dice.

    Args:
        counts: (2, 256), of pictures on which a threshold may be chosen.
    """
    found = [np.nan_to_num(dice(counts, threshold)) for threshold in range(1, LEVELS)]
    return 1 + int(np.argmax(found))


def scored(
    methods: Mapping[str, np.ndarray],
    thresholds: Mapping[str, int],
    patients: pd.Series,
    draws: int = 2000,
    *,
    seed: int,
) -> pd.DataFrame:
    """ROC area, average precision and Dice of each method, with 95 % intervals over patients.

    Args:
        methods: {name: histograms, (pictures, 2, 256)}.
        thresholds: {name: the score from which on a pixel is called}.
        patients: (pictures,) the patient of each.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns method, measure (roc_area | average_precision | dice), value, low and high.
    """
    weights, owner = patient_weights(patients, draws, seed=seed)
    rows = []
    for name, counts in methods.items():
        flat = counts.reshape(len(counts), -1).astype(float)
        drawn = resampled_sums(flat, owner, weights).reshape(-1, *counts.shape[1:])
        for measure, of in _measures(thresholds[name]).items():
            rows.append((name, measure, float(of(counts.sum(axis=0))), *(interval(of(drawn)) or (np.nan, np.nan))))
    return pd.DataFrame(rows, columns=["method", "measure", "value", "low", "high"])


def _measures(threshold: int) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    return {
        "roc_area": roc_area,
        "average_precision": average_precision,
        "dice": lambda counts: dice(counts, threshold),
    }


def shares(table: pd.DataFrame, by: list[str], draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Shares, such as accuracies, with 95 % intervals over patients.

    Args:
        table: The columns of `by`, patient_id, hits (how many were right) and of (of how many).
        by: The columns that make the groups.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame, one row a group that counts anything: the columns of `by`, value, low, high and of.
    """
    rows = []
    for group, own in table.groupby(by, sort=False):
        if not own["of"].sum():
            continue
        weights, owner = patient_weights(own["patient_id"], draws, seed=seed)
        drawn = resampled_sums(own[["hits", "of"]].to_numpy(float), owner, weights)
        value = own["hits"].sum() / own["of"].sum()
        ends = share_interval(_ratio(*drawn.T), value, own["patient_id"].nunique())
        rows.append((*group, value, *ends, own["of"].sum()))
    return pd.DataFrame(rows, columns=[*by, "value", "low", "high", "of"])


def _ratio(of: np.ndarray, whole: np.ndarray) -> np.ndarray:
    of, whole = np.asarray(of, float), np.asarray(whole, float)
    return np.divide(of, whole, out=np.full(np.broadcast(of, whole).shape, np.nan), where=whole > 0)
