"""Picture files: read as they are, and checked all at once where a data set enters the book."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from helpers.datasets.exams import DatasetError

THREADS = 4
"""Enough to keep reading and decoding busy, both of which happen outside Python's lock."""

UNREADABLE_SHARE = 0.1
"""The share of unreadable pictures above which a data set is taken for damaged as a whole."""


@dataclass(frozen=True)
class Checked:
    """A picture file that could be decoded.

    Attributes:
        sha256: The checksum of the file's bytes, 64 hexadecimal digits.
        seen: What `look` of `checked` returned for its picture.
    """

    sha256: str
    seen: Any


def decoded(path: Path) -> np.ndarray:
    """Reads a picture file as it is: no scaling, no gray conversion, no rotation by metadata.

    Args:
        path: A file of any format that OpenCV reads (PGM, PNG, JPEG, TIFF, ...).

    Returns:
        Array (height, width), or (height, width, 3) in RGB order without alpha; uint8 or uint16.

    Raises:
        DatasetError: The file cannot be read as a picture; names the file and the reason.
    """
    return _decoded(_bytes(path), path)


def checked(paths: Iterable[Path], look: Callable[[np.ndarray], Any], source: str) -> tuple[dict, list[str]]:
    """Decodes every picture once, so that a damaged file is known before anything is trained.

    Args:
        paths: The picture files.
        look: What to keep of a picture, such as its shape; the picture itself is not kept.
        source: The folder or archive, for the error message.

    Returns:
        A dict from path to Checked without the unreadable files, and a note for each of those with its reason.

    Raises:
        DatasetError: More than `UNREADABLE_SHARE` of the pictures cannot be read.
    """
    paths = list(paths)
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = dict(zip(paths, pool.map(partial(_check, look=look), paths), strict=True))
    reasons = [outcome for outcome in outcomes.values() if isinstance(outcome, str)]
    if len(reasons) > UNREADABLE_SHARE * len(paths):
        raise DatasetError(f"{source}: {len(reasons)} of {len(paths)} pictures cannot be read, first {reasons[0]}")
    good = {path: outcome for path, outcome in outcomes.items() if not isinstance(outcome, str)}
    return good, [f"dropped {reason}" for reason in reasons]


def _check(path: Path, look: Callable[[np.ndarray], Any]) -> Checked | str:
    try:
        content = _bytes(path)
        return Checked(sha256(content).hexdigest(), look(_decoded(content, path)))
    except DatasetError as error:
        return str(error)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path.name}: expected a picture file, got {error.strerror}") from None


def _decoded(content: bytes, path: Path) -> np.ndarray:
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:  # an empty file, or a header that promises an impossible size
        picture = None
    if picture is None:
        kind = "a picture cut short or damaged" if cv2.haveImageReader(str(path)) else "something else"
        raise DatasetError(f"{path.name}: expected a picture, got {kind} ({len(content):,} bytes)")
    if picture.dtype not in (np.uint8, np.uint16):
        raise DatasetError(f"{path.name}: expected 8 or 16 bits a pixel, got {picture.dtype}")
    return np.ascontiguousarray(picture[..., 2::-1]) if picture.ndim == 3 else picture
