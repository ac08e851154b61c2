"""Framing: what is cut out, where the lesion lands, what the classes share."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from drawn_breasts import HEIGHT, WIDTH, drawn_breast, drawn_truth, with_lesion
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.imaging import framing
from helpers.imaging.framing import Breast, Circle, frame_as_is, frame_breast, frame_lesion
from helpers.imaging.picture import PictureError
from helpers.imaging.window import Box, box_around, place_window

SIZE = 96
LESION = Circle(70, 190, 12)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def mirrored(gray: np.ndarray, lesion: Circle) -> tuple[np.ndarray, Circle]:
    return np.ascontiguousarray(gray[:, ::-1]), Circle(gray.shape[1] - 1 - lesion.x, lesion.y, lesion.radius)


def framed_by(name: str, gray: np.ndarray, lesion: Circle) -> framing.Framed:
    if name == "lesion":
        return frame_lesion(gray, SIZE, lesion, 0.5, rng())
    return {"breast": frame_breast, "as_is": frame_as_is}[name](gray, SIZE, lesion)


def white_disk(picture: np.ndarray) -> Circle:
    """Finds the drawn lesion again, independently of the code under test."""
    white = picture >= 250
    rows, columns = np.nonzero(white)
    return Circle(columns.mean(), rows.mean(), np.sqrt(white.sum() / np.pi))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", ["lesion", "breast", "as_is"])
def test_the_circle_lies_where_the_lesion_is_seen(name, turned):
    gray, lesion = with_lesion(drawn_breast(), LESION.x, LESION.y, LESION.radius), LESION
    if turned:
        gray, lesion = mirrored(gray, lesion)
    framed = framed_by(name, gray, lesion)
    seen = white_disk(framed.picture)
    assert framed.picture.shape == (SIZE, SIZE)
    assert framed.picture.dtype == np.uint8
    assert abs(framed.lesion.x - seen.x) < 0.25
    assert abs(framed.lesion.y - seen.y) < 0.25
    assert abs(framed.lesion.radius - seen.radius) < 1


def test_left_and_right_breasts_are_framed_alike():
    gray = drawn_breast()
    turned, lesion = mirrored(gray, LESION)
    one, other = frame_breast(gray, SIZE, LESION), frame_breast(turned, SIZE, lesion)
    assert np.abs(one.picture.astype(int) - other.picture).mean() < 2
    assert abs(one.lesion.x - other.lesion.x) < 0.7


def test_the_whole_breast_keeps_its_aspect_at_the_left():
    picture = frame_breast(drawn_breast(litter=True), SIZE).picture
    box = box_around(picture > 0)
    expected = box_around(drawn_truth())
    assert box.x == 0
    assert box.height == SIZE
    assert box.width / box.height == pytest.approx(expected.width / expected.height, rel=0.04)


def test_what_is_not_breast_is_black_after_contrast():
    breast = framing.find_breast(drawn_breast(litter=True))
    enhanced = framing.enhanced(framing.cut(breast, Box(0, 0, WIDTH, HEIGHT)))
    assert not enhanced[~breast.mask].any()
    assert enhanced[breast.mask].mean() > 60


def test_the_steps_one_by_one_are_the_frame():
    gray = drawn_breast(litter=True)
    breast = framing.find_breast(gray)
    steps = framing.resized(framing.squared(framing.enhanced(framing.cut(breast, breast.box))), SIZE)
    np.testing.assert_array_equal(steps, frame_breast(gray, SIZE).picture)


def test_a_window_beyond_the_picture_is_black_there():
    gray = drawn_breast()
    breast = Breast(gray, np.ones_like(gray, bool), False)
    window = framing.cut(breast, Box(-10, HEIGHT - 20, 50, 60))
    np.testing.assert_array_equal(window[:20, 10:], gray[-20:, :40])
    assert window.shape == (60, 50)
    assert not window[:, :10].any()
    assert not window[20:].any()


@given(
    angle=st.floats(-1.2, 1.2), reach=st.floats(0, 0.85), radius=st.floats(2, 40), window=st.floats(0.3, 0.6),
    seed=st.integers(0, 10**6),
)  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_a_window_holds_the_whole_lesion(angle, reach, radius, window, seed):
    mask = drawn_truth()
    lesion = Circle(20 + reach * 110 * np.cos(angle), HEIGHT / 2 + reach * 110 * np.sin(angle), radius)
    box = place_window(mask, lesion, window, rng(seed))
    breast = box_around(mask)
    assert box.width == box.height
    assert box.width >= max(2.4 * radius, round(window * breast.width))
    # A lesion that the film's edge cuts counts up to that edge.
    assert box.x <= max(lesion.x - radius, 0)
    assert lesion.x + radius <= box.x + box.width - 1 or lesion.x + radius > breast.width - 1
    assert box.y <= max(lesion.y - radius, breast.y)
    assert min(lesion.y + radius, breast.y + breast.height - 1) <= box.y + box.height - 1


@given(window=st.floats(0.3, 0.6), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_a_normal_window_is_mostly_tissue(window, seed):
    mask = drawn_truth()
    box = place_window(mask, None, window, rng(seed))
    inside = mask[box.y : box.y + box.height, box.x : box.x + box.width]
    assert inside.shape == (box.height, box.width)
    assert inside.mean() >= 0.8


def test_windows_move_between_seeds():
    corners = {(b.x, b.y) for b in (place_window(drawn_truth(), LESION, 0.5, rng(seed)) for seed in range(40))}
    assert len(corners) > 30


def test_a_breast_too_thin_for_the_window_gives_the_best_place():
    mask = np.zeros((200, 200), bool)
    mask[:, :12] = True
    mask[90:110, :60] = True
    box = place_window(mask, None, 0.6, rng())
    inside = mask[box.y : box.y + box.height, box.x : box.x + box.width]
    assert box.width == 36
    assert 0.4 < inside.mean() < 0.8


def test_the_window_is_reported_as_a_share_of_the_breast():
    gray = drawn_breast()
    width = framing.find_breast(gray).box.width
    assert frame_lesion(gray, SIZE, None, 0.5, rng()).window == pytest.approx(0.5, abs=1 / width)
    assert frame_lesion(gray, SIZE, Circle(60, 160, 40), 0.5, rng()).window >= 2.4 * 40 / width


def test_the_same_seed_gives_the_same_window():
    one, other = (frame_lesion(drawn_breast(), SIZE, LESION, 0.5, rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.picture, other.picture)
    assert one.lesion == other.lesion


def test_a_lesion_on_film_is_refused_with_its_place():
    gray, misplaced = drawn_breast(), Circle(230, 40, 9)
    turned, place = mirrored(gray, misplaced)
    with pytest.raises(PictureError, match=r"found film at \(230, 40\)"):
        frame_lesion(gray, SIZE, misplaced, 0.5, rng())
    with pytest.raises(PictureError, match=r"found film at \(29, 40\)"):
        frame_lesion(turned, SIZE, place, 0.5, rng())
    assert frame_breast(gray, SIZE, misplaced).lesion is None


def test_as_is_changes_nothing_but_the_size():
    gray = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    np.testing.assert_array_equal(frame_as_is(gray, 64).picture, gray)
    averages = gray.reshape(32, 2, 32, 2).mean(axis=(1, 3))
    assert np.abs(frame_as_is(gray, 32).picture - averages).max() <= 0.51


def test_contrast_is_safe_in_threads():
    pictures = [drawn_breast(seed) for seed in range(4)] * 4
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(framing.enhanced, pictures))
    for picture, result in zip(pictures, together, strict=True):
        np.testing.assert_array_equal(result, framing.enhanced(picture))


def test_a_copy_differs_but_shows_no_invented_border():
    picture = frame_lesion(drawn_breast(), SIZE, None, 0.4, rng()).picture
    copies = [framing.augmented(picture, rng(seed)) for seed in range(8)]
    assert all(copy.shape == picture.shape and copy.dtype == np.uint8 for copy in copies)
    assert all((copy != picture).mean() > 0.5 for copy in copies)
    flat = np.full((SIZE, SIZE), 130, np.uint8)
    assert all((framing.augmented(flat, rng(seed)) == flat).all() for seed in range(8))


def test_only_windows_are_turned_upside_down():
    above = np.zeros((SIZE, SIZE), np.uint8)
    above[: SIZE // 3] = 200
    rises = [framing.augmented(above, rng(seed))[: SIZE // 2].mean() for seed in range(40)]
    kept = [framing.augmented(above, rng(seed), upside_down=False)[: SIZE // 2].mean() for seed in range(40)]
    assert min(kept) > 70
    assert 8 < sum(rise < 30 for rise in rises) < 32


@pytest.mark.parametrize("angle", [-20, 20])
def test_a_copy_turns_by_no_more_than_twenty_degrees(angle):
    line = np.zeros((SIZE, SIZE), np.uint8)
    line[:, SIZE // 2 - 1 : SIZE // 2 + 1] = 255
    limit = abs(np.tan(np.deg2rad(angle)))
    for seed in range(30):
        rows, columns = np.nonzero(framing.augmented(line, rng(seed))[20:76] > 120)
        assert abs(np.polyfit(rows, columns, 1)[0]) <= limit * 1.03
