"""Training the tail on stored activations is training the network, to the bit."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.ops import convert_to_numpy

from helpers.networks import build
from helpers.training import Cache, Settings, fit, predict
from helpers.training.frozen_prefix import activations, split

SIZE = 75
LABELS = np.arange(8) % 3
TARGETS = np.eye(3, dtype="float32")[LABELS]


def random_pictures(n: int = 8, size: int = SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size, size), dtype=np.uint8)


@pytest.fixture(scope="module", params=["icnt", "iiv3"])
def network(request) -> keras.Model:
    return build(request.param, SIZE)


def steps(learner: keras.Model, inputs) -> list[float]:
    """Two steps of training; eager, which spares the time to trace a whole backbone."""
    keras.utils.set_random_seed(0)  # PyTorch\'s dropout draws from a generator of no layer
    # Without momentum or scaling a step is the gradient itself.
    learner.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy", run_eagerly=True)
    return [float(learner.train_on_batch(inputs, TARGETS)) for _ in range(2)]


def values(network: keras.Model) -> list[np.ndarray]:
    return [np.array(convert_to_numpy(variable)) for variable in network.variables]


def test_training_the_tail_is_training_the_network(network):
    x = random_pictures()[..., None].astype("float32")
    start = values(network)
    prefix, tail = split(network)
    stored = [convert_to_numpy(value) for value in prefix(x)]
    np.testing.assert_array_equal(*(convert_to_numpy(said) for said in (tail(stored), network(x))))

    losses = steps(tail, stored)
    by_tail = values(network)
    for variable, value in zip(network.variables, start, strict=True):
        variable.assign(value)
    assert steps(network, x) == losses
    for variable, now, value in zip(network.variables, values(network), by_tail, strict=True):
        np.testing.assert_array_equal(now, value, err_msg=variable.path)
    assert any((value != before).any() for value, before in zip(by_tail, start, strict=True))


def test_the_prefix_holds_the_frozen_layers_and_the_tail_the_rest(network):
    prefix, tail = split(network)
    assert not prefix.trainable_weights
    assert {id(weight) for weight in tail.trainable_weights} == {id(weight) for weight in network.trainable_weights}
    assert prefix.count_params() + tail.count_params() == network.count_params()


def frozen_network(seed: int = 0) -> keras.Model:
    """A frozen part with a residual across the cut, then dropout and what learns."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((12, 12, 1), name="picture")
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(4, 3, padding="same", trainable=False)(x)
    frozen = layers.BatchNormalization(trainable=False, name="frozen")(x)
    x = layers.Conv2D(4, 3, padding="same", name="learns")(frozen)
    x = layers.GlobalAveragePooling2D()(x + frozen)
    x = layers.Dropout(0.5)(layers.Dense(4, name="embedding")(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(3, name="logits")(x)))


def test_a_residual_across_the_cut_is_cut_once():
    prefix, _ = split(frozen_network())
    assert [tensor._keras_history.operation.name for tensor in prefix.outputs] == ["frozen"]


def test_what_a_pooling_makes_of_a_stored_map_is_not_stored():
    inputs = keras.Input((8, 8, 1))
    frozen = layers.Conv2D(2, 3, trainable=False, name="frozen")(inputs)
    pooled = layers.Conv2D(2, 1)(layers.AveragePooling2D(3, 1, padding="same")(frozen))
    x = layers.Concatenate()([layers.Conv2D(2, 1)(frozen), pooled])
    prefix, _ = split(keras.Model(inputs, x))
    assert [tensor._keras_history.operation.name for tensor in prefix.outputs] == ["frozen"]


@pytest.mark.backends
@pytest.mark.parametrize(
    "layer", [layers.Dropout(0.5), layers.GaussianNoise(0.1), layers.BatchNormalization(center=False, scale=False)]
)
def test_a_layer_that_differs_from_step_to_step_is_not_stored(layer):
    inputs = keras.Input((4, 4, 1))
    x = layers.Conv2D(2, 3, trainable=False, name="frozen")(inputs)
    x = layers.Conv2D(2, 2, trainable=False)(layer(x))
    prefix, tail = split(keras.Model(inputs, layers.Dense(3)(layers.Flatten()(x))))
    assert [tensor._keras_history.operation.name for tensor in prefix.outputs] == ["frozen"]
    assert layer in tail.layers


def test_a_network_that_learns_everywhere_is_left_whole():
    model = build("baseline_cnn", 32)
    prefix, tail = split(model)
    assert prefix is None
    assert tail is model


@pytest.mark.backends
def test_activations_are_what_the_prefix_makes_of_each_picture(tmp_path):
    pictures = random_pictures(7, 12)
    prefix, _ = split(frozen_network())
    (stored,) = activations(prefix, pictures, Cache(tmp_path, batch_size=3))
    np.testing.assert_allclose(stored, convert_to_numpy(keras.tree.flatten(prefix(pictures[..., None]))[0]), atol=1e-6)
    assert stored.dtype == np.float32
    assert not stored.flags.writeable
    assert len(list(tmp_path.iterdir())) == 1


def test_activations_are_computed_once_for_equal_networks(tmp_path, monkeypatch):
    pictures = random_pictures(7, 12)
    (first,) = activations(split(frozen_network())[0], pictures, Cache(tmp_path))
    again, _ = split(frozen_network())
    monkeypatch.setattr(again, "predict_on_batch", lambda *_: pytest.fail("computed twice"))
    (second,) = activations(again, pictures, Cache(tmp_path))
    np.testing.assert_array_equal(first, second)


def test_other_weights_pictures_or_preprocessing_are_computed_anew(tmp_path):
    pictures = random_pictures(7, 12)
    inverted = keras.models.clone_model(frozen_network())
    inverted.set_weights(frozen_network().get_weights())
    inverted.layers[1].scale = -1 / 255
    for model, seen in [
        (frozen_network(), pictures),
        (frozen_network(1), pictures),
        (frozen_network(), 255 - pictures),
    ]:
        activations(split(model)[0], seen, Cache(tmp_path))
    activations(split(inverted)[0], pictures, Cache(tmp_path))
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.backends
def test_fitting_with_the_cache_is_fitting_without(tmp_path):
    pictures, labels = random_pictures(40, 12), np.arange(40) % 3
    settings = Settings(epochs=3, batch_size=8, learning_rate=1e-2, fsl_lambda=0.1, seed=2)
    plain, cached = frozen_network(), frozen_network()
    expected = fit(plain, pictures, labels, np.arange(30), np.arange(30, 40), settings)
    history = fit(cached, pictures, labels, np.arange(30), np.arange(30, 40), settings, cache=Cache(tmp_path))
    np.testing.assert_allclose(history, expected, atol=1e-5)
    np.testing.assert_allclose(predict(cached, pictures, cache=Cache(tmp_path)), predict(plain, pictures), atol=1e-5)
    np.testing.assert_allclose(predict(cached, pictures), predict(plain, pictures), atol=1e-5)
    np.testing.assert_array_equal(convert_to_numpy(cached.get_layer("frozen").gamma), np.ones(4))


def test_augmentation_before_the_cut_trains_the_whole_network_and_says_so(tmp_path):
    pictures, settings = random_pictures(8, 12), Settings(epochs=2, augment=True)
    plain, cached = frozen_network(), frozen_network()
    expected = fit(plain, pictures, LABELS, np.arange(4), np.arange(4, 8), settings)
    with pytest.warns(UserWarning, match="augmented pictures are new each epoch, so its frozen part is not cached"):
        history = fit(cached, pictures, LABELS, np.arange(4), np.arange(4, 8), settings, cache=Cache(tmp_path))
    np.testing.assert_array_equal(history, expected)
    assert list(tmp_path.iterdir()) == []


def test_half_precision_is_half_the_size_and_only_rounds(tmp_path):
    pictures = random_pictures(7, 12)
    prefix, _ = split(frozen_network())
    (exact,), (rounded,) = (activations(prefix, pictures, Cache(tmp_path, dtype)) for dtype in ("float32", "float16"))
    assert 2 * rounded.nbytes == exact.nbytes
    np.testing.assert_array_equal(rounded, exact.astype("float16"))


def test_the_cache_tells_how_far_it_is(tmp_path):
    seen = []
    prefix, _ = split(frozen_network())
    cache = Cache(tmp_path, batch_size=3, on_picture=lambda done, total: seen.append((done, total)))
    activations(prefix, random_pictures(7, 12), cache)
    assert seen == [(3, 7), (6, 7), (7, 7)]
