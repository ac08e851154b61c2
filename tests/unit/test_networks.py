"""The networks against keras.applications, their graphs, their weights, and what a reload must keep."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.ops import convert_to_numpy

from helpers.networks import NAMES, WeightsError, attention_layer, build, latent_layers, recalibrate
from helpers.networks.graph import cuts, fresh_names
from helpers.networks.weights import pretrained

SIZE = 128
APPLICATIONS = {"icnt": keras.applications.ConvNeXtTiny, "iiv3": keras.applications.InceptionV3}
PREPROCESSING = {"icnt": lambda x: x, "iiv3": lambda x: x / 127.5 - 1}


def pictures(n: int = 2, size: int = SIZE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, size, size), dtype=np.uint8)


def batch(n: int = 2, size: int = SIZE) -> np.ndarray:
    return pictures(n, size)[..., None].astype("float32")


def restless(model: keras.Model) -> keras.Model:
    """Gives every weight that starts as a constant a value that would show if it were lost."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if "layer_scale" in layer.name or isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return model


def feature_map(model: keras.Model) -> np.ndarray:
    return convert_to_numpy(keras.Model(model.input, model.get_layer("gagm").input)(batch()))


@pytest.fixture(scope="module", params=list(APPLICATIONS))
def stock(request) -> tuple[str, keras.Model]:
    name = request.param
    # Keras numbers the layers that nobody named; what another test has built before must not show.
    fresh_names()
    application = APPLICATIONS[name](include_top=False, weights=None, input_shape=(SIZE, SIZE, 3))
    return name, restless(application)


@pytest.fixture(scope="module")
def improved(stock, tmp_path_factory) -> keras.Model:
    """The improved network with the stock backbone's weights, by way of a file."""
    name, application = stock
    path = tmp_path_factory.mktemp("weights") / f"{name}.weights.h5"
    application.save_weights(path)
    return build(name, SIZE, weights=str(path), seed=1)


@pytest.fixture(scope="module")
def reloaded(improved, tmp_path_factory) -> keras.Model:
    path = tmp_path_factory.mktemp("network") / "model.keras"
    improved.save(path)
    return keras.saving.load_model(path)


def test_the_backbone_gives_the_feature_map_of_the_stock_network(stock, improved):
    name, application = stock
    expected = convert_to_numpy(application(PREPROCESSING[name](np.repeat(batch(), 3, axis=-1))))
    np.testing.assert_allclose(feature_map(improved), expected, atol=2e-5 * np.abs(expected).max())


def test_the_backbone_has_the_parameters_of_the_stock_network(stock, improved):
    _, application = stock
    channels = application.output.shape[-1]
    squeeze = max(8, 2 * channels // 16)
    sevector = 2 * channels * squeeze + squeeze + squeeze * 2 * channels + 2 * channels
    head = sevector + (2 * channels * 256 + 256) + (256 * 3 + 3)
    assert improved.count_params() == application.count_params() + head


def test_the_last_twenty_layers_learn_as_keras_counts_them(stock, improved):
    _, application = stock
    place = {layer.name: index for index, layer in enumerate(application.layers)}
    theirs = [layer for layer in improved.layers if layer.name in place]
    learning = {layer.name for layer in theirs if layer.trainable and layer.weights}
    assert learning == {layer.name for layer in application.layers[-20:] if layer.weights}
    assert all(layer.trainable for layer in improved.layers[improved.layers.index(improved.get_layer("gagm")) :])


def test_frozen_normalization_ignores_the_batch(improved):
    frozen = [
        layer for layer in improved.layers if isinstance(layer, layers.BatchNormalization) and not layer.trainable
    ]
    before = [layer.get_weights() for layer in frozen]
    improved(batch(), training=True)
    for layer, weights in zip(frozen, before, strict=True):
        np.testing.assert_array_equal(layer.get_weights(), weights)


def test_a_reloaded_network_gives_the_same_probabilities(improved, reloaded):
    probabilities = convert_to_numpy(improved(batch()))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(convert_to_numpy(reloaded(batch())), probabilities)
    assert attention_layer(reloaded) == attention_layer(improved)
    assert latent_layers(reloaded) == latent_layers(improved)


def test_attention_looks_at_the_deepest_map_that_is_large_enough(stock, improved):
    layer, side = {"icnt": ("convnext_tiny_stage_2_block_8_add", 8), "iiv3": ("mixed7", 6)}[stock[0]]
    assert attention_layer(improved) == layer
    assert improved.get_layer(layer).output.shape[1:3] == (side, side)


def test_the_network_can_be_cut_where_attention_looks(reloaded):
    there = reloaded.get_layer(attention_layer(reloaded)).output
    through = keras.Model(there, reloaded.output)(keras.Model(reloaded.input, there)(batch()))
    np.testing.assert_allclose(convert_to_numpy(through), convert_to_numpy(reloaded(batch())), atol=1e-6)


def test_the_latent_layers_are_the_ends_of_stages_and_the_vectors_of_the_head(stock, improved):
    ends = {
        "icnt": ["stage_0_block_2_add", "stage_1_block_2_add", "stage_2_block_8_add", "layer_normalization"],
        "iiv3": ["activation_4", "mixed2", "mixed7", "mixed10"],
    }[stock[0]]
    expected = [*ends, "gagm", "sevector", "embedding"]
    assert [name.removeprefix("convnext_tiny_") for name in latent_layers(improved)] == expected


def test_at_its_own_size_inception_is_explained_at_its_end():
    model = build("iiv3", 224)
    assert attention_layer(model) == "mixed10"
    assert model.get_layer("mixed10").output.shape[1:3] == (5, 5)


def test_attention_says_when_no_map_is_large_enough():
    with pytest.raises(ValueError, match="at least 100x100"):
        attention_layer(build("baseline_cnn", 64), at_least=100)


def test_a_layer_beside_another_path_is_no_cut():
    inputs = keras.Input((8, 8, 1))
    x = layers.Conv2D(2, 3, padding="same", name="before")(inputs)
    branch = layers.Conv2D(2, 3, padding="same", name="branch")(x)
    x = layers.Conv2D(2, 3, name="after")(x + branch)
    assert [layer.name for layer in cuts(keras.Model(inputs, x))] == ["before", "after"]


def test_names_and_weights_depend_on_the_seed_and_on_nothing_built_before():
    first, second, other = (build("baseline_cnn", 64, seed=seed) for seed in (3, 3, 4))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    said = [convert_to_numpy(model(batch(size=64))) for model in (first, second, other)]
    np.testing.assert_array_equal(said[0], said[1])
    assert not np.array_equal(said[0], said[2])


def test_the_table_of_networks_is_that_of_document_a():
    assert NAMES == ("baseline_cnn", "icnt", "iiv3")


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [("resnet", 128, "baseline_cnn, icnt, iiv3, got 'resnet'"), ("iiv3", 64, "at least 75 px, got 64")],
)
def test_what_cannot_be_built_is_named(name, size, message):
    with pytest.raises(ValueError, match=message):
        build(name, size)


@pytest.mark.parametrize(
    ("name", "weights"), [("icnt", "gone.h5"), ("baseline_cnn", "gone.h5"), ("baseline_cnn", "gone.keras")]
)
def test_a_missing_file_is_named_with_the_choices(name, weights):
    with pytest.raises(WeightsError, match=f"weights {weights}: .*choose imagenet .* none, or a file"):
        build(name, SIZE, weights=weights)


def test_imagenet_without_a_network_names_the_choices():
    def unreachable(**options):
        raise Exception("URL fetch failure")

    with pytest.raises(WeightsError, match="URL fetch failure; choose imagenet .* none, or a file"):
        pretrained(unreachable, keras.Input((SIZE, SIZE, 3)), "imagenet")


def test_the_baseline_is_from_scratch_even_under_imagenet():
    said = [build("baseline_cnn", 64, weights=weights)(batch(size=64)) for weights in ("imagenet", "none")]
    np.testing.assert_array_equal(*map(convert_to_numpy, said))


def test_a_trained_network_is_taken_up_from_its_file(tmp_path):
    trained = restless(build("baseline_cnn", 64, seed=5))
    trained.save(tmp_path / "model.keras")
    again = build("baseline_cnn", 64, weights=str(tmp_path / "model.keras"), seed=6)
    np.testing.assert_array_equal(*(convert_to_numpy(model(batch(size=64))) for model in (again, trained)))


def test_another_networks_file_is_refused(tmp_path):
    inputs = keras.Input((4,))
    keras.Model(inputs, layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(WeightsError, match="not a baseline_cnn of this shape"):
        build("baseline_cnn", 64, weights=str(tmp_path / "other.keras"))


def frozen_network() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((16, 16, 1))
    x = inputs
    for _ in range(2):
        x = layers.Conv2D(4, 3)(x)
        x = layers.BatchNormalization(trainable=False)(x)
        x = layers.ReLU()(x)
    return keras.Model(inputs, x)


def test_recalibrated_statistics_normalize_as_the_batch_itself_does():
    model, x = frozen_network(), batch(24, 16)
    recalibrate(model, pictures(24, 16))
    recalibrated = convert_to_numpy(model(x, training=False))
    for layer in model.layers:
        layer.trainable = True
    np.testing.assert_allclose(recalibrated, convert_to_numpy(model(x, training=True)), rtol=1e-4, atol=1e-4)


@pytest.mark.backends
def test_recalibration_averages_over_batches_and_leaves_the_layers_as_they_were():
    model = frozen_network()
    recalibrate(model, pictures(12, 16), batch_size=4)
    convolution, normalization = model.layers[1], model.layers[2]
    expected = convert_to_numpy(convolution(batch(12, 16))).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(convert_to_numpy(normalization.moving_mean), expected, rtol=1e-4, atol=1e-3)
    assert (normalization.trainable, normalization.momentum) == (False, 0.99)


def test_layer_scale_is_raised_where_nothing_is_pretrained():
    scales = [layer for layer in build("icnt", 32).layers if layer.name.endswith("layer_scale")]
    assert len(scales) == 18
    assert all((convert_to_numpy(layer.gamma) == 1).all() for layer in scales)
