"""A mammogram out of a DICOM file, as its viewer would show it."""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pydicom
from pydicom import pixels
from pydicom.filereader import read_dataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from helpers.imaging.picture import PictureError, check_pixels

# What pydicom warns of, it also logs, and so do its decoders.
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)

MARK = slice(128, 132)
"""Where a DICOM file says that it is one."""
MAMMOGRAPHY = "MG"
EXPECTED = "expected a mammogram (DICOM modality MG)"
MODALITY = re.compile(r"[A-Z]{2}")
COLORS = re.compile(r"none|RGB|PALETTE COLOR|YBR_[A-Z0-9_]+|HSV|ARGB|CMYK")
"""What of a file a message may quote; anything else could be somebody's name in the wrong place."""
CUT_SHORT = "End of file reached before delimiter"
"""With these words pydicom goes on without the pixels that it could not read to their end."""
TAGS = [
    "SOPClassUID", "Modality", "PresentationIntentType", "NumberOfFrames", "SamplesPerPixel",
    "PhotometricInterpretation", "PlanarConfiguration", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "PixelPaddingValue", "PixelPaddingRangeLimit", "ModalityLUTSequence", "RescaleSlope",
    "RescaleIntercept", "VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth", "PixelData",
]  # fmt: skip
"""What is read of a file: its pixels and what they mean, and nothing of whom it shows."""
SIDES = ["ImageLaterality", "Laterality"]
"""Where a file says which breast it shows; read where a table says so too, to see whether both agree."""


class DicomError(PictureError):
    """A DICOM file that cannot be used.

    Args:
        problem: One of a few fixed words, which quote nothing of the file; a data set counts by them.
        message: The whole sentence, for whoever gave the file.
    """

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem = problem

    def __reduce__(self) -> tuple:
        return type(self), (self.problem, str(self))  # it comes back from another process


def is_dicom(content: bytes) -> bool:
    """Whether a file bears DICOM's mark.

    Args:
        content: The file's bytes.
    """
    return content[MARK] == b"DICM"


def read(content: bytes, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Decodes a mammogram and applies what the file says of its gray levels.

    In the order of DICOM PS3.4, annex N.2: the modality's rescaling, the VOI LUT or window (the LUT where there are
    both, the first of several), and the inversion of MONOCHROME1. Padding takes the background's gray.

    Args:
        content: The file's bytes.
        name: The file's name, for the messages.

    Returns:
        Array (height, width), uint16, stretched from its darkest to its brightest; and what was done, one sentence
        each.

    Raises:
        DicomError: The file is no mammogram, has no pixels or several pictures, is too large, or cannot be decoded.
    """
    with _named_damage(name):
        dataset = _opened(content, name, TAGS)
        if not dataset.get("Modality"):
            raise DicomError("no mammogram", f"{name}: {EXPECTED}, found modality none")
        _check(dataset, name)
        return _shown(dataset)


def read_listed(content: bytes, name: str, laterality: str) -> np.ndarray:
    """Decodes a mammogram that a data set's table lists; what neither file nor table says is not guessed.

    The file need not say that it is a mammogram, since the table does: public sets leave that out. It has to say how
    its gray levels are shown, and where it says which breast it shows, the table has to agree.

    Args:
        content: The file's bytes.
        name: Its name in the table.
        laterality: "L" or "R", as the table has it.

    Returns:
        Array (height, width), uint16, as from `read`.

    Raises:
        DicomError: As from `read`; also a file without window and VOI LUT, and one of the other breast.
    """
    with _named_damage(name):
        if not is_dicom(content):
            raise DicomError("no DICOM file", f"{name}: expected a DICOM file, found another")
        dataset = _opened(content, name, TAGS + SIDES)
        if any(str(dataset.get(tag) or laterality) not in (laterality, "B") for tag in SIDES):
            raise DicomError("other laterality", f"{name}: expected laterality {laterality}, found another")
        _check(dataset, name)
        if not dataset.get("VOILUTSequence") and dataset.get("WindowWidth") is None:
            raise DicomError("no window", f"{name}: expected a window or a VOI LUT, found neither")
        return _shown(dataset)[0]


@contextmanager
def _named_damage(name: str) -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # pydicom's warnings quote what a file holds
            warnings.filterwarnings("error", message=CUT_SHORT)
            yield
    except DicomError:
        raise
    except PictureError as error:
        raise DicomError("too large", str(error)) from None
    except Exception as error:  # a damaged file makes pydicom and its decoders raise nearly anything
        # The error's kind alone: its words may quote the file.
        kind = type(error).__name__
        raise DicomError("damaged", f"{name}: expected a DICOM file, found one that is damaged ({kind})") from None


def _opened(content: bytes, name: str, tags: list[str]) -> pydicom.Dataset:
    if _transfer_syntax(content) == DeflatedExplicitVRLittleEndian:
        message = f"{name}: expected a DICOM file that is not deflated as a whole; save it otherwise"
        raise DicomError("not decoded here", message)
    return pydicom.dcmread(BytesIO(content), specific_tags=tags)


def _transfer_syntax(content: bytes) -> str:
    """Read before the rest, which a few deflated bytes can blow up beyond the memory."""
    meta = read_dataset(BytesIO(content[MARK.stop :]), False, True, stop_when=lambda tag, *_: tag.group != 2)
    return str(meta.get("TransferSyntaxUID", ""))


def _check(dataset: pydicom.Dataset, name: str) -> None:
    modality = str(dataset.get("Modality") or MAMMOGRAPHY)
    if modality != MAMMOGRAPHY:
        found = modality if MODALITY.fullmatch(modality) else "none that there is"
        raise DicomError("no mammogram", f"{name}: {EXPECTED}, found modality {found}")
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        raise DicomError(
            "several pictures",
            f"{name}: expected one picture, found {dataset.NumberOfFrames} in one file, as tomosynthesis gives; "
            "save the slice or the synthesized picture that you mean",
        )
    if not dataset.get("PixelData"):
        raise DicomError("no pixels", f"{name}: expected a picture, found a DICOM file without pixels")
    meaning = str(dataset.get("PhotometricInterpretation") or "none")
    if meaning not in ("MONOCHROME1", "MONOCHROME2"):
        found = meaning if COLORS.fullmatch(meaning) else "none of the standard's"
        raise DicomError("no gray levels", f"{name}: expected gray levels (MONOCHROME1 or 2), found {found}")
    check_pixels(int(dataset.get("Columns") or 0), int(dataset.get("Rows") or 0), name)
    _check_decoder(dataset.file_meta.TransferSyntaxUID, name)


def _check_decoder(syntax: UID, name: str) -> None:
    if not syntax.is_compressed:
        return
    try:
        available = pixels.get_decoder(syntax).is_available
    except NotImplementedError:
        available = False
    if not available:
        raise DicomError(
            "not decoded here",
            f"{name}: its pixels are compressed as {syntax.name}, which is not decoded here; save it uncompressed "
            "(gdcmconv --raw) or as PNG with 16 bits",
        )


def _shown(dataset: pydicom.Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    stored = dataset.pixel_array
    values = pixels.apply_voi_lut(pixels.apply_modality_lut(stored, dataset), dataset)
    notes = [_voi_note(dataset)]
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        values = values.max() - values
        notes.append("MONOCHROME1: stored bright on dark, shown inverted.")
    if dataset.get("PresentationIntentType") == "FOR PROCESSING":
        notes.append("FOR PROCESSING: raw detector values, which look unlike what a reader, or a network, is shown.")
    values = np.where(_padding(stored, dataset), values.min(), values)
    return _stretched(values), tuple(notes)


def _voi_note(dataset: pydicom.Dataset) -> str:
    if dataset.get("VOILUTSequence"):
        return "Gray levels by the file's VOI LUT."
    if dataset.get("WindowWidth") is not None:
        return "Gray levels by the file's window."
    return "The file names no window: gray levels were stretched from the darkest to the brightest."


def _padding(stored: np.ndarray, dataset: pydicom.Dataset) -> np.ndarray:
    value = dataset.get("PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, bool)
    limit = dataset.get("PixelPaddingRangeLimit", value)
    return (stored >= min(value, limit)) & (stored <= max(value, limit))


def _stretched(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    scale = 65535 / (high - low) if high > low else 0.0
    return np.rint((values - low) * scale).astype(np.uint16)
