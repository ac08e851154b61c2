"""DICOM files of a screening set, in each encoding that such sets come in."""

from io import BytesIO
from pathlib import Path

import cv2
import gdcm
import numpy as np
import pydicom
from drawn_breasts import drawn_breast
from given_files import dicom_file
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLossless, JPEGLosslessSV1

COMPRESSED = {
    JPEG2000Lossless: gdcm.TransferSyntax.JPEG2000Lossless,
    JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
    JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
}
COLUMNS = (
    "site_id", "patient_id", "image_id", "laterality", "view", "age", "cancer", "biopsy", "invasive", "BIRADS",
    "implant", "density", "machine_id", "difficult_negative_case",
)  # fmt: skip


def film(bits: int, seed: int = 0, laterality: str = "L") -> np.ndarray:
    """A drawn breast in as many bits, uint16 (96, 80); its darkest and brightest reach both ends."""
    gray = cv2.resize(drawn_breast(seed), (80, 96), interpolation=cv2.INTER_AREA).astype(np.float64)
    gray = (gray - gray.min()) / np.ptp(gray)
    return np.rint(gray[:, :: -1 if laterality == "R" else 1] * (2**bits - 1)).astype(np.uint16)


def mammogram(pixels: np.ndarray, bits: int = 12, **elements: object) -> bytes:
    """A file as the competition has them: a window over all gray levels, and no modality."""
    window = {"WindowCenter": 2 ** (bits - 1), "WindowWidth": 2**bits} if "VOILUTSequence" not in elements else {}
    given = {"BitsStored": bits, "HighBit": bits - 1, "Modality": "", **window, **elements}
    return dicom_file(pixels, **given)


def lookup_table(bits: int) -> list[Dataset]:
    """A VOI LUT that squares gray levels."""
    table = Dataset()
    levels = np.linspace(0, 1, 2**bits) ** 2
    table.LUTDescriptor, table.LUTData = [2**bits % 65536, 0, 16], np.rint(levels * 65535).astype("<u2").tobytes()
    return [table]


def compressed(content: bytes, syntax: str, folder: Path) -> bytes:
    """The same file with its pixels compressed by GDCM."""
    plain, packed = folder / "plain.dcm", folder / "packed.dcm"
    plain.write_bytes(content)
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(COMPRESSED[syntax]))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(packed))
    assert writer.Write()
    dataset, file = pydicom.dcmread(BytesIO(content)), BytesIO()
    dataset.PixelData = pydicom.dcmread(packed).PixelData
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(file, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return file.getvalue()


def row(image_id: str, patient_id: str = "1", **values: object) -> dict:
    """A row of train.csv."""
    plain = {
        "site_id": 1, "patient_id": patient_id, "image_id": image_id, "laterality": "L", "view": "CC", "age": 61.0,
        "cancer": 0, "biopsy": 0, "invasive": 0, "BIRADS": 1.0, "implant": 0, "density": "B", "machine_id": 49,
        "difficult_negative_case": False,
    }  # fmt: skip
    return plain | values


def placed(folder: Path, image_id: str, content: bytes, patient_id: str = "1") -> None:
    """Puts a file where the competition has it."""
    file = folder / "train_images" / patient_id / f"{image_id}.dcm"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
