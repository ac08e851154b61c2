"""The RSNA screening set in the layout of its competition: train.csv and train_images/<patient>/<image>.dcm."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.exams import DatasetError
from helpers.datasets.screening import NO_FILE, NO_ROW, SCHEMA, Screening, problems, validated
from helpers.datasets.tables import read_table

TABLE, PICTURES = "train.csv", "train_images"
TRUTH = {"0": False, "1": True, "false": False, "true": True}
Decode = Callable[[bytes, str, str], np.ndarray]
"""Makes a picture of a file's bytes, an image_id and a laterality; `helpers.imaging.dicom.read_listed`."""


@dataclass(frozen=True)
class Files:
    """Reads a picture by its image_id.

    Attributes:
        files: {image_id: its file and laterality}.
        decode: See `Decode`.
    """

    files: dict[str, tuple[Path, str]]
    decode: Decode

    def __call__(self, image_id: str) -> np.ndarray:
        path, laterality = self.files[image_id]
        return self.decode(path.read_bytes(), image_id, laterality)


def load(path: Path, decode: Decode) -> Screening:
    """Loads the set; no picture is decoded yet.

    Args:
        path: The competition's unpacked folder.
        decode: See `Decode`; what it refuses is found when pictures are read.

    Returns:
        The `Screening`. Set aside, and named, are rows that break the table's contract, all rows of an image_id that
        is listed twice, rows without a file, and files without a row.

    Raises:
        DatasetError: No such folder or table, columns are missing, or no row can be used.
    """
    table, broken = validated(_typed(_rows(path)), str(path))
    files = {file.stem: file for file in sorted((path / PICTURES).glob("*/*.dcm"))}
    rows = {row.image_id: path / PICTURES / row.patient_id / f"{row.image_id}.dcm" for row in table.itertuples()}
    missing = [image_id for image_id, file in rows.items() if files.get(image_id) != file]
    unlisted = files.keys() - rows.keys() - set(broken["image_id"])
    found = problems([*((name, NO_FILE) for name in missing), *((name, NO_ROW) for name in unlisted)])
    kept = table[~table["image_id"].isin(missing)].reset_index(drop=True)
    if kept.empty:
        raise DatasetError(f"{path}: expected {PICTURES}/<patient>/<image>.dcm, found no file of any row")
    places = {row.image_id: (rows[row.image_id], row.laterality) for row in kept.itertuples()}
    return Screening("rsna", kept, Files(places, decode), pd.concat([broken, found], ignore_index=True))


def _rows(path: Path) -> pd.DataFrame:
    file = path / TABLE
    if not file.is_file():
        raise DatasetError(f"{path}: expected the unpacked folder of the competition, found no {TABLE}")
    return read_table(file, SCHEMA.columns, "the competition's training set")


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns in the contract's types; what is not of its type becomes null, which the contract then refuses."""
    typed = {}
    for column, expected in SCHEMA.columns.items():
        words = rows[column].str.strip()
        if str(expected.dtype) == "boolean":
            typed[column] = words.str.lower().str.removesuffix(".0").map(TRUTH).astype("boolean")
        elif column == "age":
            typed[column] = pd.to_numeric(words, errors="coerce").astype(float)
        else:
            # A column with gaps writes its whole numbers as 1.0.
            typed[column] = words.str.removesuffix(".0")
    return pd.DataFrame(typed)
