"""Document C's networks: their published sizes, their layers against NumPy, and what a reload must keep."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras.ops import convert_to_numpy

from helpers.networks import swin
from helpers.networks.document_c import build
from helpers.networks.normalization import GlobalResponseNormalization
from helpers.networks.swin import PatchMerging, WindowAttention

SIZE = 64
PUBLISHED = {
    ("swin", "tiny"): 28_288_354,
    ("convnext_v2", "tiny"): 28_635_496,
    ("convnext_v2", "atto"): 3_708_400,
}
"""Parameters with 1000 classes at 224 pixels, as their authors' code counts them."""


def restless(layer: keras.Layer, seed: int = 0) -> None:
    """Gives every weight a value of its own, so that none that starts at zero hides a slip."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, 0.5, weight.shape) for weight in layer.get_weights()])


def pictures(n: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (n, SIZE, SIZE, 1)).astype("float32")


@pytest.mark.parametrize(("name", "variant"), PUBLISHED)
def test_the_published_sizes_have_the_published_number_of_parameters(name, variant):
    assert build(name, 224, variant, classes=1000).count_params() == PUBLISHED[name, variant]


def test_windows_grow_with_the_picture_as_published(monkeypatch):
    short = replace(swin.VARIANTS["tiny"], depths=(1, 1, 1, 1))
    monkeypatch.setitem(swin.VARIANTS, "tiny", short)
    for size, window in ((224, 7), (384, 12)):
        model = build("swin", size, "tiny")
        assert {layer.window for layer in model.layers if isinstance(layer, WindowAttention)} == {window}


def by_hand(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Algorithm 1 of the paper, picture by picture and channel by channel."""
    result = np.empty_like(x)
    for n, picture in enumerate(x):
        norms = [np.linalg.norm(picture[..., c]) for c in range(picture.shape[-1])]
        for c, norm in enumerate(norms):
            result[n, ..., c] = gamma[c] * picture[..., c] * norm / (np.mean(norms) + 1e-6) + beta[c] + picture[..., c]
    return result


@pytest.mark.backends
def test_global_response_normalization_is_that_of_its_paper():
    layer, x = GlobalResponseNormalization(), np.random.default_rng(2).normal(size=(2, 5, 4, 6)).astype("float32")
    np.testing.assert_array_equal(convert_to_numpy(layer(x)), x)
    restless(layer)
    gamma, beta = layer.get_weights()
    np.testing.assert_allclose(convert_to_numpy(layer(x)), by_hand(x, gamma, beta), atol=1e-5)


@pytest.mark.backends
def test_an_empty_map_has_a_finite_normalization_and_slope():
    from helpers.networks.backend import gradient

    layer = GlobalResponseNormalization()
    layer.build((None, 3, 3, 4))
    restless(layer)
    empty = np.zeros((1, 3, 3, 4), "float32")
    assert np.isfinite(convert_to_numpy(layer(empty))).all()
    assert np.isfinite(convert_to_numpy(gradient(lambda x: keras.ops.sum(layer(x)), empty))).all()


def attended(x: np.ndarray, weights: list[np.ndarray], heads: int, window: int, shift: int) -> np.ndarray:
    """Window attention patch by patch: each sees those of its window that lie beside it in the picture too."""
    table, attend, attend_bias, project, project_bias = weights
    side, channels = x.shape[0], x.shape[-1]
    width, result = channels // heads, np.empty_like(x)
    places = [(row, column) for row in range(side) for column in range(side)]
    home = {
        place: tuple(((at - shift) % side // window, at < shift) if shift else at // window for at in place)
        for place in places
    }
    for place in places:
        inside = [other for other in places if home[other] == home[place]]
        heard = np.zeros(channels)
        for head in range(heads):
            own = slice(head * width, (head + 1) * width)
            query, keys, values = (
                np.array([x[at] @ attend[:, start:][:, own] + attend_bias[start:][own] for at in seen])
                for start, seen in ((0, [place]), (channels, inside), (2 * channels, inside))
            )
            steps = [
                (place[0] - other[0] + window - 1) * (2 * window - 1) + place[1] - other[1] + window - 1
                for other in inside
            ]
            scores = keys @ query[0] / np.sqrt(width) + table[steps, head]
            weight = np.exp(scores - scores.max())
            heard[own] = weight / weight.sum() @ values
        result[place] = heard @ project + project_bias
    return result


@pytest.mark.backends
@pytest.mark.parametrize("shift", [0, 1, 2])
def test_attention_is_that_of_each_patch_alone(shift):
    layer = WindowAttention(heads=2, window=4, shift=shift)
    x = np.random.default_rng(3).normal(size=(2, 8, 8, 6)).astype("float32")
    layer.build(x.shape)
    restless(layer)
    given = convert_to_numpy(layer(x))
    weights = [weight.astype("float64") for weight in layer.get_weights()]
    for found, picture in zip(given, x, strict=True):
        np.testing.assert_allclose(found, attended(picture, weights, 2, 4, shift), atol=2e-4)


@pytest.mark.backends
def test_merging_joins_neighbors():
    layer = PatchMerging()
    x = np.random.default_rng(4).normal(size=(1, 4, 4, 2)).astype("float32")
    layer.build(x.shape)
    restless(layer)
    scale, shift, reduce = layer.get_weights()
    four = np.concatenate([x[0, 2, 0], x[0, 3, 0], x[0, 2, 1], x[0, 3, 1]])
    normed = (four - four.mean()) / np.sqrt(four.var() + 1e-5) * scale + shift
    np.testing.assert_allclose(convert_to_numpy(layer(x))[0, 1, 0], normed @ reduce, atol=1e-4)


@pytest.mark.backends
@pytest.mark.parametrize("name", ["swin", "convnext_v2"])
def test_a_reload_keeps_every_output(name, tmp_path):
    model = build(name, SIZE, "small", seed=5)
    for number, layer in enumerate(model.layers):
        if layer.count_params() and layer.name != "logits":
            restless(layer, number)
    before = convert_to_numpy(model(pictures()))
    model.save(tmp_path / "model.keras")
    after = convert_to_numpy(keras.saving.load_model(tmp_path / "model.keras")(pictures()))
    assert np.ptp(before) > 0
    np.testing.assert_array_equal(after, before)


@pytest.mark.backends
@pytest.mark.parametrize("name", ["swin", "convnext_v2"])
def test_every_weight_learns(name):
    model = build(name, SIZE, "small", seed=1)
    for number, layer in enumerate(model.layers):
        if layer.count_params():
            restless(layer, number)
    before = model.get_weights()
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(pictures(2), np.array([0, 1]))
    names = [weight.path for weight in model.weights]
    still = [name for name, old, new in zip(names, before, model.get_weights(), strict=True) if (old == new).all()]
    assert still == []


def test_a_seed_gives_the_same_network():
    first, same, other = (build("swin", SIZE, "small", seed=seed).get_weights() for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(first, same, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_what_does_not_fit_is_refused_in_words():
    with pytest.raises(ValueError, match=r"swin \(tiny, base, small\).*got 'resnet'"):
        build("resnet", SIZE, "small")
    with pytest.raises(ValueError, match="expected pictures whose side 32 divides, got 100"):
        build("swin", 100, "tiny")
