"""Patches of films: half with a calcification at any place in them, half without; labels for both networks."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from helpers.calcifications.films import Film

EDGE = 3
"""Pixels that the calcification which a patch was drawn around stays off the patch's edge."""
TRIES = 1000
"""Places that are tried for one negative."""
Place = tuple[int, int, int]
"""A film's number, and the row and column of a patch's first pixel."""


@dataclass(frozen=True)
class Patches:
    """Patches in one stack.

    Attributes:
        pictures: uint8 (n, side, side).
        masks: Which pixels are calcification, boolean (n, side, side).
        films: (n,) int, the film of each.
    """

    pictures: np.ndarray
    masks: np.ndarray
    films: np.ndarray

    @property
    def positive(self) -> np.ndarray:
        """(n,) bool, whether a patch holds a calcification."""
        return self.masks.any(axis=(1, 2))


def sampled(
    films: Sequence[Film], side: int, count: int, rng: np.random.Generator, hard: Sequence[Place] = ()
) -> Patches:
    """Draws a balanced stack: every film with a cluster gives as many positives, every film as many negatives.

    Args:
        films: Films of one side of the split, some with a cluster.
        side: Of a patch, px.
        count: Patches.
        rng: Draws places, and turns and mirrors each patch.
        hard: Places of negatives that are taken before any are drawn.

    Returns:
        The `Patches`.

    Raises:
        ValueError: No film has a cluster, or one is smaller than a patch.
    """
    check_size(films, side)
    clusters = [number for number, film in enumerate(films) if film.cluster]
    if not clusters:
        raise ValueError("expected films with a cluster among those to draw patches from, found none")
    half = count // 2
    places = [_positive(films, clusters[k % len(clusters)], side, rng) for k in range(half)]
    places += list(hard)[: count - half]
    free = [_clear_of(film, side) for film in films]
    places += [_negative(free, k % len(films), rng) for k in range(count - len(places))]
    return turned(taken(films, places, side), rng)


def check_size(films: Sequence[Film], side: int) -> None:
    """Refuses films that are smaller than a patch."""
    for film in films:
        if min(film.picture.shape) < side:
            shape = " x ".join(map(str, film.picture.shape))
            raise ValueError(f"{film.image_id}: expected at least {side} x {side} pixels for a patch, got {shape}")


def taken(films: Sequence[Film], places: Sequence[Place], side: int) -> Patches:
    """Cuts patches out of films."""
    cuts = [(number, np.s_[row : row + side, column : column + side]) for number, row, column in places]
    return Patches(
        np.stack([films[number].picture[cut] for number, cut in cuts]),
        np.stack([films[number].calcifications[cut] for number, cut in cuts]),
        np.array([number for number, _ in cuts]),
    )


def turned(patches: Patches, rng: np.random.Generator) -> Patches:
    """Turns each patch by a multiple of a right angle and mirrors half of them, labels alike."""
    quarter, mirrored = rng.integers(0, 4, len(patches.films)), rng.random(len(patches.films)) < 0.5
    stacks = []
    for stack in (patches.pictures, patches.masks):
        ways = zip(stack, quarter, mirrored, strict=True)
        stacks.append(np.stack([np.rot90(one[:, ::-1] if flip else one, turns) for one, turns, flip in ways]))
    return Patches(*stacks, patches.films)


def without_calcification(film: Film, side: int) -> np.ndarray:
    """Whether the patch at each place, by its first pixel, is free of calcification.

    Args:
        film: The film.
        side: Of a patch, px.

    Returns:
        Boolean (height - side + 1, width - side + 1).
    """
    sums = cv2.integral(film.calcifications.view(np.uint8))
    return sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side] == 0


def _clear_of(film: Film, side: int) -> np.ndarray:
    """Where negatives may start: no calcification in the patch, and its middle in the breast."""
    free, half = without_calcification(film, side), side // 2
    return free & film.breast[half : half + free.shape[0], half : half + free.shape[1]]


def _positive(films: Sequence[Film], number: int, side: int, rng: np.random.Generator) -> Place:
    found = np.argwhere(films[number].calcifications)
    first = found[rng.integers(len(found))] - rng.integers(EDGE, side - EDGE, 2)
    row, column = np.clip(first, 0, np.array(films[number].picture.shape) - side)
    return number, int(row), int(column)


def _negative(free: Sequence[np.ndarray], number: int, rng: np.random.Generator) -> Place:
    # Most of a film is breast without calcification: a place that is not is soon followed by one that is.
    for _ in range(TRIES):
        row, column = (int(rng.integers(length)) for length in free[number].shape)
        if free[number][row, column]:
            break
    else:
        raise ValueError(f"expected patches without calcification in each film, found none in {TRIES} tries")
    return number, row, column
