"""ImageNet backbones that take one channel in 0-255, flat, with their preprocessing inside."""

from collections.abc import Callable

import keras
from keras import layers

from helpers.networks.depthwise import DepthwiseConv2D
from helpers.networks.weights import pretrained


def convnext_tiny(inputs: keras.KerasTensor, weights: str) -> keras.Model:
    """ConvNeXt-Tiny with true depthwise convolutions and named residual sums; it normalizes 0-255 itself.

    Args:
        inputs: Symbolic pictures, (n, size, size, 1), 0-255.
        weights: imagenet | none | a no-top weights file.

    Returns:
        Model from the pictures to a (n, size // 32, size // 32, 768) map.

    Raises:
        WeightsError: The weights cannot be had.
    """
    stock = pretrained(keras.applications.ConvNeXtTiny, _three_channels(inputs), weights)
    backbone = keras.models.clone_model(stock, clone_function=_depthwise, call_function=_named_sum)
    for layer in stock.layers:
        backbone.get_layer(layer.name).set_weights(_values(layer))
    if weights == "none":
        _raise_layer_scale(backbone)
    return backbone


def inception_v3(inputs: keras.KerasTensor, weights: str) -> keras.Model:
    """InceptionV3; arguments, result and errors as in `convnext_tiny`, with a map of 2048 channels."""
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(_three_channels(inputs))
    return pretrained(keras.applications.InceptionV3, scaled, weights)


def freeze(backbone: keras.Model, unfrozen_layers: int) -> None:
    """Leaves the last layers of a backbone trainable and freezes those before them, BatchNormalization included.

    Residual sums do not count: keras.applications writes them as operations, and the published "last 20 layers"
    counts its layers.

    Args:
        backbone: Flat backbone.
        unfrozen_layers: How many layers stay trainable.
    """
    counted = [layer for layer in backbone.layers if not isinstance(layer, layers.Add)]
    for layer in counted[: max(0, len(counted) - unfrozen_layers)]:
        layer.trainable = False


def _three_channels(inputs: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Concatenate(name="three_channels")([inputs] * 3)


def _is_depthwise(layer: keras.Operation) -> bool:
    return isinstance(layer, layers.Conv2D) and layer.groups > 1


def _depthwise(layer: keras.Operation) -> keras.Operation:
    # TensorFlow on a CPU runs Conv2D(groups=C) through XLA, five to six times slower than DepthwiseConv2D.
    config = layer.get_config()
    if _is_depthwise(layer):
        kept = ("name", "kernel_size", "strides", "padding", "use_bias", "dtype")
        return DepthwiseConv2D(**{key: config[key] for key in kept})
    return type(layer).from_config(config)


def _named_sum(operation: keras.Operation, *args, **kwargs):
    # A residual sum is a bare operation, which get_layer does not find; as a layer it can carry a Grad-CAM.
    if isinstance(operation, keras.layers.Layer) or len(args) != 2:
        return operation(*args, **kwargs)
    branch = args[1]._keras_history.operation.name
    return layers.Add(name=branch.replace("_identity", "_add"))(list(args))


def _values(layer: keras.layers.Layer) -> list:
    values = layer.get_weights()
    if _is_depthwise(layer):
        values[0] = values[0].transpose(0, 1, 3, 2)
    return values


def _raise_layer_scale(backbone: keras.Model) -> None:
    # At 1e-6, where keras.applications starts it, every block without trained weights passes its input on unchanged.
    for layer in backbone.layers:
        if layer.name.endswith("_layer_scale"):
            layer.set_weights([weight * 0 + 1 for weight in layer.get_weights()])


Backbone = Callable[[keras.KerasTensor, str], keras.Model]
