"""Occlusion on a network whose score is known: the sum of the gray in one place."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.evaluation.occlusion import hidden, occlusion_maps

SIZE, CELLS = 24, 6


@pytest.fixture(scope="module")
def watcher() -> keras.Model:
    """Class 0 is the mean gray of one square, class 1 minus that; the rest of the picture counts nothing."""
    inputs = keras.Input((SIZE, SIZE, 1))
    weights = np.zeros((SIZE, SIZE))
    weights[8:12, 12:16] = 1 / 16
    dense = layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model(inputs, layers.Softmax()(dense(layers.Flatten()(inputs))))
    dense.set_weights([np.stack([weights.ravel(), -weights.ravel()], axis=1)])
    return model


def pictures() -> np.ndarray:
    picture = np.full((2, SIZE, SIZE), 100, np.uint8)
    picture[:, 8:12, 12:16] = 200
    picture[:, :, 20:] = 0
    return picture


@pytest.mark.backends
def test_the_fall_is_what_hiding_takes_from_the_score(watcher):
    shown = pictures()
    gray = shown[0][shown[0] > 0].mean()
    maps = occlusion_maps(watcher, shown, np.array([0, 1]), CELLS)
    assert maps.shape == (2, CELLS, CELLS)
    assert maps[0, 2, 3] == pytest.approx(200 - gray, rel=1e-4)
    np.testing.assert_allclose(maps[1], -maps[0], atol=1e-3)
    near = np.zeros((CELLS, CELLS), bool)
    near[1:4, 2:5] = True
    assert (maps[0][near] > 0).all()
    np.testing.assert_allclose(maps[0][~near], 0, atol=1e-3)


def test_each_cell_is_hidden_once_with_half_of_its_neighbors():
    copies = hidden(pictures()[0], CELLS)
    assert copies.shape == (CELLS**2 + 1, SIZE, SIZE)
    np.testing.assert_array_equal(copies[-1], pictures()[0])
    changed = copies[2 * CELLS + 3] != copies[-1]
    assert np.argwhere(changed).min(axis=0).tolist() == [6, 10]
    assert np.argwhere(changed).max(axis=0).tolist() == [13, 17]


def test_progress_is_told_and_no_picture_gives_no_map(watcher):
    seen = []
    occlusion_maps(watcher, pictures(), np.array([0, 0]), 3, on_picture=lambda *done: seen.append(done))
    assert seen == [(1, 2), (2, 2)]
    assert occlusion_maps(watcher, pictures()[:0], np.array([], int), 3).shape == (0, 3, 3)
