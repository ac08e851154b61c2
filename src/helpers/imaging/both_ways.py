"""A screening set's pictures, decoded once and framed both ways: resized as they are, and cropped to the breast.

Decoding a large set takes a day, and a damaged file can end the process that decodes it. So processes share the work,
what is done is written down as it is done, and a run that was stopped goes on where it was.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from helpers.datasets.screening import Screening
from helpers.imaging.framing import frame_as_is, frame_roi
from helpers.imaging.picture import PictureError, to_gray
from helpers.maps import forget, made

WAYS = ("resized", "cropped")
CHUNK = 64
"""Pictures after which the work done is written down."""
UNREADABLE, NO_BREAST, ENDED = "unreadable", "no breast found", "ended its process"
Both = tuple[np.ndarray, np.ndarray]
"""A picture resized, and cropped to the breast: uint8 (size, size) each."""


def frame_both_ways(
    screening: Screening,
    size: int,
    folder: Path,
    processes: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    about: Mapping | None = None,
) -> tuple[dict[str, Path], dict[str, str]]:
    """Frames every picture both ways into two stores, in the table's order.

    Args:
        screening: The set.
        size: Side of a stored picture, px.
        folder: Where the stores lie; what is there of the same pictures, size and `about` is not made again.
        processes: How many pictures are decoded at a time; None for as many as there are cores.
        on_progress: Called with the number of pictures done and of all.
        about: What else the pictures depend on, such as a seed, for JSON.

    Returns:
        {"resized" and "cropped": a .npy file, uint8 (n, size, size)}; and {image_id: problem} of those that could not
        be framed, whose places in the stores are black.
    """
    image_ids = screening.table["image_id"].tolist()
    folder.mkdir(parents=True, exist_ok=True)
    stores, journal = _opened(folder, _settings(image_ids, size, about), len(image_ids)), folder / "done.jsonl"
    done = _done(folder)
    place, waiting = {name: row for row, name in enumerate(image_ids)}, [name for name in image_ids if name not in done]
    for chunk in _framed(screening.read, size, waiting, processes or os.cpu_count()):
        _write(stores, {place[image_id]: both for image_id, both in chunk.items() if not isinstance(both, str)})
        said = {image_id: both if isinstance(both, str) else "" for image_id, both in chunk.items()}
        with journal.open("a") as lines:
            lines.writelines(f"{json.dumps(each)}\n" for each in said.items())
        done |= said
        if on_progress:
            on_progress(len(done), len(image_ids))
    return stores_in(folder), {image_id: problem for image_id, problem in done.items() if problem}


def join(parts: Sequence[Path], screening: Screening, size: int, folder: Path, about: Mapping | None = None) -> None:
    """Joins stores that were framed apart: afterwards `frame_both_ways` finds nothing left to do.

    Args:
        parts: Their folders; together they hold the set's pictures, in the table's order.
        screening: The whole set.
        size: Side of a stored picture, px.
        folder: Where the whole stores go.
        about: As for `frame_both_ways`.

    Raises:
        ValueError: The parts do not hold as many pictures as the set has.
    """
    image_ids, first = screening.table["image_id"].tolist(), 0
    done = [_done(part) for part in parts]
    if sum(map(len, done)) != len(image_ids):
        raise ValueError(f"expected parts of {len(image_ids)} pictures, came {sum(map(len, done))}; make them again")
    folder.mkdir(parents=True, exist_ok=True)
    stores = _opened(folder, _settings(image_ids, size, about), len(image_ids))
    for part, own in zip(parts, done, strict=True):
        for way, file in stores_in(part).items():
            stores[way][first : first + len(own)] = np.load(file, mmap_mode="r")
            stores[way].flush()
            forget(stores[way])
        with (folder / "done.jsonl").open("a") as lines:
            lines.writelines(f"{json.dumps(each)}\n" for each in own.items())
        first += len(own)


def _settings(image_ids: Sequence[str], size: int, about: Mapping | None) -> dict:
    return {"size": size, "pictures": sha256("\n".join(image_ids).encode()).hexdigest(), **(about or {})}


def _done(folder: Path) -> dict[str, str]:
    """What was framed into a folder so far: {image_id: problem, or ""}."""
    return dict(json.loads(line) for line in (folder / "done.jsonl").read_text().splitlines())


def stores_in(folder: Path) -> dict[str, Path]:
    """Where the stores of a folder lie: {"resized" and "cropped": a .npy file}."""
    return {way: folder / f"{way}.npy" for way in WAYS}


def _write(stores: dict[str, np.ndarray], pictures: dict[int, Both]) -> None:
    for way, store in zip(WAYS, stores.values(), strict=True):
        for row, both in pictures.items():
            store[row] = both[WAYS.index(way)]
        store.flush()
        forget(store)


def _opened(folder: Path, settings: dict, count: int) -> dict[str, np.ndarray]:
    """The stores, kept where they were made by the same settings, else empty."""
    about, journal = folder / "about.json", folder / "done.jsonl"
    files = stores_in(folder)
    there = all(file.exists() for file in (about, journal, *files.values()))
    if there and json.loads(about.read_text()) == settings:
        return {way: np.load(file, mmap_mode="r+") for way, file in files.items()}
    about.unlink(missing_ok=True)
    journal.write_text("")
    shape = (count, settings["size"], settings["size"])
    stores = {way: made(file, np.uint8, shape) for way, file in files.items()}
    # Last of all: without it the other files count for nothing.
    about.write_text(json.dumps(settings))
    return stores


def _framed(read: Callable, size: int, image_ids: list[str], processes: int) -> Iterator[dict[str, Both | str]]:
    """Chunk by chunk {image_id: its pictures, or the problem}."""
    pool = _pool(read, size, processes) if image_ids else None
    for start in range(0, len(image_ids), CHUNK):
        chunk = image_ids[start : start + CHUNK]
        try:
            outcomes = list(pool.map(_frame, chunk))
        except BrokenProcessPool:
            outcomes, pool = [_alone(read, size, image_id) for image_id in chunk], _pool(read, size, processes)
        yield dict(zip(chunk, outcomes, strict=True))
    if pool:
        pool.shutdown()


def _pool(read: Callable, size: int, processes: int) -> ProcessPoolExecutor:
    # Forked from a server, not from here: the threads of a backend that is loaded already would not survive a fork.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return ProcessPoolExecutor(processes, context, initializer=_start, initargs=(read, size))


def _alone(read: Callable, size: int, image_id: str) -> Both | str:
    """A picture in a process of its own, to find out which one of a chunk ends its process."""
    with _pool(read, size, 1) as pool:
        try:
            return pool.submit(_frame, image_id).result()
        except BrokenProcessPool:
            return ENDED


_work: dict = {}


def _start(read: Callable, size: int) -> None:
    _work.update(read=read, size=size)


def _frame(image_id: str) -> Both | str:
    try:
        gray = to_gray(_work["read"](image_id), image_id)
    except (PictureError, OSError) as error:
        return getattr(error, "problem", UNREADABLE)
    try:
        return frame_as_is(gray, _work["size"]).picture, frame_roi(gray, _work["size"])
    except PictureError:
        return NO_BREAST
