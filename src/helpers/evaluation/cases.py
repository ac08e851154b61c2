"""Which pictures to look at: confident hits and critical errors, of the malignant ones (Dahes 2025, section 4.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from helpers.evaluation.metrics import CLASSES

MALIGNANT = "malignant"


@dataclass(frozen=True)
class Case:
    """A picture with what a network said of it and where it looked.

    Attributes:
        picture: (h, w) uint8.
        called_map: (h', w') Grad-CAM map for the called class, not negative, at any scale and resolution.
        true_map: The same for the true class.
        label: The true class.
        called: The called class.
        probability: The probability of the called class.
        image_id: The picture's name.
        circle: The lesion (x, y, radius) in pixels of the picture; None or NaN where there is none or it is not known.
        true_probability: The probability of the true class, where it is not the called one.
        probabilities: The probabilities of all classes, in the order of severity; empty where they are not known.
    """

    picture: np.ndarray
    called_map: np.ndarray
    true_map: np.ndarray
    label: str
    called: str
    probability: float
    image_id: str = ""
    circle: Sequence[float] | None = None
    true_probability: float | None = None
    probabilities: tuple[float, ...] = ()


def confident_hits(predictions: pd.DataFrame, count: int) -> pd.DataFrame:
    """Malignant pictures called malignant, the most certain first.

    Args:
        predictions: Predictions of one protocol and split: image_id, label, normal, benign, malignant and others.
        count: Number of pictures asked for.

    Returns:
        At most `count` rows of `predictions` with two columns more: called (the class of the highest probability)
        and confidence (that probability). Empty where there is none.
    """
    malignant = _called(predictions)
    return _most_confident(malignant[malignant["called"] == MALIGNANT], count)


def critical_errors(predictions: pd.DataFrame, count: int) -> pd.DataFrame:
    """Malignant pictures called normal or benign, the most certain first: the false negatives of screening.

    Args:
        predictions: Predictions of one protocol and split: image_id, label, normal, benign, malignant and others.
        count: Number of pictures asked for.

    Returns:
        At most `count` rows, as `confident_hits` returns them; confidence is the probability of the wrong class.
    """
    malignant = _called(predictions)
    return _most_confident(malignant[malignant["called"] != MALIGNANT], count)


def worth_seeing(tests: Mapping[str, pd.DataFrame], count: int) -> list[str]:
    """Malignant pictures to look at with several networks: of each in turn its surest hit and its surest error.

    Args:
        tests: {network: predictions of one protocol and split}, of the same pictures.
        count: Number of pictures asked for.

    Returns:
        At most `count` image_ids, none twice; with a `count` large enough, those of all malignant pictures.
    """
    queues = [
        kind(test, len(test))["image_id"] for test in tests.values() for kind in (confident_hits, critical_errors)
    ]
    in_turn = dict.fromkeys(image_id for rank in zip_longest(*queues) for image_id in rank if image_id is not None)
    return list(in_turn)[:count]


def calls(predictions: pd.DataFrame, image_ids: Sequence[str]) -> pd.DataFrame:
    """What a network said of some malignant pictures, whether it was right or not.

    Args:
        predictions: Predictions of one protocol and split, as for `confident_hits`.
        image_ids: The pictures, in the order wanted.

    Returns:
        One row a picture, with the columns that `confident_hits` adds.
    """
    return _called(predictions).set_index("image_id").loc[list(image_ids)].reset_index()


def among(cases: Sequence[Case], rows: pd.DataFrame) -> list[Case]:
    """The cases of some rows, in the order of the rows.

    Args:
        cases: Cases, each of a picture of its own.
        rows: With the column image_id, such as `confident_hits` returns them.

    Returns:
        One `Case` a row.
    """
    known = {case.image_id: case for case in cases}
    return [known[image_id] for image_id in rows["image_id"]]


def _called(predictions: pd.DataFrame) -> pd.DataFrame:
    malignant = predictions[predictions["label"] == MALIGNANT]
    probabilities = malignant[list(CLASSES)].to_numpy()
    called = np.array(CLASSES, dtype=object)[probabilities.argmax(axis=1)]
    return malignant.assign(called=called, confidence=probabilities.max(axis=1))


def _most_confident(cases: pd.DataFrame, count: int) -> pd.DataFrame:
    # image_id settles ties, so that the same pictures are shown from run to run
    ordered = cases.sort_values(["confidence", "image_id"], ascending=[False, True])
    return ordered.head(count).reset_index(drop=True)
