"""What a whole picture at once saves against the sliding window, timed in turns within one run."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from keras.ops import convert_to_numpy

from helpers.calcifications.inference import Pair, covered, outlined, suspicion_map
from helpers.networks.patches import STRIDE

SIDE = 1024
"""Pixels a side of the picture that is timed."""
SAMPLE = 256
"""Patches of a sliding window that are run; the time of all is this one's, scaled."""
ROUNDS = 3


def timed(pair: Pair, picture: np.ndarray, gate: float) -> pd.DataFrame:
    """Times both networks on a whole picture, and patch by patch.

    The sliding window gives the same: the Detector at each position of its map, and the Segmentator around each
    suspect pixel, for one label each.

    Args:
        pair: The networks.
        picture: uint8; of a larger one the first `SIDE` pixels each way, a smaller one is padded with black.
        gate: The Detector's logit from which a patch is suspect.

    Returns:
        DataFrame indexed by network ("Detector", "both"): whole and sliding (seconds, the least of `ROUNDS`), factor,
        and patches (how many a sliding window needs).
    """
    square = np.zeros((SIDE, SIDE), np.uint8)
    part = picture[:SIDE, :SIDE]
    square[: part.shape[0], : part.shape[1]] = part
    side = pair.variant.patch
    starts = np.random.default_rng(0).integers(0, SIDE - side, (SAMPLE, 2))
    patches = np.stack([square[row : row + side, column : column + side] for row, column in starts])
    patches = patches[..., None].astype(np.float32)
    ways = {
        "detector": lambda: suspicion_map(pair.detector, pair.variant, square),
        "both": lambda: outlined(pair, square, gate),
        "detector patches": lambda: convert_to_numpy(pair.detector(patches, training=False)),
        "segmentator patches": lambda: convert_to_numpy(pair.segmentator(patches, training=False)),
    }
    taken = _in_turns(ways)
    positions = ((SIDE - side) // STRIDE + 1) ** 2
    suspect = int(covered(ways["detector"]() >= gate, side, square.shape).sum())
    sliding = [positions * taken["detector patches"] / SAMPLE]
    sliding += [sliding[0] + suspect * taken["segmentator patches"] / SAMPLE]
    table = pd.DataFrame({"whole": [taken["detector"], taken["both"]], "sliding": sliding})
    table = table.assign(factor=table["sliding"] / table["whole"], patches=[positions, positions + suspect])
    return table.set_axis(pd.Index(["Detector", "both"], name="network"))


def _in_turns(ways: dict[str, Callable]) -> dict[str, float]:
    for way in ways.values():
        way()
    rounds = [{name: _seconds(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: min(one[name] for one in rounds) for name in ways}


def _seconds(way: Callable) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start
