"""Grad-CAM: where a picture speaks for a class (Selvaraju et al. 2016, arXiv 1610.02391)."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

import keras
import numpy as np
from keras import ops

from helpers.networks.backend import gradient

MANY = 16
"""From so many pictures on, compiling the part before the feature map costs less than it saves."""
LOGITS = "logits"
"""Name of the layer that holds the class scores before the softmax."""


def explain(
    model: keras.Model, pictures: np.ndarray, classes: np.ndarray, layer: str, batch_size: int = 16
) -> np.ndarray:
    """Grad-CAM maps, each scaled by its own maximum, for display.

    A picture without positive evidence keeps a map of zeros, and `has_evidence` says so. The scale is lost: to
    compare the strength of evidence between pictures, take `evidence`.

    Args:
        model: Classifier with one (n, size, size, 1) input.
        pictures: (n, size, size) or (n, size, size, 1) uint8, 0-255.
        classes: (n,) int, the class to explain for each picture: the called one, the true one, or any other.
        layer: Name of the layer whose 4-D output is explained, usually the last before pooling.
        batch_size: Pictures handled at once.

    Returns:
        (n, h, w) float32 in 0..1, at the resolution of the layer.

    Raises:
        ValueError: As `evidence`.
    """
    maps = evidence(model, pictures, classes, layer, batch_size)
    peaks = maps.max(axis=(1, 2), keepdims=True, initial=0)
    return np.divide(maps, peaks, out=np.zeros_like(maps), where=peaks > 0)


def has_evidence(maps: np.ndarray) -> np.ndarray:
    """Tells which maps hold any positive evidence for the class they explain.

    Args:
        maps: (n, h, w), from `explain` or `evidence`.

    Returns:
        (n,) bool; False where the map is zero everywhere.
    """
    return (maps > 0).any(axis=(1, 2))


def evidence(
    model: keras.Model, pictures: np.ndarray, classes: np.ndarray, layer: str, batch_size: int = 16
) -> np.ndarray:
    """Grad-CAM maps in units of the class score: relu of the features weighted by their mean gradient.

    The score is the output of the layer "logits", before the softmax, as in the paper (its equations 1 and 2);
    a model without that layer is explained by its first output. Only the part behind the feature map is
    differentiated, which gives the same gradient as differentiating the whole network, several times faster.

    Args:
        model: Classifier with one (n, size, size, 1) input.
        pictures: (n, size, size) or (n, size, size, 1) uint8, 0-255.
        classes: (n,) int, the class to explain for each picture.
        layer: Name of the layer whose 4-D output is explained.
        batch_size: Pictures handled at once.

    Returns:
        (n, h, w) float32, not negative, not scaled.

    Raises:
        ValueError: No such layer, its output is not (n, h, w, channels), the scores also depend on the picture by a
            way around it, or classes do not fit the pictures or the model.
    """
    head, tail = _halves(model, layer)
    classes = np.asarray(classes)
    _check(classes, len(pictures), tail.output_shape[-1])
    starts = range(0, len(pictures), batch_size)
    batches = [slice(start, start + batch_size) for start in starts]
    forward = (
        _compiled(head, batch_size)
        if len(pictures) >= MANY
        else lambda x: ops.convert_to_numpy(head(x, training=False))
    )
    maps = [_batch_evidence(forward, tail, pictures[batch], classes[batch]) for batch in batches]
    return np.concatenate([np.zeros((0, *head.output_shape[1:3]), np.float32), *maps])


_KNOWN: WeakKeyDictionary[keras.Model, dict] = WeakKeyDictionary()


def _halves(model: keras.Model, layer: str) -> tuple[keras.Model, keras.Model]:
    # Kept, so that what was compiled for one set of pictures serves the next.
    known = _KNOWN.setdefault(model, {})
    if layer not in known:
        known[layer] = _split(model, layer)
    return known[layer]


def _split(model: keras.Model, layer: str) -> tuple[keras.Model, keras.Model]:
    """Cuts a model at a feature map; both halves share the model's weights."""
    features = model.get_layer(layer).output
    if len(features.shape) != 4:
        raise ValueError(f"expected layer {layer!r} to give (n, h, w, channels), it gives {tuple(features.shape)}")
    named = any(each.name == LOGITS for each in model.layers)
    scores = model.get_layer(LOGITS).output if named else model.outputs[0]
    try:
        tail = keras.Model(features, scores)
    except ValueError as error:
        raise ValueError(f"expected all of {model.name!r} to pass through layer {layer!r}: {error}") from error
    return keras.Model(model.inputs[0], features), tail


def _check(classes: np.ndarray, pictures: int, scores: int) -> None:
    if classes.shape != (pictures,):
        raise ValueError(f"expected one class for each of {pictures} pictures, got shape {classes.shape}")
    if pictures and not (classes.min() >= 0 and classes.max() < scores):
        raise ValueError(f"expected class indices 0 to {scores - 1}, got {classes.min()} to {classes.max()}")


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
    """
    chosen = ops.convert_to_tensor(classes[:, None], dtype="int32")
    slope = gradient(lambda maps: ops.sum(ops.take_along_axis(tail(maps, training=False), chosen, axis=1)), features)
    return ops.convert_to_numpy(slope)


def _compiled(head: keras.Model, size: int) -> Callable:
    """The part before the feature map, compiled for one size of batch: a smaller one is filled up, and cut again."""

    def forward(pictures: np.ndarray) -> np.ndarray:
        missing = np.repeat(pictures[-1:], size - len(pictures), axis=0)
        return head.predict_on_batch(np.concatenate([pictures, missing]))[: len(pictures)]

    return forward


def _batch_evidence(forward: Callable, tail: keras.Model, pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
    pictures = pictures if pictures.ndim == 4 else pictures[..., None]
    features = forward(pictures.astype(np.float32))
    weights = score_gradient(tail, features, classes).mean(axis=(1, 2))
    return np.maximum(np.einsum("nhwc,nc->nhw", features, weights), 0)
