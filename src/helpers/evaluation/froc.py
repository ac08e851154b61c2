"""Free-response ROC: how many clusters are found at how many false alarms a picture.

A reader, or a network, names any number of places in a picture, each with a score. A place within a cluster, or near
it, is a hit, any other a false positive. Of several hits the highest counts: to name a cluster twice is worth nothing.

The curve needs one number of each cluster: how many false positives a picture come before it is found. Sensitivity at
so many false positives is the share of clusters whose own number is not above it, and the area under the curve follows
from the same numbers without integrating anything (Bunch et al. 1978).
"""

from collections.abc import Mapping

import cv2
import numpy as np
import pandas as pd

from helpers.evaluation.intervals import BLOCK, interval, patient_weights, share_interval

LIMIT = 2.0
"""False positives a picture up to which the area is taken."""


def cluster_score(scores: np.ndarray, radius: int) -> np.ndarray:
    """The mean of a score map in the disc around each place: a cluster is many calcifications in a small area.

    Args:
        scores: (height, width), not negative; beyond it counts as 0.
        radius: Of the disc, in places of the map.

    Returns:
        float32 of the same shape.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    return cv2.filter2D(scores.astype(np.float32), -1, disc / disc.sum(), borderType=cv2.BORDER_CONSTANT)


def candidates(scores: np.ndarray, apart: int, most: int = 50) -> pd.DataFrame:
    """The local maxima of a score map.

    Args:
        scores: (height, width); places that do not lie above 0 are none.
        apart: No candidate has a higher one within so many places to either side, up or down.
        most: The highest so many.

    Returns:
        DataFrame with the columns row, column and score, the highest first. A plateau gives one candidate.
    """
    scores = scores.astype(np.float32)
    highest = cv2.dilate(scores, np.ones((2 * apart + 1, 2 * apart + 1), np.uint8))
    peaks = ((scores >= highest) & (scores > 0)).astype(np.uint8)
    count, labels = cv2.connectedComponents(peaks, connectivity=8)
    rows, columns = np.nonzero(peaks)
    _, first = np.unique(labels[rows, columns], return_index=True)
    found = pd.DataFrame({"row": rows[first], "column": columns[first], "score": scores[rows[first], columns[first]]})
    return found.sort_values("score", ascending=False, kind="stable", ignore_index=True).head(most)


def is_hit(places: pd.DataFrame, truth: np.ndarray, tolerance: int) -> np.ndarray:
    """Whether candidates lie in the truth or within some pixels of it.

    Args:
        places: With row and column, px.
        truth: Boolean (height, width), the cluster's hull; all False where there is none.
        tolerance: Pixels.

    Returns:
        (n,) bool.
    """
    if not truth.any():
        return np.zeros(len(places), bool)
    distance = cv2.distanceTransform((~truth).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return distance[places["row"], places["column"]] <= tolerance


def alarms(found: pd.DataFrame, pictures: pd.DataFrame, weights: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """False positives a picture that come before each cluster, one of the same score among them.

    Args:
        found: One row a candidate: image_id, score, hit.
        pictures: One row a picture: image_id, cluster (whether it holds one).
        weights: (draws, patients), as `patient_weights` gives them.
        owner: (pictures,) the column of `weights` that each picture belongs to.

    Returns:
        (clusters, draws) float64, clusters in the order of `pictures`; infinite where a cluster has no hit.
    """
    row = pd.Series(range(len(pictures)), index=pictures["image_id"])
    hits = found[found["hit"]].groupby("image_id")["score"].max()
    own = hits.reindex(pictures.loc[pictures["cluster"], "image_id"]).to_numpy(float)
    false = found[~found["hit"]].sort_values("score", ascending=False)
    drawn = weights.T[owner]
    before = np.cumsum(np.pad(drawn[row[false["image_id"]].to_numpy()], ((1, 0), (0, 0))), axis=0)
    count = np.searchsorted(-false["score"].to_numpy(float), -own, side="right")
    return np.where(np.isnan(own)[:, None], np.inf, before[count]) / drawn.sum(axis=0)


def sensitivities(before: np.ndarray, weight: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Share of clusters found at numbers of false positives a picture.

    Args:
        before: (clusters, draws), from `alarms`.
        weight: (clusters, draws), how often each was drawn.
        at: (k,) false positives a picture.

    Returns:
        (k, draws); NaN where a draw holds no cluster.
    """
    found = np.stack([((before <= rate) * weight).sum(axis=0) for rate in at])
    return _share(found, weight)


def areas(before: np.ndarray, weight: np.ndarray, limit: float = LIMIT) -> np.ndarray:
    """Mean sensitivity from no false positive a picture to `limit`; arguments as for `sensitivities`.

    A cluster is found over all of that range but for the false positives that come before it.

    Returns:
        (draws,), from 0 to 1; NaN where a draw holds no cluster.
    """
    return _share((np.clip(1 - before / limit, 0, 1) * weight).sum(axis=0), weight)


def curves(
    methods: Mapping[str, pd.DataFrame], pictures: pd.DataFrame, at: np.ndarray, draws: int = 2000, *, seed: int
) -> pd.DataFrame:
    """The FROC curve of each method, with 95 % intervals over patients, point by point.

    Args:
        methods: {name: its candidates, as for `alarms`}.
        pictures: image_id, patient_id, cluster.
        at: (k,) false positives a picture.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns method, false_positives, value, low and high.
    """
    tables = []
    for name, found in methods.items():
        point, drawn, patients = _of_draws(found, pictures, draws, seed, lambda *each: sensitivities(*each, at).T)
        ends = [share_interval(one, value, patients) for one, value in zip(drawn.T, point, strict=True)]
        table = pd.DataFrame({"method": name, "false_positives": at, "value": point})
        tables.append(table.join(pd.DataFrame(ends, columns=["low", "high"])))
    return pd.concat(tables, ignore_index=True)


def compared(
    methods: Mapping[str, pd.DataFrame],
    pictures: pd.DataFrame,
    against: str,
    limit: float = LIMIT,
    draws: int = 2000,
    *,
    seed: int,
) -> pd.DataFrame:
    """Areas of all methods, and their differences from one of them on the same draws of patients.

    Args:
        methods: {name: its candidates, as for `alarms`}.
        pictures: image_id, patient_id, cluster.
        against: The method that the others are compared with.
        limit: False positives a picture up to which the area is taken.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame, one row a method: method, value, low, high (the area) and gain, gain_low, gain_high (its difference,
        paired; 0 for the method itself).
    """
    found = {
        name: _of_draws(table, pictures, draws, seed, lambda *each: areas(*each, limit))[:2]
        for name, table in methods.items()
    }
    base, base_drawn = found[against]
    rows = []
    for name, (point, drawn) in found.items():
        own, gain = (interval(each) or (np.nan, np.nan) for each in (drawn, drawn - base_drawn))
        rows.append((name, float(point[0]), *own, float(point[0] - base[0]), *gain))
    return pd.DataFrame(rows, columns=["method", "value", "low", "high", "gain", "gain_low", "gain_high"])


def _of_draws(found: pd.DataFrame, pictures: pd.DataFrame, draws: int, seed: int, measure) -> tuple:
    """A measure on everything, on each draw, and the number of patients with a cluster."""
    weights, owner = patient_weights(pictures["patient_id"], draws, seed=seed)
    ill = pictures["cluster"].to_numpy(bool)

    def measured(block: np.ndarray) -> np.ndarray:
        return measure(alarms(found, pictures, block, owner), block.T[owner[ill]])

    blocks = np.array_split(weights, max(1, len(weights) // BLOCK))
    point = np.atleast_1d(measured(np.ones((1, weights.shape[1])))).reshape(-1)
    return point, np.concatenate([measured(block) for block in blocks]), pictures.loc[ill, "patient_id"].nunique()


def _share(found: np.ndarray, weight: np.ndarray) -> np.ndarray:
    total = weight.sum(axis=0)
    return np.divide(found, total, out=np.full(np.shape(found), np.nan), where=total > 0)
