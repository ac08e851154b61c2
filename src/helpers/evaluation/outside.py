"""Whether a picture lies outside what a network was trained on; of such a picture its probabilities mean nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.covariance import ledoit_wolf_shrinkage

LEVEL = 0.05
"""The share of pictures from the training's own population that are called outside by mistake."""
SMALLEST = 1e-9
"""A layer that is silent on all training pictures has no spread; this stands for it."""


@dataclass(frozen=True)
class Cloud:
    """Where one layer puts the pictures that a network was trained on: their mean and covariance.

    The covariance is that of Ledoit and Wolf (2004), shrunk toward a sphere, so that it has an inverse also where a
    layer has more features than there are pictures. It is kept by its axes, of which there are no more than pictures.

    Attributes:
        mean: (d,).
        axes: (r, d), the principal axes.
        pulls: (r,), by how much of itself each axis shortens the squared distance along it, 0..1.
        floor: The variance across all axes.
    """

    mean: np.ndarray
    axes: np.ndarray
    pulls: np.ndarray
    floor: float

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Mahalanobis distances from the mean.

        Args:
            features: (n, d).

        Returns:
            (n,) float64.
        """
        away = np.asarray(features, np.float64) - self.mean
        along = away @ self.axes.T
        squared = (away**2).sum(axis=1) - (along**2 * self.pulls).sum(axis=1)
        return np.sqrt(np.maximum(squared, 0) / self.floor)


def cloud(features: np.ndarray) -> Cloud:
    """Describes the pictures that a network was trained on, as one layer sees them.

    Args:
        features: (n, d), that layer's output for n training pictures, pooled over its map.

    Returns:
        The `Cloud`.
    """
    features = np.asarray(features, np.float64)
    mean = features.mean(axis=0)
    away = features - mean
    shrinkage = max(ledoit_wolf_shrinkage(away, assume_centered=True), SMALLEST)
    _, lengths, axes = np.linalg.svd(away, full_matrices=False)
    variances = (1 - shrinkage) * lengths**2 / len(features)
    floor = max(shrinkage * (lengths**2).sum() / features.size, SMALLEST)
    return Cloud(mean, axes, variances / (variances + floor), float(floor))


@dataclass(frozen=True)
class Familiar:
    """What a network was trained on, as several of its layers see it.

    One layer is not enough: the last ones map what they do not know onto what they know, so that noise or a photo may
    lie in the middle of the training pictures there, and far outside at an earlier stage (Lee et al. 2018,
    arXiv 1807.03888, who join all layers for the same reason).

    Attributes:
        clouds: One a layer.
        units: (layers,), the median distance of held-out pictures at each.
        held_out: (m,), the distances of those pictures over all layers.
    """

    clouds: tuple[Cloud, ...]
    units: np.ndarray
    held_out: np.ndarray

    def distances(self, features: Sequence[np.ndarray]) -> np.ndarray:
        """How far pictures lie from those that the network was trained on; 1 is usual.

        Args:
            features: One (n, d) a layer.

        Returns:
            (n,), the mean over the layers, each in its own unit.
        """
        return (_each(self.clouds, features) / self.units[:, None]).mean(axis=0)


def familiar(train: Sequence[np.ndarray], held_out: Sequence[np.ndarray]) -> Familiar:
    """Describes what a network was trained on.

    Args:
        train: One (n, d) a layer: outputs for training pictures.
        held_out: One (m, d) a layer: outputs for pictures of other patients. What is usual is learnt from them, since
            a network knows the training pictures better than any other.

    Returns:
        The `Familiar`.
    """
    clouds = tuple(cloud(features) for features in train)
    distances = _each(clouds, held_out)
    units = np.maximum(np.median(distances, axis=1), SMALLEST)
    return Familiar(clouds, units, (distances / units[:, None]).mean(axis=0))


@dataclass(frozen=True)
class Place:
    """Where a picture lies among pictures of the training's own population.

    Attributes:
        distance: From the pictures that the networks were trained on; 1 is usual.
        nearer: The share of held-out pictures that lie nearer.
        held_out: How many there are.
    """

    distance: float
    nearer: float
    held_out: int

    @property
    def outside(self) -> bool:
        """Whether the picture is called outside.

        A conformal test (Bates et al. 2023, arXiv 2104.08279): of pictures from the training's own population, a share
        of `LEVEL` is called so by mistake. With too few held-out pictures for that, it is called outside where it
        lies farther than all of them.
        """
        farther = round((1 - self.nearer) * self.held_out)
        return (1 + farther) / (self.held_out + 1) <= max(LEVEL, 1 / (self.held_out + 1))


def place(distance: float, held_out: np.ndarray) -> Place:
    """Places a picture among held-out ones.

    Args:
        distance: Of the picture.
        held_out: (m,), of pictures of other patients.

    Returns:
        The `Place`.
    """
    return Place(float(distance), float(np.mean(held_out < distance)), len(held_out))


def joined(distances: Sequence[np.ndarray]) -> np.ndarray:
    """One distance of several networks': the median, so that a single odd one decides nothing.

    Args:
        distances: One (n,) a network.

    Returns:
        (n,).
    """
    return np.median(np.stack(list(distances)), axis=0)


def _each(clouds: Sequence[Cloud], features: Sequence[np.ndarray]) -> np.ndarray:
    return np.stack([each.distances(values) for each, values in zip(clouds, features, strict=True)])
