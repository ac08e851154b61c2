"""Scores of a two-way call, malignant or not, and differences of such scores on the same draws of patients."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights, resampled_auc, resampled_sums, share_interval

METRICS = ("sensitivity", "specificity", "f1", "harmonic", "accuracy", "balanced", "auc")
"""`harmonic` is the harmonic mean of sensitivity and specificity, which document C prints as its F-score; `balanced` is
their arithmetic mean."""
CUT = 0.5
Scores = dict[str, np.ndarray]
"""Each metric in each draw, (draws,)."""


def scored(positive: np.ndarray, said: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> Scores:
    """Scores of one way of calling.

    Args:
        positive: (n,) bool, the truth.
        said: (n,) probabilities of it; from `CUT` on it is called.
        owner: (n,) int, as `helpers.evaluation.intervals.patient_weights` returns it.
        weights: (draws, patients), the same.

    Returns:
        {metric: (draws,) float64}; a share of nothing is NaN, an F of nothing found is 0.
    """
    called, truth = said >= CUT, positive.astype(bool)
    cells = np.stack([truth & called, truth & ~called, ~truth & called, ~truth & ~called], axis=1).astype(float)
    hits, missed, alarms, spared = resampled_sums(cells, owner, weights).T
    found, quiet = _share(hits, hits + missed), _share(spared, alarms + spared)
    return {
        "sensitivity": found,
        "specificity": quiet,
        "f1": _share(2 * hits, 2 * hits + alarms + missed),
        "harmonic": _harmonic(found, quiet),
        "accuracy": _share(hits + spared, hits + missed + alarms + spared),
        "balanced": (found + quiet) / 2,
        "auc": resampled_auc(said, truth, owner, weights),
    }


def compared(
    table: pd.DataFrame,
    ways: Mapping[str, np.ndarray],
    differences: Mapping[str, tuple[str, str]],
    draws: int = 2000,
    *,
    seed: int,
) -> pd.DataFrame:
    """Scores of several ways on the same pictures, and their differences, with 95 % intervals over patients.

    Args:
        table: One row a picture: patient_id and label; malignant or not.
        ways: {name: (n,) malignant probabilities}, in table order.
        differences: {name: (way, other way)}, the first minus the second.
        draws: Number of bootstrap draws, the same for all ways.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns way (a way's or a difference's name), metric, value, low and high.
    """
    positive = (table["label"] == "malignant").to_numpy()
    weights, owner = patient_weights(table["patient_id"], draws, seed=seed)
    everyone = np.ones((1, weights.shape[1]))
    points = {name: scored(positive, np.asarray(said, float), owner, everyone) for name, said in ways.items()}
    drawn = {name: scored(positive, np.asarray(said, float), owner, weights) for name, said in ways.items()}
    behind = _patients(table["patient_id"], positive)
    rows = [_row(way, metric, points[way][metric], drawn[way][metric], behind) for way in ways for metric in METRICS]
    for name, (first, second) in differences.items():
        for metric in METRICS:
            point, draw = (of[first][metric] - of[second][metric] for of in (points, drawn))
            rows.append(_row(name, metric, point, draw, {}))
    return pd.DataFrame(rows)


def _patients(patients: pd.Series, positive: np.ndarray) -> dict[str, int]:
    """How many patients stand behind each score that is a share of pictures."""
    kinds = {"sensitivity": positive, "specificity": ~positive, "accuracy": np.ones(len(positive), bool)}
    return {metric: patients[rows].nunique() for metric, rows in kinds.items()}


def _row(way: str, metric: str, point: np.ndarray, drawn: np.ndarray, patients: Mapping[str, int]) -> dict:
    if metric in patients:
        low, high = share_interval(drawn, float(point[0]), patients[metric])
    else:
        low, high = interval(drawn) or (np.nan, np.nan)
    return {"way": way, "metric": metric, "value": float(point[0]), "low": low, "high": high}


def confusion(truth: Sequence[str], called: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """Counts by class and call.

    Args:
        truth: (n,) labels.
        called: (n,) calls.
        labels: The order of both.

    Returns:
        DataFrame, rows the truth, columns the calls.
    """
    counts = pd.crosstab(pd.Series(list(truth), name="truth"), pd.Series(list(called), name="called"))
    return counts.reindex(index=list(labels), columns=list(labels), fill_value=0)


def _harmonic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """0 where both are; NaN where one is."""
    both = first + second
    return np.divide(2 * first * second, both, out=both.copy(), where=both > 0)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)
