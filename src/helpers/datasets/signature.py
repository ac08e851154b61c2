"""A picture's signature: the same for its rotated, mirrored and zoomed copies, different for other pictures."""

from collections.abc import Iterable

import cv2
import numpy as np
from sklearn.cluster import DBSCAN

SIDE, RINGS, ANGLES, HARMONICS = 96, 16, 64, 8
REACH = 1.5
"""Radius of the outermost ring, in root-mean-square radii of the picture's brightness."""

NEAR_DUPLICATE = 0.02
"""Distance of signatures below which two pictures are taken for copies of one.

Measured on 254 mini-MIAS pictures, 227 pixels, six rotated or mirrored copies each: 99 % of the copies lie within
0.011 of each other, 99 % of the pictures farther than 0.027 (cropped) or 0.048 (whole) from every other picture.
CLAHE after the rotation moves copies apart to a median of 0.02 to 0.03: those are not found."""


def signature(picture: np.ndarray) -> np.ndarray:
    """Describes a picture by the angular harmonics of concentric rings.

    The inscribed disc is all that rotated and mirrored copies share. Rings are centered on the centroid of its
    brightness and scaled by its root-mean-square radius, which takes out zoom. Along a ring a rotation shifts and a
    mirror reverses, and neither changes the magnitude of the Fourier coefficients (circular harmonics: Hsu and
    Arsenault, Applied Optics 21, 4016, 1982).

    Args:
        picture: Array (height, width) or (height, width, channels), uint8 or uint16.

    Returns:
        Array (`RINGS` * `HARMONICS`,) float32 of length 1; zeros for a black picture.
    """
    disc = _disc(picture)
    moments = cv2.moments(disc)
    mass = moments["m00"]
    if mass == 0:
        return np.zeros(RINGS * HARMONICS, np.float32)
    center = (moments["m10"] / mass, moments["m01"] / mass)
    reach = REACH * np.sqrt(max(moments["mu20"] + moments["mu02"], 0) / mass)
    polar = cv2.warpPolar(disc, (3 * RINGS, ANGLES), center, reach, cv2.INTER_LINEAR | cv2.WARP_FILL_OUTLIERS)
    rings = cv2.resize(polar, (RINGS, ANGLES), interpolation=cv2.INTER_AREA)
    magnitudes = np.abs(np.fft.rfft(rings, axis=0))[:HARMONICS]
    return (magnitudes / np.linalg.norm(magnitudes)).T.ravel().astype(np.float32)


def signatures(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """The signature of each picture, (n, d) float32; see `signature`."""
    return np.stack([signature(picture) for picture in pictures])


def copies(found: np.ndarray, distance: float = NEAR_DUPLICATE) -> np.ndarray:
    """Numbers the groups of pictures that are copies of each other, directly or through other copies.

    Args:
        found: Array (n, d), signatures.
        distance: How far apart two copies may lie.

    Returns:
        Array (n,) int: the connected component of each picture.
    """
    distinct, place = np.unique(found, axis=0, return_inverse=True)
    return DBSCAN(eps=distance, min_samples=1).fit_predict(distinct)[place]


def nearest_to_own(found: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Tells which pictures resemble the rest of their own group more than any other group.

    A picture is left out of its own group's mean; with it, any group of few pictures would look like one.

    Args:
        found: Array (n, d), signatures.
        groups: Array (n,), the group that each picture is said to belong to.

    Returns:
        Array (n,) bool; False for a picture that is alone in its group, or where there is one group only.
    """
    names, own, size = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < 2:
        return np.zeros(len(found), bool)
    means = np.zeros((len(names), found.shape[1]), np.float32)
    np.add.at(means, own, found)
    means /= size[:, None]
    squared = (means**2).sum(1) - 2 * found @ means.T + (found**2).sum(1)[:, None]
    rows, others = np.arange(len(found)), size[own] - 1
    to_own = squared[rows, own] * (size[own] / np.maximum(others, 1)) ** 2
    squared[rows, own] = np.inf
    return (others > 0) & (to_own < squared.min(1))


def _disc(picture: np.ndarray) -> np.ndarray:
    gray = picture.astype(np.float32)
    gray = gray.mean(axis=2) if gray.ndim == 3 else gray
    gray = cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.where(_INSIDE, gray, 0)


_FROM_CENTER = np.arange(SIDE) - (SIDE - 1) / 2
_INSIDE = np.hypot(_FROM_CENTER[:, None], _FROM_CENTER) <= SIDE / 2 - 1
