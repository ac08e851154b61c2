"""ConvNeXt V2 (Woo et al. 2023, arXiv 2301.00808), one of document C's two networks."""

from dataclasses import dataclass

import keras
from keras import layers

from helpers.networks.depthwise import DepthwiseConv2D
from helpers.networks.normalization import GlobalResponseNormalization

KERNEL = 7
EPSILON = 1e-6


@dataclass(frozen=True)
class Variant:
    """How large a ConvNeXt V2 is.

    Attributes:
        channels: Of each stage.
        depths: Blocks of each stage.
        drop_path: Share of samples for which the last block is skipped while training; it grows from 0 at the first.
    """

    channels: tuple[int, ...]
    depths: tuple[int, ...]
    drop_path: float = 0.0


VARIANTS = {
    "tiny": Variant((96, 192, 384, 768), (3, 3, 9, 3), drop_path=0.2),
    "atto": Variant((40, 80, 160, 320), (2, 2, 6, 2)),
    "small": Variant((24, 48, 96), (1, 1, 2)),
}
"""Published sizes, and "small" for two cores. The document does not say which one it used."""


def convnext_v2(pictures: keras.KerasTensor, variant: str) -> keras.KerasTensor:
    """Builds the backbone: a stem that cuts patches, then stages of blocks, each but the first halving the map.

    The depthwise step is a DepthwiseConv2D: TensorFlow on a CPU runs Conv2D(groups=C) five to six times slower.

    Args:
        pictures: Symbolic tensor, (n, size, size, 3), normalized.
        variant: A key of `VARIANTS`.

    Returns:
        Symbolic vector, (n, channels of the last stage): the last map, layer "last_map", pooled and normalized.
    """
    sizes = VARIANTS[variant]
    rates = iter(spread(sizes.drop_path, sum(sizes.depths)))
    x = _convolution(sizes.channels[0], 4, "stem")(pictures)
    x = _normalized(x, "stem_norm")
    for stage, (channels, depth) in enumerate(zip(sizes.channels, sizes.depths, strict=True)):
        if stage:
            x = _convolution(channels, 2, f"stage_{stage}_down")(_normalized(x, f"stage_{stage}_down_norm"))
        for block in range(depth):
            x = _block(x, channels, next(rates), f"stage_{stage}_block_{block}")
    last = layers.Identity(name="last_map")(x)
    return _normalized(layers.GlobalAveragePooling2D(name="gap")(last), "embedding")


def spread(highest: float, blocks: int) -> list[float]:
    """Rates of stochastic depth that grow evenly from 0 at the first block (Huang et al. 2016)."""
    return [highest * block / max(1, blocks - 1) for block in range(blocks)]


def drop_path(rate: float, name: str) -> layers.Layer:
    """Skips a branch for whole samples while training (Huang et al. 2016)."""
    return layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=name)


def truncated() -> keras.initializers.Initializer:
    """The normal distribution that both networks start from, cut off at two deviations."""
    return keras.initializers.TruncatedNormal(stddev=0.02)


def _block(x: keras.KerasTensor, channels: int, rate: float, name: str) -> keras.KerasTensor:
    branch = DepthwiseConv2D(KERNEL, padding="same", depthwise_initializer=truncated(), name=f"{name}_depthwise")(x)
    branch = _normalized(branch, f"{name}_norm")
    branch = layers.Dense(4 * channels, "gelu", kernel_initializer=truncated(), name=f"{name}_expand")(branch)
    branch = GlobalResponseNormalization(name=f"{name}_grn")(branch)
    branch = layers.Dense(channels, kernel_initializer=truncated(), name=f"{name}_project")(branch)
    if rate:
        branch = drop_path(rate, f"{name}_drop")(branch)
    return layers.Add(name=f"{name}_add")([x, branch])


def _convolution(channels: int, stride: int, name: str) -> layers.Layer:
    return layers.Conv2D(channels, stride, stride, kernel_initializer=truncated(), name=name)


def _normalized(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.LayerNormalization(epsilon=EPSILON, name=name)(x)
