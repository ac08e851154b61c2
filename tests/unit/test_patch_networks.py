"""Document D's networks: whole pictures give what patches give, tiles leave no seams, and nothing is forced."""

import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.ops import convert_to_numpy

from helpers.calcifications.inference import NOTHING, Pair, Variant, covered, labelled, outlined, suspicion_map
from helpers.networks.patches import PADDINGS, REACH, STRIDE, detector, segmentator
from helpers.published.valvano import PATCH_SIDES

EVERYTHING, NEVER = -np.inf, np.inf


def waked(network, seed: int = 0):
    """BatchNormalization with statistics of its own, as after a training; fresh ones would hide that they differ."""
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        if layer.name.endswith("_bn"):
            size = layer.gamma.shape
            layer.set_weights([rng.uniform(0.5, 1.5, size), *rng.normal(0, 0.3, (2, *size)), rng.uniform(0.5, 2, size)])
    return network


@pytest.fixture(scope="module")
def pairs() -> dict[str, Pair]:
    variants = [Variant(patch, padding) for patch in PATCH_SIDES for padding in PADDINGS]
    return {
        each.name: Pair(
            each, waked(detector(each.patch, each.padding)), waked(segmentator(each.patch, each.padding), seed=1)
        )
        for each in variants
    }


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def said(network, stack: np.ndarray) -> np.ndarray:
    return convert_to_numpy(network(stack[..., None].astype(np.float32), training=False))[..., 0]


@pytest.mark.parametrize("patch", PATCH_SIDES)
@pytest.mark.parametrize("padding", PADDINGS)
def test_a_patch_gives_one_value_and_a_label_for_each_pixel_or_the_middle_ones(pairs, patch, padding):
    pair, stack = pairs[f"{patch} {padding}"], picture(patch, patch)[None]
    inner = patch if padding == "same" else patch - 2 * REACH
    assert said(pair.detector, stack).shape == (1, 1, 1)
    assert said(pair.segmentator, stack).shape == (1, inner, inner)
    assert {said(network, stack).dtype for network in (pair.detector, pair.segmentator)} == {np.dtype("float32")}


@pytest.mark.parametrize("patch", PATCH_SIDES)
def test_with_valid_convolutions_a_picture_gives_what_its_patches_give(pairs, patch):
    pair, whole = pairs[f"{patch} valid"], picture(patch + 25, patch + 18)
    found = suspicion_map(pair.detector, pair.variant, whole)
    assert found.shape == (25 // STRIDE + 1, 18 // STRIDE + 1)
    for row, column in np.ndindex(found.shape):
        part = whole[STRIDE * row :, STRIDE * column :][:patch, :patch]
        assert said(pair.detector, part[None])[0, 0, 0] == pytest.approx(found[row, column], abs=1e-5)
    labels = labelled(pair.segmentator, "valid", whole, np.ones_like(whole, bool))
    part = said(pair.segmentator, whole[None, 9 : 9 + patch, 5 : 5 + patch])[0]
    np.testing.assert_allclose(part, labels[9 + REACH :, 5 + REACH :][: len(part), : len(part)], atol=1e-5)


def test_with_same_convolutions_it_does_not_since_a_patch_ends_in_zeros(pairs):
    pair, whole = pairs["29 same"], picture(61, 61)
    inside = said(pair.detector, whole[None, 16:45, 16:45])[0, 0, 0]
    assert abs(inside - suspicion_map(pair.detector, pair.variant, whole)[4, 4]) > 1e-3


@settings(max_examples=8, deadline=None)
@given(height=st.integers(52, 130), width=st.integers(52, 130), tile=st.integers(17, 70), which=st.integers(0, 5))
def test_tiles_leave_no_seam(pairs, height, width, tile, which):
    pair, whole = list(pairs.values())[which], picture(height, width, seed=height)
    one, many = (suspicion_map(pair.detector, pair.variant, whole, side) for side in (1000, tile))
    np.testing.assert_allclose(one, many, atol=1e-5)
    everywhere = np.ones_like(whole, bool)
    one, many = (labelled(pair.segmentator, pair.variant.padding, whole, everywhere, side) for side in (1000, tile))
    np.testing.assert_allclose(one, many, atol=1e-5)
    edge = REACH if pair.variant.padding == "valid" else 0
    assert np.isneginf(one).sum() == height * width - (height - 2 * edge) * (width - 2 * edge)


def test_the_gate_lets_the_pixels_of_suspect_patches_through_and_no_others(pairs):
    pair, whole = pairs["29 same"], picture(90, 101)
    suspicion = suspicion_map(pair.detector, pair.variant, whole)
    gate = np.sort(suspicion, axis=None)[-3]
    result = outlined(pair, whole, gate, tile=40)
    wanted = np.zeros_like(whole, bool)
    for row, column in STRIDE * np.argwhere(suspicion >= gate):
        wanted[row : row + 29, column : column + 29] = True
    np.testing.assert_array_equal(result.logits > NOTHING, wanted)
    np.testing.assert_array_equal(covered(suspicion >= gate, 29, whole.shape), wanted)
    everywhere = labelled(pair.segmentator, "same", whole, np.ones_like(whole, bool))
    np.testing.assert_allclose(result.logits[wanted], everywhere[wanted], atol=1e-5)


def test_where_nothing_is_suspect_nothing_is_outlined_and_the_segmentator_is_not_asked(pairs):
    def refuses(*_, **__):
        raise AssertionError("the Segmentator was asked")

    result = outlined(Pair(Variant(49, "same"), pairs["49 same"].detector, refuses), picture(128, 140), NEVER)
    assert np.isneginf(result.logits).all()


@pytest.mark.parametrize("shape", [(48, 200), (200, 48)])
def test_a_picture_smaller_than_the_patch_is_refused(pairs, shape):
    size = f"{shape[1]} x {shape[0]}"
    with pytest.raises(ValueError, match=f"picture of at least 49 pixels a side, as a patch has, got {size}"):
        outlined(pairs["49 valid"], picture(*shape), EVERYTHING)


@pytest.mark.parametrize("patch", PATCH_SIDES)
def test_a_picture_of_one_patch_is_enough(pairs, patch):
    result = outlined(pairs[f"{patch} valid"], picture(patch, patch), EVERYTHING)
    assert result.suspicion.shape == (1, 1) and np.isfinite(result.logits).sum() == (patch - 2 * REACH) ** 2


@pytest.mark.parametrize("build", [detector, segmentator])
def test_an_unknown_padding_and_a_patch_too_small_are_refused(build):
    with pytest.raises(ValueError, match="expected padding same or valid, got 'full'"):
        build(29, "full")
    with pytest.raises(ValueError, match="expected patches of"):
        build(13, "valid")


@pytest.mark.parametrize("padding", PADDINGS)
def test_whole_pictures_take_seconds_and_a_fiftieth_of_the_sliding_window(pairs, padding):
    pair, whole = pairs[f"49 {padding}"], picture(1024, 1024)
    patches = np.stack([whole[row : row + 49, row : row + 49] for row in range(256)])
    ways = {"whole": lambda: outlined(pair, whole, EVERYTHING), "patches": lambda: said(pair.detector, patches)}
    ways["whole"](), ways["patches"]()
    # Processor time of all threads: what it takes on two cores is less, and other programs do not count.
    taken = {name: min(_seconds(way) for _ in range(2)) for name, way in ways.items()}
    assert taken["whole"] <= 6
    positions = ((1024 - 49) // STRIDE + 1) ** 2
    alone = min(_seconds(lambda: suspicion_map(pair.detector, pair.variant, whole)) for _ in range(2))
    assert taken["patches"] * positions / len(patches) >= 50 * alone


def _seconds(way) -> float:
    start = time.process_time()
    way()
    return time.process_time() - start


MEMORY = """
import re
from pathlib import Path
import numpy as np
from helpers.calcifications.inference import Pair, Variant, outlined, suspicion_map
from helpers.networks.patches import detector, segmentator
pair = Pair(Variant(49, "same"), detector(49, "same"), segmentator(49, "same"))
film = np.random.default_rng(0).integers(0, 256, (4096, 5625), dtype=np.uint8)
part = suspicion_map(pair.detector, pair.variant, film[:512, :512])
found = outlined(pair, film, np.quantile(part, 0.9999))
assert found.logits.shape == (4096, 5625)
assert np.isfinite(found.logits).any()
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def test_a_large_film_takes_less_than_three_gibibytes():
    run = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(run.stdout.split()[-1]) < 3 * 1024**2
