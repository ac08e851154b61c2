"""Files as readers give them to the dashboard: good ones, and ones that it must refuse."""

from io import BytesIO

import cv2
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, DigitalMammographyXRayImageStorageForPresentation, ExplicitVRLittleEndian


def encoded(picture: np.ndarray, suffix: str) -> bytes:
    """A picture (BGR where it has colors) as a file that OpenCV writes: ".pgm", ".png", ".jpg", ".tiff"."""
    done, content = cv2.imencode(suffix, picture)
    assert done
    return content.tobytes()


def dicom_file(pixels: np.ndarray | None, *, syntax: str = ExplicitVRLittleEndian, **elements: object) -> bytes:
    """A DICOM mammogram.

    Args:
        pixels: (height, width) uint8, uint16 or int16; None for a file without pixels.
        syntax: The transfer syntax that is written down.
        elements: What else the file holds, or holds instead.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    storage = CTImageStorage if elements.get("Modality") == "CT" else DigitalMammographyXRayImageStorageForPresentation
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = storage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = "1.2.3"
    dataset.PatientName, dataset.Modality = "Doe^Jane", "MG"
    if pixels is not None:
        dataset.Rows, dataset.Columns = pixels.shape
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
        dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, int(pixels.dtype.kind == "i")
        dataset.PixelData = pixels.tobytes()
    for name, value in elements.items():
        setattr(dataset, name, value)
    file = BytesIO()
    little = {} if UID(syntax).is_transfer_syntax else {"implicit_vr": False, "little_endian": True}
    dataset.save_as(file, enforce_file_format=True, **little)
    return file.getvalue()


def ct_slice(seed: int = 0) -> np.ndarray:
    """A disk of a body with lungs and a spine, uint8 (512, 512)."""
    canvas = np.full((512, 512), 2, np.float32)
    for center, axes, gray in (
        ((256, 256), (210, 160), 60),
        ((256, 256), (195, 145), 110),
        ((165, 240), (65, 95), 25),
        ((345, 240), (65, 95), 25),
        ((256, 350), (30, 30), 235),
    ):
        cv2.ellipse(canvas, center, axes, 0, 0, 360, gray, cv2.FILLED)
    grain = np.random.default_rng(seed).normal(0, 6, canvas.shape).astype(np.float32)
    return np.clip(cv2.GaussianBlur(canvas + grain, (0, 0), 1), 0, 255).astype(np.uint8)


def color_photo() -> np.ndarray:
    """Sky above a meadow, BGR, uint8 (240, 320, 3)."""
    photo = np.zeros((240, 320, 3), np.uint8)
    photo[:120], photo[120:] = (220, 160, 90), (60, 140, 70)
    return cv2.GaussianBlur(photo, (0, 0), 3)
