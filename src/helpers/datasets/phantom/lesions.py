"""The lesions of a phantom, each drawn on a square canvas that is then laid on its place in the breast."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from helpers.datasets.phantom.anatomy import Breast

GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
RADIUS = (0.090, 0.120)
"""Smallest and largest radius of a lesion, spicules included, in picture heights."""

CONTRAST = (0.45, 0.65)
"""Smallest and largest contrast of a lesion, as a fraction of what is left between the tissue and white."""


@dataclass(frozen=True)
class Site:
    """The disk, in pixels, that holds a lesion or could hold one."""

    x: int
    y: int
    radius: int


@dataclass(frozen=True)
class Lesion:
    """A lesion as pictures: contrast (float32), outline and calcifications (bool)."""

    contrast: np.ndarray
    outline: np.ndarray
    calcifications: np.ndarray


def place(breast: Breast, view: str, body: np.random.Generator) -> Site:
    """Finds a disk that lies wholly inside the breast, clear of muscle, implant and skin line.

    Args:
        breast: The outline.
        view: "CC" or "MLO"; both see the same depth but another height.
        body: Randomness that both views share.

    Returns:
        The disk, in pixels of the outline; smaller than drawn where the breast has no room.
    """
    height = len(breast.inside)
    radius, depth = body.uniform(*RADIUS) * height, body.uniform(0.25, 0.75)
    offset = body.uniform(-0.6, 0.6, 2)[("CC", "MLO").index(view)]
    margin = 0.012 * height + 2
    room = _room(breast) - margin
    down = (np.arange(height)[:, None] - breast.nipple[1]) / (0.4 * height)
    cost = (breast.reach - depth) ** 2 + (down - offset) ** 2
    y, x = np.unravel_index(np.where(room >= min(radius, room.max()), cost, np.inf).argmin(), cost.shape)
    return Site(int(x), int(y), int(min(radius, room[y, x])))


def draw(kind: str, site: Site, view: str, shape: tuple[int, int], body: np.random.Generator) -> Lesion:
    """Draws a lesion on its site.

    Args:
        kind: A key of `KINDS`.
        site: Where it lies.
        view: "CC" or "MLO"; the same lesion is seen from another side.
        shape: Height and width of the picture.
        body: Randomness that both views share.

    Returns:
        The lesion, all of it inside the site.
    """
    turn = body.uniform(0, 2 * np.pi, 2)[("CC", "MLO").index(view)]
    strength = body.uniform(*CONTRAST)
    span = np.arange(-site.radius, site.radius + 1, dtype=np.float32) / site.radius
    distance, angle = np.hypot(span, span[:, None]), np.arctan2(span[:, None], span) + turn
    field, outline, calcifications = KINDS[kind](distance, angle, turn, body)
    field = strength * field * np.clip((1 - distance) / 0.06, 0, 1)
    inside = distance < 1
    return Lesion(*(_laid(part, site, shape) for part in (field, outline & inside, calcifications & inside)))


def add(tone: np.ndarray, lesion: Lesion) -> np.ndarray:
    """Lays a lesion on the tissue, which it partly replaces; the brighter the tissue, the less it stands out.

    Args:
        tone: Float32 of (height, width), grey levels 0 to 1 without the lesion.
        lesion: The lesion, of the same size.

    Returns:
        Float32 of (height, width), equal to `tone` outside the lesion's site.
    """
    around = tone[lesion.outline].mean()
    cover = 0.65 * np.clip(lesion.contrast / CONTRAST[0], 0, 1)
    return tone + cover * (around - tone) + lesion.contrast * (1.05 - around)


def _room(breast) -> np.ndarray:
    """Distance to whatever a lesion must not touch, the edge of the picture included."""
    free = (breast.inside & (breast.muscle < 0.1) & (breast.implant < 0.1)).astype(np.uint8)
    framed = cv2.copyMakeBorder(free, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    return cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]


def _laid(part, site, shape) -> np.ndarray:
    whole = np.zeros(shape, np.bool_ if part.dtype == bool else np.float32)
    reach = site.radius
    whole[site.y - reach : site.y + reach + 1, site.x - reach : site.x + reach + 1] = part
    return whole


def _waves(angle, rng, orders, size) -> np.ndarray:
    """How far a closed outline departs from a circle."""
    return sum(rng.normal(0, size / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in orders)


def _soft_step(value, softness) -> np.ndarray:
    return 1 / (1 + np.exp(np.clip(-value / softness, -30, 30)))


def _polygons(points, levels, side, blur) -> np.ndarray:
    """Fills polygons given in the unit disk, bright over dim, and blurs them; 0 to 1."""
    canvas, middle = np.zeros((side, side), np.uint8), side // 2
    for k in np.argsort(levels):
        corners = np.round((points[k] + 1) * middle * 16).astype(np.int32)
        cv2.fillPoly(canvas, [corners], int(255 * levels[k]), cv2.LINE_AA, 4)
    return cv2.GaussianBlur(canvas, (0, 0), max(blur * middle, 0.3)).astype(np.float32) / 255


def _hull(pixels, widen) -> np.ndarray:
    """The convex hull of bool pixels, widened."""
    points = np.argwhere(pixels)[:, ::-1].astype(np.int32)
    filled = cv2.fillConvexPoly(np.zeros(pixels.shape, np.uint8), cv2.convexHull(points), 1)
    return cv2.dilate(filled, np.ones((widen, widen), np.uint8)).astype(bool)


def _circumscribed(distance, angle, turn, rng):
    """A round or lobed mass with an even border and a faint halo."""
    border = 0.76 + 0.14 * np.tanh(_waves(angle, rng, (2, 3, 4), 0.12) / 0.14)
    within = border - distance
    dome = np.sqrt(np.clip(1 - (distance / border) ** 2, 0, 1))
    field = _soft_step(within, 0.045) * (0.45 + 0.45 * dome) - 0.08 * np.exp(-(((within + 0.13) / 0.06) ** 2))
    return field, within > -0.03, np.zeros(distance.shape, bool)


def _blades(side, turn, rng, count, width, bend) -> np.ndarray:
    """Thin rays that taper and fade outward, unevenly spaced and of many lengths."""
    gaps = rng.uniform(0.2, 1.8, count)
    angles = turn + 2 * np.pi * np.cumsum(gaps) / gaps.sum()
    along, across = np.abs(np.linspace(-1, 1, 9)), np.linspace(-1, 1, 9)
    along, across = 1 - along, np.sign(across) * np.abs(across) ** 0.7
    points = []
    for away in angles:
        reach = rng.uniform(0.4, 0.98) * along
        aside = width * rng.uniform(0.5, 1.2) * across + rng.normal(0, bend) * along**2
        points.append(
            np.stack([reach * np.cos(away) - aside * np.sin(away), reach * np.sin(away) + aside * np.cos(away)], axis=1)
        )
    return _polygons(points, rng.uniform(0.35, 1.0, count), side, 0.014)


def _spiculated(distance, angle, turn, rng):
    """An irregular core, its border blurred, with spicules all around."""
    core = _soft_step(0.38 + _waves(angle, rng, (2, 3, 5, 7, 9), 0.15) - distance, 0.06)
    spicules = _blades(len(distance), turn, rng, int(rng.integers(22, 36)), 0.040, 0.07)
    field = np.maximum(core, spicules * np.clip(1.15 - distance, 0, 1))
    outline = cv2.morphologyEx((field > 0.12).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return field, outline.astype(bool), np.zeros(distance.shape, bool)


def _distortion(distance, angle, turn, rng):
    """Straight lines that meet, with nothing where they meet."""
    lines = _blades(len(distance), turn, rng, int(rng.integers(16, 26)), 0.017, 0.0)
    lines *= np.clip((distance - 0.06) / 0.3, 0, 1)
    return lines, _hull(lines > 0.12, 3), np.zeros(distance.shape, bool)


def _grains(middles, sizes, rough, side, blur, rng) -> np.ndarray:
    """Calcifications as small polygons of (count,) `sizes` in the unit disk; `rough` 0 is round."""
    corners = np.linspace(0, 2 * np.pi, 17)[:-1]
    points = []
    for middle, size in zip(middles, sizes, strict=True):
        edge = size * (1 + rng.normal(0, 0.5 * rough**2, len(corners)))
        tilt, thin = rng.uniform(0, np.pi), rng.uniform(1 - rough, 1)
        long, short = edge * np.cos(corners), thin * edge * np.sin(corners)
        points.append(
            middle
            + np.stack([long * np.cos(tilt) - short * np.sin(tilt), long * np.sin(tilt) + short * np.cos(tilt)], axis=1)
        )
    return _polygons(points, rng.uniform(0.6, 1.0, len(middles)), side, blur)


def _coarse(distance, angle, turn, rng):
    """A few large round calcifications, spaced like seeds so that few overlap."""
    count = int(rng.integers(3, 7))
    order = np.arange(count) + rng.uniform(0, 1)
    away = 0.72 * np.sqrt(order / (count + 1)) * rng.uniform(0.8, 1.0, count)
    spin = turn + order * GOLDEN_ANGLE + rng.normal(0, 0.15, count)
    middles = away[:, None] * np.stack([np.cos(spin), np.sin(spin)], axis=1)
    field = _grains(middles, rng.uniform(0.10, 0.21, count), 0.12, len(distance), 0.02, rng)
    grains = field > 0.35
    return 1.8 * field, _hull(grains, 5), grains


def _cluster(distance, angle, turn, rng):
    """Many fine irregular calcifications, crowded toward the middle, in a faint haze."""
    count, pixel = int(rng.integers(30, 60)), 2 / len(distance)
    away = rng.uniform(0.55, 0.85) * rng.random(count) ** 0.6
    spin = turn + rng.uniform(0, 2 * np.pi, count)
    squeeze = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * [1, rng.uniform(0.6, 1)]
    middles = away[:, None] * np.stack([np.cos(spin), np.sin(spin)], axis=1) @ squeeze.T
    sizes = np.maximum(rng.uniform(0.014, 0.034, count), 0.7 * pixel)
    field = _grains(middles, sizes, 0.6, len(distance), 0, rng)
    grains = field > 0.3
    return 1.8 * field + 0.12 * np.exp(-((distance / 0.5) ** 2)), _hull(grains, 5), grains


KINDS: dict[str, Callable] = {
    "mass_circumscribed": _circumscribed,
    "calcification_coarse": _coarse,
    "mass_spiculated": _spiculated,
    "calcification_cluster": _cluster,
    "distortion": _distortion,
}
"""How each kind is drawn, by the word in the exam table."""
