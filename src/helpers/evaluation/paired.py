"""Two ways compared on the same draws of patients: what both have in common cancels out of the difference."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval, patient_weights, resampled_auc, resampled_sums
from helpers.evaluation.metrics import CLASSES, class_scores, labels_and_probabilities

AREAS = tuple(f"auc_{name}" for name in CLASSES)
METRICS = ("f1_macro", "accuracy", "auc_mean", *AREAS)
Scores = dict[str, np.ndarray]
"""Each metric in each draw, (draws,)."""


def compared(
    predictions: pd.DataFrame, by: str, of: str, ways: tuple[str, str], draws: int = 2000, *, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of two ways and their difference, with 95 % intervals.

    A draw takes patients, with replacement, from all who stand in either way's table, and repetitions from all that
    were played; both ways are scored on that one draw, and their scores subtracted. Patients and repetitions are
    crossed; drawing both (the pigeonhole bootstrap: Owen, Annals of Applied Statistics 1, 386, 2007) errs, if at all,
    toward longer intervals. A score is the mean over the repetitions.

    Args:
        predictions: image_id, patient_id, label, normal, benign, malignant, the columns `by` and `of`, and
            `repetition` where there are several.
        by: The column of what is compared with itself, such as "learner".
        of: The column that tells the two ways apart, such as "protocol".
        ways: Two values of it; the difference is the first minus the second.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        scores, with the columns `by`, `of`, metric, value, low, high; and differences, with the same but `of`.
        Metrics are macro F1, accuracy, each class's area under the ROC curve against the others, and their mean. What
        was tested in one way only is left out.
    """
    scores, differences = [], []
    for name, own in predictions.groupby(by, sort=False):
        if set(ways) - set(own[of]):
            continue
        points, drawn = _both(own, of, ways, draws, seed)
        scores += [{by: name, of: way, **row} for way in ways for row in _rows(points[way], drawn[way])]
        differences += [{by: name, **row} for row in _rows(_less(points, ways), _less(drawn, ways))]
    columns = ["metric", "value", "low", "high"]
    return pd.DataFrame(scores, columns=[by, of, *columns]), pd.DataFrame(differences, columns=[by, *columns])


def compared_without_copies(
    predictions: pd.DataFrame, by: str, ways: tuple[str, str], draws: int = 2000, most: int = 8, *, seed: int
) -> pd.DataFrame:
    """The same comparison on fewer and fewer test pictures: those that the first way shows to the training go first.

    Both ways are scored on the same pictures each time. Which ones stay is decided by what the first way's training
    held of them, so that what is left of the difference cannot come from copies that were left out.

    Args:
        predictions: As for `compared`, `of` being "protocol", with copies and relatives of `helpers.leakage.played`.
        by: The column of what is compared with itself.
        ways: Two protocols.
        draws: Number of bootstrap draws.
        most: Number of steps at most.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns step, `by`, protocol (each way, and "difference"), metric, n, value, low and high.
        A step is the most copies in training that a picture may have; -1 leaves out all with any picture of their
        patient too. A step that leaves a class empty is left out.
    """
    one = ["repetition", "image_id"]
    shown = predictions[predictions["protocol"] == ways[0]].drop_duplicates(one).set_index(one)
    numbers = np.unique(shown["copies"])[::-1]
    steps = [*numbers[np.unique(np.linspace(0, len(numbers) - 1, most - 1).round().astype(int))], -1]
    tables = []
    for step in steps:
        kept = shown[shown["copies"] <= step] if step >= 0 else shown[shown["relatives"] == 0]
        if kept["label"].nunique() < shown["label"].nunique():
            continue
        own = predictions[pd.MultiIndex.from_frame(predictions[one]).isin(kept.index)]
        scores, gaps = compared(own, by, "protocol", ways, draws, seed=seed)
        tables.append(pd.concat([scores, gaps.assign(protocol="difference")]).assign(step=step, n=len(kept)))
    return pd.concat(tables, ignore_index=True)


def recall_by(predictions: pd.DataFrame, by: list[str], draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Mean recall over the classes within groups of predictions, with 95 % intervals over patients.

    Args:
        predictions: image_id, patient_id, label, normal, benign, malignant and the columns of `by`.
        by: The columns that make the groups, such as the number of copies in training.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame, one row a group: the columns of `by`, n, value, low and high. Guessing gives one third.
    """
    rows = []
    for group, own in predictions.groupby(by, sort=False):
        weights, owner = patient_weights(own["patient_id"], draws, seed=seed)
        labels, probabilities = labels_and_probabilities(own)
        drawn = class_scores(_confusions(labels, probabilities, owner, weights))[1].mean(axis=1)
        point = class_scores(_confusions(labels, probabilities, owner, np.ones_like(weights[:1])))[1].mean()
        low, high = interval(drawn)
        rows.append({**dict(zip(by, group, strict=True)), "n": len(own), "value": point, "low": low, "high": high})
    return pd.DataFrame(rows)


def _both(
    predictions: pd.DataFrame, of: str, ways: tuple[str, str], draws: int, seed: int
) -> tuple[dict[str, Scores], dict[str, Scores]]:
    """Each way's scores on everything, and on each draw."""
    weights, owner = patient_weights(predictions["patient_id"], draws, seed=seed)
    repetition, names = pd.factorize(predictions.get("repetition", pd.Series(0, predictions.index)), sort=True)
    # A generator of its own: the patients' one starts from the seed itself.
    repeated = np.random.default_rng((seed, 1)).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    once = np.ones((1, len(names)), int), np.ones((1, weights.shape[1]))
    points, drawn = {}, {}
    for way in ways:
        parts = [(predictions[of] == way).to_numpy() & (repetition == number) for number in range(len(names))]
        tables = [(*labels_and_probabilities(predictions[part]), owner[part]) for part in parts]
        points[way] = _averaged((_scores(*table, once[1]) for table in tables), once[0])
        drawn[way] = _averaged((_scores(*table, weights) for table in tables), repeated)
    return points, drawn


def _scores(labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> Scores:
    confusion = _confusions(labels, probabilities, owner, weights)
    pictures = np.maximum(confusion.sum(axis=(1, 2)), 1)
    areas = [resampled_auc(probabilities[:, index], labels == index, owner, weights) for index in range(len(CLASSES))]
    return {
        "f1_macro": class_scores(confusion)[2].mean(axis=1),
        "accuracy": np.trace(confusion, axis1=1, axis2=2) / pictures,
        "auc_mean": np.mean(areas, axis=0),
        **dict(zip(AREAS, areas, strict=True)),
    }


def _confusions(labels: np.ndarray, probabilities: np.ndarray, owner: np.ndarray, weights: np.ndarray) -> np.ndarray:
    classes = len(CLASSES)
    cells = np.eye(classes**2)[classes * labels + probabilities.argmax(axis=1)]
    return resampled_sums(cells, owner, weights).reshape(-1, classes, classes)


def _averaged(scores: Iterator[Scores], repeated: np.ndarray) -> Scores:
    """The mean over repetitions, each as often as it was drawn; `repeated` is (draws, repetitions)."""
    share = repeated / repeated.sum(axis=1, keepdims=True)
    stacked = list(scores)
    return {metric: sum(share[:, i] * one[metric] for i, one in enumerate(stacked)) for metric in METRICS}


def _less(scores: dict[str, Scores], ways: tuple[str, str]) -> Scores:
    first, second = ways
    return {metric: scores[first][metric] - scores[second][metric] for metric in METRICS}


def _rows(points: Scores, drawn: Scores) -> list[dict]:
    ends = {metric: interval(drawn[metric]) or (np.nan, np.nan) for metric in METRICS}
    return [
        {"metric": metric, "value": float(points[metric][0]), "low": ends[metric][0], "high": ends[metric][1]}
        for metric in METRICS
    ]
