"""Document C's two networks under the plain heads that their authors give them."""

import keras
from keras import layers

from helpers.networks import convnext_v2, swin
from helpers.networks.backend import precision
from helpers.networks.convnext_v2 import truncated
from helpers.networks.graph import fresh_names

BACKBONES = {"swin": swin.swin, "convnext_v2": convnext_v2.convnext_v2}
NAMES = tuple(BACKBONES)
"""The networks of document C."""
VARIANTS = {"swin": tuple(swin.VARIANTS), "convnext_v2": tuple(convnext_v2.VARIANTS)}


def build(name: str, image_size: int, variant: str, classes: int = 2, seed: int = 0) -> keras.Model:
    """Builds a network of document C (Yoshitsugu et al. 2025, section 2.2.2).

    Args:
        name: One of `NAMES`.
        image_size: Height and width of the pictures, px.
        variant: One of its `VARIANTS`.
        classes: Number of classes.
        seed: Seed of the random weights; set for Keras as a whole, which has no other way.

    Returns:
        Model from pictures, (n, image_size, image_size, 1) in 0-255, to layer "probabilities", (n, classes), through
        "last_map", "embedding" and "logits".

    Raises:
        ValueError: The name or the variant is unknown, or the pictures do not fit the network.
    """
    if name not in NAMES or variant not in VARIANTS[name]:
        known = "; ".join(f"{each} ({', '.join(VARIANTS[each])})" for each in NAMES)
        raise ValueError(f"expected a network of document C with a variant, {known}; got {name!r} ({variant})")
    fresh_names()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision())
    inputs = keras.Input((image_size, image_size, 1), name="picture")
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(inputs)
    vector = BACKBONES[name](layers.Concatenate(name="three_channels")([scaled] * 3), variant)
    # Scores and probabilities stay float32 where the rest is computed in less.
    logits = layers.Dense(classes, kernel_initializer=truncated(), dtype="float32", name="logits")(vector)
    return keras.Model(inputs, layers.Softmax(dtype="float32", name="probabilities")(logits), name=name)
