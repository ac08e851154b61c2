"""Copies: turned and mirrored about the middle of their window, and nothing else."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets.signature import NEAR_DUPLICATE, signature
from helpers.imaging.turning import STEP, as_thumbnail, copied, turned, whole


def noise(side: int = 48, seed: int = 0) -> np.ndarray:
    """Soft spots of many sizes."""
    grain = np.random.default_rng(seed).normal(size=(side, side))
    soft = sum(cv2.GaussianBlur(grain, (0, 0), sigma) * sigma for sigma in (2, 4, 8))
    return cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("side", [48, 49])
def test_a_right_angle_moves_pixels_and_changes_none(side, quarter, mirrored):
    picture = noise(side)
    expected = np.rot90(picture, quarter)
    expected = expected[:, ::-1] if mirrored else expected
    np.testing.assert_array_equal(turned(picture, 90 * quarter, mirrored), expected)


def test_a_window_that_is_not_turned_is_a_cut():
    picture = noise(60)
    np.testing.assert_array_equal(turned(picture, 0, window=(29.5, 19.5, 20)), picture[10:30, 20:40])


def test_beyond_the_border_a_picture_is_reflected():
    picture = noise(40)
    cut = turned(picture, 0, window=(4.5, 19.5, 20))
    np.testing.assert_array_equal(cut[:, 5:], picture[10:30, :15])
    np.testing.assert_array_equal(cut[:, :5], picture[10:30, 5:0:-1])


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 360), st.booleans())
def test_turning_is_about_the_middle_of_the_window(degrees, mirrored):
    picture = np.zeros((90, 90), np.uint8)
    cv2.circle(picture, (50, 30), 6, 255, cv2.FILLED)
    copy = turned(picture, degrees, mirrored, (50.0, 30.0, 31))
    rows, columns = np.nonzero(copy > 127)
    assert rows.mean() == pytest.approx(15, abs=0.3)
    assert columns.mean() == pytest.approx(15, abs=0.3)


def test_copies_alternate_between_mirrored_and_not_and_the_first_is_the_picture():
    picture = noise()
    np.testing.assert_array_equal(copied(picture, 0), picture)
    np.testing.assert_array_equal(copied(picture, 1), picture[:, ::-1])
    np.testing.assert_array_equal(copied(picture, 5), turned(picture, 2 * STEP, True, whole(picture)))
    np.testing.assert_array_equal(copied(picture, 2 * (90 // STEP)), np.rot90(picture))


def test_seventy_two_copies_are_all_different():
    copies = {copied(noise(), number).tobytes() for number in range(72)}
    assert len(copies) == 72


@pytest.mark.parametrize("number", [1, 4, 35, 71])
def test_a_copy_is_a_near_duplicate_by_its_signature(number):
    picture = noise(96)
    assert np.linalg.norm(signature(copied(picture, number)) - signature(picture)) < NEAR_DUPLICATE


def test_a_thumbnail_is_smaller_and_lies_on_black():
    picture = np.full((60, 60), 180, np.uint8)
    thumbnail = as_thumbnail(picture, np.random.default_rng(1))
    assert thumbnail.shape == picture.shape
    assert thumbnail[0, 0] == 0
    assert 0.55**2 - 0.05 < (thumbnail > 0).mean() < 0.8**2 + 0.05
    assert not np.array_equal(thumbnail, as_thumbnail(picture, np.random.default_rng(2)))
