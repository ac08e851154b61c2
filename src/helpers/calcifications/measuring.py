"""What is measured of trained pairs: on patches as the document does, and on whole films."""

from collections.abc import Sequence

import cv2
import keras
import numpy as np
import pandas as pd

from helpers.calcifications.baseline import Filter, response
from helpers.calcifications.films import Film
from helpers.calcifications.inference import Outlined, Pair, Variant, outlined, suspicion_map
from helpers.calcifications.sampling import Patches, sampled, without_calcification
from helpers.calcifications.training import target_masks
from helpers.evaluation.froc import candidates, cluster_score, is_hit
from helpers.evaluation.pixels import histogram, quantized
from helpers.networks.patches import STRIDE

NEAR, APART, RADIUS = 12, 48, 8
"""Pixels at a height of 1024: how far beside a cluster counts as found, how far apart candidates lie, and the disc over
which a Detector's map is averaged."""
LOGITS = (-12.0, 12.0)
"""Logits that 8 bits tell apart."""
GRAYS = (0.0, 64.0)
"""Gray levels of the filter's response that 8 bits tell apart."""
RING = 3
"""Pixels by which distances from a patch's middle are grouped."""
BATCH = 128


def pixels(length: float, height: int) -> int:
    """A length given at a height of 1024, on films of another height; at least one pixel."""
    return max(1, round(length * height / 1024))


def on_patches(pair: Pair, films: Sequence[Film], count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both networks on balanced patches, cut as for training and never searched for hard ones.

    Args:
        pair: The networks.
        films: Of the test.
        count: Patches; variants of one patch size see the same.
        seed: Of the patches.

    Returns:
        accuracy, one row a network, truth and film: variant, network, patient_id, positive, hits and of; and
        positions, the same of positives by `distance` from the patch's middle, px: of the nearest calcification for
        the Detector, of a pixel for the Segmentator.
    """
    patches = sampled(films, pair.variant.patch, count, np.random.default_rng((seed, pair.variant.patch, 1)))
    patients = np.array([film.patient_id for film in films])[patches.films]
    called = _logits(pair.detector, patches)[:, 0, 0] >= 0
    marked = _logits(pair.segmentator, patches) >= 0
    truth = target_masks(patches, pair.variant)[..., 0]
    rings, nearest = _rings(patches, truth.shape[1])
    detected = pd.DataFrame({"patient_id": patients, "positive": patches.positive, "distance": nearest})
    detected = detected.assign(hits=called == patches.positive, of=1, network="detector")
    labelled = [_pixel_counts(marked, truth, patients, positive) for positive in (True, False)]
    accuracy = _summed(pd.concat([detected, *labelled]), ["network", "positive"], pair.variant)
    found = pd.concat([detected[detected["positive"]], _ring_counts(marked, truth, patients, rings)])
    return accuracy, _summed(found, ["network", "distance"], pair.variant)


def _logits(network: keras.Model, patches: Patches) -> np.ndarray:
    stack = patches.pictures[..., None].astype(np.float32)
    parts = np.array_split(stack, max(1, len(stack) // BATCH))
    return np.concatenate([network.predict_on_batch(part) for part in parts])[..., 0]


def _rings(patches: Patches, labelled: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances from the middle in steps of `RING`: of labelled pixels, and of each patch's nearest calcification."""
    side = patches.masks.shape[1]
    away = np.abs(np.arange(side) - side // 2)
    rings = RING * (np.maximum(away[:, None], away) // RING)
    edge = (side - labelled) // 2
    nearest = np.where(patches.masks, rings, side).min(axis=(1, 2))
    return rings[edge : side - edge, edge : side - edge], nearest


def _pixel_counts(marked: np.ndarray, truth: np.ndarray, patients: np.ndarray, positive: bool) -> pd.DataFrame:
    where = truth == positive
    hits, of = ((each & where).sum(axis=(1, 2)) for each in (marked == truth, where))
    counts = pd.DataFrame({"patient_id": patients, "positive": positive, "hits": hits, "of": of})
    return counts.assign(network="segmentator")


def _ring_counts(marked: np.ndarray, truth: np.ndarray, patients: np.ndarray, rings: np.ndarray) -> pd.DataFrame:
    tables = []
    for distance in np.unique(rings):
        here = truth & (rings == distance)
        hits, of = ((each & here).sum(axis=(1, 2)) for each in (marked, here))
        tables.append(pd.DataFrame({"patient_id": patients, "distance": distance, "hits": hits, "of": of}))
    return pd.concat(tables).assign(network="segmentator")


def _summed(table: pd.DataFrame, by: list[str], variant: Variant) -> pd.DataFrame:
    """Counts by patient; they are all that a bootstrap over patients needs."""
    summed = table.astype({"hits": int}).groupby([*by, "patient_id"], as_index=False)[["hits", "of"]].sum()
    return summed.assign(variant=variant.name)


def gate_of(pair: Pair, films: Sequence[Film], sensitivity: float) -> float:
    """The Detector's logit from which a patch is suspect: so low that this share of clusters is let through.

    Args:
        pair: The networks.
        films: Of the validation.
        sensitivity: Share of the clusters of which at least one patch with a calcification must be suspect.

    Returns:
        The logit.
    """
    highest = []
    for film in films:
        if film.cluster:
            holds = ~without_calcification(film, pair.variant.patch)[::STRIDE, ::STRIDE]
            highest.append(suspicion_map(pair.detector, pair.variant, film.picture)[holds].max())
    return float(np.quantile(highest, 1 - sensitivity, method="lower"))


def of_pair(pair: Pair, films: Sequence[Film], gate: float, height: int) -> tuple[pd.DataFrame, np.ndarray]:
    """A pair on whole films.

    Args:
        pair: The networks.
        films: Films.
        gate: From `gate_of`.
        height: Of the films before they were cut, px; lengths go with it.

    Returns:
        candidates, one row each: image_id, row, column, score and hit; and histograms, int64 (films, 2, 256), of the
        Segmentator's 8-bit logits in the breast.
    """
    tables, counts = [], []
    for film in films:
        said = outlined(pair, film.picture, gate)
        places = places_of(said, pair.variant, height)
        tables.append(named(places, film, height))
        counts.append(histogram(quantized(said.logits, *LOGITS), film.calcifications, film.breast))
    return pd.concat(tables, ignore_index=True), np.stack(counts)


def places_of(said: Outlined, variant: Variant, height: int) -> pd.DataFrame:
    """Candidates of a Detector's map, in pixels of the picture: row, column and score, a mean probability."""
    probability = 1 / (1 + np.exp(-said.suspicion))
    score = cluster_score(probability, max(1, pixels(RADIUS, height) // STRIDE))
    found = candidates(score, max(1, pixels(APART, height) // STRIDE))
    found[["row", "column"]] = STRIDE * found[["row", "column"]] + variant.patch // 2
    return found


def named(places: pd.DataFrame, film: Film, height: int) -> pd.DataFrame:
    """Candidates with their film's name and whether they hit its cluster."""
    return places.assign(image_id=film.image_id, hit=is_hit(places, film.hull, pixels(NEAR, height)))


def filter_places(one: Filter, found: np.ndarray, height: int) -> pd.DataFrame:
    """Candidates of a filter's response, on the grid of the Detector's map and in pixels of the picture."""
    small = reduced(one.marked(found))
    places = candidates(cluster_score(small, max(1, one.radius // STRIDE)), max(1, pixels(APART, height) // STRIDE))
    places[["row", "column"]] = STRIDE * places[["row", "column"]] + STRIDE // 2
    return places


def searched(filters: Sequence[Filter], film: Film, height: int) -> pd.DataFrame:
    """Candidates of many filters on one film, as of `filter_places` and `named`; `filter` is the place in `filters`.

    A film is filtered once a scale, and asked once for its cluster.
    """
    responses = {scale: response(film, scale) for scale in {one.scale for one in filters}}
    tables = [filter_places(one, responses[one.scale], height).assign(filter=k) for k, one in enumerate(filters)]
    return named(pd.concat(tables, ignore_index=True), film, height)


def reduced(marks: np.ndarray) -> np.ndarray:
    """Means over cells of `STRIDE` x `STRIDE` pixels; what is left over at the far edges is dropped."""
    rows, columns = (length // STRIDE for length in marks.shape)
    return cv2.resize(marks[: STRIDE * rows, : STRIDE * columns], (columns, rows), interpolation=cv2.INTER_AREA)


def of_filter(one: Filter, films: Sequence[Film], height: int) -> tuple[pd.DataFrame, np.ndarray]:
    """The filter on whole films; arguments and results as of `of_pair`."""
    tables, counts = [], []
    for film in films:
        found = response(film, one.scale)
        tables.append(named(filter_places(one, found, height), film, height))
        levels = quantized(np.where(film.breast, found, -np.inf), *GRAYS)
        counts.append(histogram(levels, film.calcifications, film.breast))
    return pd.concat(tables, ignore_index=True), np.stack(counts)
