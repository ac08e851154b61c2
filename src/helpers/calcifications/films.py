"""The mammograms of this chapter at full resolution: phantoms, some with a cluster, drawn fainter than elsewhere.

A phantom's own clusters are so bright that any filter finds them. Here a part of their contrast is left, as much for
each patient as chance gives. Coarse calcifications are left out: they are no microcalcifications.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pandas as pd

from helpers.datasets.phantom import picture
from helpers.datasets.phantom.cohort import recipes
from helpers.datasets.phantom.picture import Recipe, stream
from helpers.imaging.breast import breast_mask
from helpers.imaging.window import Box, box_around
from helpers.profile import CalcificationsSettings, Profile
from helpers.progress import Progress

CLUSTER, COARSE = "calcification_cluster", "calcification_coarse"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Film:
    """One mammogram, cut to the breast; film labels and scanner borders are black.

    Attributes:
        image_id: Its name.
        patient_id: Its patient.
        split: train | validation | test.
        picture: uint8 (height, width).
        breast: Where the breast is, boolean, the same shape.
        calcifications: Its pixels of calcification, boolean; none where there is no cluster.
        hull: The cluster, the hull of its calcifications, boolean.
    """

    image_id: str
    patient_id: str
    split: str
    picture: np.ndarray
    breast: np.ndarray
    calcifications: np.ndarray
    hull: np.ndarray

    @property
    def cluster(self) -> bool:
        """Whether it holds a cluster."""
        return bool(self.calcifications.any())


def listed(profile: Profile) -> pd.DataFrame:
    """Chooses the phantoms: patients with a cluster, as many without calcifications, and the side of each.

    Args:
        profile: The run's profile.

    Returns:
        DataFrame, one row a picture: image_id, patient_id, abnormality, cluster, visible (the share of the contrast
        that its cluster keeps), split, and recipe.
    """
    settings = profile.calcifications
    # About one patient in ten has a cluster.
    drawn = recipes(14 * settings.clusters, profile.seed, profile.natural_normal_share, settings.height)
    table = pd.DataFrame({"recipe": [each for each in drawn if each.abnormality != COARSE]})
    for column in ("image_id", "patient_id", "abnormality"):
        table[column] = [getattr(recipe, column) for recipe in table["recipe"]]
    table["cluster"] = table["abnormality"] == CLUSTER
    ill = table.groupby("patient_id")["cluster"].transform("any")
    # What else such a patient has is left out: a picture of a lesion or a breast without one, all other patients give.
    table = table[table["cluster"] | ~ill]
    groups = [own["patient_id"].unique() for _, own in table.groupby("cluster")]
    sides = pd.concat([_dealt(patients, settings, profile.seed) for patients in groups])
    table = table[table["patient_id"].isin(sides.index)].reset_index(drop=True)
    table["split"] = sides[table["patient_id"]].to_numpy()
    table["visible"] = [_visible(settings, recipe) for recipe in table["recipe"]]
    table["recipe"] = [replace(r, visible=v) for r, v in zip(table["recipe"], table["visible"], strict=True)]
    return table


def _dealt(patients: Sequence[str], settings: CalcificationsSettings, seed: int) -> pd.Series:
    """So many patients, shuffled, and the side of each."""
    chosen = stream(seed, "calcifications", "sides").permutation(patients)[: settings.clusters]
    test = round(settings.test_share * len(chosen))
    validation = max(1, round(settings.validation_share * (len(chosen) - test)))
    sides = ["test"] * test + ["validation"] * validation
    return pd.Series(sides + ["train"] * (len(chosen) - len(sides)), index=chosen)


def _visible(settings: CalcificationsSettings, recipe: Recipe) -> float:
    ends = np.log([settings.faintest, settings.boldest])
    return float(np.exp(recipe.stream(recipe.patient_id, "visible").uniform(*ends)))


def drawn(rows: pd.DataFrame, task: str = "") -> list[Film]:
    """Draws phantoms.

    Args:
        rows: Rows of `listed`.
        task: What a person who waits is told; nothing where it is empty.

    Returns:
        One `Film` a row.
    """
    progress, films = Progress(task, "picture"), []
    with ThreadPoolExecutor() as pool:
        for film in pool.map(_drawn, rows["recipe"], rows["split"]):
            films.append(film)
            if task:
                progress(len(films), len(rows))
    return films


def _drawn(recipe: Recipe, split: str) -> Film:
    hull, calcifications = picture.masks(recipe)
    gray = picture.read(recipe)
    if recipe.abnormality != CLUSTER:
        hull = np.zeros_like(hull)
    return film_of(recipe.image_id, recipe.patient_id, split, gray, calcifications, hull)


def film_of(
    image_id: str,
    patient_id: str,
    split: str,
    gray: np.ndarray,
    calcifications: np.ndarray | None = None,
    hull: np.ndarray | None = None,
) -> Film:
    """Cuts a mammogram to its breast and blackens what is not breast, as `helpers.imaging` finds it.

    Args:
        image_id: Its name.
        patient_id: Its patient.
        split: Its side.
        gray: uint8 (height, width).
        calcifications: Boolean, the same shape; None where none is known.
        hull: Boolean, the same shape; None where none is known.

    Returns:
        The `Film`.

    Raises:
        PictureError: There is no breast.
    """
    breast = breast_mask(gray)
    part = slices(box_around(breast))
    nothing = np.zeros_like(breast)
    parts = [each[part] for each in (breast, *(nothing if mask is None else mask for mask in (calcifications, hull)))]
    return Film(image_id, patient_id, split, cv2.copyTo(gray, breast.view(np.uint8))[part], *parts)


def slices(box: Box) -> tuple[slice, slice]:
    """Rows and columns of a box."""
    return slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def of_split(films: Iterable[Film], split: str) -> list[Film]:
    """The films of one side."""
    return [film for film in films if film.split == split]
