"""SE-ResNeXt: residual blocks of grouped convolutions, their channels weighed by squeeze and excitation.

Sources: Xie et al. 2017 (ResNeXt), Hu et al. 2018 (SE). Layers are named as timm's seresnext50_32x4d names them, which
document B trained, so that its weights fit by name.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from helpers.networks.backend import accelerators

EXPANSION = 4
"""How many times more channels a block gives than it is wide."""


@dataclass(frozen=True)
class SEResNeXt:
    """How large the network is; the defaults are those of seresnext50_32x4d.

    Attributes:
        blocks: Residual blocks of each stage.
        planes: Width of the first stage before it is spread over groups; it doubles each stage.
        groups: Groups of a convolution ("32x" in the name).
        group_width: Channels of a group in a first stage of 64 planes ("4d" in the name).
    """

    blocks: tuple[int, ...] = (3, 4, 6, 3)
    planes: int = 64
    groups: int = 32
    group_width: int = 4

    def __call__(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Puts the network after a tensor.

        Args:
            x: Symbolic pictures, (n, size, size, 3), normalized.

        Returns:
            Symbolic vector, (n, channels): 2048 with the defaults.
        """
        x = _normalized(_padded_convolution(x, self.planes, 7, 2, "conv1"), "bn1")
        x = layers.MaxPooling2D(3, 2, name="maxpool")(layers.ZeroPadding2D(1, name="maxpool.pad")(x))
        for stage, count in enumerate(self.blocks, start=1):
            for number in range(count):
                stride = 2 if stage > 1 and number == 0 else 1
                x = self._block(x, self.planes * 2 ** (stage - 1), stride, f"layer{stage}.{number}")
        return layers.GlobalAveragePooling2D(name="global_pool")(x)

    def _block(self, x: keras.KerasTensor, planes: int, stride: int, name: str) -> keras.KerasTensor:
        width, channels = planes * self.group_width // 64 * self.groups, EXPANSION * planes
        y = layers.Conv2D(width, 1, use_bias=False, name=f"{name}.conv1")(x)
        y = layers.ZeroPadding2D(1, name=f"{name}.pad")(_normalized(y, f"{name}.bn1"))
        y = GroupedConv2D(width, 3, self.groups, stride, name=f"{name}.conv2")(y)
        y = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}.conv3")(_normalized(y, f"{name}.bn2"))
        y = _excited(_normalized(y, f"{name}.bn3", relu=False), f"{name}.se")
        if x.shape[-1] != channels or stride > 1:
            x = layers.Conv2D(channels, 1, stride, use_bias=False, name=f"{name}.downsample.0")(x)
            x = _normalized(x, f"{name}.downsample.1", relu=False)
        return layers.ReLU(name=f"{name}.act3")(layers.Add(name=f"{name}.add")([x, y]))


@keras.saving.register_keras_serializable("mammobook")
class GroupedConv2D(layers.Layer):
    """A convolution whose groups of channels do not see each other, without bias, padded by nobody.

    It is Conv2D(groups=...) with the same kernel. TensorFlow on a CPU runs that one through XLA and trains
    SE-ResNeXt50 at 0.2 pictures a second; taken apart into its groups it trains fifteen times faster.

    Args:
        filters: Channels of the result.
        kernel_size: Side of the kernel.
        groups: Number of groups; divides the channels of input and result.
        strides: Step.
    """

    def __init__(self, filters: int, kernel_size: int, groups: int, strides: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.groups, self.strides = filters, kernel_size, groups, strides

    def build(self, input_shape):
        shape = (self.kernel_size, self.kernel_size, input_shape[-1] // self.groups, self.filters)
        self.kernel = self.add_weight(shape=shape, initializer="he_normal", name="kernel")

    def call(self, x):
        if self.groups == 1 or accelerators():
            return ops.conv(x, self.kernel, self.strides)
        parts = zip(ops.split(x, self.groups, axis=-1), ops.split(self.kernel, self.groups, axis=-1), strict=True)
        return ops.concatenate([ops.conv(part, kernel, self.strides) for part, kernel in parts], axis=-1)

    def compute_output_shape(self, input_shape):
        sides = [(side - self.kernel_size) // self.strides + 1 for side in input_shape[1:3]]
        return (input_shape[0], *sides, self.filters)

    def get_config(self):
        own = {"filters": self.filters, "kernel_size": self.kernel_size, "groups": self.groups}
        return {**super().get_config(), **own, "strides": self.strides}


def _padded_convolution(x: keras.KerasTensor, filters: int, side: int, stride: int, name: str) -> keras.KerasTensor:
    # Padded by hand: "same" pads a strided convolution on one side only, and the published weights on both.
    x = layers.ZeroPadding2D(side // 2, name=f"{name}.pad")(x)
    return layers.Conv2D(filters, side, stride, use_bias=False, kernel_initializer="he_normal", name=name)(x)


def _normalized(x: keras.KerasTensor, name: str, relu: bool = True) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)
    return layers.ReLU(name=f"{name}.act")(x) if relu else x


def _excited(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    channels = x.shape[-1]
    weights = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}.pool")(x)
    weights = layers.Dense(max(8, channels // 16), activation="relu", name=f"{name}.fc1")(weights)
    weights = layers.Dense(channels, activation="sigmoid", name=f"{name}.fc2")(weights)
    return layers.Multiply(name=name)([x, weights])
