"""ConvNeXt's depthwise convolutions as what they are, against keras.applications' grouped ones."""

import keras

from bench.inputs import batch
from bench.timing import PLAIN, Measured, agree, alternated
from helpers.networks.backbones import convnext_tiny
from helpers.networks.graph import fresh_names


def depthwise(image_size: int = 128, pictures: int = 16, rounds: int = 3) -> Measured:
    """Times a step with all layers trainable, same weights, same pictures.

    Args:
        image_size: Side of the pictures, px.
        pictures: The batch; 16 is that of the profiles, and of what was measured before this book.
        rounds: Timed steps of each way.

    Returns:
        The `Measured` lever.
    """
    x, y = batch(pictures, image_size)
    ours, stock = pair(image_size)
    checks = (agree("feature map", ours.predict_on_batch(x), stock.predict_on_batch(x), allowed=1e-5),)
    learners = {PLAIN: _learner(stock), "depthwise": _learner(ours)}
    work = {way: (lambda learner=learner: learner.train_on_batch(x, y)) for way, learner in learners.items()}
    seconds = alternated(work, rounds, "depthwise convolutions")
    title = f"Step of ConvNeXt-Tiny, all layers learning, {image_size} px"
    return Measured(title, pictures, seconds, checks)


def pair(image_size: int) -> tuple[keras.Model, keras.Model]:
    """This book's backbone and keras.applications' own, with the same weights, as keras.applications starts them."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((image_size, image_size, 1), name="picture")
    fresh_names()
    ours = convnext_tiny(inputs, "none")
    fresh_names()
    stock = keras.applications.ConvNeXtTiny(
        include_top=False, weights=None, input_tensor=keras.layers.Concatenate()([inputs] * 3)
    )
    for layer in stock.layers:
        if not layer.weights:
            continue
        values = ours.get_layer(layer.name).get_weights()
        if getattr(layer, "groups", 1) > 1:
            values[0] = values[0].transpose(0, 1, 3, 2)
        layer.set_weights(values)
    return ours, stock


def _learner(backbone: keras.Model) -> keras.Model:
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    model = keras.Model(backbone.input, keras.layers.Dense(3, activation="softmax")(pooled))
    model.compile("sgd", "categorical_crossentropy")
    return model
