"""Where a network's weights come from: ImageNet, nothing, or a file."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

CHOICES = (
    "choose imagenet (needs the network, or keras.applications' no-top file in ~/.keras/models), "
    "none, or a file (.h5 or .weights.h5 of the backbone without its top, .keras of a whole trained network)"
)


class WeightsError(ValueError):
    """Weights that cannot be had; the message says why and names the choices."""


def pretrained(application: Callable, inputs: keras.KerasTensor, weights: str) -> keras.Model:
    """Builds a backbone of keras.applications on given inputs, with its weights.

    Args:
        application: Such as keras.applications.InceptionV3.
        inputs: Symbolic pictures as the application wants them.
        weights: imagenet | none | a file; a .keras file is of the whole network and left to `load_network`.

    Returns:
        Flat model without a top.

    Raises:
        WeightsError: The weights cannot be had.
    """
    source = None if weights == "none" or is_network(weights) else weights
    try:
        return application(include_top=False, weights=source, input_tensor=inputs)
    except Exception as error:  # Keras raises bare Exception for a failed download
        if source is None:
            raise
        raise WeightsError(f"weights {weights}: {error}; {CHOICES}") from error


def is_network(weights: str) -> bool:
    """Whether the weights are those of a whole network, head included."""
    return weights.endswith(".keras")


def load_network(model: keras.Model, path: str) -> None:
    """Copies the weights of a saved network of the same shape into a model.

    Args:
        model: The network to fill.
        path: A .keras file, as training saves it.

    Raises:
        WeightsError: There is no such file, or it holds another network.
    """
    if not Path(path).is_file():
        raise WeightsError(f"weights {path}: no such file; {CHOICES}")
    try:
        model.set_weights(keras.saving.load_model(path, compile=False).get_weights())
    except ValueError as error:
        raise WeightsError(f"weights {path}: not a {model.name} of this shape ({error}); {CHOICES}") from error


def recalibrate(model: keras.Model, pictures: np.ndarray, batch_size: int = 32) -> None:
    """Sets the moving statistics of every BatchNormalization to those of the given pictures.

    A random backbone that is frozen as it starts normalizes by mean 0 and variance 1, which fit nothing. One pass in
    training mode gives every layer inputs that the layers before it have normalized; each layer keeps the
    average of its batches' statistics. Networks without BatchNormalization are left as they are.

    Args:
        model: Network whose weights are random.
        pictures: uint8, (n, size, size); training pictures, some hundreds are enough.
        batch_size: Pictures a batch.
    """
    found = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    kept = [(layer.trainable, layer.momentum) for layer in found]
    for count, start in enumerate(range(0, len(pictures), batch_size) if found else ()):
        for layer in found:
            layer.trainable, layer.momentum = True, count / (count + 1)
        model(pictures[start : start + batch_size, ..., None].astype("float32"), training=True)
    for layer, (trainable, momentum) in zip(found, kept, strict=True):
        layer.trainable, layer.momentum = trainable, momentum
