"""The baseline: a small CNN trained from scratch with BatchNormalization and Dropout."""

import keras
from keras import layers

from helpers.networks.weights import CHOICES, WeightsError, is_network

FILTERS = (16, 32, 64, 128)


def baseline_cnn(inputs: keras.KerasTensor, weights: str = "none") -> keras.Model:
    """Four stages of convolution, BatchNormalization and relu, each halving the map; all trainable.

    Document A names the baseline's ingredients and not its sizes; these learn within a minute on two cores.

    Args:
        inputs: Symbolic pictures, (n, size, size, 1), 0-255.
        weights: imagenet | none, which are the same here: nobody has pretrained this network. A .keras file is left
            to `helpers.networks.build`.

    Returns:
        Model from the pictures to a (n, size // 16, size // 16, 128) map.

    Raises:
        WeightsError: The weights are a backbone's file.
    """
    if weights not in ("imagenet", "none") and not is_network(weights):
        raise WeightsError(f"weights {weights}: the baseline has no backbone to fill; {CHOICES}")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(inputs)
    for stage, filters in enumerate(FILTERS, start=1):
        if stage > 1:
            x = layers.MaxPooling2D(name=f"stage_{stage}_pool")(x)
        # The first stage strides: at full resolution it would cost more than all others together.
        x = _convolve(x, filters, f"stage_{stage}", kernel=5 if stage == 1 else 3, strides=2 if stage == 1 else 1)
    return keras.Model(inputs, x, name="baseline_cnn")


def _convolve(x: keras.KerasTensor, filters: int, name: str, kernel: int, strides: int) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
