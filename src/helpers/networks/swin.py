"""The Swin Transformer (Liu et al. 2021, arXiv 2103.14030), one of document C's two networks."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from helpers.networks.convnext_v2 import drop_path, spread, truncated

PATCH = 4
EPSILON = 1e-5
CLOSED = -100.0
"""Added to the attention between patches that the shift alone has brought together."""


@dataclass(frozen=True)
class Variant:
    """How large a Swin Transformer is.

    Attributes:
        channels: Of the first stage; each later one has twice as many.
        depths: Blocks of each stage.
        heads: Attention heads of each stage.
        drop_path: Share of samples for which the last block is skipped while training; it grows from 0 at the first.
    """

    channels: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    drop_path: float = 0.0


VARIANTS = {
    "tiny": Variant(96, (2, 2, 6, 2), (3, 6, 12, 24), drop_path=0.2),
    "base": Variant(128, (2, 2, 18, 2), (4, 8, 16, 32), drop_path=0.5),
    "small": Variant(32, (2, 2), (2, 4)),
}
"""Published sizes, and "small" for two cores. The document does not say which one it used."""


def swin(pictures: keras.KerasTensor, variant: str) -> keras.KerasTensor:
    """Builds the backbone: patches, then stages of blocks in pairs, whose second looks through shifted windows.

    A window is as large as the last stage's map, which gives the published 7 at 224 pixels and 12 at 384.

    Args:
        pictures: Symbolic tensor, (n, size, size, 3), normalized.
        variant: A key of `VARIANTS`.

    Returns:
        Symbolic vector, (n, channels of the last stage): the last map, layer "last_map", pooled.

    Raises:
        ValueError: The patches and their merging do not divide the size.
    """
    sizes = VARIANTS[variant]
    window, rest = divmod(pictures.shape[1], PATCH * 2 ** (len(sizes.depths) - 1))
    if rest or not window:
        raise ValueError(
            f"swin {variant}: expected pictures whose side {PATCH * 2 ** (len(sizes.depths) - 1)} divides, "
            f"got {pictures.shape[1]}"
        )
    rates = iter(spread(sizes.drop_path, sum(sizes.depths)))
    x = layers.Conv2D(sizes.channels, PATCH, PATCH, kernel_initializer=truncated(), name="patches")(pictures)
    x = layers.LayerNormalization(epsilon=EPSILON, name="patches_norm")(x)
    for stage, (depth, heads) in enumerate(zip(sizes.depths, sizes.heads, strict=True)):
        if stage:
            x = PatchMerging(name=f"stage_{stage}_merge")(x)
        for block in range(depth):
            shift = window // 2 if block % 2 and x.shape[1] > window else 0
            x = _block(x, heads, window, shift, next(rates), f"stage_{stage}_block_{block}")
    last = layers.LayerNormalization(epsilon=EPSILON, name="last_map")(x)
    return layers.GlobalAveragePooling2D(name="embedding")(last)


def _block(x: keras.KerasTensor, heads: int, window: int, shift: int, rate: float, name: str) -> keras.KerasTensor:
    channels = x.shape[-1]
    branch = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_norm_1")(x)
    branch = WindowAttention(heads, window, shift, name=f"{name}_attention")(branch)
    x = layers.Add(name=f"{name}_add_1")([x, drop_path(rate, f"{name}_drop_1")(branch) if rate else branch])
    branch = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_norm_2")(x)
    branch = layers.Dense(4 * channels, "gelu", kernel_initializer=truncated(), name=f"{name}_expand")(branch)
    branch = layers.Dense(channels, kernel_initializer=truncated(), name=f"{name}_project")(branch)
    return layers.Add(name=f"{name}_add_2")([x, drop_path(rate, f"{name}_drop_2")(branch) if rate else branch])


@keras.saving.register_keras_serializable("mammobook")
class PatchMerging(layers.Layer):
    """Joins four neighbors into one patch of twice the channels.

    Input: (n, height, width, C), both even. Output: (n, height / 2, width / 2, 2C).
    Source: Liu et al. 2021, section 3.1.
    """

    def build(self, input_shape):
        four, two = (*input_shape[:-1], 4 * input_shape[-1]), 2 * input_shape[-1]
        self.norm = layers.LayerNormalization(epsilon=EPSILON, name="norm")
        self.reduce = layers.Dense(two, use_bias=False, kernel_initializer=truncated(), name="reduce")
        self.norm.build(four)
        self.reduce.build(four)

    def call(self, x):
        corners = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.reduce(self.norm(ops.concatenate(corners, axis=-1)))

    def compute_output_shape(self, input_shape):
        count, height, width, channels = input_shape
        return count, height // 2, width // 2, 2 * channels


@keras.saving.register_keras_serializable("mammobook")
class WindowAttention(layers.Layer):
    """Attention of each patch to the patches of its window, the distance between them weighed in.

    With a shift the windows are laid elsewhere, and patches that only the rolling brought together do not see each
    other. Input and output: (n, side, side, channels), a side that the window divides.
    Source: Liu et al. 2021, section 3.2 and equation 4.

    Args:
        heads: Attention heads, which share the channels.
        window: Patches a side of a window.
        shift: By how many patches the windows are shifted; 0 for none.
    """

    def __init__(self, heads: int, window: int, shift: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.heads, self.window, self.shift = heads, window, shift

    def build(self, input_shape):
        side, channels = input_shape[1], input_shape[-1]
        if side % self.window or channels % self.heads:
            raise ValueError(
                f"{self.name}: expected a side that windows of {self.window} divide and channels that {self.heads} "
                f"heads divide, got {side} and {channels}"
            )
        places = ((2 * self.window - 1) ** 2, self.heads)
        self.bias = self.add_weight(shape=places, initializer=truncated(), name="bias")
        self.attend = layers.Dense(3 * channels, kernel_initializer=truncated(), name="attend")
        self.project = layers.Dense(channels, kernel_initializer=truncated(), name="project")
        self.attend.build(input_shape)
        self.project.build(input_shape)
        self.apart = relative_places(self.window)
        self.closed = CLOSED * _strangers(side, self.window, self.shift)

    def call(self, x):
        side, channels = x.shape[1], x.shape[-1]
        rolled = ops.roll(x, (-self.shift, -self.shift), axis=(1, 2)) if self.shift else x
        windows = self._windows(rolled, side // self.window, channels)
        seen = self._through(windows, channels)
        back = self._whole(seen, side // self.window, channels)
        return ops.roll(back, (self.shift, self.shift), axis=(1, 2)) if self.shift else back

    def _through(self, windows, channels):
        """Attention within windows, (n, windows, patches, channels)."""
        patches, count = self.window**2, windows.shape[1]
        split = ops.reshape(self.attend(windows), (-1, count, patches, 3, self.heads, channels // self.heads))
        query, key, value = ops.unstack(ops.transpose(split, (3, 0, 1, 4, 2, 5)), 3)
        scores = ops.matmul(query * (channels // self.heads) ** -0.5, ops.swapaxes(key, -1, -2))
        bias = ops.reshape(ops.take(self.bias, self.apart, axis=0), (patches, patches, self.heads))
        scores = scores + ops.transpose(bias, (2, 0, 1))
        if self.shift:
            scores = scores + ops.cast(self.closed[:, None], scores.dtype)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores), value), (0, 1, 3, 2, 4))
        return self.project(ops.reshape(mixed, (-1, count, patches, channels)))

    def _windows(self, x, count, channels):
        cut = ops.reshape(x, (-1, count, self.window, count, self.window, channels))
        return ops.reshape(ops.transpose(cut, (0, 1, 3, 2, 4, 5)), (-1, count**2, self.window**2, channels))

    def _whole(self, windows, count, channels):
        cut = ops.reshape(windows, (-1, count, count, self.window, self.window, channels))
        side = count * self.window
        return ops.reshape(ops.transpose(cut, (0, 1, 3, 2, 4, 5)), (-1, side, side, channels))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "heads": self.heads, "window": self.window, "shift": self.shift}


def relative_places(window: int) -> np.ndarray:
    """For each two patches of a window, which entry of the table of biases belongs to the step between them.

    Args:
        window: Patches a side.

    Returns:
        (window ** 4,) int32, the first patch slowest.
    """
    rows, columns = np.divmod(np.arange(window**2), window)
    down, right = (places[:, None] - places[None] + window - 1 for places in (rows, columns))
    return (down * (2 * window - 1) + right).ravel().astype("int32")


def _strangers(side: int, window: int, shift: int) -> np.ndarray:
    """(windows, patches, patches) float32: 1 where two patches are neighbors by the rolling alone."""
    bands = np.searchsorted([side - window, side - shift], np.arange(side), side="right") if shift else np.zeros(side)
    region = 3 * bands[:, None] + bands[None]
    count = side // window
    cut = region.reshape(count, window, count, window).transpose(0, 2, 1, 3).reshape(count**2, window**2)
    return (cut[:, :, None] != cut[:, None]).astype("float32")
