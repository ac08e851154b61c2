"""A reader's own picture: looked at before it is decoded, decoded in memory, never written anywhere."""

import warnings
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from helpers.imaging import dicom
from helpers.imaging.picture import LARGEST_PICTURE, PictureError, check_pixels, to_gray

LARGEST_FILE = 100_000_000
"""Bytes; the largest mammogram, a film at 42 micrometers and 16 bits, takes about 80 million."""
COLOR_STEP = 16
"""Gray levels by which the channels of a gray pixel may differ, as JPEG leaves them."""
COLOR_SHARE = 0.01
"""Share of pixels that may differ by more: marks that a viewer drew."""

SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"P5": "PPM",
    b"P2": "PPM",
}
"""How the files begin that OpenCV decodes from memory; what it does not know, it would write to a temporary file."""


@dataclass(frozen=True)
class OwnPicture:
    """A picture as 8-bit gray.

    Attributes:
        gray: uint8 (height, width).
        notes: What was done to the file's values, one sentence each.
    """

    gray: np.ndarray
    notes: tuple[str, ...] = ()


def read(content: bytes, name: str) -> OwnPicture:
    """Reads a mammogram that somebody gives: PGM, PNG, JPEG, TIFF or DICOM.

    Args:
        content: The file's bytes.
        name: The file's name, for the messages; nothing is decided by it.

    Returns:
        The `OwnPicture`.

    Raises:
        PictureError: It is not such a file, is damaged, too large, in color, or no mammogram; says which.
    """
    if not content:
        raise PictureError(f"{name}: the file is empty")
    check_size(len(content), name)
    raw, notes = dicom.read(content, name) if dicom.is_dicom(content) else _decoded(content, name)
    if raw.ndim == 3:
        _check_colors(raw, name)
    if raw.dtype == np.uint16 and not notes:
        notes = ("16 bits: gray levels were stretched from the darkest to the brightest.",)
    return OwnPicture(to_gray(raw, name), notes)


def check_size(size: int, name: str) -> None:
    """Refuses a file that is too large, before its content is there.

    Args:
        size: Bytes.
        name: The file's name.

    Raises:
        PictureError: It is larger than `LARGEST_FILE`.
    """
    if size > LARGEST_FILE:
        found, limit = size / 1e6, LARGEST_FILE / 1e6
        raise PictureError(f"{name}: expected a file of at most {limit:.0f} MB, found {found:.0f} MB")


def _decoded(content: bytes, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    kind = next((kind for signature, kind in SIGNATURES.items() if content.startswith(signature)), None)
    if kind is None:
        raise PictureError(f"{name}: expected a PGM, PNG, JPEG, TIFF or DICOM file, found {_described(content)}")
    _check_header(content, name, kind)
    try:
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        picture = None
    if picture is None:
        raise PictureError(f"{name}: expected a picture, found one that is cut short or damaged")
    return (np.ascontiguousarray(picture[..., 2::-1]) if picture.ndim == 3 else picture), ()


def _check_header(content: bytes, name: str, kind: str) -> None:
    """Asks for the size without decoding: a few bytes can promise a picture larger than the memory."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(content), formats=[kind]) as header:
            (width, height), pictures = header.size, getattr(header, "n_frames", 1)
    except Image.DecompressionBombError:
        raise PictureError(
            f"{name}: expected at most {LARGEST_PICTURE:,} pixels, found several times as many"
        ) from None
    except Exception:  # a damaged header makes Pillow raise nearly anything
        raise PictureError(f"{name}: expected a picture, found one whose header is damaged") from None
    if pictures > 1:
        raise PictureError(f"{name}: expected one picture, found {pictures} in one file")
    check_pixels(width, height, name)


def _described(content: bytes) -> str:
    start = content[:512]
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        return "text"
    return "something else"


def _check_colors(raw: np.ndarray, name: str) -> None:
    spread = np.ptp(raw, axis=2) >> (8 if raw.dtype == np.uint16 else 0)
    share = np.mean(spread > COLOR_STEP)
    if share > COLOR_SHARE:
        found = f"found color: red, green and blue differ on {100 * share:.0f} % of its pixels"
        raise PictureError(f"{name}: expected a gray picture, {found}")
