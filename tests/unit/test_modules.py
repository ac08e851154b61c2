"""GAGM, SEVector and the heads against NumPy, and through saving."""

import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from helpers.networks.modules import GAGM, SEVector, plain_head, published_head


@pytest.fixture
def feature_map() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 5, 4, 24)).astype("float32")


def head_on(feature_map: np.ndarray, head=published_head, **options) -> keras.Model:
    inputs = keras.Input(feature_map.shape[1:])
    return keras.Model(inputs, head(inputs, **options))


@pytest.mark.backends
def test_gagm_is_the_averages_then_the_maxima(feature_map):
    expected = np.concatenate([feature_map.mean(axis=(1, 2)), feature_map.max(axis=(1, 2))], axis=1)
    np.testing.assert_allclose(convert_to_numpy(GAGM()(feature_map)), expected, atol=1e-6)


@pytest.mark.backends
def test_sevector_follows_its_equation(feature_map):
    vector = feature_map[:, 0, 0]
    layer = SEVector(reduction_ratio=2)
    attended = convert_to_numpy(layer(vector))
    w1, b1, w2, b2 = layer.get_weights()
    weight = 1 / (1 + np.exp(-(np.maximum(vector @ w1 + b1, 0) @ w2 + b2)))
    np.testing.assert_allclose(attended, vector * weight, atol=1e-6)


@pytest.mark.parametrize(("channels", "ratio", "units"), [(1536, 16, 96), (4096, 16, 256), (48, 16, 8), (48, 4, 12)])
def test_the_squeeze_has_the_published_width(channels, ratio, units):
    layer = SEVector(ratio)
    layer.build((None, channels))
    assert layer.squeeze.units == units
    assert layer.excite.units == channels


def test_the_head_is_the_published_sequence(feature_map):
    model = head_on(feature_map)
    names = [layer.name for layer in model.layers[1:]]
    assert names == ["gagm", "sevector", "embedding", "dropout", "logits", "probabilities"]
    assert model.get_layer("embedding").output.shape == (None, 256)
    np.testing.assert_allclose(convert_to_numpy(model(feature_map)).sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize(("gagm", "sevector", "channels"), [(True, False, 48), (False, True, 24), (False, False, 24)])
def test_each_module_can_be_left_out(feature_map, gagm, sevector, channels):
    model = head_on(feature_map, gagm=gagm, sevector=sevector)
    names = {layer.name for layer in model.layers}
    assert ("gagm" in names, "gap" in names, "sevector" in names) == (gagm, not gagm, sevector)
    assert model.get_layer("embedding").kernel.shape[0] == channels


def test_the_plain_head_has_neither_module(feature_map):
    names = [layer.name for layer in head_on(feature_map, plain_head).layers[1:]]
    assert names == ["gap", "embedding", "dropout", "logits", "probabilities"]


@pytest.mark.backends
def test_a_saved_head_comes_back_with_its_ratio_and_its_outputs(feature_map, tmp_path):
    model = head_on(feature_map, reduction_ratio=3)
    model.save(tmp_path / "head.keras")
    loaded = keras.saving.load_model(tmp_path / "head.keras")
    assert loaded.get_layer("sevector").reduction_ratio == 3
    np.testing.assert_array_equal(*(convert_to_numpy(each(feature_map)) for each in (loaded, model)))
