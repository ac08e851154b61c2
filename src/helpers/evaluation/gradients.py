"""The gradient of class scores with respect to a feature map, on each Keras backend."""

import keras
import numpy as np
from keras import ops


def score_gradient(tail: keras.Model, features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Differentiates one class score a picture with respect to the feature map it comes from.

    The scores are summed over the batch before they are differentiated; in inference mode no picture sees another,
    so each row is the gradient of its own score.

    Args:
        tail: Model from the feature map, (n, h, w, c), to the class scores, (n, classes).
        features: (n, h, w, c) float32.
        classes: (n,) int, the class whose score is differentiated, for each picture.

    Returns:
        (n, h, w, c) float32.

    Raises:
        ValueError: The Keras backend is none of tensorflow, jax and torch.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise ValueError(f"expected a Keras backend out of {tuple(_BACKENDS)}, got {backend!r}")
    return np.asarray(_BACKENDS[backend](tail, features, classes), dtype=np.float32)


def _summed_scores(tail: keras.Model, features, classes: np.ndarray):
    scores = tail(features, training=False)
    return ops.sum(ops.take_along_axis(scores, ops.convert_to_tensor(classes[:, None], dtype="int32"), axis=1))


def _tensorflow(tail: keras.Model, features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    import tensorflow as tf

    features = tf.convert_to_tensor(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        score = _summed_scores(tail, features, classes)
    return tape.gradient(score, features).numpy()


def _jax(tail: keras.Model, features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    import jax

    return np.asarray(jax.grad(lambda values: _summed_scores(tail, values, classes))(ops.convert_to_tensor(features)))


def _torch(tail: keras.Model, features: np.ndarray, classes: np.ndarray) -> np.ndarray:
    import torch

    features = ops.convert_to_tensor(features).detach().requires_grad_()
    gradient = torch.autograd.grad(_summed_scores(tail, features, classes), features)[0]
    return gradient.cpu().numpy()


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
