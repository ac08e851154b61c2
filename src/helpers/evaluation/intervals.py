"""Percentile bootstrap over patients: whole patients are drawn, since pictures of one patient are no independent cases.

A draw is a row of weights: how often each patient was drawn. Sums over pictures (confusion counts, losses) become
one matrix product for all draws together, and an area under the ROC curve one cumulative sum.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

BLOCK = 250
"""Draws handled at once where a table of (draws, pictures) is needed; it bounds memory, not the result."""


def patient_weights(patients: Sequence, draws: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws as many patients as there are, with replacement, many times.

    Args:
        patients: (n,) the patient of each picture; patients are sorted first, so the order of pictures is immaterial.
        draws: Number of bootstrap draws.
        seed: Seed of the random generator.

    Returns:
        weights, (draws, patients) float64, how often each patient was drawn, and owner, (n,) int, the column of
        `weights` that each picture belongs to.
    """
    owner, names = pd.factorize(np.asarray(patients), sort=True)
    count = len(names)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    return drawn.astype(np.float64), owner


def resampled_sums(values: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sums over the pictures of each draw.

    Args:
        values: (n, k) one row a picture.
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws, k) float64.
    """
    by_patient = np.zeros((weights.shape[1], values.shape[1]))
    np.add.at(by_patient, owner, values)
    return weights @ by_patient


def resampled_auc(scores: np.ndarray, positive: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each draw; NaN where a draw holds no positive or no negative picture.

    Args:
        scores: (n,) the higher, the more positive.
        positive: (n,) bool.
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws,) float64.
    """
    blocks = np.array_split(weights, max(1, len(weights) // BLOCK))
    return np.concatenate([weighted_auc(scores, positive, np.ascontiguousarray(block.T)[owner]) for block in blocks])


def weighted_auc(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve as the share of pairs in the right order, a tie counting half (Mann and Whitney 1947).

    Args:
        scores: (n,) the higher, the more positive.
        positive: (n,) bool.
        weights: (n, draws) the weight of each picture in each draw.

    Returns:
        (draws,) float64, NaN where the positive or the negative pictures weigh nothing.
    """
    order = np.argsort(scores[~positive])
    ranked = scores[~positive][order]
    cumulative = np.pad(np.cumsum(weights[~positive][order], axis=0), ((1, 0), (0, 0)))
    below, upto = (cumulative[np.searchsorted(ranked, scores[positive], side)] for side in ("left", "right"))
    ordered = (weights[positive] * (below + upto)).sum(axis=0) / 2
    pairs = weights[positive].sum(axis=0) * cumulative[-1]
    return np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float] | None:
    """The percentile interval of a statistic over the draws (Efron 1979).

    It is not corrected for bias: that of a minimum or of a standard deviation over classes leans toward the worse
    (resampling adds noise, and noise lowers minima and raises deviations).

    Args:
        values: (draws,) the statistic in each draw; draws in which it is NaN, not being defined, are left out.
        level: Coverage asked for.

    Returns:
        (low, high), or None where no draw defines the statistic.
    """
    defined = values[~np.isnan(values)]
    if not defined.size:
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def share_interval(draws: np.ndarray, value: float, patients: int, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of a share, and Wilson's where no draw differs.

    Where all pictures were hits, or none was, every draw says so too, and the bootstrap would call it certain. Wilson's
    interval, with patients in the place of pictures, does not.

    Args:
        draws: (draws,) the share in each draw; NaN where it is not defined.
        value: The share on all pictures.
        patients: Patients behind it.
        level: Coverage asked for.

    Returns:
        (low, high); NaN where no draw defines the share.
    """
    ends = interval(draws, level)
    if ends and ends[0] == ends[1] and patients:
        ends = tuple(float(end) for end in wilson(value, patients, level))
    return ends or (np.nan, np.nan)


def wilson(share: np.ndarray | float, n: np.ndarray | int, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval of a share (Wilson 1927), for independent cases.

    Args:
        share: (k,) in 0..1.
        n: (k,) number of independent cases behind each.
        level: Coverage asked for.

    Returns:
        low and high, each (k,) float64 in 0..1.
    """
    z2 = norm.ppf((1 + level) / 2) ** 2
    center = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n**2))) / (1 + z2 / n)
    return np.clip(center - reach, 0, 1), np.clip(center + reach, 0, 1)


def bootstrap(
    statistic: Callable[[np.ndarray], float], patients: Sequence, draws: int = 2000, *, seed: int
) -> np.ndarray:
    """Any statistic in the same draws, one at a time: slow, general, and the reference for the fast forms above.

    Args:
        statistic: Takes positions of pictures, (m,) int, repeated as often as their patient was drawn.
        patients: (n,) the patient of each picture.
        draws: Number of bootstrap draws.
        seed: Seed of the random generator.

    Returns:
        (draws,) float64, for `interval`.
    """
    weights, owner = patient_weights(patients, draws, seed=seed)
    positions = np.arange(len(owner))
    return np.array([statistic(np.repeat(positions, draw[owner].astype(int))) for draw in weights], dtype=np.float64)
