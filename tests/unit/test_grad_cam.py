"""Grad-CAM against the whole network's gradient, finite differences and the closed form of a linear head."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from helpers.evaluation.grad_cam import evidence, explain, has_evidence, score_gradient

CLASSES = np.array([0, 1, 2, 2, 1, 0, 2])


def network(logits: bool = True, linear: bool = False) -> keras.Model:
    """Two convolutions with batch normalization and dropout, small and far from their initial statistics."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((16, 16, 1))
    x = layers.Conv2D(4, 3)(layers.Rescaling(1 / 127.5, offset=-1)(inputs))
    x = layers.BatchNormalization(moving_mean_initializer=keras.initializers.Constant(0.2))(x)
    x = layers.Conv2D(6, 3, strides=2, activation="relu" if linear else "tanh", name="maps")(x)
    if not linear:
        # without a convolution behind the map its gradient would be the same in every place
        x = layers.Conv2D(5, 3, strides=2, activation="tanh", kernel_initializer="orthogonal")(x)
    x = layers.GlobalAveragePooling2D()(x)
    if not linear:
        x = layers.Dropout(0.5)(layers.Dense(8, activation="tanh", kernel_initializer="orthogonal")(x))
    scores = layers.Dense(3, name="logits" if logits else "scores")(x)
    return keras.Model(inputs, layers.Softmax(name="probabilities")(scores))


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return network()


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """Checkered with black and white squares of four pixels, so that features of either sign arise."""
    squares = np.random.default_rng(0).integers(0, 2, (7, 4, 4), dtype=np.uint8)
    return np.kron(squares, np.full((1, 4, 4), 255, np.uint8))


def halves(model: keras.Model, scores: str = "logits") -> tuple[keras.Model, keras.Model]:
    maps = model.get_layer("maps").output
    return keras.Model(model.input, maps), keras.Model(maps, model.get_layer(scores).output)


def whole_tape(model: keras.Model, pictures: np.ndarray, classes: np.ndarray, scores: str = "logits") -> np.ndarray:
    """The textbook form: one picture at a time, the whole network on the tape."""
    tensorflow = pytest.importorskip("tensorflow")
    both = keras.Model(model.input, [model.get_layer("maps").output, model.get_layer(scores).output])
    found = []
    for picture, chosen in zip(pictures, classes, strict=True):
        with tensorflow.GradientTape() as tape:
            maps, values = both(picture[None, ..., None].astype("float32"), training=False)
            score = values[0, int(chosen)]
        weights = tape.gradient(score, maps).numpy()[0].mean(axis=(0, 1))
        found.append(np.maximum((maps.numpy()[0] * weights).sum(axis=-1), 0))
    return np.stack(found)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the reference is written for TensorFlow")
@pytest.mark.parametrize("scores", ["logits", "probabilities"])
def test_maps_are_those_of_a_tape_over_the_whole_network(pictures, scores):
    model = network(logits=scores == "logits")
    expected = whole_tape(model, pictures, CLASSES, scores)
    assert has_evidence(expected).all()
    np.testing.assert_allclose(evidence(model, pictures, CLASSES, "maps"), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.backends
def test_gradient_is_that_of_finite_differences(model, pictures):
    head, tail = halves(model)
    features = ops.convert_to_numpy(head(pictures[:2, ..., None].astype("float32"), training=False))
    classes, step = np.array([2, 0]), 0.05
    gradient = score_gradient(tail, features, classes)
    for place in [(0, 0, 0, 0), (0, 3, 2, 5), (1, 5, 5, 1), (1, 2, 4, 3)]:
        up, down = features.copy(), features.copy()
        up[place] += step
        down[place] -= step
        difference = [ops.convert_to_numpy(tail(each))[place[0], classes[place[0]]] for each in (up, down)]
        assert gradient[place] == pytest.approx((difference[0] - difference[1]) / (2 * step), rel=0.02, abs=1e-5)


@pytest.mark.backends
def test_a_linear_head_gives_the_class_activation_map(pictures):
    model = network(linear=True)
    head, _ = halves(model)
    features = ops.convert_to_numpy(head(pictures[..., None].astype("float32"), training=False))
    kernel = ops.convert_to_numpy(model.get_layer("logits").kernel)
    expected = np.maximum(np.einsum("nhwc,cn->nhw", features, kernel[:, CLASSES]) / features[0, ..., 0].size, 0)
    np.testing.assert_allclose(evidence(model, pictures, CLASSES, "maps"), expected, rtol=1e-4, atol=1e-7)


def test_a_batch_equals_one_by_one(model, pictures):
    together = explain(model, pictures, CLASSES, "maps")
    parts = explain(model, pictures, CLASSES, "maps", batch_size=3)
    alone = [explain(model, pictures[i : i + 1], CLASSES[i : i + 1], "maps")[0] for i in range(len(pictures))]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(together, parts, atol=1e-5)


def test_maps_reach_from_zero_to_one_and_take_either_shape(model, pictures):
    maps = explain(model, pictures, CLASSES, "maps")
    assert maps.shape == (7, 6, 6) and maps.dtype == np.float32
    assert maps.min() >= 0
    np.testing.assert_array_equal(maps.max(axis=(1, 2)), 1)
    np.testing.assert_array_equal(explain(model, pictures[..., None], CLASSES, "maps"), maps)
    assert explain(model, pictures[:0], CLASSES[:0], "maps").shape == (0, 6, 6)


def test_any_class_can_be_explained(model, pictures):
    maps = [evidence(model, pictures, np.full(7, chosen), "maps") for chosen in range(3)]
    for chosen, other in ((0, 1), (1, 2), (2, 0)):
        assert not np.allclose(maps[chosen], maps[other])


def test_no_positive_evidence_stays_a_map_of_zeros(pictures):
    model = network(linear=True)
    kernel = np.abs(ops.convert_to_numpy(model.get_layer("logits").kernel)) * [1, -1, 1]
    model.get_layer("logits").kernel.assign(kernel)
    maps = explain(model, pictures, CLASSES, "maps")
    np.testing.assert_array_equal(has_evidence(maps), CLASSES != 1)
    assert not maps[CLASSES == 1].any()


def test_a_reloaded_model_is_explained_alike_and_explaining_leaves_it_whole(model, pictures, tmp_path):
    maps = explain(model, pictures, CLASSES, "maps")
    model.save(tmp_path / "model.keras")
    reloaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(explain(reloaded, pictures, CLASSES, "maps"), maps, atol=1e-6)
    before, after = (ops.convert_to_numpy(each(pictures[..., None])) for each in (model, reloaded))
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_way_around_the_layer_is_refused(pictures):
    inputs = keras.Input((16, 16, 1))
    x = layers.Conv2D(2, 3, padding="same")(inputs)
    x = layers.Add()([x, layers.Conv2D(2, 3, padding="same", name="maps")(x)])
    model = keras.Model(inputs, layers.Dense(3, name="logits")(layers.GlobalAveragePooling2D()(x)))
    with pytest.raises(ValueError, match="pass through layer 'maps'"):
        explain(model, pictures, CLASSES, "maps")


@pytest.mark.parametrize(
    ("classes", "layer", "message"),
    [
        (CLASSES[:3], "maps", "one class for each of 7 pictures"),
        (CLASSES + 1, "maps", "class indices 0 to 2, got 1 to 3"),
        (CLASSES, "logits", "expected layer 'logits' to give"),
        (CLASSES, "nowhere", "nowhere"),
    ],
)
def test_what_cannot_be_explained_is_said(model, pictures, classes, layer, message):
    with pytest.raises(ValueError, match=message):
        explain(model, pictures, classes, layer)


def test_a_last_batch_that_is_not_full_changes_no_map(model):
    squares = np.random.default_rng(2).integers(0, 2, (21, 4, 4), dtype=np.uint8)
    many, classes = np.kron(squares, np.full((1, 4, 4), 255, np.uint8)), np.arange(21) % 3
    alone = np.concatenate([evidence(model, many[i : i + 1], classes[i : i + 1], "maps") for i in range(21)])
    np.testing.assert_allclose(evidence(model, many, classes, "maps", batch_size=16), alone, atol=1e-5)
