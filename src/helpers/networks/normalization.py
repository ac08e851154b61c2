"""Global response normalization, with which ConvNeXt V2 makes its channels compete."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mammobook")
class GlobalResponseNormalization(layers.Layer):
    """Weighs each channel by its share of the response over the whole map: gamma * (x * n) + beta + x.

    n is the channel's L2 norm over height and width, divided by the mean of those norms over the channels. gamma and
    beta start at zero, so that an untrained layer passes its input on.

    Input and output: (n, height, width, channels).
    Source: Woo et al. 2023, ConvNeXt V2, section 3.2 and its algorithm 1.

    Args:
        epsilon: Added to the mean norm, against a map of zeros.
    """

    def __init__(self, epsilon: float = 1e-6, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        self.gamma = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="gamma")
        self.beta = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="beta")

    def call(self, feature_map):
        # A square root is infinitely steep at zero; a silent channel must not end the training.
        squares = ops.sum(ops.square(feature_map), axis=(1, 2), keepdims=True)
        norm = ops.sqrt(squares + keras.config.epsilon() ** 2)
        share = norm / (ops.mean(norm, axis=-1, keepdims=True) + self.epsilon)
        return self.gamma * (feature_map * share) + self.beta + feature_map

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}
