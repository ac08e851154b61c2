"""GAGM, SEVector and the classification heads.

Equations: Xia et al. 2025 (improved ConvNeXt-Tiny) as document A, Dahes 2025, section 2, restates them.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mammobook")
class GAGM(layers.Layer):
    """Fuses global average pooling and global max pooling: U_fused = [GAP(F); GMP(F)].

    Input: feature map F, (n, height, width, C). Output: (n, 2C), the averages first.
    Source: Xia et al. 2025; Dahes 2025, section 2, "GAGM module".
    """

    def call(self, feature_map):
        average = ops.mean(feature_map, axis=(1, 2))
        maximum = ops.max(feature_map, axis=(1, 2))
        return ops.concatenate([average, maximum], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2 * input_shape[-1])


@keras.saving.register_keras_serializable("mammobook")
class SEVector(layers.Layer):
    """Recalibrates the channels of a vector: w = sigmoid(W2 relu(W1 u)), V_att = u * w.

    The squeeze W1 has max(8, channels // reduction_ratio) units.
    Input and output: (n, channels); after GAGM, channels is 2C.
    Source: Xia et al. 2025; Dahes 2025, section 2, "SEVector module".

    Args:
        reduction_ratio: r, how many times narrower the squeeze is than the vector.
    """

    def __init__(self, reduction_ratio: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.reduction_ratio = reduction_ratio

    def build(self, input_shape):
        channels = input_shape[-1]
        squeezed = max(8, channels // self.reduction_ratio)
        self.squeeze = layers.Dense(squeezed, activation="relu", name="squeeze")
        self.excite = layers.Dense(channels, activation="sigmoid", name="excite")
        self.squeeze.build(input_shape)
        self.excite.build((input_shape[0], squeezed))

    def call(self, vector):
        return vector * self.excite(self.squeeze(vector))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "reduction_ratio": self.reduction_ratio}


def published_head(
    feature_map: keras.KerasTensor,
    classes: int = 3,
    reduction_ratio: int = 16,
    dropout: float = 0.5,
    *,
    gagm: bool = True,
    sevector: bool = True,
) -> keras.KerasTensor:
    """The head of the improved networks: GAGM - SEVector - Dense(256, relu) - Dropout - softmax.

    Source: Dahes 2025, section 2, "Models and Training Strategy"; the dropout rate is not published.

    Args:
        feature_map: Symbolic tensor, (n, height, width, C).
        classes: Number of classes.
        reduction_ratio: r of SEVector.
        dropout: Rate of the dropout after the embedding.
        gagm: False pools by the average alone, as layer "gap".
        sevector: False leaves the channel attention out.

    Returns:
        Symbolic tensor of probabilities, (n, classes). The layers are named gagm (or gap), sevector, embedding,
        dropout, logits and probabilities.
    """
    vector = GAGM(name="gagm")(feature_map) if gagm else layers.GlobalAveragePooling2D(name="gap")(feature_map)
    if sevector:
        vector = SEVector(reduction_ratio, name="sevector")(vector)
    return _classifier(vector, 256, classes, dropout)


def plain_head(
    feature_map: keras.KerasTensor, classes: int = 3, dropout: float = 0.5, units: int = 128
) -> keras.KerasTensor:
    """The baseline's head: average pooling - Dense(units, relu) - Dropout - softmax, named as in `published_head`."""
    return _classifier(layers.GlobalAveragePooling2D(name="gap")(feature_map), units, classes, dropout)


def _classifier(vector, units, classes, dropout):
    embedding = layers.Dense(units, activation="relu", name="embedding")(vector)
    # Scores and probabilities stay float32 where the rest is computed in less: Grad-CAM and the loss start from them.
    logits = layers.Dense(classes, dtype="float32", name="logits")(layers.Dropout(dropout, name="dropout")(embedding))
    return layers.Softmax(dtype="float32", name="probabilities")(logits)
