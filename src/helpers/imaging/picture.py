"""A raw picture as 8-bit gray, or a reason why not."""

import cv2
import numpy as np

SMALLEST_SIDE = 32
"""Pixels; a picture narrower than this holds no mammogram."""
LARGEST_PICTURE = 64_000_000
"""Pixels; the largest film scans have 40 million. A small file can promise more than a machine has memory for."""


class PictureError(ValueError):
    """A picture that cannot be used; the message names it, what was expected and what came."""


def to_gray(raw: np.ndarray, name: str) -> np.ndarray:
    """Turns a raw picture into 8-bit gray.

    Color becomes OpenCV's luma (.299 R + .587 G + .114 B), which leaves three equal channels as they are. 8-bit gray
    levels are kept; 16-bit ones are stretched from the picture's own minimum and maximum to 0 and 255, because
    scanners fill 12 to 16 bits and rarely say how many.

    Args:
        raw: Array (height, width) or (height, width, 3) in RGB order, uint8 or uint16.
        name: The picture's file or image_id, for the error message.

    Returns:
        Array (height, width), uint8.

    Raises:
        PictureError: The picture is empty, of one gray, too small, or of another type or shape.
    """
    _check_layout(raw, name)
    gray = cv2.cvtColor(raw, cv2.COLOR_RGB2GRAY) if raw.ndim == 3 else raw
    low, high = gray.min(), gray.max()
    if low == high:
        raise PictureError(f"{name}: expected a mammogram, found a picture of one gray ({low})")
    if gray.dtype == np.uint8:
        return np.ascontiguousarray(gray)
    return cv2.normalize(gray, None, 0, 255, cv2.NORM_MINMAX, dtype=cv2.CV_8U)


def check_pixels(width: int, height: int, name: str) -> None:
    """Refuses a picture that is too large, by its header, before it is decoded.

    Args:
        width: Pixels.
        height: Pixels.
        name: The picture's file or image_id, for the error message.

    Raises:
        PictureError: It has more than `LARGEST_PICTURE` pixels.
    """
    if width * height > LARGEST_PICTURE:
        raise PictureError(f"{name}: expected at most {LARGEST_PICTURE:,} pixels, found {width} x {height}")


def _check_layout(raw: np.ndarray, name: str) -> None:
    found = getattr(raw, "dtype", type(raw).__name__)
    if found not in (np.uint8, np.uint16):
        raise PictureError(f"{name}: expected uint8 or uint16 pixels, found {found}")
    if raw.ndim != 2 and not (raw.ndim == 3 and raw.shape[2] == 3):
        raise PictureError(f"{name}: expected (height, width) or (height, width, 3), found shape {raw.shape}")
    if min(raw.shape[:2]) < SMALLEST_SIDE:
        size = f"{raw.shape[1]} x {raw.shape[0]}"
        raise PictureError(f"{name}: expected at least {SMALLEST_SIDE} pixels a side, found {size}")
