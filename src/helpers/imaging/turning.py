"""Copies and renderings as public collections make them: turned, mirrored, shrunk onto black."""

import cv2
import numpy as np

from helpers.imaging.framing import enhanced

STEP = 10
"""Degrees from one copy to the next: what 72 copies of one film come to, if every other one is mirrored."""
THUMBNAIL = (0.55, 0.8)
"""The range of a thumbnail's side, as a share of the picture's."""

Window = tuple[float, float, int]
"""A square: the x and y of its middle, and its side, in pixels."""


def whole(picture: np.ndarray) -> Window:
    """The window that is all of a square picture."""
    side = picture.shape[0]
    return (side - 1) / 2, (side - 1) / 2, side


def turned(picture: np.ndarray, degrees: float, mirrored: bool = False, window: Window | None = None) -> np.ndarray:
    """A window of a picture, turned about its middle.

    Args:
        picture: Array (size, size), uint8.
        degrees: Counterclockwise.
        mirrored: Whether it is mirrored left to right afterwards.
        window: The window; all of the picture by default.

    Returns:
        Array (side, side), uint8, of the window's side; beyond its border the picture is reflected.
    """
    x, y, side = window or whole(picture)
    turn = cv2.getRotationMatrix2D((x, y), degrees, 1.0)
    turn[:, 2] += (side - 1) / 2 - np.array([x, y])
    copy = cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return cv2.flip(copy, 1) if mirrored else copy


def copied(picture: np.ndarray, number: int, window: Window | None = None) -> np.ndarray:
    """One of the copies that a collection holds of a picture.

    Args:
        picture: Array (size, size), uint8.
        number: 0 for the picture itself, 1 for its mirror image, and so on in turn, `STEP` degrees each two.
        window: The window that is copied; all of the picture by default.

    Returns:
        Array (side, side), uint8.
    """
    return turned(picture, STEP * (number // 2), number % 2 == 1, window)


def as_thumbnail(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture rendered as the public collection renders its normal ones: shrunk, turned, on black, then CLAHE.

    Args:
        picture: Array (size, size), uint8.
        rng: Draws the angle and the size.

    Returns:
        Array (size, size), uint8.
    """
    x, y, side = whole(picture)
    turn = cv2.getRotationMatrix2D((x, y), rng.uniform(0, 360), rng.uniform(*THUMBNAIL))
    return enhanced(cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_AREA))
