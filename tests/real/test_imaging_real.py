"""The breast mask and the frames on real mammograms."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from helpers import datasets
from helpers.datasets.exams import Dataset
from helpers.imaging.breast import breast_mask
from helpers.imaging.framing import Circle, find_breast, frame_breast
from helpers.imaging.picture import to_gray

BRIGHT, DARK = 190, 40
"""Gray levels: labels and scanner borders are above the first, film below the second."""


@pytest.fixture(scope="module")
def mias(mini_mias_archive: Path, tmp_path_factory) -> Iterator[Dataset]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMMOBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield datasets.load("mias", mini_mias_archive)


@pytest.fixture(scope="module")
def sample(mias: Dataset) -> dict[str, np.ndarray]:
    return {name: to_gray(mias.read(name), name) for name in mias.exams["image_id"][::8]}


def overflows(mask: np.ndarray) -> bool:
    """Whether the breast reaches both sides of the film: then nothing tells its chest wall."""
    return mask[:, 0].any() and mask[:, -1].any()


def test_the_mask_is_one_piece_of_plausible_size(sample):
    for name, gray in sample.items():
        mask = breast_mask(gray)
        pieces, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        assert len(pieces) == 1, name
        assert 0.1 < mask.mean() < 0.95, name


def labels_and_borders(gray: np.ndarray) -> list[np.ndarray]:
    """Bright rectangles with film around them, found without the code under test."""
    bright = (gray >= BRIGHT).astype(np.uint8)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        width, height = cv2.minAreaRect(outline)[1]
        area = cv2.contourArea(outline)
        if area < 1000 or area < 0.75 * width * height:
            continue
        piece = cv2.drawContours(np.zeros_like(gray), [outline], -1, 1, cv2.FILLED) & bright
        around = cv2.dilate(piece, np.ones((31, 31))) - cv2.dilate(piece, np.ones((9, 9)))
        if np.median(gray[around > 0]) < DARK:
            found.append(piece > 0)
    return found


def test_no_film_label_or_border_is_in_the_mask(sample):
    pictures = 0
    for name, gray in sample.items():
        found = labels_and_borders(gray)
        mask = breast_mask(gray)
        assert not any((mask & piece).any() for piece in found), name
        pictures += bool(found)
    assert pictures >= len(sample) // 8


def test_the_chest_wall_lands_left(mias, sample):
    # The films are digitized so that a right breast has its chest wall at the right.
    lateralities = mias.exams.set_index("image_id")["laterality"]
    for name, gray in sample.items():
        breast = find_breast(gray)
        assert breast.flipped == (lateralities[name] == "R") or overflows(breast.mask), name


def lesions(exams: pd.DataFrame) -> list[tuple[str, Circle]]:
    placed = exams[exams["lesion_x"].notna()]
    columns = ["image_id", "lesion_x", "lesion_y", "lesion_radius"]
    return [(name, Circle(*place)) for name, *place in placed[columns].itertuples(index=False)]


def test_the_mask_covers_every_lesion(mias):
    on_film = []
    for name, lesion in lesions(mias.exams):
        gray = to_gray(mias.read(name), name)
        x, y = round(lesion.x), round(lesion.y)
        # Info.txt places a few lesions on bare film; no mask can cover those.
        if gray[y - 2 : y + 3, x - 2 : x + 3].max() < 30:
            on_film.append(name)
        else:
            assert breast_mask(gray)[y, x], name
    assert len(on_film) <= 4, on_film


def test_a_frame_holds_its_lesion(mias, sample):
    for name, lesion in lesions(mias.exams[mias.exams["image_id"].isin(sample)]):
        framed = frame_breast(sample[name], 224, lesion)
        if framed.lesion is not None:
            assert 0 <= framed.lesion.x < 224, name
            assert 0 <= framed.lesion.y < 224, name
            assert framed.picture[round(framed.lesion.y), round(framed.lesion.x)] > 0, name
