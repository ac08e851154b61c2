"""The pictures that the ladder is climbed on, framed both ways."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.chapter_settings import LadderSettings
from helpers.datasets import rsna
from helpers.datasets.phantom import screening as phantoms
from helpers.datasets.screening import Screening, problems
from helpers.imaging import dicom
from helpers.imaging.both_ways import WAYS, frame_both_ways, join
from helpers.maps import forget
from helpers.profile import ProfileError


@dataclass(frozen=True)
class Screened:
    """A screening set as the networks see it.

    Attributes:
        table: The screening table, one row a picture that could be framed.
        pictures: {"resized" and "cropped": uint8 (n, size, size), read-only and memory-mapped, in the table's order}.
        problems: What was set aside: image_id and problem.
        synthetic: Whether the pictures are phantoms.
    """

    table: pd.DataFrame
    pictures: dict[str, np.ndarray]
    problems: pd.DataFrame
    synthetic: bool


def screened(
    settings: LadderSettings, seed: int, folder: Path, on_progress: Callable[[int, int], None] | None = None
) -> Screened:
    """Opens the pictures; frames them first where need be.

    Args:
        settings: Which pictures, how many and how large.
        seed: Of phantoms.
        folder: Where the stores lie.
        on_progress: Called with the number of pictures done and of all.

    Returns:
        The `Screened`.

    Raises:
        ProfileError: The set lies in a folder, and none is named.
        DatasetError: The set cannot be used.
    """
    screening, about = _screening(settings, seed), _about(settings, seed)
    files, failed = frame_both_ways(screening, settings.image_size, folder, on_progress=on_progress, about=about)
    kept = ~screening.table["image_id"].isin(failed).to_numpy()
    found = pd.concat([screening.problems, problems(failed)], ignore_index=True)
    pictures = {way: _kept(files[way], kept) for way in WAYS}
    return Screened(screening.table[kept].reset_index(drop=True), pictures, found, screening.synthetic)


def framed_part(settings: LadderSettings, seed: int, folder: Path, part: int, parts: int, processes: int) -> None:
    """Frames one part of the pictures, for a job of its own; a part that was stopped goes on where it was.

    Args:
        settings: Which pictures, how many and how large.
        seed: Of phantoms.
        folder: Where the part's stores lie.
        part: Which part, from 0.
        parts: Of how many.
        processes: How many pictures are decoded at a time.
    """
    screening = _screening(settings, seed)
    rows = np.array_split(np.arange(len(screening.table)), parts)[part]
    own = replace(screening, table=screening.table.iloc[rows].reset_index(drop=True))
    frame_both_ways(own, settings.image_size, folder, processes, about=_about(settings, seed))


def join_parts(settings: LadderSettings, seed: int, folder: Path, parts: list[Path]) -> None:
    """Joins all parts; afterwards `screened` only opens them.

    Args:
        settings: Which pictures, how many and how large.
        seed: Of phantoms.
        folder: Where the stores lie, as for `screened`.
        parts: The parts' folders, in order.
    """
    join(parts, _screening(settings, seed), settings.image_size, folder, _about(settings, seed))


def _about(settings: LadderSettings, seed: int) -> dict:
    """What the pictures depend on, beside which they are and their size."""
    return settings.model_dump(mode="json", include={"data", "path", "prevalence"}) | {"seed": seed}


def _screening(settings: LadderSettings, seed: int) -> Screening:
    if settings.data == "phantom":
        return phantoms.load(settings.patients, seed, settings.prevalence)
    if not settings.path:
        raise ProfileError('ladder.data=rsna: expected the competition\'s folder, as in SET="ladder.path=..."')
    return rsna.load(Path(settings.path), dicom.read_listed)


def _kept(file: Path, kept: np.ndarray) -> np.ndarray:
    """The store, without what could not be framed."""
    store = np.load(file, mmap_mode="r")
    if kept.all():
        return store
    fewer = np.lib.format.open_memmap(
        file.with_name(f"kept_{file.name}"), "w+", np.uint8, (kept.sum(), *store.shape[1:])
    )
    for place, row in enumerate(np.flatnonzero(kept)):
        fewer[place] = store[row]
        forget(store)
    fewer.flush()
    return np.load(file.with_name(f"kept_{file.name}"), mmap_mode="r")
