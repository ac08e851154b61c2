"""The tissue of a phantom: fat, glands, ducts, ligaments, vessels and dense islands, alike in every class."""

from functools import cache

import cv2
import numpy as np

from helpers.datasets.phantom.anatomy import Breast

GLANDS = {"A": 0.06, "B": 0.22, "C": 0.42, "D": 0.68}
"""Share of the breast that is glandular, by BI-RADS density."""

GAIN = {"A": 0.8, "B": 0.9, "C": 1.0, "D": 1.1}
"""Gain of the texture, by BI-RADS density."""

RAYS = (32, 384)
"""Steps along and across the rays to the nipple; few along, so that streaks are long."""


def noise(rng: np.random.Generator, shape: tuple[int, int], slope: float) -> np.ndarray:
    """Makes Gaussian noise whose power falls with frequency, as that of breast tissue does.

    Args:
        rng: Source of randomness.
        shape: Height and width.
        slope: Exponent b of the power spectrum 1 / f ** b; mammograms have about 3 (Burgess 1999).

    Returns:
        Float32 of `shape`, mean 0, standard deviation about 1.
    """
    amplitude = _amplitude(shape, slope)
    spectrum = rng.standard_normal((*amplitude.shape, 2), dtype=np.float32).view(np.complex64)[..., 0]
    return np.fft.irfft2(spectrum * amplitude, shape)


@cache
def _amplitude(shape, slope) -> np.ndarray:
    """Amplitudes of `noise`, scaled to a standard deviation of 1."""
    down, across = np.fft.fftfreq(shape[0], 1 / shape[0])[:, None], np.fft.rfftfreq(shape[1], 1 / shape[1])
    amplitude = np.maximum(np.hypot(down, across), 1.5) ** (-slope / 2)
    amplitude[0, 0] = 0
    power = 4 * np.square(amplitude[:, 1:]).sum() + 2 * np.square(amplitude[:, 0]).sum()
    return (amplitude * (shape[0] * shape[1] / np.sqrt(power))).astype(np.float32)


def tissue(breast: Breast, density: str, rng: np.random.Generator) -> np.ndarray:
    """Draws the tissue of one view, before film and machine.

    Args:
        breast: The outline.
        density: BI-RADS density, "A" to "D".
        rng: Source of randomness of this picture.

    Returns:
        Float32 of the outline's shape, about 0 (skin) to 1 (densest), 0 outside the breast.
    """
    shape, gain = breast.inside.shape, GAIN[density]
    along, angle = _polar(breast)
    bend, fine = noise(rng, shape, 4.0), noise(rng, shape, 3.0)
    streaks = _streaks(along, angle + 0.07 * bend, 2.2, rng)
    strands = _streaks(along, angle - 0.10 * bend, 2.8, rng)
    ligaments = np.exp(-((strands / 0.12) ** 2))
    mixed = 0.36 + gain * (0.020 * bend + 0.024 * fine + 0.022 * streaks + 0.036 * ligaments)
    strokes = gain * (0.030 * fine + 0.060 * streaks + 0.040 * ligaments)
    mixed += _glands(breast, density, streaks, rng) * (0.26 + strokes)
    mixed += _vessels(breast, rng)
    return mixed * _thickness(breast, rng)


def _thickness(breast, rng) -> np.ndarray:
    """Even where the plates press, round toward the skin; the skin itself is a faint line."""
    height = len(breast.inside)
    rise = 1 - np.minimum(breast.skin / (rng.uniform(0.13, 0.20) * height), 1)
    line = np.exp(-(((breast.skin - 0.008 * height) / (0.004 * height)) ** 2)) * (breast.skin > 0)
    return np.sqrt(1 - rise * rise) + rng.uniform(0.04, 0.16) * line


def _polar(breast) -> tuple[np.ndarray, np.ndarray]:
    """Polar coordinates about a point before the nipple: distance in heights, angle in radians, 0 to the wall."""
    height, width = breast.inside.shape
    x, y = breast.nipple
    across, down = (x + 0.06 * height - np.arange(width)).astype(np.float32), np.arange(height)[:, None] - y
    return (np.hypot(across, down) / height).astype(np.float32), np.arctan2(down, across).astype(np.float32)


def _streaks(along, angle, slope, rng) -> np.ndarray:
    """Noise that is long along the rays to the nipple and short across them."""
    steps, sectors = RAYS
    columns = (angle / np.pi + 0.5) * (sectors - 1)
    rows = np.sqrt(along) * (0.22 * steps)
    return cv2.remap(noise(rng, RAYS, slope), columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def _glands(breast, density, streaks, rng) -> np.ndarray:
    """Where glands lie: a disc behind the nipple, ragged, under a rim of fat, with islands around it."""
    shape = breast.inside.shape
    skin = breast.skin / shape[0]
    down = (np.arange(shape[0], dtype=np.float32)[:, None] - breast.nipple[1]) / shape[0]
    disc = -(((breast.reach - rng.uniform(0.55, 0.7)) / 0.42) ** 2) - ((down + rng.uniform(0, 0.06)) / 0.28) ** 2
    score = 0.9 * disc + 0.38 * noise(rng, shape, 3.2) + 0.20 * streaks
    share = np.clip(GLANDS[density] * rng.uniform(0.8, 1.25), 0.02, 0.9)
    edge = np.quantile(score[breast.inside], 1 - share)
    return np.clip((skin - 0.015) / 0.07, 0, 1) / (1 + np.exp(np.clip((edge - score) / 0.14, -20, 20)))


def _vessels(breast, rng) -> np.ndarray:
    """A few thin tubes that wander from the chest wall toward the nipple."""
    canvas = np.zeros(breast.inside.shape, np.uint8)
    height, (x, y) = len(canvas), breast.nipple
    for _ in range(rng.integers(2, 6)):
        t = np.linspace(0, rng.uniform(0.6, 0.95), 24)
        start, lift = y + rng.uniform(-0.36, 0.36) * height, rng.normal(0, (0.04, 0.02, 0.012)) * height
        path = np.stack([x * t, start + (y - start) * t**1.5 + lift @ np.sin(np.outer([1, 3, 6], np.pi * t))], axis=1)
        bright = int(rng.integers(90, 256))
        cv2.polylines(canvas, [np.round(path * 16).astype(np.int32)], False, bright, 1, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(canvas, (0, 0), 0.0018 * height + 0.3).astype(np.float32) * (0.14 / 255)
