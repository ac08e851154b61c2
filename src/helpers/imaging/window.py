"""Where in a breast a window lies."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

WINDOW_SHARES = (0.40, 0.55)
"""The range of a lesion window's side, as a share of the breast's width."""
LESION_MARGIN = 2.4
"""A window's side is at least so many lesion radii: the lesion and some tissue around it."""
TISSUE_SHARE = 0.8
"""A window is wanted to hold at least this share of breast."""
DRAWS = 64
"""Places tried for a window before the one with most tissue is taken."""
SMALLEST_WINDOW = 8
"""Pixels a side."""


@dataclass(frozen=True)
class Circle:
    """A lesion's place: center and radius in pixels, x to the right and y down from the top-left pixel's center."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Box:
    """A rectangle in whole pixels; it may reach beyond the picture."""

    x: int
    y: int
    width: int
    height: int


def box_around(mask: np.ndarray) -> Box:
    """The smallest box around a mask."""
    return Box(*cv2.boundingRect(mask.astype(np.uint8)))


def lies_on(lesion: Circle, mask: np.ndarray) -> bool:
    """Whether a lesion lies on the breast: some archives misplace a few."""
    x, y, reach = round(lesion.x), round(lesion.y), math.ceil(lesion.radius)
    around = mask[max(y - reach, 0) : max(y + reach + 1, 0), max(x - reach, 0) : max(x + reach + 1, 0)]
    return around.size > 0 and around.mean() > 0.25


def place_window(mask: np.ndarray, lesion: Circle | None, window: float, rng: np.random.Generator) -> Box:
    """Places a square window at random in the breast, wholly around the lesion if there is one.

    Classes differ in nothing but the lesion: every window takes the first of `DRAWS` places that holds
    `TISSUE_SHARE` of breast, or else the one that holds most.

    Args:
        mask: The breast, boolean (height, width).
        lesion: The lesion in the mask's pixels, or None. Of a lesion that the film's edge cuts, the part within
            the breast's box counts.
        window: Side as a share of the breast's width.
        rng: Draws the places.

    Returns:
        The window.
    """
    box = box_around(mask)
    side = max(SMALLEST_WINDOW, round(window * box.width))
    if lesion is not None:
        side = max(side, math.ceil(LESION_MARGIN * lesion.radius) + 3)
    columns = _starts(side, box.x, box.width, lesion and (lesion.x, lesion.radius))
    rows = _starts(side, box.y, box.height, lesion and (lesion.y, lesion.radius))
    x, y = rng.integers(*columns, DRAWS, endpoint=True), rng.integers(*rows, DRAWS, endpoint=True)
    shares = _tissue_shares(mask, x, y, side)
    good = np.flatnonzero(shares >= TISSUE_SHARE)
    best = good[0] if good.size else shares.argmax()
    return Box(int(x[best]), int(y[best]), side, side)


def middle_window(mask: np.ndarray, window: float) -> Box:
    """Places a square window around the place that lies deepest in the breast, for want of a better one.

    Args:
        mask: The breast, boolean (height, width).
        window: Side as a share of the breast's width.

    Returns:
        The window.
    """
    # Beyond the picture there is no breast either, least of all behind the chest wall.
    bordered = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(bordered, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(depth.argmax(), depth.shape)
    return window_around(mask, float(x), float(y), window)


def window_around(mask: np.ndarray, x: float, y: float, window: float) -> Box:
    """A square window around a point.

    Args:
        mask: The breast, boolean (height, width).
        x: The point, in pixels of the mask.
        y: The point, in pixels of the mask.
        window: Side as a share of the breast's width.

    Returns:
        The window; it may reach beyond the picture.
    """
    side = max(SMALLEST_WINDOW, round(window * box_around(mask).width))
    return Box(round(x - side / 2), round(y - side / 2), side, side)


def tissue_share(mask: np.ndarray, box: Box) -> float:
    """The share of a window that is breast.

    Args:
        mask: The breast, boolean (height, width).
        box: A square window.
    """
    return float(_tissue_shares(mask, np.array(box.x), np.array(box.y), box.width))


def _starts(side: int, start: int, length: int, lesion: tuple[float, float] | None) -> tuple[int, int]:
    end = start + length - 1
    low, high = start, max(start, end + 1 - side)
    if lesion is None:
        return low, high
    center, radius = lesion
    first = math.ceil(min(center + radius, end)) + 1 - side
    last = math.floor(max(center - radius, start))
    return int(np.clip(low, first, last)), int(np.clip(high, first, last))


def _tissue_shares(mask: np.ndarray, x: np.ndarray, y: np.ndarray, side: int) -> np.ndarray:
    sums = cv2.integral(mask.astype(np.uint8))
    height, width = mask.shape
    left, right = np.clip(x, 0, width), np.clip(x + side, 0, width)
    top, bottom = np.clip(y, 0, height), np.clip(y + side, 0, height)
    return (sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]) / side**2
