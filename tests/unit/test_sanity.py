"""Shuffled weights, and how alike two maps are, against SciPy and scikit-image."""

import numpy as np
import pandas as pd
import pytest
from keras import layers
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity as reference

from helpers.evaluation.sanity import cascade, likeness, randomized, rank_correlation, structural_similarity
from helpers.networks import build


def maps(seed: int, n: int = 6, size: int = 32) -> np.ndarray:
    cells = np.random.default_rng(seed).random((n, size // 4, size // 4)).astype(np.float32)
    return np.kron(cells, np.ones((4, 4), np.float32))


def test_the_rank_correlation_is_spearmans():
    first, second = maps(0, size=32), np.round(maps(1, size=32), 1)
    expected = [spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(rank_correlation(first, second), expected, atol=1e-12)


def test_an_empty_map_has_no_rank_correlation():
    found = rank_correlation(np.stack([maps(0)[0], 0 * maps(0)[0]]), maps(1)[:2])
    assert np.isnan(found).tolist() == [False, True]
    assert rank_correlation(maps(0)[:0], maps(1)[:0]).shape == (0,)


def test_ssim_is_scikit_images():
    first, second = maps(0), maps(1)
    first, second = first / first.max(axis=(1, 2), keepdims=True), second / second.max(axis=(1, 2), keepdims=True)
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    expected = [reference(a.astype(float), b.astype(float), **options) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(structural_similarity(first, second), expected, atol=1e-6)


def test_equal_maps_are_alike_at_any_scale():
    np.testing.assert_allclose(structural_similarity(maps(0), 7 * maps(0)), 1, atol=1e-6)
    np.testing.assert_allclose(rank_correlation(maps(0), maps(0) ** 3), 1)


@pytest.fixture(scope="module")
def network():
    return build("baseline_cnn", 48)


def test_the_cascade_goes_from_the_scores_to_the_picture_and_leaves_no_weight_out(network):
    parts = cascade(network)
    assert parts[0][0] == "logits"
    assert [layer.name for layer in parts[0][1]] == ["logits"]
    assert parts[1][0] == "embedding"
    order = [network.layers.index(layer) for _, part in parts for layer in reversed(part)]
    assert order == sorted(order, reverse=True)
    weights = {id(weight) for _, part in parts for layer in part for weight in layer.weights}
    assert weights == {id(weight) for weight in network.weights}


def test_weights_are_shuffled_part_by_part_and_keep_their_values():
    network = build("baseline_cnn", 48)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([np.random.default_rng(0).random(weight.shape) for weight in layer.get_weights()])
    before = {layer.name: layer.get_weights() for layer in network.layers}
    spoilt = set()
    for (name, part), reached in zip(cascade(network), randomized(network, seed=1), strict=True):
        assert reached == name
        spoilt |= {layer.name for layer in part}
        for layer in network.layers:
            for weight, old in zip(layer.get_weights(), before[layer.name], strict=True):
                np.testing.assert_array_equal(np.sort(weight, axis=None), np.sort(old, axis=None))
                changed = not np.array_equal(weight, old)
                assert changed == (layer.name in spoilt and np.ptp(old) > 0), layer.name


def test_likeness_is_the_mean_over_pictures_where_it_is_defined():
    table = pd.DataFrame({"network": "icnt", "step": [1, 1, 1, 2], "patient_id": list("aabb")})
    table["spearman"] = [0.2, 0.4, np.nan, np.nan]
    found = likeness(table, ["network", "step"], ["spearman"], 200, seed=1).set_index("step")
    assert found.loc[1, ["n", "value"]].tolist() == [2, pytest.approx(0.3)]
    assert found.loc[2, "n"] == 0 and np.isnan(found.loc[2, "value"])
