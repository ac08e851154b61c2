"""What finds calcifications without learning: a difference of Gaussians and a threshold, both chosen with care."""

from dataclasses import dataclass

import cv2
import numpy as np

from helpers.calcifications.films import Film

RATIO = 2.0
"""Of the wider Gaussian to the narrower."""
MOST = 3
"""A pixel counts for at most so many thresholds: one speck of dust should not pass for a cluster."""
RIM = 9
"""Side of the square by which the breast is narrowed: its edge is no calcification."""


@dataclass(frozen=True)
class Filter:
    """A difference of Gaussians, and the disc over which what it marks is averaged.

    Attributes:
        scale: Width of the narrower Gaussian, px.
        threshold: Gray levels above the surroundings from which a pixel counts.
        radius: Of the disc, px.
    """

    scale: float
    threshold: float
    radius: int

    def marked(self, response: np.ndarray) -> np.ndarray:
        """What of a response counts for a cluster: from the threshold on, and up to `MOST` times it."""
        return np.where(response >= self.threshold, np.minimum(response, MOST * self.threshold), 0).astype(np.float32)


SCALES, THRESHOLDS, RADII = (0.7, 1.0, 1.4, 2.0), (2.0, 3.0, 4.0, 5.0, 7.0), (24, 48)
"""What is tried of each, lengths at a height of 1024 px."""


def response(film: Film, scale: float) -> np.ndarray:
    """Gray levels by which each pixel stands out; 0 outside the breast and at its edge.

    Args:
        film: The film.
        scale: Width of the narrower Gaussian, px.

    Returns:
        float32 (height, width), not negative.
    """
    gray = film.picture.astype(np.float32)
    narrow, wide = (cv2.GaussianBlur(gray, (0, 0), width) for width in (scale, RATIO * scale))
    inside = cv2.erode(film.breast.view(np.uint8), np.ones((RIM, RIM), np.uint8))
    return np.clip(narrow - wide, 0, None) * inside
