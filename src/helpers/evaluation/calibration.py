"""Whether a probability of 0.8 comes true eight times in ten: reliability, calibration error, Brier score."""

import numpy as np
import pandas as pd
from sklearn.isotonic import isotonic_regression

from helpers.evaluation.intervals import BLOCK, interval, patient_weights, resampled_sums, wilson
from helpers.evaluation.metrics import CLASSES, cross_entropy, labels_and_probabilities
from helpers.evaluation.rows import each

EVENTS = ("malignant", "call")
"""What a probability may be of: that the picture is malignant, or that the class that was called is the true one."""
BINS = 10
"""At most so many bins, ..."""
PICTURES = 15
"""... and at least so many pictures a bin on average, but never fewer than two bins."""
WIDTH, MASS = "width", "mass"
"""Bins of equal width, or of equal numbers of pictures."""


def event(labels: np.ndarray, probabilities: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """One probability a picture, and whether what it is of came true.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).
        name: One of `EVENTS`.

    Returns:
        predicted, (n,) float64, and happened, (n,) bool.
    """
    if name == "call":
        return probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    index = CLASSES.index(name)
    return probabilities[:, index], labels == index


def bins_of(predicted: np.ndarray, kind: str = MASS, count: int | None = None) -> np.ndarray:
    """Puts pictures in bins of the predicted probability.

    Args:
        predicted: (n,) in 0..1.
        kind: `WIDTH`, or `MASS`, whose bins hold as equal numbers of pictures as ties allow.
        count: Bins asked for; by default as many as `BINS` and `PICTURES` allow.

    Returns:
        (n,) int, from 0; a bin may be empty.
    """
    count = count or int(np.clip(len(predicted) // PICTURES, 2, BINS))
    shares = np.linspace(0, 1, count + 1)[1:-1]
    inner = shares if kind == WIDTH else np.unique(np.quantile(predicted, shares))
    return np.searchsorted(inner, predicted, side="right")


def resampled_error(
    predicted: np.ndarray, happened: np.ndarray, bins: np.ndarray, owner: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Expected calibration error of each draw: the mean distance of a bin's prediction from what happened in it.

    Naeini, Cooper and Hauskrecht (2015); Guo et al. (2017), equation 3. It is never negative, so chance alone makes it
    positive: set it beside `error_when_calibrated`.

    Args:
        predicted: (n,) in 0..1.
        happened: (n,) bool.
        bins: (n,) int, from `bins_of`; the same in every draw.
        owner: (n,) int, as `patient_weights` returns it.
        weights: (draws, patients), as `patient_weights` returns it.

    Returns:
        (draws,) float64 in 0..1.
    """
    gaps = np.eye(bins.max() + 1)[bins] * (predicted - happened)[:, None]
    pictures = resampled_sums(np.ones((len(bins), 1)), owner, weights)[:, 0]
    return np.abs(resampled_sums(gaps, owner, weights)).sum(axis=1) / pictures


def error_when_calibrated(
    predicted: np.ndarray, bins: np.ndarray, owner: np.ndarray, draws: int = 2000, *, seed: int
) -> np.ndarray:
    """The calibration error that chance alone gives to probabilities that are right.

    What happens is drawn from the probabilities themselves, by one random number a patient: pictures of a patient
    mostly share their label.

    Args:
        predicted: (n,) in 0..1.
        bins: (n,) int, from `bins_of`.
        owner: (n,) int, the patient of each picture, from 0.
        draws: Number of simulated outcomes.
        seed: Seed of the draws.

    Returns:
        (draws,) float64.
    """
    lots = np.random.default_rng(seed).random((draws, owner.max() + 1))
    member = np.eye(bins.max() + 1)[bins]
    blocks = np.array_split(lots, max(1, draws // BLOCK))
    gaps = [(predicted - (block[:, owner] < predicted)) @ member for block in blocks]
    return np.abs(np.concatenate(gaps)).sum(axis=1) / len(predicted)


def reliability(predictions: pd.DataFrame, kind: str = MASS, count: int | None = None) -> pd.DataFrame:
    """Reliability curves on the test: predicted probability against the share that came true.

    The interval of a share is Wilson's (1927) with patients in the place of pictures, which takes all pictures of a
    patient for one: it is wide enough whatever they share, and it is not empty where a bin holds few.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        kind: `WIDTH` or `MASS`.
        count: Bins asked for, as in `bins_of`.

    Returns:
        DataFrame with the columns network, protocol, event, bin, n, n_patients, predicted (mean), observed (share),
        low and high; one row a bin that is not empty.
    """
    tables = [
        _curve(rows, name, kind, count).assign(network=network, protocol=protocol, event=name)
        for network, protocol, rows in each(predictions)
        for name in EVENTS
    ]
    columns = ["network", "protocol", "event", "bin", "n", "n_patients", "predicted", "observed", "low", "high"]
    return pd.concat(tables, ignore_index=True)[columns]


def scores(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Calibration errors, Brier score and log loss on the test, with 95 % intervals by the bootstrap over patients.

    Args:
        predictions: As for `reliability`.
        draws: Number of bootstrap draws, and of simulated outcomes for what chance alone gives.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, protocol, metric ("error, malignant", "error, call", each with bins of equal
        mass, the same with ", width", "brier" over all classes, 0 to 2, and "log_loss", nats), value, low, high, and
        chance, the mean error of a network whose probabilities are right (NaN for the last two).
    """
    rows = [
        (network, protocol, metric, *figures)
        for network, protocol, table in each(predictions)
        for metric, figures in _scores(table, draws, seed).items()
    ]
    return pd.DataFrame(rows, columns=["network", "protocol", "metric", "value", "low", "high", "chance"])


def brier(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The Brier score of each picture: squared distances summed over the classes (Brier 1950).

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).

    Returns:
        (n,) float64 in 0..2.
    """
    return ((probabilities - np.eye(len(CLASSES))[labels]) ** 2).sum(axis=1)


def brier_parts(predictions: pd.DataFrame) -> pd.DataFrame:
    """The Brier score on the test as miscalibration - discrimination + uncertainty, exactly and without bins.

    The score of the probabilities is compared with that of their isotonic recalibration and with that of the bare
    share of the class (Dimitriadis, Gneiting and Jordan 2021, equation 5), for each class against the rest; the parts
    of the classes add up to those of the whole.

    Args:
        predictions: As for `reliability`.

    Returns:
        DataFrame with the columns network, protocol, miscalibration, discrimination, uncertainty and brier.
    """
    rows = [
        (
            network,
            protocol,
            *np.sum([_parts(*event(*labels_and_probabilities(table), name)) for name in CLASSES], axis=0),
        )
        for network, protocol, table in each(predictions)
    ]
    table = pd.DataFrame(rows, columns=["network", "protocol", "miscalibration", "discrimination", "uncertainty"])
    return table.assign(brier=table["miscalibration"] - table["discrimination"] + table["uncertainty"])


def _curve(rows: pd.DataFrame, name: str, kind: str, count: int | None) -> pd.DataFrame:
    predicted, happened = event(*labels_and_probabilities(rows), name)
    table = pd.DataFrame({"bin": bins_of(predicted, kind, count), "predicted": predicted, "observed": happened})
    by_bin = table.assign(patient=rows["patient_id"]).groupby("bin")
    curve = by_bin[["predicted", "observed"]].mean()
    curve = curve.assign(n=by_bin.size(), n_patients=by_bin["patient"].nunique())
    curve["low"], curve["high"] = wilson(curve["observed"], curve["n_patients"])
    return curve.reset_index()


def _scores(rows: pd.DataFrame, draws: int, seed: int) -> dict[str, tuple[float, float, float, float]]:
    labels, probabilities = labels_and_probabilities(rows)
    weights, owner = patient_weights(rows["patient_id"], draws, seed=seed)
    whole = np.ones((1, weights.shape[1]))
    found = {}
    for name in EVENTS:
        predicted, happened = event(labels, probabilities, name)
        for kind, suffix in ((MASS, ""), (WIDTH, ", width")):
            bins = bins_of(predicted, kind)
            value, drawn = (resampled_error(predicted, happened, bins, owner, drawn) for drawn in (whole, weights))
            chance = error_when_calibrated(predicted, bins, owner, draws, seed=seed).mean()
            found[f"error, {name}{suffix}"] = (value[0], *interval(drawn), chance)
    for name, values in (("brier", brier(labels, probabilities)), ("log_loss", cross_entropy(labels, probabilities))):
        found[name] = (values.mean(), *_mean_interval(values, owner, weights), np.nan)
    return found


def _mean_interval(values: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    sums = resampled_sums(np.column_stack([values, np.ones(len(values))]), owner, weights)
    return interval(sums[:, 0] / sums[:, 1])


def _parts(predicted: np.ndarray, happened: np.ndarray) -> tuple[float, float, float]:
    # Equal probabilities are one forecast and get one recalibrated value.
    _, forecast, sizes = np.unique(predicted, return_inverse=True, return_counts=True)
    shares = np.bincount(forecast, happened) / sizes
    recalibrated = isotonic_regression(shares, sample_weight=sizes)[forecast]
    own, best, bare = (np.mean((given - happened) ** 2) for given in (predicted, recalibrated, happened.mean()))
    return own - best, bare - best, bare
