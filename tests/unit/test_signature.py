"""The signature: alike for copies of one picture, different for different ones."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets.signature import NEAR_DUPLICATE, copies, nearest_to_own, signature, signatures


def blobs(seed: int, side: int = 227, count: int = 12) -> np.ndarray:
    """Soft blobs of many sizes, within the inscribed disc."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    picture = np.zeros((side, side))
    for _ in range(count):
        (cx, cy), radius, light = rng.uniform(0.3, 0.7, 2), rng.uniform(0.02, 0.08), rng.uniform(0.3, 1)
        picture += light * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2))
    return (255 * picture / picture.max()).astype(np.uint8)


def turned(picture: np.ndarray, degrees: float, mirrored: bool = False, zoom: float = 1) -> np.ndarray:
    side = picture.shape[0]
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), degrees, zoom)
    copy = cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(copy[:, ::-1]) if mirrored else copy


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(signature(one) - signature(other)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.floats(0, 360), st.booleans())
def test_turning_and_mirroring_change_nothing_much(seed, degrees, mirrored):
    assert apart(blobs(seed), turned(blobs(seed), degrees, mirrored)) < NEAR_DUPLICATE


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.floats(0, 360), st.floats(0.7, 1))
def test_zooming_out_on_black_changes_little(seed, degrees, zoom):
    assert apart(blobs(seed), turned(blobs(seed), degrees, zoom=zoom)) < 2 * NEAR_DUPLICATE


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 99), st.integers(0, 99))
def test_different_pictures_differ(one, other):
    assert one == other or apart(blobs(one), blobs(other)) > 2 * NEAR_DUPLICATE


def test_depth_and_equal_channels_change_nothing():
    picture = blobs(1)
    for same in (picture.astype(np.uint16) * 257, np.dstack([picture] * 3)):
        assert apart(picture, same) < 1e-5


@pytest.mark.parametrize(
    "picture", [np.zeros((50, 40), np.uint8), np.full((9, 9), 77, np.uint8), np.eye(64, dtype=np.uint8)]
)
def test_a_dull_picture_has_a_finite_signature(picture):
    found = signature(picture)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.linalg.norm(found) == pytest.approx(float(picture.any()))


def test_a_single_light_pixel_has_a_finite_signature():
    picture = np.zeros((96, 96), np.uint8)
    picture[48, 50] = 255
    assert np.isfinite(signature(picture)).all()


def test_copies_are_found_in_any_order():
    rng = np.random.default_rng(0)
    truth = rng.permutation(np.repeat(np.arange(10), 6))
    found = signatures(turned(blobs(one), rng.uniform(0, 360), rng.random() < 0.5) for one in truth)
    groups = copies(found)
    assert np.array_equal(groups[:, None] == groups, truth[:, None] == truth)


def test_copies_hold_together_through_a_chain():
    chain = np.array([[0, 0], [1, 0], [2, 0], [9, 0], [1, 0]], np.float32)
    groups = copies(chain, distance=1.1)
    assert np.array_equal(groups == groups[0], [True, True, True, False, True])


def test_true_groups_are_recognized_and_made_up_ones_are_not():
    rng = np.random.default_rng(1)
    truth = np.repeat(np.arange(12), 6)
    found = signatures(turned(blobs(one), rng.uniform(0, 360)) for one in truth)
    assert nearest_to_own(found, truth).all()
    assert nearest_to_own(found, rng.permutation(truth)).mean() < 0.3
    assert nearest_to_own(found, np.roll(truth, 1)).mean() < 0.9


def test_nearest_to_own_leaves_the_picture_itself_out():
    points = np.random.default_rng(2).normal(size=(40, 8)).astype(np.float32)
    groups = np.repeat(["a", "b", "c", "d"], 10)
    expected = []
    for i, point in enumerate(points):
        rest = np.arange(40) != i
        gaps = {g: np.linalg.norm(point - points[rest & (groups == g)].mean(0)) for g in "abcd"}
        expected.append(min(gaps, key=gaps.get) == groups[i])
    assert np.array_equal(nearest_to_own(points, groups), expected)


def test_a_picture_alone_in_its_group_confirms_nothing():
    points = np.eye(3, dtype=np.float32)
    assert not nearest_to_own(points, np.array([0, 1, 2])).any()
    assert not nearest_to_own(points, np.zeros(3, int)).any()
