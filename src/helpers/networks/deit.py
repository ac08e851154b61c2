"""DeiT III: a vision transformer whose branches are scaled, and whose class token has no position.

Source: Touvron et al. 2022. Layers are named as timm's deit3_base_patch16_384 names them, which document B trained, so
that its weights fit by name.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

EPSILON = 1e-6


@dataclass(frozen=True)
class DeiT3:
    """How large the network is; the defaults are those of deit3_base_patch16.

    Attributes:
        patch: Side of a patch, px.
        width: Length of a token.
        depth: Blocks.
        heads: Attention heads; divides the width.
    """

    patch: int = 16
    width: int = 768
    depth: int = 12
    heads: int = 12

    def __call__(self, x: keras.KerasTensor, layer_scale: float = 1e-6) -> keras.KerasTensor:
        """Puts the network after a tensor.

        Args:
            x: Symbolic pictures, (n, size, size, 3), normalized; the patch divides the size.
            layer_scale: What each branch is multiplied with at the start, channel by channel; as published.

        Returns:
            Symbolic vector, (n, width): the class token.

        Raises:
            ValueError: The patch does not divide the size.
        """
        if x.shape[1] % self.patch:
            raise ValueError(f"expected a size that the patch, {self.patch} px, divides, got {x.shape[1]}")
        x = layers.Conv2D(self.width, self.patch, self.patch, name="patch_embed.proj")(x)
        x = layers.Reshape((-1, self.width), name="patches")(x)
        x = Tokens(name="tokens")(x)
        for number in range(self.depth):
            x = self._block(x, layer_scale, f"blocks.{number}")
        # The class token says it all; the others go no further.
        return layers.LayerNormalization(epsilon=EPSILON, name="norm")(x)[:, 0]

    def _block(self, x: keras.KerasTensor, scale: float, name: str) -> keras.KerasTensor:
        y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}.norm1")(x)
        y = layers.MultiHeadAttention(self.heads, self.width // self.heads, name=f"{name}.attn")(y, y)
        x = layers.Add(name=f"{name}.add1")([x, LayerScale(scale, name=f"{name}.ls1")(y)])
        y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}.norm2")(x)
        y = layers.Dense(4 * self.width, name=f"{name}.mlp.fc1")(y)
        y = layers.Dense(self.width, name=f"{name}.mlp.fc2")(layers.Activation("gelu", name=f"{name}.mlp.act")(y))
        return layers.Add(name=f"{name}.add2")([x, LayerScale(scale, name=f"{name}.ls2")(y)])


@keras.saving.register_keras_serializable("mammobook")
class Tokens(layers.Layer):
    """Adds to each patch its position, and puts the class token, which has none, before them.

    Input: patches, (n, count, width). Output: (n, 1 + count, width).
    """

    def build(self, input_shape):
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        self.pos_embed = self.add_weight(shape=(1, *input_shape[1:]), initializer=start, name="pos_embed")
        self.cls_token = self.add_weight(shape=(1, 1, input_shape[-1]), initializer=start, name="cls_token")

    def call(self, patches):
        shape = (ops.shape(patches)[0], 1, patches.shape[-1])
        token = ops.broadcast_to(ops.cast(self.cls_token, patches.dtype), shape)
        return ops.concatenate([token, patches + self.pos_embed], axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[1] + 1, input_shape[2])


@keras.saving.register_keras_serializable("mammobook")
class LayerScale(layers.Layer):
    """Multiplies each channel of a branch with a number of its own, small at first (Touvron et al. 2021).

    Args:
        start: That number at the start.
    """

    def __init__(self, start: float, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        initializer = keras.initializers.Constant(self.start)
        self.gamma = self.add_weight(shape=(input_shape[-1],), initializer=initializer, name="gamma")

    def call(self, x):
        return x * self.gamma

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "start": self.start}
