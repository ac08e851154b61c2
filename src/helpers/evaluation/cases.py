"""Which pictures to look at: confident hits and critical errors, of the malignant ones (Dahes 2025, section 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

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


def _called(predictions: pd.DataFrame) -> pd.DataFrame:
    malignant = predictions[predictions["label"] == MALIGNANT]
    probabilities = malignant[list(CLASSES)].to_numpy()
    called = np.array(CLASSES, dtype=object)[probabilities.argmax(axis=1)]
    return malignant.assign(called=called, confidence=probabilities.max(axis=1))


def _most_confident(cases: pd.DataFrame, count: int) -> pd.DataFrame:
    # image_id settles ties, so that the same pictures are shown from run to run
    ordered = cases.sort_values(["confidence", "image_id"], ascending=[False, True])
    return ordered.head(count).reset_index(drop=True)
