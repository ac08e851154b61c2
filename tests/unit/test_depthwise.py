"""The depthwise convolution with its own gradients, against sums written out and against Keras' own layer."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from helpers.networks import backbones, depthwise
from helpers.networks.backend import gradient

pytestmark = pytest.mark.backends

sides = st.integers(1, 6)


def written_out(pictures: np.ndarray, kernel: np.ndarray, upstream: np.ndarray):
    """The convolution and its two gradients as sums over every pixel and every place of the kernel, in float64."""
    high, wide = kernel.shape[0] // 2, kernel.shape[1] // 2
    rows, columns = pictures.shape[1:3]
    padded = np.pad(pictures.astype("float64"), [(0, 0), (high, high), (wide, wide), (0, 0)])
    outputs, at_pictures, at_kernel = np.zeros(pictures.shape), np.zeros(padded.shape), np.zeros(kernel.shape)
    for i, j in np.ndindex(kernel.shape[:2]):
        seen = np.s_[:, i : i + rows, j : j + columns]
        outputs += padded[seen] * kernel[i, j, :, 0]
        at_pictures[seen] += upstream * kernel[i, j, :, 0]
        at_kernel[i, j, :, 0] = (padded[seen] * upstream).sum((0, 1, 2))
    return outputs, at_pictures[:, high : high + rows, wide : wide + columns], at_kernel


@given(st.integers(1, 3), sides, sides, st.integers(1, 5), st.sampled_from([1, 3, 7]), st.sampled_from([1, 3, 5]))
@settings(max_examples=25, deadline=None)
def test_outputs_and_gradients_are_the_sums_they_stand_for(count, height, width, channels, high, wide):
    rng = np.random.default_rng(0)
    pictures, upstream = rng.normal(size=(2, count, height, width, channels)).astype("float32")
    kernel = rng.normal(size=(high, wide, channels, 1)).astype("float32")
    outputs, at_pictures, at_kernel = written_out(pictures, kernel, upstream)
    x, k, dy = (ops.convert_to_tensor(each) for each in (pictures, kernel, upstream))
    found = (
        depthwise.convolve(x, k),
        gradient(lambda at: ops.sum(depthwise.convolve(at, k) * dy), pictures),
        gradient(lambda at: ops.sum(depthwise.convolve(x, at) * dy), kernel),
    )
    for mine, theirs in zip(found, (outputs, at_pictures, at_kernel), strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(mine), theirs, atol=2e-5)


@pytest.mark.parametrize("onednn", [True, False])
@pytest.mark.parametrize(
    "options",
    [{}, {"use_bias": False}, {"activation": "relu"}, {"strides": 2}, {"padding": "valid"}, {"depth_multiplier": 2}],
    ids=str,
)
def test_a_layer_learns_what_keras_own_learns(monkeypatch, onednn, options):
    monkeypatch.setattr(depthwise, "runs_on_onednn", lambda: onednn)
    options = {"kernel_size": 3, "padding": "same", **options}
    pictures = np.random.default_rng(0).normal(size=(5, 8, 6, 4)).astype("float32")
    weights = None
    results = []
    for kind in (layers.DepthwiseConv2D, depthwise.DepthwiseConv2D):
        layer = kind(**options)
        model = keras.Sequential([keras.Input(pictures.shape[1:]), layer, layers.GlobalAveragePooling2D()])
        weights = weights or [weight + 0.1 for weight in model.get_weights()]
        model.set_weights(weights)
        model.compile(keras.optimizers.SGD(0.5), "mse")
        before = model.predict_on_batch(pictures)
        # The last batch of an epoch is smaller than the others.
        model.fit(pictures, np.ones_like(before), batch_size=3, epochs=2, shuffle=False, verbose=0)
        results.append([before, *model.get_weights()])
    for theirs, mine in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    assert np.abs(results[1][1] - weights[0]).max() > 1e-3


def test_a_layer_gives_its_gradients_outside_a_compiled_step_too(monkeypatch):
    pictures = np.random.default_rng(0).normal(size=(2, 8, 6, 4)).astype("float32")
    layer = depthwise.DepthwiseConv2D(3, padding="same")
    layer.build(pictures.shape)
    found = []
    for onednn in (False, True):
        monkeypatch.setattr(depthwise, "runs_on_onednn", lambda onednn=onednn: onednn)
        found.append(ops.convert_to_numpy(gradient(lambda x: ops.sum(ops.square(layer(x))), pictures)))
    np.testing.assert_allclose(*found, atol=1e-5)


def test_a_layer_comes_back_from_a_file(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 4)), depthwise.DepthwiseConv2D(3, padding="same")])
    model.save(tmp_path / "model.keras")
    back = keras.saving.load_model(tmp_path / "model.keras")
    pictures = np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype("float32")
    assert type(back.layers[0]) is depthwise.DepthwiseConv2D
    np.testing.assert_array_equal(back.predict_on_batch(pictures), model.predict_on_batch(pictures))


def test_every_grouped_convolution_of_convnext_is_such_a_layer():
    backbone = backbones.convnext_tiny(keras.Input((32, 32, 1), name="picture"), "none")
    assert sum(type(layer) is depthwise.DepthwiseConv2D for layer in backbone.layers) == 18
    assert not [layer for layer in backbone.layers if getattr(layer, "groups", 1) > 1]
