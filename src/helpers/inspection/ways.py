"""The way of some pictures from the data set to the networks, every step kept."""

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from helpers.datasets.exams import Dataset, severity
from helpers.imaging.framing import Breast, cut, enhanced, find_breast, in_frame
from helpers.imaging.picture import to_gray
from helpers.imaging.store import CUT
from helpers.imaging.window import Box
from helpers.preparation import Cohort, dataset_of
from helpers.profile import Profile

CORNERS = 48
"""Of the polygon that stands for a lesion's circle."""


@dataclass(frozen=True)
class Step:
    """A picture on its way.

    Attributes:
        name: "raw", "breast", "turned", "cut", "equalized" or "framed".
        picture: (h, w) uint8.
        lesion: (n, 2) float64, the lesion's outline in pixels of `picture`, x and y; None where it is not known.
    """

    name: str
    picture: np.ndarray
    lesion: np.ndarray | None = None


@dataclass(frozen=True)
class Way:
    """One picture's way.

    Attributes:
        image_id: The picture's name.
        label: Its class.
        framing: "lesion", "breast" or "as_is".
        bits: Of a gray level in the data set's file, 8 or 16.
        lesion: What is known of a lesion: "none", "outlined", "unplaced" (the data set does not say where it is) or
            "misplaced" (not on the breast).
        breast: The breast in the turned picture; None where the collection has framed its files already.
        box: What the frame shows of the turned picture.
        steps: The pictures, in order; the last one is the stored one.
    """

    image_id: str
    label: str
    framing: str
    bits: int
    lesion: str
    breast: Breast | None
    box: Box
    steps: tuple[Step, ...]

    @property
    def found(self) -> np.ndarray:
        """(h, w) bool, the breast as it lies in the raw picture; all of it where nothing was sought."""
        if self.breast is None:
            return np.ones(self.steps[0].picture.shape, bool)
        return self.breast.mask[:, ::-1] if self.breast.flipped else self.breast.mask


def ways(profile: Profile, data: str, cohort: Cohort, each: int = 3) -> list[Way]:
    """Follows some pictures of each class from raw to framed.

    Args:
        profile: The run's profile.
        data: The archive or folder that the pictures are read from, or "".
        cohort: The run's pictures.
        each: Pictures a class, of as many patients.

    Returns:
        The first pictures of each class, in the order of severity.
    """
    dataset = dataset_of(profile, data, cohort)
    originals = cohort.exams[cohort.exams["copy_of"].isna()]
    firsts = originals.drop_duplicates(["label", "patient_id"]).groupby("label").head(each)
    chosen = firsts.sort_values("label", key=severity, kind="stable")
    return [way(dataset, row, profile.framing, cohort.pictures[place]) for place, row in chosen.iterrows()]


def way(dataset: Dataset, exam: pd.Series, framing: str, frame: np.ndarray) -> Way:
    """Follows one picture; each step is that of `helpers.imaging`.

    Args:
        dataset: The data set that holds it.
        exam: Its row in the exam table of a run.
        framing: "lesion", "breast" or "as_is".
        frame: (size, size) uint8, the picture as stored.

    Returns:
        The `Way`.
    """
    raw = dataset.read(exam["image_id"])
    gray = to_gray(raw, exam["image_id"])
    known, box = _lesion_known(exam), Box(*(int(exam[name]) for name in CUT))
    outline = _outline(dataset, exam) if known == "outlined" else None
    breast = None if framing == "as_is" else find_breast(gray)
    turned = _turned(outline, breast)
    steps = [Step("raw", gray, outline)]
    if breast is not None:
        window = cut(breast, box)
        inside = None if turned is None else turned - (box.x, box.y)
        steps += [Step("breast", gray, outline), Step("turned", cut(breast, _whole(gray)), turned)]
        steps += [Step("cut", window, inside), Step("equalized", enhanced(window), inside)]
    framed = None if turned is None else np.stack(in_frame(*turned.T, box, frame.shape[0]), axis=1)
    steps.append(Step("framed", np.asarray(frame), framed))
    bits = 8 * raw.dtype.itemsize
    return Way(exam["image_id"], exam["label"], framing, bits, known, breast, box, tuple(steps))


def _whole(gray: np.ndarray) -> Box:
    height, width = gray.shape
    return Box(0, 0, width, height)


def _lesion_known(exam: pd.Series) -> str:
    if pd.isna(exam["lesion_x"]):
        return "none" if exam["label"] == "normal" else "unplaced"
    return "misplaced" if pd.isna(exam["framed_x"]) else "outlined"


def _outline(dataset: Dataset, exam: pd.Series) -> np.ndarray:
    """The lesion's outline in the raw picture: of its mask where the set has one, else its circle."""
    mask = dataset.lesion_mask(exam["image_id"]) if dataset.lesion_mask else None
    if mask is not None and mask.any():
        pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return max(pieces, key=cv2.contourArea)[:, 0].astype(float)
    angles = 2 * np.pi * np.arange(CORNERS) / CORNERS
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return circle * exam["lesion_radius"] + exam[["lesion_x", "lesion_y"]].to_numpy(float)


def _turned(outline: np.ndarray | None, breast: Breast | None) -> np.ndarray | None:
    if outline is None or breast is None or not breast.flipped:
        return outline
    return np.stack([breast.mask.shape[1] - 1 - outline[:, 0], outline[:, 1]], axis=1)
