"""Regions of interest as data sets draw them, boxes or outlines, each checked against its picture."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import cv2
import numpy as np

OUTSIDE = "a region of interest that reaches beyond the picture"
EMPTY = "a region of interest without any area"
OTHER_SIZE = "regions of interest that were drawn on a picture of another size"
FAR = 1e9
"""Pixels; no picture has so many, and what is beyond cannot be reckoned with in single precision."""
REACH = 1.0
"""Pixels by which an outline may pass the picture's edge: the far side of the last pixel."""

Outline = np.ndarray
"""(k, 2) float64, x to the right and y down in pixels."""


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    """The outline of a box."""
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


def ellipse(x: float, y: float, across: float, down: float, turn: float = 0.0, corners: int = 64) -> Outline:
    """The outline of an ellipse; `across` and `down` are half axes, `turn` is in radians."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    first, second = across * np.cos(angle), down * np.sin(angle)
    turned = first * np.cos(turn) - second * np.sin(turn), first * np.sin(turn) + second * np.cos(turn)
    return np.stack([x + turned[0], y + turned[1]], axis=1)


def problem(outline: Outline, height: int, width: int) -> str | None:
    """What is wrong with an outline.

    Args:
        outline: See `Outline`.
        height: Of the picture, px.
        width: Of the picture, px.

    Returns:
        `EMPTY` or `OUTSIDE`, or None.
    """
    if np.isfinite(outline).all() and (np.abs(outline) > FAR).any():
        return OUTSIDE
    box_like = len(outline) >= 3 and np.isfinite(outline).all()
    if not box_like or cv2.contourArea(outline.astype(np.float32)) <= 0:
        return EMPTY
    beyond = (outline < -REACH).any() or (outline > [width - 1 + REACH, height - 1 + REACH]).any()
    return OUTSIDE if beyond else None


def mask(outlines: Iterable[Outline], height: int, width: int) -> np.ndarray:
    """Fills outlines.

    Args:
        outlines: See `Outline`.
        height: Of the picture, px.
        width: Of the picture, px.

    Returns:
        Boolean array (height, width), True in any of them.
    """
    filled = np.zeros((height, width), np.uint8)
    for outline in outlines:
        cv2.fillPoly(filled, [np.rint(outline).astype(np.int32)], 1)
    return filled.astype(bool)


def circle(outlines: Sequence[Outline]) -> dict[str, float]:
    """The circle around the largest of some outlines, as the exam table holds a lesion; empty without any."""
    if not outlines:
        return {}
    largest = max(outlines, key=lambda outline: cv2.contourArea(outline.astype(np.float32)))
    (x, y), radius = cv2.minEnclosingCircle(largest.astype(np.float32))
    return {"lesion_x": x, "lesion_y": y, "lesion_radius": max(radius, 1.0)}


class Aside:
    """What was set aside and why, to be named and counted."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)

    def add(self, reason: str, *names: str) -> None:
        """Notes that pictures were met with a problem."""
        self._names[reason].extend(names)

    def notes(self) -> tuple[str, ...]:
        """One sentence a reason: how many, and which."""
        return tuple(f"{reason}: {len(names)} ({', '.join(names)})" for reason, names in self._names.items() if names)
