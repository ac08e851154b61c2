"""Areas under ROC curves and their covariance in closed form: DeLong's, and Obuchowski's where pictures share patients.

DeLong takes pictures for independent cases. Two views of a breast are not, so his intervals are too short wherever a
patient has several pictures. Obuchowski sums the same placement values by patient first; with one picture a patient the
two are the same. The bootstrap over patients (`helpers.evaluation.intervals`) is the third opinion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm, rankdata


@dataclass(frozen=True)
class Areas:
    """Areas under the ROC curves of several scores of the same pictures.

    Attributes:
        values: (k,) float64.
        covariance: (k, k) float64, of their estimates; NaN where fewer than two positive or negative clusters exist.
    """

    values: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class Difference:
    """An estimated difference with its 95 % interval and its two-sided p-value against no difference."""

    value: float
    low: float
    high: float
    p: float


def areas(scores: np.ndarray, positive: np.ndarray, clusters: Sequence | None = None) -> Areas:
    """Areas under ROC curves with the covariance of their estimates, by midranks in O(n log n).

    DeLong, DeLong and Clarke-Pearson (1988), computed as Sun and Xu (2014); with `clusters`, Obuchowski (1997).

    Args:
        scores: (k, n) float, the higher, the more positive; one row a network.
        positive: (n,) bool.
        clusters: (n,) the patient of each picture; each picture a cluster of its own by default, which is DeLong.

    Returns:
        The `Areas`.

    Raises:
        ValueError: There is no positive or no negative picture.
    """
    scores, positive = np.atleast_2d(np.asarray(scores, dtype=np.float64)), np.asarray(positive, dtype=bool)
    if not positive.any() or positive.all():
        raise ValueError(f"expected positive and negative pictures, came {positive.sum()} of {len(positive)} positive")
    of_positive, of_negative = _placements(scores, positive)
    values = of_positive.mean(axis=1)
    owner = np.arange(len(positive)) if clusters is None else pd.factorize(np.asarray(clusters))[0]
    sums = _by_cluster(of_positive - values[:, None], owner[positive], owner.max() + 1)
    other = _by_cluster(of_negative - values[:, None], owner[~positive], owner.max() + 1)
    both = _shared(sums, other, owner) / (positive.sum() * (~positive).sum())
    own = _scatter(sums, owner[positive]) + _scatter(other, owner[~positive])
    return Areas(values, own + both + both.T)


def area_interval(estimate: Areas, index: int = 0, level: float = 0.95) -> tuple[float, float]:
    """Interval of one area on the logit scale, so that it stays inside 0 and 1 (Pepe 2003, section 5.2).

    Args:
        estimate: From `areas`.
        index: Which of its areas.
        level: Coverage asked for.

    Returns:
        (low, high); NaN where the area is 0 or 1: a variance of zero is no certainty.
    """
    value, variance = estimate.values[index], estimate.covariance[index, index]
    if not 0 < value < 1:
        return np.nan, np.nan
    reach = norm.ppf((1 + level) / 2) * np.sqrt(variance) / (value * (1 - value))
    return float(expit(logit(value) - reach)), float(expit(logit(value) + reach))


def area_difference(estimate: Areas, first: int = 0, second: int = 1, level: float = 0.95) -> Difference:
    """The first area minus the second, measured on the same pictures.

    Args:
        estimate: From `areas`.
        first: Which area.
        second: Which area is taken off it.
        level: Coverage asked for.

    Returns:
        The `Difference`; its p-value is 1 where both rank all pairs alike.
    """
    contrast = np.zeros(len(estimate.values))
    contrast[first], contrast[second] = 1, -1
    value = float(contrast @ estimate.values)
    # Rounding may leave a variance of minus nothing.
    error = np.sqrt(max(0.0, contrast @ estimate.covariance @ contrast))
    reach = norm.ppf((1 + level) / 2) * error
    p = 2 * norm.sf(abs(value) / error) if error > 0 else float(value == 0)
    return Difference(value, float(value - reach), float(value + reach), float(p))


def _placements(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The share of pictures of the other kind that each picture is ranked right against, a tie counting half."""
    above, below = scores[:, positive], scores[:, ~positive]
    ranks = rankdata(np.concatenate([above, below], axis=1), axis=1)
    of_positive = (ranks[:, : above.shape[1]] - rankdata(above, axis=1)) / below.shape[1]
    of_negative = 1 - (ranks[:, above.shape[1] :] - rankdata(below, axis=1)) / above.shape[1]
    return of_positive, of_negative


def _by_cluster(values: np.ndarray, owner: np.ndarray, clusters: int) -> np.ndarray:
    sums = np.zeros((clusters, len(values)))
    np.add.at(sums, owner, values.T)
    return sums


def _scatter(sums: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """What the pictures of one kind add to the covariance: Obuchowski's S10 / m or S01 / n."""
    clusters = len(np.unique(owner))
    return np.full((sums.shape[1],) * 2, np.nan) if clusters < 2 else _corrected(sums.T @ sums, clusters, len(owner))


def _corrected(products: np.ndarray, clusters: int, pictures: int) -> np.ndarray:
    return products * clusters / (clusters - 1) / pictures**2


def _shared(sums: np.ndarray, other: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Obuchowski's S11: patients with pictures of both kinds."""
    clusters = len(np.unique(owner))
    return sums.T @ other * clusters / max(1, clusters - 1)
