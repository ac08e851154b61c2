"""Whether acting on a network's probabilities does more good than harm: decision curves (Vickers and Elkin 2006)."""

import numpy as np
import pandas as pd

from helpers.evaluation.decisions import malignant
from helpers.evaluation.intervals import interval, patient_weights, resampled_sums
from helpers.evaluation.rows import each

ALWAYS, NEVER = "always", "never"
"""The two ways that need no network: to act on every picture, and on none."""


def at_prevalence(probability: np.ndarray, here: float, there: float) -> np.ndarray:
    """Probabilities of the same pictures where the disease is rarer or more frequent, by Bayes' rule.

    It holds where malignant pictures, and the others, look the same in both places (Saerens, Latinne and Decaestecker
    2002, equation 2.4).

    Args:
        probability: (n,) in 0..1.
        here: The prevalence that the probabilities were learnt at.
        there: The other prevalence.

    Returns:
        (n,) float64.
    """
    positive, negative = probability * there / here, (1 - probability) * (1 - there) / (1 - here)
    return positive / (positive + negative)


def net_benefit(
    probability: np.ndarray,
    positive: np.ndarray,
    thresholds: np.ndarray,
    prevalence: float,
    owner: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Net benefit of acting on each picture whose probability reaches a threshold, in each draw.

    True positives a picture, less false positives weighed by the odds of the threshold: who acts from one in ten on
    counts one missed cancer as bad as nine false alarms.

    Args:
        probability: (n,) in 0..1.
        positive: (n,) bool.
        thresholds: (t,) in 0..1.
        prevalence: The share of positive pictures where one acts; sensitivity and specificity are those of the draw.
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws, t) float64, at most `prevalence`; NaN where a draw holds no positive or no negative picture.
    """
    called = probability[:, None] >= thresholds
    found, alarmed = (_share(called, kind, owner, weights) for kind in (positive, ~positive))
    return found * prevalence - alarmed * (1 - prevalence) * thresholds / (1 - thresholds)


def decision_curves(
    predictions: pd.DataFrame, thresholds: np.ndarray, prevalence: float | None = None, draws: int = 2000, *, seed: int
) -> pd.DataFrame:
    """Net benefit on the test of acting on each network, of acting always and of acting never.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant;
            calibrate the probabilities first.
        thresholds: (t,) in 0..1, the probabilities from which on one would act.
        prevalence: The share of malignant pictures where one acts; probabilities are carried over to it from the share
            in training. By default that of the test, with the probabilities as they are.
        draws: Number of bootstrap draws over patients.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns protocol, way (a network, "always" or "never"), threshold, value, low and high (NaN
        for the last two ways).
    """
    tables = []
    for network, protocol, rows in each(predictions):
        learnt = _malignant_share(predictions, network, protocol, "train")
        share = prevalence or _malignant_share(predictions, network, protocol, "test")
        probability, positive = malignant(rows)
        if prevalence:
            probability = at_prevalence(probability, learnt, prevalence)
        curve = _with_interval(probability, positive, thresholds, share, rows["patient_id"], draws, seed)
        tables.append(curve.assign(protocol=protocol, way=network))
        always = share - (1 - share) * thresholds / (1 - thresholds)
        tables.append(pd.DataFrame({"threshold": thresholds, "value": always, "protocol": protocol, "way": ALWAYS}))
        tables.append(pd.DataFrame({"threshold": thresholds, "value": 0.0, "protocol": protocol, "way": NEVER}))
    table = pd.concat(tables, ignore_index=True)[["protocol", "way", "threshold", "value", "low", "high"]]
    return table.drop_duplicates(["protocol", "way", "threshold"], ignore_index=True)


def _share(called: np.ndarray, kind: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    sums = resampled_sums(np.column_stack([called & kind[:, None], kind]), owner, weights)
    return np.divide(sums[:, :-1], sums[:, -1:], out=np.full(sums[:, :-1].shape, np.nan), where=sums[:, -1:] > 0)


def _malignant_share(predictions: pd.DataFrame, network: str, protocol: str, split: str) -> float:
    own = predictions[predictions["network"].eq(network) & predictions["protocol"].eq(protocol)]
    return malignant(own[own["split"] == split])[1].mean()


def _with_interval(
    probability: np.ndarray,
    positive: np.ndarray,
    thresholds: np.ndarray,
    share: float,
    patients: pd.Series,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    weights, owner = patient_weights(patients, draws, seed=seed)
    everyone = np.ones((1, weights.shape[1]))
    value, drawn = (
        net_benefit(probability, positive, thresholds, share, owner, chosen) for chosen in (everyone, weights)
    )
    ends = [interval(column) or (np.nan, np.nan) for column in drawn.T]
    low, high = np.transpose(ends)
    return pd.DataFrame({"threshold": thresholds, "value": value[0], "low": low, "high": high})
