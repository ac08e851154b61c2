"""The networks of document B: one backbone, and a head for cancer beside heads for what else is known of a picture."""

from collections.abc import Mapping

import keras
from keras import layers

from helpers.networks import timm_weights
from helpers.networks.backend import precision
from helpers.networks.deit import DeiT3
from helpers.networks.graph import fresh_names
from helpers.networks.se_resnext import SEResNeXt

SIZES = {
    "published": {"cnn": SEResNeXt(), "vit": DeiT3()},
    "small": {
        "cnn": SEResNeXt(blocks=(1, 1, 1, 1), planes=16, groups=4, group_width=16),
        "vit": DeiT3(patch=8, width=48, depth=4, heads=3),
    },
}
"""The same code at two sizes: that of document B, and one that two cores train within seconds."""
NAMES = ("cnn", "vit")
MAIN = "cancer"
"""The head that the network is for."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colors, by which the published weights want their pictures normalized."""
UNSCALED = 1.0
"""What a transformer's branches start with where nothing is pretrained: at 1e-6 they would start as if absent."""


def build(
    name: str,
    image_size: int,
    heads: Mapping[str, tuple[int, str]],
    *,
    size: str = "small",
    weights: str = "none",
    dropout: float = 0.0,
    seed: int = 0,
) -> keras.Model:
    """Builds a network of document B (Bassi et al., sections 5.3 and 5.6); no layer is frozen.

    Args:
        name: "cnn", SE-ResNeXt50 32x4d, or "vit", DeiT3-base.
        image_size: Side of the pictures, px; published: 384.
        heads: {target: (units, activation)} beside the one for cancer.
        size: "published" or "small".
        weights: imagenet | none | a .safetensors file of timm's network; of the published size alone.
        dropout: Rate before the heads.
        seed: Seed of the random weights; set for Keras as a whole.

    Returns:
        Model from pictures, (n, image_size, image_size, 1) in 0-255, to {"cancer": probabilities, (n, 1)} and
        {target: (n, units)}. No target is an input of it.

    Raises:
        ValueError: The name or the size is unknown, or the patches do not divide the pictures.
        WeightsError: The weights cannot be had or do not fit.
    """
    if name not in NAMES or size not in SIZES:
        raise ValueError(f"expected a network out of {', '.join(NAMES)}, {' or '.join(SIZES)}, got {name!r}, {size!r}")
    fresh_names()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision())
    inputs = keras.Input((image_size, image_size, 1), name="picture")
    vector = layers.Dropout(dropout, name="dropout")(_backbone(name, size, weights)(_normalized(inputs)))
    outputs = {
        target: layers.Dense(units, activation, dtype="float32", name=target)(vector)
        for target, (units, activation) in {MAIN: (1, "sigmoid"), **heads}.items()
    }
    model = keras.Model(inputs, outputs, name=name)
    if weights != "none":
        timm_weights.fill(model, name, weights)
    return model


def _backbone(name: str, size: str, weights: str):
    network = SIZES[size][name]
    if name == "vit" and weights == "none":
        return lambda x: network(x, layer_scale=UNSCALED)
    return network


def _normalized(inputs: keras.KerasTensor) -> keras.KerasTensor:
    colors = layers.Concatenate(name="three_channels")([inputs] * 3)
    scale = [1 / (255 * deviation) for deviation in DEVIATION]
    offset = [-mean / deviation for mean, deviation in zip(MEAN, DEVIATION, strict=True)]
    return layers.Rescaling(scale, offset, name="rescaling")(colors)
