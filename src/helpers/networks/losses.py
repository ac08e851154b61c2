"""Losses that make classes compact: Feature Smoothing, center loss, supervised contrastive loss.

Each is a function of one batch's labels and features; `Penalty` adds it to the cross-entropy, L = L_CE + lambda L_x.
"""

from collections.abc import Callable

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("mammobook")
class FeatureSmoothing(keras.losses.Loss):
    """Feature Smoothing Loss, the scatter of each class about its mean within one batch:

    L_fs = 1/C sum_c 1/N_c sum_i ||f_ci - mean_c||^2, added to the cross-entropy as L = L_CE + lambda L_fs.

    C is the number of classes, not of those in the batch: a class that the batch lacks, or that has one picture in
    it, adds nothing to the sum.
    Source: Xia et al. 2025; Dahes 2025, section 2, "Feature Smoothing Loss (FSL)".
    """

    def call(self, y_true, y_pred):
        """Computes the loss of one batch.

        Args:
            y_true: One-hot classes, (n, C).
            y_pred: Features, (n, d).

        Returns:
            Scalar tensor.
        """
        counts = ops.maximum(ops.sum(y_true, axis=0), 1.0)
        members = ops.transpose(y_true / counts)
        means = ops.matmul(members, y_pred)
        distances = ops.sum(ops.square(y_pred - ops.matmul(y_true, means)), axis=-1, keepdims=True)
        return ops.sum(ops.matmul(members, distances)) / y_true.shape[-1]


@keras.saving.register_keras_serializable("mammobook")
class SupervisedContrastive(keras.losses.Loss):
    """Supervised contrastive loss: a picture's features point where those of its class do, and not where others do.

    L_sc = 1/|A| sum_{i in A} -1/|P(i)| sum_{p in P(i)} log(exp(z_i z_p / t) / sum_{a != i} exp(z_i z_a / t)),

    where z are the features scaled to length one, P(i) the other pictures of i's class in the batch, and A the
    pictures that have such others; without any the loss is 0.
    Source: Khosla et al. 2020, equation 2 ("L_out"), here on the embedding itself, without a projection head.

    Args:
        temperature: t; the smaller, the more the nearest pictures count.
    """

    def __init__(self, temperature: float = 0.1, name: str = "supervised_contrastive", **kwargs):
        super().__init__(name=name, **kwargs)
        self.temperature = temperature

    def call(self, y_true, y_pred):
        """Computes the loss of one batch; arguments and result as in `FeatureSmoothing`."""
        directions = y_pred / ops.sqrt(ops.maximum(ops.sum(ops.square(y_pred), axis=-1, keepdims=True), 1e-12))
        likeness = ops.matmul(directions, ops.transpose(directions)) / self.temperature
        place = ops.cumsum(ops.ones_like(y_true[:, 0]))
        itself = ops.cast(ops.equal(place[:, None], place[None, :]), likeness.dtype)
        log_odds = likeness - ops.logsumexp(likeness - 1e9 * itself, axis=-1, keepdims=True)
        others = ops.matmul(y_true, ops.transpose(y_true)) * (1 - itself)
        counts = ops.sum(others, axis=-1)
        costs = -ops.sum(others * log_odds, axis=-1) / ops.maximum(counts, 1.0)
        return ops.sum(costs) / ops.maximum(ops.sum(ops.cast(counts > 0, costs.dtype)), 1.0)

    def get_config(self):
        return {**super().get_config(), "temperature": self.temperature}


@keras.saving.register_keras_serializable("mammobook")
class CenterLoss(layers.Layer):
    """Center loss: L_c = 1/(2n) sum_i ||f_i - c_{y_i}||^2, the distances to centers that follow their classes.

    It is a layer since it remembers. After each training batch a center moves toward its class by

    c_j <- c_j - rate * sum_{i in j} (c_j - f_i) / (1 + N_j),

    starting at zero; no gradient flows into the centers.
    Source: Wen et al. 2016, equations 2 and 4; the mean over the batch stands for its sum.

    Args:
        rate: How far centers move, the paper's alpha.
    """

    def __init__(self, rate: float = 0.5, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate

    def build(self, labels_shape, features_shape):
        shape = (labels_shape[-1], features_shape[-1])
        self.centers = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="centers")

    def call(self, labels, features, training=False):
        """Computes the loss of one batch; `labels` are one-hot, (n, C), `features` (n, d)."""
        away = features - ops.matmul(labels, self.centers)
        if training:
            steps = ops.matmul(ops.transpose(labels), ops.stop_gradient(away))
            self.centers.assign(self.centers + self.rate * steps / (1 + ops.sum(labels, axis=0)[:, None]))
        return ops.mean(ops.sum(ops.square(away), axis=-1)) / 2

    def compute_output_shape(self, labels_shape, features_shape):
        return ()

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


class Penalty(layers.Layer):
    """Hands probabilities through and adds strength * loss(labels, features) to what training minimizes.

    The strength, lambda, is a variable, so that one compiled network can be trained with one after the other.

    Args:
        loss: One of this module, or any function of one-hot labels and features to a scalar.
    """

    def __init__(self, loss: Callable, **kwargs):
        # Squares and exponentials of features want full precision, whatever the network computes in.
        super().__init__(dtype="float32", **kwargs)
        self.loss = loss
        self.strength = self.add_weight(shape=(), initializer="zeros", trainable=False, name="strength")

    def build(self, probabilities_shape, features_shape, labels_shape):
        if isinstance(self.loss, layers.Layer) and not self.loss.built:
            self.loss.build(labels_shape, features_shape)

    def call(self, probabilities, features, labels):
        self.add_loss(self.strength * self.loss(labels, features))
        return probabilities

    def compute_output_shape(self, probabilities_shape, features_shape, labels_shape):
        return probabilities_shape

    def restart(self, strength: float) -> None:
        """Sets lambda, and sends what the loss remembers back to where it starts, at zero."""
        for variable in getattr(self.loss, "variables", []):
            variable.assign(ops.zeros(variable.shape, variable.dtype))
        self.strength.assign(strength)
