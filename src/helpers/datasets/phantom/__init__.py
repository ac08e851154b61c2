"""Phantoms: mammogram-like pictures made from a seed, so that the whole book runs without any patient's data."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import cv2
import numpy as np

from helpers.datasets.exams import Dataset, validated
from helpers.datasets.phantom import picture
from helpers.datasets.phantom.cohort import recipes

NOTES = (
    "These pictures are phantoms, drawn by a program; no patient was ever examined.",
    "They imitate the published set's composition, not its difficulty: scores on them say nothing about real films.",
)


@dataclass(frozen=True)
class Phantoms(Dataset):
    """A data set of phantoms, which also knows each calcification.

    Attributes:
        calcifications: Gives the boolean mask of the calcifications of an image_id, the raw picture's size.
        breast: Gives the boolean mask of the breast, muscle included, the raw picture's size.
    """

    calcifications: Callable[[str], np.ndarray] | None = None
    breast: Callable[[str], np.ndarray] | None = None


def load(patients: int, seed: int, normal_share: float, height: int = 512) -> Phantoms:
    """Makes a set of phantoms; a picture is drawn anew whenever it is read.

    Args:
        patients: Number of patients, at least 10; each has two breasts and up to four pictures.
        seed: Seed; the same seed gives the same bytes.
        normal_share: Share of pictures labelled normal (published: 0.076); the rest is 44:56 benign and malignant.
        height: Height of a picture in pixels; the width is 0.8 of it.

    Returns:
        The data set. Its lesion mask of a cluster is the hull of the calcifications, and is empty where the picture
        is normal.

    Raises:
        DatasetError: An argument is out of range.
    """
    chosen = _by_name(patients, seed, normal_share, height)
    with ThreadPoolExecutor() as pool:
        rows = list(pool.map(_row, chosen.values()))
    return Phantoms(
        name="phantom",
        exams=validated(rows, "phantom"),
        read=lambda image_id: picture.read(chosen[image_id]),
        notes=NOTES,
        synthetic=True,
        lesion_mask=lambda image_id: picture.masks(chosen[image_id])[0],
        calcifications=lambda image_id: picture.masks(chosen[image_id])[1],
        breast=lambda image_id: picture.breast(chosen[image_id]),
    )


def reader(patients: int, seed: int, normal_share: float, height: int = 512) -> Callable[[str], np.ndarray]:
    """What reads the pictures of such a set, without drawing all of them to list them; arguments as for `load`."""
    chosen = _by_name(patients, seed, normal_share, height)
    return lambda image_id: picture.read(chosen[image_id])


def _by_name(patients: int, seed: int, normal_share: float, height: int) -> dict[str, picture.Recipe]:
    return {recipe.image_id: recipe for recipe in recipes(patients, seed, normal_share, height)}


def _row(recipe: picture.Recipe) -> dict:
    pixels = picture.read(recipe)
    row = asdict(recipe) | {"source": "phantom", "sha256": hashlib.sha256(pixels.tobytes()).hexdigest()}
    if recipe.abnormality is not None:
        outline, _ = picture.masks(recipe)
        corners = np.argwhere(outline)[:, ::-1].astype(np.int32)
        (x, y), radius = cv2.minEnclosingCircle(corners)
        row |= {"lesion_x": x, "lesion_y": y, "lesion_radius": radius}
    return row
