"""What the networks are timed on: gray noise. The time of a step does not depend on what a picture shows."""

import numpy as np


def noise(pictures: int, image_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws pictures and classes, the same at every call.

    Args:
        pictures: How many.
        image_size: Side of a picture, px.

    Returns:
        Pictures, uint8 (n, size, size), and class indices, int (n,).
    """
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (pictures, image_size, image_size), dtype=np.uint8)
    return x, rng.integers(0, 3, pictures)


def batch(pictures: int, image_size: int) -> tuple[np.ndarray, np.ndarray]:
    """The same as a network takes them: float32 (n, size, size, 1), and one-hot float32 (n, 3)."""
    x, classes = noise(pictures, image_size)
    return x[..., None].astype("float32"), np.eye(3, dtype="float32")[classes]
