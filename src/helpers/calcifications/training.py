"""How a Detector and a Segmentator are trained: balanced patches, a weighted loss, and the Detector's own errors."""

from collections.abc import Sequence

import keras
import numpy as np

from helpers.calcifications.films import Film
from helpers.calcifications.inference import Pair, Variant, suspicion_map
from helpers.calcifications.sampling import Patches, Place, sampled, without_calcification
from helpers.networks.backend import make_deterministic
from helpers.networks.patches import REACH, STRIDE, detector, segmentator
from helpers.profile import CalcificationsSettings

MOST_WEIGHT = 10.0
"""A pixel of calcification weighs at most so many others; of equal classes it would weigh some thirty."""
MINED = 24
"""Films that are searched for hard negatives."""


def trained(films: Sequence[Film], variant: Variant, settings: CalcificationsSettings, seed: int) -> Pair:
    """Trains both networks of a variant.

    Args:
        films: Of the training side.
        variant: Patch size and kind of convolution.
        settings: How long, on how many patches.
        seed: Of weights, patches and order. Variants of one patch size see the same places in their first round.

    Returns:
        The `Pair`.
    """
    make_deterministic(seed)
    found = detector(variant.patch, variant.padding, seed=seed)
    rng, hard = np.random.default_rng((seed, variant.patch)), []
    for _ in range(2):
        patches = sampled(films, variant.patch, settings.detector_patches, rng, hard)
        targets = patches.positive[:, None, None, None]
        _fit(found, patches, targets, settings)
        if not hard:
            wanted = round(settings.hard_share * settings.detector_patches / 2)
            hard = hard_negatives(found, variant, films, wanted, rng)
    outlining = segmentator(variant.patch, variant.padding, seed=seed)
    count = settings.segmentator_patches
    patches = sampled(films, variant.patch, count, rng, hard[: count // 4])
    _fit(outlining, patches, target_masks(patches, variant), settings, rounds=2)
    return Pair(variant, found, outlining)


def target_masks(patches: Patches, variant: Variant) -> np.ndarray:
    """The labels that a Segmentator of this variant can give: of all pixels, or of the middle.

    Returns:
        Boolean (n, height, width, 1).
    """
    edge = REACH if variant.padding == "valid" else 0
    side = patches.masks.shape[1]
    return patches.masks[:, edge : side - edge, edge : side - edge, None]


def hard_negatives(
    found: keras.Model, variant: Variant, films: Sequence[Film], count: int, rng: np.random.Generator
) -> list[Place]:
    """The Detector's own false positives on training films, the most suspect first.

    Args:
        found: The Detector after its first round.
        variant: Its variant.
        films: Training films; `MINED` of them are searched, a picture at a time, as at a test.
        count: How many are wanted.
        rng: Chooses the films.

    Returns:
        Places of patches without calcification, spread over the films.
    """
    chosen = rng.permutation(len(films))[:MINED]
    each = -(-count // len(chosen))
    places = []
    for number in chosen:
        suspicion = suspicion_map(found, variant, films[number].picture)
        free = without_calcification(films[number], variant.patch)[::STRIDE, ::STRIDE]
        suspicion = np.where(free, suspicion, -np.inf)
        places += [(int(number), *place) for place in _highest(suspicion, each, variant.patch // (2 * STRIDE))]
    return places[:count]


def _highest(suspicion: np.ndarray, count: int, apart: int) -> list[tuple[int, int]]:
    """First pixels of the most suspect patches, no two nearer than `apart` positions."""
    left, places = suspicion.copy(), []
    for _ in range(count):
        row, column = np.unravel_index(left.argmax(), left.shape)
        if not np.isfinite(left[row, column]):
            break
        places.append((int(STRIDE * row), int(STRIDE * column)))
        left[max(0, row - apart) : row + apart + 1, max(0, column - apart) : column + apart + 1] = -np.inf
    return places


def class_weights(targets: np.ndarray) -> np.ndarray:
    """Weights with which both classes count the same, up to `MOST_WEIGHT` for a positive.

    Args:
        targets: Boolean, any shape.

    Returns:
        float32 of that shape.
    """
    share = targets.mean()
    weight = min((1 - share) / share, MOST_WEIGHT) if share else 1.0
    return np.where(targets, weight, 1).astype(np.float32)


def _fit(
    network: keras.Model, patches: Patches, targets: np.ndarray, settings: CalcificationsSettings, rounds: int = 1
) -> None:
    steps = -(-len(targets) // settings.batch_size) * settings.epochs * rounds
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, steps)
    network.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    network.fit(
        patches.pictures[..., None],
        targets.astype(np.float32),
        sample_weight=class_weights(targets)[..., 0],
        batch_size=settings.batch_size,
        epochs=settings.epochs * rounds,
        verbose=0,
    )
