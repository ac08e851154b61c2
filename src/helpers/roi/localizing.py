"""The flag of a new patient, which nobody gives, predicted from the picture: a lesion's place is looked for first."""

import numpy as np
import pandas as pd

from helpers.networks.backend import make_deterministic
from helpers.networks.localizer import STRIDE, localizer
from helpers.profile import RoiSettings
from helpers.training.restarted import Restarted

RATE, WEIGHT_DECAY = 2e-3, 0.05
EPOCHS = 2
"""Times as many as the classifiers have: the network is light, and few cells hold a lesion."""


def drawn_maps(lesions: np.ndarray, size: int) -> np.ndarray:
    """Draws lesions on the localizer's grid.

    Args:
        lesions: (n, 3) x, y and radius in pixels; NaN where none is to be found.
        size: Side of the pictures in pixels.

    Returns:
        (n, cells, cells) float32, 1 in each cell whose middle a lesion's disc holds.
    """
    middles = np.arange(size // STRIDE) * STRIDE + (STRIDE - 1) / 2
    x, y, radius = lesions.T[:, :, None, None]
    with np.errstate(invalid="ignore"):
        return ((middles - x) ** 2 + (middles[:, None] - y) ** 2 <= np.maximum(radius, STRIDE / 2) ** 2).astype("f4")


def localized(
    table: pd.DataFrame, pictures: np.ndarray, lesions: np.ndarray, settings: RoiSettings, seed: int
) -> pd.DataFrame:
    """Learns from the masks of other folds' patients, and says for each picture whether and where it finds a lesion.

    A picture is taken for one with a mask where the highest cell lies above a threshold, the one that calls as many of
    the training pictures as have a mask.

    Args:
        table: Of `helpers.roi.cohorts`, with `flag`; normal pictures too.
        pictures: uint8, (n, size, size).
        lesions: (n, 3) x, y and radius in pixels of `pictures`; NaN where no place is known.
        settings: Epochs and batch size.
        seed: Of the start and the order.

    Returns:
        DataFrame in table order: score (the highest cell's probability), found (bool), and hit, whether that cell lies
        within the lesion; null where no place is known.
    """
    make_deterministic(seed)
    size, flag = pictures.shape[1], table["flag"].to_numpy(bool)
    targets = drawn_maps(np.where(flag[:, None], lesions, np.nan), size)
    network = Restarted(localizer(size, seed), "binary_crossentropy", settings.batch_size, WEIGHT_DECAY)
    network.shown(pictures, targets)
    maps, found = np.zeros_like(targets), np.zeros(len(table), bool)
    for fold in np.unique(table["fold"]):
        held = (table["fold"] == fold).to_numpy()
        network.fit(np.flatnonzero(~held), EPOCHS * settings.epochs, RATE, (seed, int(fold)))
        maps[held], learnt = network.said(np.flatnonzero(held)), network.said(np.flatnonzero(~held))
        threshold = np.quantile(learnt.max(axis=(1, 2)), 1 - flag[~held].mean())
        found[held] = maps[held].max(axis=(1, 2)) > threshold
    return pd.DataFrame({"score": maps.max(axis=(1, 2)), "found": found, "hit": _hits(maps, lesions)}, table.index)


def _hits(maps: np.ndarray, lesions: np.ndarray) -> pd.array:
    rows, columns = np.divmod(maps.reshape(len(maps), -1).argmax(axis=1), maps.shape[2])
    y, x = (places * STRIDE + (STRIDE - 1) / 2 for places in (rows, columns))
    inside = np.hypot(x - lesions[:, 0], y - lesions[:, 1]) <= lesions[:, 2]
    return pd.array(np.where(np.isnan(lesions[:, 2]), None, inside), dtype="boolean")
