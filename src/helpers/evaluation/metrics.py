"""The published columns with their intervals, from labels and probabilities alone."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_curve

from helpers.evaluation.intervals import interval, patient_weights, resampled_auc, resampled_sums

CLASSES = ("normal", "benign", "malignant")
"""The classes in the order of their index, and the probability columns of a predictions table."""

CLIP = 1e-7
"""Keras' `epsilon()`: probabilities are kept this far from 0 and 1 before the logarithm."""

DIGITS = 6
"""Decimals kept in metrics.json, so that the order of a sum never shows."""


def labels_and_probabilities(predictions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Takes labels and probabilities out of a predictions table.

    Args:
        predictions: Table with the columns image_id, label, normal, benign and malignant.

    Returns:
        labels, (n,) int, indices into `CLASSES`, and probabilities, (n, 3) float64.

    Raises:
        ValueError: A label is not one of `CLASSES` or a probability is not a number; names the picture.
    """
    labels = pd.Index(CLASSES).get_indexer(predictions["label"]).astype(int)
    probabilities = predictions[list(CLASSES)].to_numpy(dtype=np.float64)
    for wrong, what in ((labels < 0, f"a label out of {CLASSES}"), (~np.isfinite(probabilities).all(1), "numbers")):
        if wrong.any():
            row = predictions.iloc[int(np.argmax(wrong))]
            raise ValueError(f"{row['image_id']}: expected {what}, got {row[['label', *CLASSES]].tolist()}")
    return labels, probabilities


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Counts pictures by true class (rows) and called class (columns).

    Args:
        labels: (n,) int, true class indices.
        predicted: (n,) int, called class indices.

    Returns:
        (3, 3) int64.
    """
    classes = len(CLASSES)
    return np.bincount(classes * labels + predicted, minlength=classes**2).reshape(classes, classes)


def class_scores(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 of each class; a ratio with nothing below the line is 0.

    Args:
        confusion: (..., 3, 3) counts, rows true, columns called.

    Returns:
        precision, recall and F1, each (..., 3) float64.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    actual, called = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return _ratio(hits, called), _ratio(hits, actual), _ratio(2 * hits, actual + called)


def class_report(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """The classification report, one row a class.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3); the class of the highest is called, the first of equals.

    Returns:
        DataFrame with the columns label, precision, recall, f1 and n.
    """
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1))
    precision, recall, f1 = class_scores(confusion)
    return pd.DataFrame(
        {"label": CLASSES, "precision": precision, "recall": recall, "f1": f1, "n": confusion.sum(axis=1)}
    )


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Categorical cross-entropy of each picture, with Keras' own scaling and clipping.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3), scaled to sum to 1 and clipped to [1e-7, 1 - 1e-7] first.

    Returns:
        (n,) float64, in nats.
    """
    given = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0] / probabilities.sum(axis=1)
    return -np.log(np.clip(given, CLIP, 1 - CLIP))


def auc(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, float | None]:
    """Area under the ROC curve of each class against the other two.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).

    Returns:
        {class: area}, None where the class is absent or is the only one.
    """
    draws = _auc_draws(labels, probabilities, np.arange(len(labels)), np.ones((1, len(labels))))
    return {name: _json(values[0]) for name, values in draws.items()}


def roc_curves(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """ROC curve of each class against the other two; a class that is absent, or the only one, has none.

    Args:
        labels: (n,) int, true class indices.
        probabilities: (n, 3).

    Returns:
        DataFrame with the columns label, threshold, false_positive_rate and sensitivity.
    """
    curves = [pd.DataFrame(columns=["label", "threshold", "false_positive_rate", "sensitivity"])]
    for index, name in enumerate(CLASSES):
        positive = labels == index
        if positive.any() and not positive.all():
            false_positives, sensitivity, threshold = roc_curve(positive, probabilities[:, index])
            columns = {"threshold": threshold, "false_positive_rate": false_positives, "sensitivity": sensitivity}
            curves.append(pd.DataFrame({"label": name, **columns}))
    return pd.concat(curves[1:] or curves, ignore_index=True)


def network_metrics(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> dict:
    """The published columns of one network under one protocol, with 95 % intervals: one entry of metrics.json.

    All figures are of the split "test"; overfit_acc and overfit_f1 are train minus test, overfit_loss is test minus
    train (Dahes 2025, section 3.1). f1_macro, f1_mean and every dispersion are over all three classes, always: a
    class absent from the test pictures, or from a draw, counts with recall 0 and F1 0. Standard deviations are the
    population form over classes, of unrounded values, so f1_mean equals f1_macro and rec_std equals recall_std
    (published, they differ: its Table 2 starts from values rounded to two decimals).

    Intervals are percentiles of a bootstrap over test patients. For overfit_* the figure of the training pictures is
    held fixed, the network being given: the interval is that of the test side. A draw without a class defines no
    AUC for it and is left out of that interval.

    Args:
        predictions: Table with the columns image_id, patient_id, protocol, split, label, normal, benign, malignant.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        dict ready for JSON: the 12 published keys; "intervals", {key: [low, high]} for each and "auc" by class;
        "auc", {class: area}, None for a class that is absent; "n" and "n_patients" of the test pictures. Figures
        have six decimals.

    Raises:
        ValueError: More than one protocol, no train or test row, or a row that `labels_and_probabilities` refuses.
    """
    train, test = _train_and_test(predictions)
    labels, probabilities = labels_and_probabilities(test)
    weights, owner = patient_weights(test["patient_id"], draws, seed=seed)
    outcomes, trained = _outcomes(labels, probabilities), _outcomes(*labels_and_probabilities(train)).sum(axis=0)
    drawn = _columns(resampled_sums(outcomes, owner, weights), trained)
    areas = _auc_draws(labels, probabilities, owner, weights)
    intervals = {key: _json_interval(values) for key, values in drawn.items()}
    intervals["auc"] = {name: _json_interval(values) for name, values in areas.items()}
    point = {key: _json(value) for key, value in _columns(outcomes.sum(axis=0), trained).items()}
    counts = {"n": len(labels), "n_patients": weights.shape[1]}
    return {**point, "intervals": intervals, "auc": auc(labels, probabilities), **counts}


def chance_levels(labels: np.ndarray, draws: int = 2000, *, seed: int) -> dict[str, float]:
    """The expected macro-F1 of three ways of guessing without looking at a picture.

    The guesser knows the class frequencies of these very labels, which favors chance.

    Args:
        labels: (n,) int, true class indices.
        draws: Number of simulated rounds of guessing.
        seed: Seed of the guesses.

    Returns:
        {"majority": always the most frequent class, "uniform": each class as often, "frequency": as often as it is}.
    """
    counts = np.bincount(labels, minlength=len(CLASSES))
    ways = {
        "majority": np.eye(len(CLASSES))[counts.argmax()],
        "uniform": np.full(len(CLASSES), 1 / len(CLASSES)),
        "frequency": counts / counts.sum(),
    }
    rng = np.random.default_rng(seed)
    return {way: _guessed_f1(counts, odds, draws, rng) for way, odds in ways.items()}


def chance_f1(labels: np.ndarray, draws: int = 2000, *, seed: int) -> float:
    """The chance level of macro-F1: the best of `chance_levels`.

    An interval whose low end lies above it is "wholly above chance".

    Args:
        labels: (n,) int, true class indices.
        draws: Number of simulated rounds of guessing.
        seed: Seed of the guesses.

    Returns:
        Macro-F1 between 0 and 1.
    """
    return max(chance_levels(labels, draws, seed=seed).values())


def _guessed_f1(counts: np.ndarray, odds: np.ndarray, draws: int, rng: np.random.Generator) -> float:
    guesses = np.stack([rng.multinomial(count, odds, size=draws) for count in counts], axis=1)
    return float(class_scores(guesses)[2].mean())


def _train_and_test(predictions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    if (found := list(predictions["protocol"].unique()))[1:]:
        raise ValueError(f"expected the predictions of one protocol, got {found}")
    train, test = (predictions[predictions["split"] == split] for split in ("train", "test"))
    if train.empty or test.empty:
        found = list(predictions["split"].unique())
        raise ValueError(f"expected predictions of the splits 'train' and 'test', got {found}")
    return train, test


def _outcomes(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """One row a picture, (n, 10): a 1 in its cell of the confusion matrix, then its loss; sums are all that counts."""
    cells = np.eye(len(CLASSES) ** 2)[len(CLASSES) * labels + probabilities.argmax(axis=1)]
    return np.column_stack([cells, cross_entropy(labels, probabilities)])


def _columns(sums: np.ndarray, trained: np.ndarray) -> dict[str, np.ndarray]:
    """The 12 published keys from summed outcomes, (..., 10), beside those of the training pictures, (10,)."""
    test, train = _summary(sums), _summary(trained)
    test["overfit_acc"] = train["accuracy"] - test["accuracy"]
    test["overfit_f1"] = train["f1_macro"] - test["f1_macro"]
    test["overfit_loss"] = test["loss"] - train["loss"]
    return test


def _summary(sums: np.ndarray) -> dict[str, np.ndarray]:
    confusion = sums[..., :-1].reshape(*sums.shape[:-1], len(CLASSES), len(CLASSES))
    pictures = confusion.sum(axis=(-2, -1))
    _, recall, f1 = class_scores(confusion)
    return {
        "accuracy": np.trace(confusion, axis1=-2, axis2=-1) / pictures,
        "loss": sums[..., -1] / pictures,
        "f1_macro": f1.mean(axis=-1),
        "f1_std": f1.std(axis=-1),
        "recall_min": recall.min(axis=-1),
        "recall_std": recall.std(axis=-1),
        "f1_mean": f1.mean(axis=-1),
        "rec_mean": recall.mean(axis=-1),
        "rec_std": recall.std(axis=-1),
    }


def _auc_draws(
    labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray
) -> dict[str, np.ndarray]:
    return {
        name: resampled_auc(probabilities[:, index], labels == index, owner, weights)
        for index, name in enumerate(CLASSES)
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _json(value: float) -> float | None:
    # adding zero turns -0.0 into 0.0
    return None if np.isnan(value) else round(float(value), DIGITS) + 0.0


def _json_interval(values: np.ndarray) -> list[float] | None:
    ends = interval(values)
    return ends and [_json(end) for end in ends]
