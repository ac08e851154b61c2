"""The outline of a phantom: skin line, nipple, pectoral muscle, implant; the chest wall is at the left."""

from dataclasses import dataclass

import cv2
import numpy as np

ASPECT = 0.8
"""Width of a picture over its height."""


@dataclass(frozen=True)
class Breast:
    """One view of one breast, every field a picture of (height, width) or a length in pixels.

    Attributes:
        inside: Bool, the breast and the muscle behind it.
        reach: Float32, distance from the chest wall to the skin, as a fraction, 0 at the wall and 1 at the skin.
        skin: Float32, distance to the skin line in pixels, a little smoothed, 0 outside.
        muscle: Float32, how much pectoral muscle covers a pixel, 0 to 1; all 0 in a CC view.
        implant: Float32, the same for the implant; all 0 where there is none.
        nipple: x, y of the nipple.
    """

    inside: np.ndarray
    reach: np.ndarray
    skin: np.ndarray
    muscle: np.ndarray
    implant: np.ndarray
    nipple: tuple[float, float]


def build(view: str, implant: bool, height: int, body: np.random.Generator, pose: np.random.Generator) -> Breast:
    """Draws the outline of one view.

    Args:
        view: "CC" or "MLO".
        implant: Whether the breast holds an implant.
        height: Height of the picture in pixels.
        body: Randomness that all views of a patient share: size and roundness.
        pose: Randomness of this picture alone: how the breast lay.

    Returns:
        The outline, chest wall at the left edge.
    """
    size = body.uniform(0.50, 0.62) * pose.uniform(0.96, 1.04) * height
    roundness, nipple_length = body.uniform(1.9, 2.3), body.uniform(0.008, 0.024) * height
    center = (pose.uniform(0.47, 0.53) if view == "CC" else pose.uniform(0.57, 0.62)) * height
    rows = np.arange(height, dtype=np.float32)
    edge = _skin_line(rows, view, size, center, roundness, pose)
    nipple_y = center + pose.uniform(-0.03, 0.03) * height
    nipple_x = float(np.interp(nipple_y, rows, edge))
    edge = edge + nipple_length * np.exp(-(((rows - nipple_y) / (0.016 * height)) ** 2))
    columns = np.arange(round(ASPECT * height), dtype=np.float32)
    inside = columns < edge[:, None]
    reach = np.clip(columns / np.maximum(edge, 1.0)[:, None], 0, 1)
    skin = cv2.GaussianBlur(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5), (0, 0), 1.2)
    nothing = np.zeros_like(skin)
    muscle = _pectoral(rows[:, None], columns, edge[0], pose) if view == "MLO" else nothing
    dome = _implant(rows[:, None], columns, size, center, pose) if implant else nothing
    return Breast(inside, reach, skin, muscle * inside, dome * inside, (nipple_x, nipple_y))


def _skin_line(rows, view, size, center, roundness, pose) -> np.ndarray:
    """The x of the skin in every row: a half ellipse that wobbles, in an MLO view run out into the axilla."""
    height = len(rows)
    above = pose.uniform(0.38, 0.45) if view == "CC" else pose.uniform(0.46, 0.56)
    below = pose.uniform(0.38, 0.45) if view == "CC" else pose.uniform(0.33, 0.37)
    place = (rows - center) / (height * np.where(rows < center, above, below))
    waves = sum(pose.normal(0, 0.012 / k) * np.sin(k * np.pi * place / 2 + pose.uniform(0, 6.3)) for k in (1, 2, 3, 4))
    line = size * (1 + waves) * np.sqrt(np.clip(1 - np.abs(place) ** roundness, 0, None))
    if view == "CC":
        return line
    axilla = height * pose.uniform(0.30, 0.40) * (1 - rows / (height * pose.uniform(0.8, 1.0)))
    soft = 0.05 * height
    return soft * np.logaddexp(line / soft, axilla / soft) * (rows < center) + line * (rows >= center)


def _pectoral(rows, columns, axilla, pose) -> np.ndarray:
    """A triangle in the upper corner, its edge slightly bowed and soft."""
    height = len(rows)
    top, bottom = pose.uniform(0.60, 0.80) * axilla, pose.uniform(0.45, 0.66) * height
    down = np.clip(rows / bottom, 0, 1)
    edge = top * (1 - down) * (1 + pose.uniform(-0.1, 0.3) * down)
    softness = height * (0.007 + 0.02 * down)
    fade = np.clip((bottom - rows) / (0.25 * bottom), 0, 1)
    return (fade / (1 + np.exp(np.clip((columns - edge) / softness, -30, 30)))).astype(np.float32)


def _implant(rows, columns, size, center, pose) -> np.ndarray:
    """A dome against the chest wall with a soft edge."""
    height = len(rows)
    wide, tall = 0.42 * size * pose.uniform(0.92, 1.08), 0.26 * height * pose.uniform(0.92, 1.08)
    from_middle = np.hypot(columns / wide, (rows - center) / tall)
    return (1 / (1 + np.exp(np.clip((from_middle - 1) * wide / (0.006 * height), -30, 30)))).astype(np.float32)
