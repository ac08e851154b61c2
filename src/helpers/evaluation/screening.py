"""What a screening test is judged by, where cancer is rare: by picture and by breast, with intervals over patients.

Each measure is computed for all draws of patients together: a draw is a weight for each picture.
"""

from collections.abc import Sequence
from functools import cache, partial

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import BLOCK, interval, patient_weights

AT_THRESHOLD = ("f1", "recall", "precision", "accuracy")
"""What document B prints; each needs a threshold."""
BY_RANK = ("average_precision", "auc", "sensitivity_at_specificity")
"""What needs none."""
METRICS = (*AT_THRESHOLD, "probabilistic_f1", *BY_RANK)
UNITS = ("image", "breast")
SPECIFICITY = 0.9
"""At which the sensitivity is read off."""
THRESHOLDS = np.arange(101) / 100
"""The thresholds that document B tries: 0 to 1 in steps of .01 (section 5.6)."""
BREAST = ["patient_id", "laterality"]
Scores = dict[str, np.ndarray]
"""Each metric in each draw, (draws,)."""


def f1_curve(cancer: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """F1 at each of `THRESHOLDS`; cancer is called where its probability is at least the threshold.

    Args:
        cancer: (n,) bool.
        probability: (n,).

    Returns:
        (101,) float64; 0 where there is neither a hit nor anything to hit.
    """
    called = probability[:, None] >= THRESHOLDS
    hits = (called & cancer[:, None]).sum(axis=0)
    return 2 * hits / np.maximum(called.sum(axis=0) + cancer.sum(), 1)


def best_threshold(cancer: np.ndarray, probability: np.ndarray) -> float:
    """The threshold with the highest F1, the lowest of several (Bassi et al., section 5.6); arguments of `f1_curve`."""
    return float(THRESHOLDS[f1_curve(cancer, probability).argmax()])


def of_breasts(predictions: pd.DataFrame) -> pd.DataFrame:
    """Merges the views of each breast: the mean of its probabilities and of its thresholds.

    Args:
        predictions: One row a picture: patient_id, laterality, cancer, probability and threshold.

    Returns:
        DataFrame, one row a breast, with the same columns; it has cancer where one of its pictures is said to.
    """
    merged = predictions.groupby(BREAST, sort=True)
    return merged.agg(
        cancer=("cancer", "max"), probability=("probability", "mean"), threshold=("threshold", "mean")
    ).reset_index()


def scores(predictions: pd.DataFrame, weights: np.ndarray) -> Scores:
    """All `METRICS` in each draw.

    The probabilistic F1 is the competition's: counts of hits and false alarms become sums of probabilities. Average
    precision sums precision over the steps of recall; the sensitivity is the highest whose specificity is at least
    `SPECIFICITY`. Equal probabilities are one step. Precision and F1 without any call are 0.

    Args:
        predictions: One row a case: cancer, probability and threshold.
        weights: (n, draws) how often each case counts in each draw.

    Returns:
        {metric: (draws,) float64}, NaN where a draw lacks cancers, or what is no cancer, and the metric needs them.
    """
    cancer = predictions["cancer"].to_numpy(bool)
    probability = predictions["probability"].to_numpy(np.float64)
    called = probability >= predictions["threshold"].to_numpy(np.float64)
    return _at_threshold(cancer, called, weights) | _probabilistic(cancer, probability, weights) | _by_rank(
        cancer, probability, weights
    )  # fmt: skip


def measured(
    predictions: pd.DataFrame, by: Sequence[str], draws: int = 2000, *, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Scores groups of predictions by picture and by breast, with 95 % intervals, all on the same draws of patients.

    Args:
        predictions: The columns of `by`, patient_id, laterality, cancer, probability and threshold.
        by: Columns that make the groups, such as network and rung; the groups hold the same patients.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns of `by`, unit, metric, value, low, high and n (cases); and (its rows, draws)
        float64, the same in each draw, for `steps`.
    """
    rows, drawn, draw = [], [], cache(partial(patient_weights, draws=draws, seed=seed))
    for group, own in predictions.groupby(list(by), sort=False):
        for unit, cases in zip(UNITS, (own, of_breasts(own)), strict=True):
            weights, owner = draw(tuple(cases["patient_id"]))
            points, spread = scores(cases, np.ones((len(cases), 1))), _in_blocks(cases, weights, owner)
            for metric in METRICS:
                low, high = interval(spread[metric]) or (np.nan, np.nan)
                about = {"unit": unit, "metric": metric, "value": float(points[metric][0]), "low": low, "high": high}
                rows.append({**dict(zip(by, group, strict=True)), **about, "n": len(cases)})
                drawn.append(spread[metric])
    return pd.DataFrame(rows), np.stack(drawn)


def differences(table: pd.DataFrame, drawn: np.ndarray, pairs: Sequence[tuple[str, str]], column: str) -> pd.DataFrame:
    """What one way adds to another, on the same draws of patients.

    Args:
        table: First result of `measured`.
        drawn: Second result of `measured`.
        pairs: (way, the way that it is compared with), values of `column`.
        column: The column that tells ways apart; all others of `by` are compared like with like.

    Returns:
        The rows of `table` of each pair's first way that have their like in the second, with `value`, `low` and
        `high` those of the difference, and `against`, the second.
    """
    same = [name for name in table if name not in (column, "value", "low", "high", "n")]
    place = {(row[column], *(row[name] for name in same)): at for at, row in enumerate(table.to_dict("records"))}
    rows = []
    for way, against in pairs:
        for key, at in place.items():
            other = place.get((against, *key[1:])) if key[0] == way else None
            if other is not None:
                low, high = interval(drawn[at] - drawn[other]) or (np.nan, np.nan)
                value = table["value"].iloc[at] - table["value"].iloc[other]
                rows.append({**table.iloc[at].to_dict(), "value": value, "low": low, "high": high, "against": against})
    return pd.DataFrame(rows, columns=[*table.columns, "against"])


def _in_blocks(cases: pd.DataFrame, weights: np.ndarray, owner: np.ndarray) -> Scores:
    """The scores of all draws; only some at a time, since each is a weight for every case."""
    starts = range(0, len(weights), BLOCK)
    blocks = [scores(cases, np.ascontiguousarray(weights[start : start + BLOCK].T)[owner]) for start in starts]
    return {metric: np.concatenate([block[metric] for block in blocks]) for metric in METRICS}


def _at_threshold(cancer: np.ndarray, called: np.ndarray, weights: np.ndarray) -> Scores:
    hits, misses = weights[cancer & called].sum(axis=0), weights[cancer & ~called].sum(axis=0)
    alarms, rejections = weights[~cancer & called].sum(axis=0), weights[~cancer & ~called].sum(axis=0)
    return {
        "f1": _ratio(2 * hits, 2 * hits + misses + alarms),
        "recall": _ratio(hits, hits + misses),
        "precision": np.where(hits + alarms > 0, _ratio(hits, hits + alarms), 0.0),
        "accuracy": _ratio(hits + rejections, hits + misses + alarms + rejections),
    }


def _probabilistic(cancer: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> Scores:
    expected, alarms = probability[cancer] @ weights[cancer], probability[~cancer] @ weights[~cancer]
    recall = _ratio(expected, weights[cancer].sum(axis=0))
    precision = np.where(expected + alarms > 0, _ratio(expected, expected + alarms), 0.0)
    f1 = np.where(recall + precision > 0, _ratio(2 * recall * precision, recall + precision), 0.0)
    return {"probabilistic_f1": np.where(np.isnan(recall), np.nan, f1)}


def _by_rank(cancer: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> Scores:
    order = np.argsort(-probability, kind="stable")
    ends = np.flatnonzero(np.diff(-probability[order], append=np.inf))
    hits, alarms = (np.cumsum(weights[order] * which[order, None], axis=0)[ends] for which in (cancer, ~cancer))
    found, falsely = np.diff(hits, axis=0, prepend=0), np.diff(alarms, axis=0, prepend=0)
    ill, well = hits[-1], alarms[-1]
    precision = np.divide(hits, hits + alarms, out=np.zeros_like(hits), where=hits + alarms > 0)
    allowed = alarms <= (1 - SPECIFICITY) * well + 1e-9
    return {
        "average_precision": _ratio((found * precision).sum(axis=0), ill),
        "auc": _ratio((falsely * (hits - found / 2)).sum(axis=0), ill * well),
        "sensitivity_at_specificity": np.where(well > 0, _ratio(np.where(allowed, hits, 0).max(axis=0), ill), np.nan),
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below > 0)
