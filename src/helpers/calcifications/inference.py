"""A whole mammogram at once: the Detector's map, and the Segmentator where that map says so, both tile by tile.

A tile is widened by all that its values depend on, so that seams do not show: the result is that of one piece.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

from helpers.networks.patches import REACH, STRIDE, Padding

TILE = 512
"""Pixels a side of a tile, without what it is widened by."""
HALO = 8
"""Pixels beyond a patch that same convolutions of the Detector see; a multiple of its stride."""
NOTHING = -np.inf
"""The logit of a pixel that no network was asked about."""


@dataclass(frozen=True)
class Variant:
    """One of the six: a patch size and a kind of convolution.

    Attributes:
        patch: Side of a patch, px.
        padding: "same" | "valid".
    """

    patch: int
    padding: Padding

    @property
    def name(self) -> str:
        """Such as "49 same"."""
        return f"{self.patch} {self.padding}"


@dataclass(frozen=True)
class Pair:
    """A trained Detector and Segmentator of one variant."""

    variant: Variant
    detector: keras.Model
    segmentator: keras.Model


@dataclass(frozen=True)
class Outlined:
    """What a pair says of a picture.

    Attributes:
        suspicion: The Detector's logits, float32 (rows, columns), one a patch, `STRIDE` pixels apart.
        logits: The Segmentator's, float32 (height, width); `NOTHING` where no suspect patch lies.
    """

    suspicion: np.ndarray
    logits: np.ndarray


def outlined(pair: Pair, picture: np.ndarray, gate: float, tile: int = TILE) -> Outlined:
    """Finds suspect patches of a picture, and outlines calcifications in them.

    Args:
        pair: The networks.
        picture: uint8 (height, width).
        gate: The logit of the Detector from which a patch is suspect.
        tile: Pixels a side of a tile; it bounds memory, not the result.

    Returns:
        The `Outlined`; where no patch is suspect the Segmentator is not asked, and nothing is outlined.

    Raises:
        ValueError: The picture is smaller than a patch.
    """
    suspicion = suspicion_map(pair.detector, pair.variant, picture, tile)
    suspect = covered(suspicion >= gate, pair.variant.patch, picture.shape)
    return Outlined(suspicion, labelled(pair.segmentator, pair.variant.padding, picture, suspect, tile))


def suspicion_map(detector: keras.Model, variant: Variant, picture: np.ndarray, tile: int = TILE) -> np.ndarray:
    """The Detector's logits of every `STRIDE`th patch; arguments as for `outlined`.

    Returns:
        float32 (rows, columns); the patch at row r starts at pixel `STRIDE` * r.
    """
    if min(picture.shape) < variant.patch:
        size = f"{picture.shape[1]} x {picture.shape[0]}"
        raise ValueError(f"expected a picture of at least {variant.patch} pixels a side, as a patch has, got {size}")
    shape = [(length - variant.patch) // STRIDE + 1 for length in picture.shape]
    result = np.empty(shape, np.float32)
    halo = HALO if variant.padding == "same" else 0
    for rows, columns in _tiles(shape, max(1, tile // STRIDE)):
        (top, down), (left, right) = (
            _widened(part, halo, variant.patch, length)
            for part, length in zip((rows, columns), picture.shape, strict=True)
        )
        found = _said(detector, picture[top:down, left:right])
        first = (rows.start - top // STRIDE, columns.start - left // STRIDE)
        height, width = rows.stop - rows.start, columns.stop - columns.start
        result[rows, columns] = found[first[0] : first[0] + height, first[1] : first[1] + width]
    return result


def labelled(
    segmentator: keras.Model, padding: Padding, picture: np.ndarray, where: np.ndarray, tile: int = TILE // 4
) -> np.ndarray:
    """The Segmentator's logits where they are asked for; it runs on tiles that hold such a pixel.

    Args:
        segmentator: The network.
        padding: Its kind of convolution. With valid ones the outermost `REACH` pixels of a picture have no label.
        picture: uint8 (height, width).
        where: Boolean, the same shape.
        tile: Pixels a side of a tile.

    Returns:
        float32 (height, width), `NOTHING` elsewhere.
    """
    result = np.full(picture.shape, NOTHING, np.float32)
    edge = REACH if padding == "valid" else 0
    inner = [length - 2 * edge for length in picture.shape]
    for rows, columns in _tiles(inner, tile):
        target = np.s_[rows.start + edge : rows.stop + edge, columns.start + edge : columns.stop + edge]
        if not where[target].any():
            continue
        (top, down), (left, right) = (
            (max(0, part.start - REACH), min(length, part.stop + REACH))
            for part, length in zip(target, picture.shape, strict=True)
        )
        found = _said(segmentator, picture[top:down, left:right])
        # Valid convolutions have cut the halo off by themselves.
        shift = (0, 0) if edge else (target[0].start - top, target[1].start - left)
        cut = found[shift[0] :, shift[1] :][: rows.stop - rows.start, : columns.stop - columns.start]
        result[target] = np.where(where[target], cut, NOTHING)
    return result


def covered(suspect: np.ndarray, patch: int, shape: tuple[int, int]) -> np.ndarray:
    """The pixels of suspect patches.

    Args:
        suspect: Boolean (rows, columns), as the Detector's map.
        patch: Side of a patch, px.
        shape: Of the picture.

    Returns:
        Boolean of that shape.
    """
    edges = np.zeros((shape[0] + 1, shape[1] + 1), np.int32)
    rows, columns = STRIDE * np.argwhere(suspect).T
    # A patch adds one from its first corner on, and takes it back beyond its last: sums then count patches.
    for down, across, sign in ((0, 0, 1), (patch, 0, -1), (0, patch, -1), (patch, patch, 1)):
        np.add.at(edges, (rows + down, columns + across), sign)
    for axis in (0, 1):
        np.cumsum(edges, axis=axis, out=edges)
    return edges[:-1, :-1] > 0


def _widened(part: slice, halo: int, patch: int, length: int) -> tuple[int, int]:
    """The pixels that some positions of the Detector's map depend on."""
    last = STRIDE * (part.stop - 1) + patch + halo
    # Up to a multiple of the stride, so that pooling meets the same pixels as in the whole picture.
    return max(0, STRIDE * part.start - halo), min(length, last + -last % STRIDE)


def _tiles(shape: list[int], side: int) -> Iterator[tuple[slice, slice]]:
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            yield slice(top, min(top + side, shape[0])), slice(left, min(left + side, shape[1]))


def _said(network: keras.Model, picture: np.ndarray) -> np.ndarray:
    # Compiled, unlike a mere call: a Detector's map takes a third of the time, and is the same to the bit.
    return network.predict_on_batch(picture[None, :, :, None].astype(np.float32))[0, :, :, 0]
