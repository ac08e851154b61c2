"""Grad-CAM: the gradient taken from the feature map on, against a tape over the whole network."""

import keras
import numpy as np

from bench.inputs import noise
from bench.timing import PLAIN, Measured, agree, alternated
from helpers import networks
from helpers.evaluation import grad_cam
from helpers.figures.style import NETWORK_NAMES


def maps(name: str, image_size: int = 224, pictures: int = 16, rounds: int = 3) -> Measured:
    """Times the maps of some pictures, in one batch and one by one.

    Args:
        name: A network of document A.
        image_size: Side of the pictures, px.
        pictures: How many.
        rounds: Timed passes of each way.

    Returns:
        The `Measured` lever.
    """
    x, classes = noise(pictures, image_size)
    model = networks.build(name, image_size)
    layer = networks.attention_layer(model)
    both = keras.Model(model.input, [model.get_layer(layer).output, model.get_layer(grad_cam.LOGITS).output])
    ways = {
        PLAIN: lambda: whole_tape(both, x, classes),
        "from the map on": lambda: grad_cam.evidence(model, x, classes, layer),
        "from the map on, one by one": lambda: grad_cam.evidence(model, x, classes, layer, batch_size=1),
        "whole tape, one by one": lambda: one_by_one(both, x, classes),
    }
    found = {way: work() for way, work in ways.items()}
    scale = np.abs(found[PLAIN]).max()
    checks = tuple(
        agree(f"{ways}, relative to the largest value", found[one] / scale, found[other] / scale, allowed=1e-5)
        for ways, one, other in (
            ("maps by either tape", "from the map on", PLAIN),
            ("maps in a batch and one by one", "from the map on", "from the map on, one by one"),
        )
    )
    seconds = alternated(ways, rounds, f"Grad-CAM of {NETWORK_NAMES[name]}")
    return Measured(f"Grad-CAM, {NETWORK_NAMES[name]} at {image_size} px", pictures, seconds, checks)


def whole_tape(both: keras.Model, pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The textbook's Grad-CAM: the tape records the network from the picture on.

    Args:
        both: Model from the pictures to the explained feature map and the class scores.
        pictures: (n, size, size) uint8.
        classes: (n,) int.

    Returns:
        (n, h, w) float32, not scaled.
    """
    import tensorflow

    with tensorflow.GradientTape() as tape:
        features, scores = both(tensorflow.constant(pictures[..., None], dtype="float32"), training=False)
        score = tensorflow.reduce_sum(tensorflow.gather(scores, classes, axis=1, batch_dims=1))
    weights = tape.gradient(score, features).numpy().mean(axis=(1, 2))
    return np.maximum(np.einsum("nhwc,nc->nhw", features.numpy(), weights), 0)


def one_by_one(both: keras.Model, pictures: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """`whole_tape`, a picture at a time, as examples on the web do it."""
    return np.concatenate([whole_tape(both, pictures[i : i + 1], classes[i : i + 1]) for i in range(len(pictures))])
