"""From tissue to film: grey levels, machine, labels, borders, dust, alike in every class."""

from dataclasses import dataclass

import cv2
import numpy as np

from helpers.datasets.phantom.anatomy import Breast


@dataclass(frozen=True)
class Machine:
    """What a machine does to every picture: gamma, blur (pixels at height 512), noise and base in grey levels 0-1."""

    gamma: float
    blur: float
    noise: float
    base: float


MACHINES = {
    "alpha": Machine(gamma=0.95, blur=0.55, noise=0.007, base=0.012),
    "beta": Machine(gamma=1.05, blur=0.75, noise=0.010, base=0.030),
    "gamma": Machine(gamma=1.00, blur=0.65, noise=0.006, base=0.020),
}
SITES = {"east": ("alpha", "beta"), "west": ("gamma",)}
"""Which machines stand at which site."""

MIDDLE = {"A": 0.36, "B": 0.40, "C": 0.44, "D": 0.48}
"""Median grey level of a breast, by BI-RADS density, before the picture's own draw."""

BRIGHTEST = (0.82, 1.0)
"""Brightest grey level of a picture's tissue; it varies, so that white alone does not mean a lesion."""

LEVELS = 4096


def toned(tissue: np.ndarray, breast: Breast, density: str, machine: Machine, rng: np.random.Generator) -> np.ndarray:
    """Maps the tissue's grey levels to a random distribution, so that a histogram tells nothing about the class.

    The target is a Kumaraswamy distribution, whose quantiles have a closed form; its draw knows the density, never
    the label. Muscle and implant are laid on afterwards, so that their bright levels do not distort the tissue's.

    Args:
        tissue: Float32 of the outline's shape, no lesion in it.
        breast: The outline.
        density: BI-RADS density.
        machine: The machine that took the picture.
        rng: Source of randomness of this picture.

    Returns:
        Float32 of the outline's shape, 0 to 1, 0 outside the breast.
    """
    plain = (breast.inside & (breast.muscle < 0.5) & (breast.implant < 0.5)).astype(np.uint8)
    low, high, _, _ = cv2.minMaxLoc(tissue, plain)
    index = np.clip((tissue - low) * ((LEVELS - 1) / (high - low)), 0, LEVELS - 1).astype(np.uint16)
    counts = cv2.calcHist([index], [0], plain, [LEVELS], [0, LEVELS])[:, 0]
    rank = (np.cumsum(counts) - 0.5 * counts) / counts.sum()
    middle = MIDDLE[density] + rng.uniform(-0.08, 0.08)
    a = rng.uniform(1.7, 2.9)
    b = np.log(0.5) / np.log(1 - middle**a)
    tone = rng.uniform(*BRIGHTEST) * ((1 - (1 - rank) ** (1 / b)) ** (machine.gamma / a)).astype(np.float32)[index]
    for cover, bright in ((breast.muscle, rng.uniform(0.6, 0.85)), (breast.implant, rng.uniform(0.85, 0.95))):
        tone += (0.8 * cover) * (bright - tone)
    return tone * (breast.skin > 0)


def developed(tone: np.ndarray, machine: Machine, laterality: str, view: str, rng: np.random.Generator) -> np.ndarray:
    """Turns grey levels into a film as it is hung: an R breast with its chest wall at the right edge.

    Args:
        tone: Float32 of (height, width), 0 to 1, chest wall at the left.
        machine: The machine that took it.
        laterality: "L" or "R".
        view: "CC" or "MLO".
        rng: Source of randomness of this picture.

    Returns:
        Uint8 of (height, width).
    """
    height = len(tone)
    picture = np.ascontiguousarray(tone[:, ::-1]) if laterality == "R" else tone
    picture = cv2.GaussianBlur(picture, (0, 0), max(machine.blur * height / 512, 0.3))
    picture = machine.base + (1 - machine.base) * picture
    chest = 1 if laterality == "R" else 0
    _dust(picture, rng)
    if rng.random() < 0.8:
        _label(picture, f"{laterality} {view}", chest, rng)
    if rng.random() < 0.35:
        _border(picture, chest, rng)
    picture = picture + machine.noise * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)


def _dust(picture, rng) -> None:
    """Specks and sometimes a scratch, anywhere."""
    height, width = picture.shape
    for _ in range(rng.integers(0, 9)):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        picture[y : y + 1 + int(rng.random() < 0.2), x : x + 1] += rng.uniform(0.1, 0.6)
    if rng.random() < 0.12:
        x, y = rng.integers(width), rng.integers(height)
        layer = np.zeros(picture.shape, np.uint8)
        end = (int(x + rng.normal(0, 0.02 * height)), int(y + rng.normal(0, 0.15 * height)))
        cv2.line(layer, (int(x), int(y)), end, 255, 1, cv2.LINE_AA)
        picture += layer.astype(np.float32) * (rng.uniform(0.02, 0.06) / 255)


def _label(picture, text, chest, rng) -> None:
    """Side and view in the upper corner away from the chest wall, as lead letters or on a bright plate."""
    height, width = picture.shape
    scale, ink = height / 512 * rng.uniform(0.45, 0.65), rng.uniform(0.6, 0.95)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    pad = round(0.012 * height)
    left = round(rng.uniform(0.03, 0.06) * width)
    x, y = (left if chest else width - left - wide), round(rng.uniform(0.04, 0.12) * height) + tall
    if rng.random() < 0.5:
        cv2.rectangle(picture, (x - pad, y - tall - pad), (x + wide + pad, y + pad), ink, -1)
        ink = 0.1
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 1, cv2.LINE_AA)


def _border(picture, chest, rng) -> None:
    """A strip that the scanner left at the edge away from the chest wall, or along the top or bottom."""
    height, width = picture.shape
    thick, level = round(rng.uniform(0.006, 0.03) * height), rng.uniform(0.2, 0.95)
    side = rng.choice(["far", "top", "bottom"])
    if side == "far":
        picture[:, slice(0, thick) if chest else slice(width - thick, width)] = level
    else:
        picture[slice(0, thick) if side == "top" else slice(height - thick, height)] = level
