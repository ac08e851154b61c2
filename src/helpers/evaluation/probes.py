"""Two probes that were never shown a lesion: one sees how a picture was rendered, one whether it was seen before."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluation.metrics import CLASSES

WIDER = 1.3
"""What is hidden around a lesion, in its radii: its margin says as much of it as its middle."""
RING = 0.06
"""Width of the border, as a share of the picture's side."""
LEVELS = 16
"""Bins of the gray-level histogram."""
SCALES = (1, 2, 4)
"""Widths of the Gaussians between which sharpness is measured, in pixels."""
TRIES = 50
"""Lesions tried for a place on tissue in a picture without one."""


def hidden_discs(pictures: Sequence[np.ndarray], lesions: np.ndarray, *, seed: int) -> np.ndarray:
    """A disc to hide in every picture: its lesion, or, where it has none, one placed and sized like a lesion.

    Args:
        pictures: (n, size, size) uint8.
        lesions: (n, 3) float, x, y and radius in pixels; NaN where there is no lesion or its place is not known.
        seed: Of the draw of a lesion for a picture without; one that would lie on black is drawn again.

    Returns:
        (n, 3) float without NaN; where no lesion of any picture is known, the middle of each, a quarter wide.
    """
    known = ~np.isnan(lesions).any(axis=1)
    wider = lesions * (1, 1, WIDER)
    if not known.any():
        size = len(pictures[0])
        return np.tile([(size - 1) / 2, (size - 1) / 2, size / 4], (len(pictures), 1))
    rng = np.random.default_rng(seed)
    like = [wider[i] if known[i] else _on_tissue(pictures[i], rng.permutation(wider[known])) for i in range(len(known))]
    return np.stack(like)


def rendering_features(pictures: Iterable[np.ndarray], discs: np.ndarray) -> np.ndarray:
    """Describes how pictures were rendered, each outside its disc: border, histogram, sharpness.

    Turning a picture by a right angle or mirroring it changes nothing.

    Args:
        pictures: n arrays (size, size), uint8.
        discs: (n, 3) float, x, y and radius of what is hidden, of `hidden_discs`.

    Returns:
        (n, 4 + 4 + `LEVELS` + 3) float64: of the border its brightness, spread, share of black and roughness; its
        four sides' brightness, sorted; the histogram; and the energy of detail at each of `SCALES`, logarithmic.
    """
    return np.stack([_rendering(picture, disc) for picture, disc in zip(pictures, discs, strict=True)])


def source_probe(training: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Logistic regression on how pictures were rendered, each class weighing the same.

    Args:
        training: (n, d) float, of `rendering_features`.
        labels: (n,) int, indices into `CLASSES`.
        test: (m, d) float.

    Returns:
        (m, 3) float64, probabilities.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000))
    model.fit(training, labels)
    # A class that is not among the training pictures has probability 0.
    probabilities = np.zeros((len(test), len(CLASSES)))
    probabilities[:, model.classes_] = model.predict_proba(test)
    return probabilities


def copy_probe(training: np.ndarray, labels: np.ndarray, test: np.ndarray, reach: float) -> np.ndarray:
    """Says of each picture what is known of its copy in training; without one, how frequent the classes are there.

    It knows likeness within `reach` and nothing else, so that it can recognize a picture and no lesion.

    Args:
        training: (n, d) float, signatures, which turning and mirroring leave alone.
        labels: (n,) int, indices into `CLASSES`.
        test: (m, d) float.
        reach: How far apart two copies may lie.

    Returns:
        (m, 3) float64, probabilities.
    """
    known = np.eye(len(CLASSES))[labels]
    distance, nearest = NearestNeighbors(n_neighbors=1).fit(training).kneighbors(test)
    return np.where(distance < reach, known[nearest[:, 0]], known.mean(axis=0))


def _on_tissue(picture: np.ndarray, discs: np.ndarray) -> np.ndarray:
    for disc in discs[:TRIES]:
        if (picture[~_outside(picture.shape, disc)] > 0).mean() > 0.9:
            return disc
    return discs[0]


def _outside(shape: tuple[int, int], disc: np.ndarray) -> np.ndarray:
    x, y, radius = disc
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.hypot(columns - x, rows - y) > radius


def _rendering(picture: np.ndarray, disc: np.ndarray) -> np.ndarray:
    seen = _outside(picture.shape, disc)
    # Filled, so that nothing of what is hidden gets into a blur.
    gray = np.where(seen, picture, picture[seen].mean()).astype(np.float32)
    histogram = np.histogram(gray[seen], LEVELS, (0, 256))[0] / seen.sum()
    return np.concatenate([_border(gray), histogram, _detail(gray, seen)])


def _border(gray: np.ndarray) -> np.ndarray:
    width = max(1, round(RING * len(gray)))
    strips = np.stack([np.rot90(gray, k)[:width] for k in range(4)])
    rough = np.abs(np.diff(strips, axis=2)).mean()
    return np.array([strips.mean(), strips.std(), (strips == 0).mean(), rough, *np.sort(strips.mean(axis=(1, 2)))])


def _detail(gray: np.ndarray, seen: np.ndarray) -> np.ndarray:
    blurred = [gray, *(cv2.GaussianBlur(gray, (0, 0), sigma) for sigma in SCALES)]
    bands = [fine - coarse for fine, coarse in zip(blurred, blurred[1:], strict=False)]
    return np.log1p([(band[seen] ** 2).mean() for band in bands])
