"""Document B's augmentation: flip, slight rotation, auto contrast, resized crop, blur, shift (its section 5.2).

Which are drawn how often and how strongly is not published; what stands here is "minor alterations" in its words.
"""

import cv2
import numpy as np

TURN = 10
"""Degrees, either way."""
CROP = (0.85, 1.0)
"""Side of what a resized crop keeps, as a share of the picture's."""
SHIFT = 0.05
"""As a share of the side, either way."""
BLUR = 1 / 64
"""Standard deviation at most, as a share of the side."""
CUT_OFF = 0.5
"""Percent of the brightest and of the darkest breast pixels that auto contrast lets overflow."""
SOMETIMES = 0.3
"""How often contrast and blur are drawn; a flip is drawn every other time."""


def altered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An altered copy of a picture; flips are left to right, as a breast has an up and a down.

    Args:
        picture: uint8 (size, size), black beyond the breast.
        rng: Draws the alterations.

    Returns:
        uint8 (size, size).
    """
    copy = _moved(picture, rng)
    if rng.random() < 0.5:
        copy = cv2.flip(copy, 1)
    if rng.random() < SOMETIMES:
        copy = auto_contrast(copy)
    if rng.random() < SOMETIMES:
        copy = cv2.GaussianBlur(copy, (0, 0), rng.uniform(0.2, 1) * BLUR * len(picture))
    return copy


def auto_contrast(picture: np.ndarray) -> np.ndarray:
    """Stretches the gray levels of what is not black to the whole range; arguments and result as in `altered`."""
    tissue = picture[picture > 0]
    if not len(tissue):
        return picture
    low, high = np.percentile(tissue, [CUT_OFF, 100 - CUT_OFF])
    if high <= low:
        return picture
    stretched = np.clip((picture - low) * (255 / (high - low)), 0, 255)
    return np.where(picture > 0, np.rint(stretched), 0).astype(np.uint8)


def _moved(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rotation, crop and shift, in one go."""
    size = len(picture)
    middle = (size - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), rng.uniform(-TURN, TURN), 1 / rng.uniform(*CROP))
    turn[:, 2] += rng.uniform(-SHIFT, SHIFT, 2) * size
    return cv2.warpAffine(picture, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
