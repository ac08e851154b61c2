"""Phantoms: mammogram-like pictures made from a seed, so that the whole book runs without any patient's data."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pandas as pd

from helpers.datasets.exams import Dataset, validated
from helpers.datasets.phantom import picture
from helpers.datasets.phantom.cohort import recipes
from helpers.maps import forget, made

NOTES = (
    "These pictures are phantoms, drawn by a program; no patient was ever examined.",
    "They imitate the published set's composition, not its difficulty: scores on them say nothing about real films.",
)

SPOOLED = 4096
"""Up to so many pictures, some 850 MB, wait on disk to be read again; of larger sets each is drawn again."""


@dataclass(frozen=True)
class Phantoms(Dataset):
    """A data set of phantoms, which also knows each calcification.

    Attributes:
        calcifications: Gives the boolean mask of the calcifications of an image_id, the raw picture's size.
        breast: Gives the boolean mask of the breast, muscle included, the raw picture's size.
    """

    calcifications: Callable[[str], np.ndarray] | None = None
    breast: Callable[[str], np.ndarray] | None = None


def load(
    patients: int, seed: int, normal_share: float, height: int = 512, exams: pd.DataFrame | None = None
) -> Phantoms:
    """Makes a set of phantoms.

    Args:
        patients: Number of patients, at least 10; each has two breasts and up to four pictures.
        seed: Seed; the same seed gives the same bytes.
        normal_share: Share of pictures labelled normal (published: 0.076); the rest is 44:56 benign and malignant.
        height: Height of a picture in pixels; the width is 0.8 of it.
        exams: The table of these very phantoms, where it is known. To make it, each of them has to be drawn.

    Returns:
        The data set. Its lesion mask of a cluster is the hull of the calcifications, and is empty where the picture
        is normal.

    Raises:
        DatasetError: An argument is out of range.
    """
    chosen = {recipe.image_id: recipe for recipe in recipes(patients, seed, normal_share, height)}
    drawn = picture.read if exams is not None or len(chosen) > SPOOLED else _once(chosen)
    if exams is None:
        with ThreadPoolExecutor() as pool:
            exams = validated(list(pool.map(partial(_row, drawn), chosen.values())), "phantom")
    return Phantoms(
        name="phantom",
        exams=exams,
        read=lambda image_id: drawn(chosen[image_id]),
        notes=NOTES,
        synthetic=True,
        lesion_mask=lambda image_id: picture.masks(chosen[image_id])[0],
        calcifications=lambda image_id: picture.masks(chosen[image_id])[1],
        breast=lambda image_id: picture.breast(chosen[image_id]),
    )


def _once(chosen: dict[str, picture.Recipe]) -> Callable[[picture.Recipe], np.ndarray]:
    """What draws a phantom the first time, and afterwards reads it from a file."""
    places = {image_id: place for place, image_id in enumerate(chosen)}
    done = np.zeros(len(chosen), bool)
    # The file loses its name at once and stays as long as it is mapped, so that no run leaves it behind.
    with TemporaryDirectory(prefix="phantoms-") as folder:
        kept = made(Path(folder) / "pictures.npy", np.uint8, (len(chosen), *picture.shape(next(iter(chosen.values())))))

    def drawn(recipe: picture.Recipe) -> np.ndarray:
        place = places[recipe.image_id]
        if not done[place]:
            kept[place] = picture.read(recipe)
            done[place] = True
        pixels = kept[place].copy()
        forget(kept)
        return np.asarray(pixels)

    return drawn


def _row(drawn: Callable[[picture.Recipe], np.ndarray], recipe: picture.Recipe) -> dict:
    pixels = drawn(recipe)
    row = asdict(recipe) | {"source": "phantom", "sha256": hashlib.sha256(pixels.tobytes()).hexdigest()}
    if recipe.abnormality is not None:
        outline, _ = picture.masks(recipe)
        corners = np.argwhere(outline)[:, ::-1].astype(np.int32)
        (x, y), radius = cv2.minEnclosingCircle(corners)
        row |= {"lesion_x": x, "lesion_y": y, "lesion_radius": radius}
    return row
