"""Gray levels and the breast mask."""

import cv2
import numpy as np
import pytest
from drawn_breasts import drawn_breast, drawn_truth
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.imaging.breast import breast_mask, toward_left
from helpers.imaging.picture import PictureError, to_gray


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    return (mask & truth).sum() / (mask | truth).sum()


def test_8_bit_gray_is_kept():
    gray = drawn_breast()
    np.testing.assert_array_equal(to_gray(gray, "a.png"), gray)


def test_three_equal_channels_are_that_gray():
    gray = drawn_breast()
    np.testing.assert_array_equal(to_gray(np.dstack([gray] * 3), "a.png"), gray)


def test_color_becomes_luma_of_rgb():
    color = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    luma = color @ np.array([0.299, 0.587, 0.114])
    assert np.abs(to_gray(color, "a.png") - luma).max() <= 1


@given(low=st.integers(0, 30000), span=st.integers(300, 30000), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_16_bit_is_stretched_over_its_own_range(low, span, seed):
    raw = np.random.default_rng(seed).integers(low, low + span, (40, 40), dtype=np.uint16)
    gray = to_gray(raw, "a.png")
    expected = (raw - float(raw.min())) / (float(raw.max()) - raw.min()) * 255
    assert gray.dtype == np.uint8
    assert np.abs(gray - expected).max() <= 0.51


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (np.full((64, 64), 7, np.uint8), "one gray"),
        (np.full((64, 64, 3), 900, np.uint16), "one gray"),
        (np.zeros((0, 0), np.uint8), "32 pixels"),
        (np.eye(64, 31).astype(np.uint8), "31 x 64"),
        (np.eye(64), "float64"),
        (np.eye(64).astype(np.int16), "int16"),
        (None, "NoneType"),
        (np.zeros((64, 64, 4), np.uint8), "(64, 64, 4)"),
        (np.zeros(64, np.uint8), "(64,)"),
    ],
)
def test_an_unusable_picture_is_named_with_its_reason(raw, reason):
    with pytest.raises(PictureError) as error:
        to_gray(raw, "mdb999.pgm")
    assert str(error.value).startswith("mdb999.pgm: expected")
    assert reason in str(error.value)


@pytest.mark.parametrize("seed", range(5))
def test_the_mask_is_the_drawn_breast_without_the_litter(seed):
    mask = breast_mask(drawn_breast(seed, litter=True))
    assert overlap(mask, drawn_truth()) > 0.95
    assert not mask[:, 165:].any()


def test_a_film_label_that_touches_the_breast_is_cut_off():
    gray = drawn_breast()
    gray[100:103, 140:200] = 200
    gray[80:130, 200:250] = 255
    assert not breast_mask(gray)[:, 170:].any()


def test_the_mask_is_one_piece_without_holes():
    gray = drawn_breast(litter=True)
    cv2.circle(gray, (60, 160), 15, 2, cv2.FILLED)
    mask = breast_mask(gray).astype(np.uint8)
    pieces, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    assert len(pieces) == 1
    assert mask[160, 60]


@pytest.mark.parametrize("border", ["top", "bottom", "left", "right"])
def test_white_borders_at_any_side_are_no_breast(border):
    framed = cv2.copyMakeBorder(drawn_breast(), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=0)
    strip = {"top": np.s_[:35], "bottom": np.s_[-35:], "left": np.s_[:, :35], "right": np.s_[:, -35:]}[border]
    framed[strip] = 255
    mask = breast_mask(framed)
    truth = cv2.copyMakeBorder(drawn_truth().astype(np.uint8), 40, 40, 40, 40, cv2.BORDER_CONSTANT) > 0
    assert not mask[strip][..., 2:-2].any()
    assert overlap(mask, truth) > 0.9


@pytest.mark.parametrize("level", [90, 160, 240])
def test_a_gray_strip_across_the_breast_is_taken_out(level):
    gray = drawn_breast(litter=True)[100:]
    gray[:9] = level
    mask = breast_mask(gray)
    assert not mask[:9].any()
    assert overlap(mask[12:], drawn_truth()[112:]) > 0.95


def test_a_crop_that_tissue_fills_is_all_breast():
    crop = drawn_breast()[80:240, 0:100]
    crop = cv2.createCLAHE(2.0, (8, 8)).apply(cv2.resize(crop, (227, 227)))
    assert breast_mask(crop).mean() > 0.99


@pytest.mark.parametrize("scale", [0.25, 1, 4])
def test_resolution_does_not_matter(scale):
    gray = cv2.resize(drawn_breast(litter=True), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = breast_mask(gray)
    assert mask.shape == gray.shape
    back = cv2.resize(mask.astype(np.uint8), drawn_truth().shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    assert overlap(back, drawn_truth()) > 0.9


def test_a_film_without_a_breast_is_refused():
    film = np.full((400, 400), 5, np.uint8)
    film[20:60, 300:340] = 255
    with pytest.raises(PictureError, match="3% of the picture, found 1"):
        breast_mask(film)


@pytest.mark.parametrize("seed", range(3))
def test_the_chest_wall_lands_left_from_either_side(seed):
    gray = drawn_breast(seed, litter=True)
    left, left_mask, kept = toward_left(gray, breast_mask(gray))
    mirrored = np.ascontiguousarray(gray[:, ::-1])
    right, right_mask, turned = toward_left(mirrored, breast_mask(mirrored))
    assert (kept, turned) == (False, True)
    np.testing.assert_array_equal(left, right)
    assert overlap(left_mask, right_mask) > 0.98
    assert right_mask[:, :20].sum() > right_mask[:, -20:].sum()
