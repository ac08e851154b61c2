"""The picture store: all pictures of a run, framed, in one memory-mapped file in the order of the exam table."""

import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
import pandas as pd

from helpers.datasets.exams import Dataset, DatasetError
from helpers.imaging.framing import Framed, augmented, frame_as_is, frame_breast, frame_lesion
from helpers.imaging.picture import PictureError, to_gray
from helpers.imaging.window import WINDOW_SHARES, Box, Circle
from helpers.maps import forget, made

Framing = Literal["lesion", "breast", "as_is"]
FRAMED = ("framed_x", "framed_y", "framed_radius")
"""The columns that hold the lesion in pixels of the stored picture."""
CUT = ("cut_x", "cut_y", "cut_width", "cut_height")
"""The columns that hold what a stored picture shows, in pixels of the raw one with its chest wall at the left."""


@dataclass(frozen=True)
class _Job:
    row: int
    image_id: str
    lesion: Circle | None


@dataclass(frozen=True)
class _Outcome:
    box: Box | None = None
    lesion: Circle | None = None
    window: float | None = None
    reason: str | None = None


def frame_dataset(
    dataset: Dataset,
    framing: Framing,
    image_size: int,
    seed: int,
    path: Path,
    threads: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[np.ndarray, pd.DataFrame, tuple[str, ...]]:
    """Frames every picture of a data set into a store; each is read once, and at most `threads` are in memory.

    With framing "lesion", a normal picture's window takes its size from those of the lesion pictures, so that sizes
    say nothing of the class; an abnormal picture whose lesion has no known place is dropped.

    Args:
        dataset: The data set.
        framing: "lesion", a window around the lesion; "breast", the whole breast; "as_is", the picture unaltered.
        image_size: Side of a stored picture in pixels.
        seed: What every random draw derives from, together with the image_id.
        path: The .npy file; it is replaced at once when all pictures are framed.
        threads: How many pictures are framed at a time; None for as many as there are cores.
        on_progress: Called with the number of pictures done and of all.

    Returns:
        The store, uint8 (n, image_size, image_size), read-only and memory-mapped; the exam table of the same n
        pictures with `framed_x`, `framed_y` and `framed_radius` in pixels, null where there is no lesion, and
        `cut_x`, `cut_y`, `cut_width` and `cut_height`, what it shows of the raw picture; and notes that name each
        picture that was dropped or lost its lesion, and why.

    Raises:
        DatasetError: No picture is left, or framing is "lesion" and no lesion has a known place.
    """
    exams, unplaced = _frameable(dataset, framing)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        shape = (len(exams), image_size, image_size)
        draft = made(Path(folder) / "all.npy", np.uint8, shape)
        frame = partial(_frame_one, dataset.read, framing, seed, draft)
        jobs = _jobs(exams)
        outcomes = _frame_all(frame, _groups(jobs, framing), threads, on_progress)
        kept = [row for row, outcome in enumerate(outcomes) if not outcome.reason]
        if not kept:
            raise DatasetError(f"{dataset.name}: no picture can be framed; the first: {outcomes[0].reason}")
        _write(path, (draft[row] for row in kept), len(kept), draft)
    return open_store(path), _with_places(exams, outcomes, kept), (*unplaced, *_notes(jobs, outcomes))


def add_copies(
    pictures: np.ndarray, exams: pd.DataFrame, seed: int, path: Path, upside_down: bool = True
) -> np.ndarray:
    """Writes a store with augmented copies.

    Args:
        pictures: The originals, uint8 (n, size, size), in the order in which `exams` lists them.
        exams: The exam table with `copy_of`: the image_id that a copy is made of, null for the n originals.
        seed: What every alteration derives from, together with the copy's image_id.
        path: The .npy file; it is replaced at once when all pictures are written.
        upside_down: Whether copies may be flipped up-down; right for windows, not for whole breasts.

    Returns:
        The store, uint8 (len(exams), size, size), read-only and memory-mapped, in table order.

    Raises:
        ValueError: The table does not list as many originals as there are pictures.
    """
    originals = exams.loc[exams["copy_of"].isna(), "image_id"]
    if len(originals) != len(pictures):
        raise ValueError(f"expected {len(pictures)} originals, one a picture; the table lists {len(originals)}")
    index = {image_id: row for row, image_id in enumerate(originals)}

    def picture(image_id: str, copy_of: str) -> np.ndarray:
        if image_id in index:
            return pictures[index[image_id]]
        return augmented(pictures[index[copy_of]], _generator(seed, image_id), upside_down)

    rows = (picture(*ids) for ids in zip(exams["image_id"], exams["copy_of"], strict=True))
    _write(path, rows, len(exams), pictures)
    return open_store(path)


def open_store(path: Path) -> np.ndarray:
    """Opens a store.

    Args:
        path: The .npy file.

    Returns:
        Array (n, size, size), uint8, read-only and memory-mapped.
    """
    return np.load(path, mmap_mode="r")


def _generator(seed: int, image_id: str) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(image_id.encode())])


def _frameable(dataset: Dataset, framing: Framing) -> tuple[pd.DataFrame, list[str]]:
    exams = dataset.exams.reset_index(drop=True)
    if framing != "lesion":
        return exams, []
    placed = exams["lesion_x"].notna()
    if not placed.any():
        raise DatasetError(f"{dataset.name}: expected places of lesions, found none; use framing=breast")
    usable = placed | (exams["label"] == "normal")
    dropped = [f"{name}: dropped, the place of its lesion is not known" for name in exams.loc[~usable, "image_id"]]
    return exams[usable].reset_index(drop=True), dropped


def _jobs(exams: pd.DataFrame) -> list[_Job]:
    places = exams[["lesion_x", "lesion_y", "lesion_radius"]].to_numpy(dtype=float)
    lesions = [None if np.isnan(place).any() else Circle(*place.tolist()) for place in places]
    return [_Job(*job) for job in zip(range(len(exams)), exams["image_id"], lesions, strict=True)]


def _groups(jobs: list[_Job], framing: Framing) -> list[list[_Job]]:
    if framing != "lesion":
        return [jobs]
    # Lesion windows come first: normal pictures take their sizes from them.
    return [[job for job in jobs if job.lesion], [job for job in jobs if not job.lesion]]


def _frame_all(
    frame: Callable[[list[float], _Job], _Outcome],
    groups: list[list[_Job]],
    threads: int,
    on_progress: Callable[[int, int], None] | None,
) -> list[_Outcome]:
    outcomes: dict[int, _Outcome] = {}
    total = sum(len(group) for group in groups)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for group in groups:
            windows = sorted(outcome.window for outcome in outcomes.values() if outcome.window)
            for job, outcome in zip(group, pool.map(partial(frame, windows), group), strict=True):
                outcomes[job.row] = outcome
                if on_progress:
                    on_progress(len(outcomes), total)
    return [outcomes[row] for row in sorted(outcomes)]


def _frame_one(
    read: Callable[[str], np.ndarray],
    framing: Framing,
    seed: int,
    draft: np.ndarray,
    windows: list[float],
    job: _Job,
) -> _Outcome:
    try:
        gray = to_gray(read(job.image_id), job.image_id)
        framed = _framed(gray, framing, draft.shape[1], job.lesion, windows, _generator(seed, job.image_id))
    except (ValueError, OSError) as error:
        return _Outcome(reason=(str(error) or repr(error)).removeprefix(f"{job.image_id}: "))
    draft[job.row] = framed.picture
    forget(draft)
    return _Outcome(framed.box, framed.lesion, framed.window)


def _framed(
    gray: np.ndarray,
    framing: Framing,
    size: int,
    lesion: Circle | None,
    windows: list[float],
    rng: np.random.Generator,
) -> Framed:
    if framing == "breast":
        return frame_breast(gray, size, lesion)
    if framing == "as_is":
        return frame_as_is(gray, size, lesion)
    if lesion is None and not windows:
        raise PictureError("no lesion picture could be framed, so its window has no size")
    window = rng.uniform(*WINDOW_SHARES) if lesion else rng.choice(windows)
    return frame_lesion(gray, size, lesion, window, rng)


def _with_places(exams: pd.DataFrame, outcomes: list[_Outcome], kept: list[int]) -> pd.DataFrame:
    lesions = [outcomes[row].lesion for row in kept]
    places = [(np.nan,) * 3 if lesion is None else astuple(lesion) for lesion in lesions]
    framed = pd.DataFrame(places, columns=list(FRAMED), dtype=float)
    cuts = pd.DataFrame([astuple(outcomes[row].box) for row in kept], columns=list(CUT))
    return pd.concat([exams.iloc[kept].reset_index(drop=True), framed, cuts], axis=1)


def _notes(jobs: list[_Job], outcomes: list[_Outcome]) -> list[str]:
    notes = []
    for job, outcome in zip(jobs, outcomes, strict=True):
        if outcome.reason:
            notes.append(f"{job.image_id}: dropped, {outcome.reason}")
        elif job.lesion and not outcome.lesion:
            notes.append(f"{job.image_id}: kept, but the given place of its lesion is not on the breast")
    return notes


def _write(path: Path, rows: Iterable[np.ndarray], count: int, source: np.ndarray) -> None:
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        shape = (count, *source.shape[1:])
        pictures = made(draft, np.uint8, shape)
        for row, picture in enumerate(rows):
            pictures[row] = picture
            forget(pictures)
            forget(source)
        pictures.flush()
        draft.replace(path)
