"""Temperature scaling: one number, fitted on validation pictures, that makes a network as sure as it should be.

The class scores are divided by a temperature before the softmax (Guo et al. 2017, section 4.2). The softmax of a
network forgets only a constant that its scores share, so the logarithms of the stored probabilities serve as scores.
No call
changes: the order of the classes of a picture stays.
"""

import numpy as np
import pandas as pd
from scipy.special import softmax

from helpers.evaluation.intervals import interval, patient_weights, resampled_sums
from helpers.evaluation.metrics import CLASSES, labels_and_probabilities
from helpers.evaluation.rows import each

COLDEST, HOTTEST = 0.05, 20.0
"""Where the search ends; validation pictures that are all called right would ask for a temperature of zero."""
_TEMPERATURES = np.geomspace(COLDEST, HOTTEST, 601)


def scaled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities at another temperature.

    Args:
        probabilities: (n, 3).
        temperature: Above 1 makes them less sure, below 1 surer.

    Returns:
        (n, 3) float64, each row summing to 1.
    """
    return softmax(_scores(probabilities) / temperature, axis=1)


def best_temperatures(
    labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """The temperature of the lowest cross-entropy in each draw.

    The slope of the loss rises with the inverse temperature, so it has one root; the slopes of all pictures on a grid
    make the search one matrix product for all draws.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws,) float64 in `COLDEST`..`HOTTEST`.
    """
    scores = _scores(probabilities)
    own = np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    slopes = np.stack([(softmax(scores / t, axis=1) * scores).sum(axis=1) - own for t in _TEMPERATURES], axis=1)
    summed = resampled_sums(slopes, owner, weights)
    return np.exp(_roots(summed, np.log(_TEMPERATURES)))


def temperatures(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """The temperature of each network and protocol, fitted on its validation pictures.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        draws: Number of bootstrap draws over validation patients.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, protocol, temperature, low, high, n and n_patients (of the validation).
    """
    rows = [(network, protocol, *_fit(own, draws, seed)) for network, protocol, own in each(predictions, "validation")]
    return pd.DataFrame(rows, columns=["network", "protocol", "temperature", "low", "high", "n", "n_patients"])


def rescaled(predictions: pd.DataFrame, fitted: pd.DataFrame) -> pd.DataFrame:
    """A predictions table with the probabilities of each network and protocol at its temperature.

    Args:
        predictions: As for `temperatures`.
        fitted: From `temperatures`.

    Returns:
        A new table of the same rows in the same order.
    """
    columns = list(CLASSES)
    found = fitted.set_index(["network", "protocol"])["temperature"]
    wanted = pd.MultiIndex.from_frame(predictions[["network", "protocol"]])
    probabilities = scaled(predictions[columns].to_numpy(dtype=np.float64), found.loc[wanted].to_numpy()[:, None])
    return predictions.assign(**dict(zip(columns, probabilities.T, strict=True)))


def _fit(rows: pd.DataFrame, draws: int, seed: int) -> tuple[float, float, float, int, int]:
    labels, probabilities = labels_and_probabilities(rows)
    weights, owner = patient_weights(rows["patient_id"], draws, seed=seed)
    everyone = np.ones((1, weights.shape[1]))
    (value,) = best_temperatures(labels, probabilities, owner, everyone)
    ends = interval(best_temperatures(labels, probabilities, owner, weights))
    return value, *ends, len(rows), weights.shape[1]


def _scores(probabilities: np.ndarray) -> np.ndarray:
    # A softmax in float32 ends here; what it says below is zero.
    return np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))


def _roots(slopes: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Where falling rows cross zero, by straight lines between places; an end where they do not."""
    after = (slopes > 0).sum(axis=1)
    right = np.clip(after, 1, len(places) - 1)
    rows = np.arange(len(slopes))
    before, behind = slopes[rows, right - 1], slopes[rows, right]
    share = np.divide(before, before - behind, out=np.zeros(len(rows)), where=before != behind)
    return places[right - 1] + np.clip(share, 0, 1) * np.diff(places)[right - 1]
