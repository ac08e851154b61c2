"""A light segmentation network: where in a picture a lesion may lie, on a coarse grid."""

import keras
from keras import layers

from helpers.networks.backend import precision
from helpers.networks.graph import fresh_names

STRIDE = 4
FILTERS = (16, 32, 32)


def localizer(image_size: int, seed: int = 0) -> keras.Model:
    """Builds it: two convolutions that halve the map, one that looks further, and one probability a cell.

    Args:
        image_size: Height and width of the pictures, px; `STRIDE` divides it.
        seed: Seed of the random weights; set for Keras as a whole.

    Returns:
        Model from pictures, (n, image_size, image_size, 1) in 0-255, to layer "lesion", (n, cells, cells), the
        probability of a lesion in each cell of `STRIDE` pixels.

    Raises:
        ValueError: The size is not a multiple of `STRIDE`.
    """
    if image_size % STRIDE:
        raise ValueError(f"localizer: expected pictures whose side {STRIDE} divides, got {image_size}")
    fresh_names()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision())
    inputs = keras.Input((image_size, image_size, 1), name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(inputs)
    for number, (filters, strides, dilation) in enumerate(zip(FILTERS, (2, 2, 1), (1, 1, 2), strict=True), start=1):
        name = f"stage_{number}"
        options = {"strides": strides, "padding": "same", "dilation_rate": dilation, "use_bias": False}
        x = layers.Conv2D(filters, 5, **options, name=f"{name}_conv")(x)
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
    x = layers.Conv2D(1, 1, activation="sigmoid", dtype="float32", name="cells")(x)
    cells = image_size // STRIDE
    return keras.Model(inputs, layers.Reshape((cells, cells), dtype="float32", name="lesion")(x), name="localizer")
