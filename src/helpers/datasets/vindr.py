"""VinDr-Mammo: 20,000 digital mammograms of 5,000 exams, H. T. Nguyen et al. (Scientific Data 10, 277, 2023)."""

import ast
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom

from helpers.datasets import regions
from helpers.datasets.exams import Dataset, DatasetError, validated
from helpers.datasets.pictures import THREADS
from helpers.datasets.regions import Aside, Outline
from helpers.datasets.tables import read_table

BREASTS, FINDINGS, PICTURES = "breast-level_annotations.csv", "finding_annotations.csv", "images"
BREAST_COLUMNS = [
    "study_id", "image_id", "laterality", "view_position", "height", "width", "breast_birads", "breast_density",
]  # fmt: skip
FINDING_COLUMNS = ["image_id", "finding_categories", "finding_birads", "xmin", "ymin", "xmax", "ymax"]
NAME = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"
LABELS = {1: "normal", 2: "benign", 3: "benign", 4: "malignant", 5: "malignant"}
"""The class of each BI-RADS category as document C has it; 1 means that nothing was found."""

Decode = Callable[[bytes, str], np.ndarray]
"""Makes a picture of a DICOM file's bytes and its name; `helpers.preparation` passes `helpers.imaging.dicom.read`."""


@dataclass(frozen=True)
class _Seen:
    sha256: str
    height: int
    width: int


def load(path: Path | None, decode: Decode) -> Dataset:
    """Loads VinDr-Mammo; headers are read, no pixel is decoded yet.

    The set has no diagnosis: BI-RADS 2 and 3 count as benign, 4 and 5 as malignant, as in document C. A picture has a
    region of interest where the table of findings gives a box that can be used.

    Args:
        path: The unpacked folder with both tables and images/<study_id>/<image_id>.dicom.
        decode: See `Decode`.

    Returns:
        The Dataset; its notes name and count pictures that were set aside (BI-RADS outside 1 to 5, unknown view,
        listed twice, no file, no DICOM header) and boxes that were (without area, beyond the picture, drawn on a
        picture of another size). A picture whose boxes are all set aside counts as one without.

    Raises:
        DatasetError: No such folder or table, columns are missing, or no picture is left.
    """
    if path is None:
        raise DatasetError("VinDr-Mammo is given to whoever signs for it: pass DATA=<unpacked folder>")
    path, aside = Path(path), Aside()
    breasts = _breasts(_table(path, BREASTS, BREAST_COLUMNS), aside)
    files = {row.image_id: path / PICTURES / row.study_id / f"{row.image_id}.dicom" for row in breasts.itertuples()}
    seen = _seen(files, aside)
    found = _table(path, FINDINGS, FINDING_COLUMNS)
    kept = breasts[breasts["image_id"].isin(seen)]
    boxes = _boxes(found[found["image_id"].isin(kept["image_id"])], kept, seen, aside)
    named = found.groupby("image_id")["finding_categories"].agg(_categories)
    rows = [_row(row, seen[row.image_id], boxes.get(row.image_id, []), named) for row in kept.itertuples()]
    exams = validated(rows, str(path))
    return Dataset(
        "vindr",
        exams,
        lambda image_id: decode(files[image_id].read_bytes(), image_id),
        aside.notes(),
        lesion_mask=lambda name: regions.mask(boxes.get(name, []), seen[name].height, seen[name].width),
    )


def _table(path: Path, name: str, columns: list[str]) -> pd.DataFrame:
    file = path / name
    if not file.is_file():
        raise DatasetError(f"{path}: expected the unpacked folder of VinDr-Mammo, found no {name}")
    return read_table(file, columns, "VinDr-Mammo")[columns]


def _breasts(table: pd.DataFrame, aside: Aside) -> pd.DataFrame:
    birads = table["breast_birads"].str.extract(r"^\s*(?:BI-?RADS)?\s*(\d+)\s*$")[0].astype(float)
    table = table.assign(label=birads.map(LABELS))
    # Both name a file; what names none of this folder is not looked for elsewhere.
    table[["study_id", "image_id"]] = table[["study_id", "image_id"]].fillna("")
    nameless = [~table[column].str.fullmatch(NAME) for column in ("study_id", "image_id")]
    for reason, wrong in (
        ("set aside, no name of a study or a picture", nameless[0] | nameless[1]),
        ("set aside, listed more than once", table["image_id"].duplicated(keep=False)),
        ("set aside, BI-RADS outside 1 to 5", table["label"].isna()),
        ("set aside, unknown view",
         ~table["view_position"].isin(["CC", "MLO"]) | ~table["laterality"].isin(["L", "R"])),
    ):  # fmt: skip
        # A picture is named once, by its first reason.
        still = wrong.loc[table.index]
        aside.add(reason, *table.loc[still, "image_id"].drop_duplicates())
        table = table[~still]
    return table


def _seen(files: dict[str, Path], aside: Aside) -> dict[str, _Seen]:
    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = dict(zip(files, pool.map(_look, files.values()), strict=True))
    for image_id, outcome in outcomes.items():
        if isinstance(outcome, str):
            aside.add(outcome, image_id)
    return {image_id: outcome for image_id, outcome in outcomes.items() if isinstance(outcome, _Seen)}


def _look(file: Path) -> _Seen | str:
    try:
        content = file.read_bytes()
    except OSError:
        return "set aside, no file of its name"
    try:
        header = pydicom.dcmread(BytesIO(content), stop_before_pixels=True, specific_tags=["Rows", "Columns"])
        return _Seen(sha256(content).hexdigest(), int(header.Rows), int(header.Columns))
    except Exception:  # a damaged file makes pydicom raise nearly anything, in words that quote the file
        return "set aside, no DICOM header that could be read"


def _boxes(
    found: pd.DataFrame, breasts: pd.DataFrame, seen: dict[str, _Seen], aside: Aside
) -> dict[str, list[Outline]]:
    listed = breasts.set_index("image_id")[["height", "width"]].apply(pd.to_numeric, errors="coerce")
    corners = found[["xmin", "ymin", "xmax", "ymax"]].apply(pd.to_numeric, errors="coerce")
    boxes: dict[str, list[Outline]] = {}
    for image_id, (left, top, right, bottom) in zip(found["image_id"], corners.to_numpy(), strict=True):
        if np.isnan([left, top, right, bottom]).all():
            continue
        size, outline = seen[image_id], regions.box(left, top, right, bottom)
        if tuple(listed.loc[image_id]) != (size.height, size.width):
            wrong = regions.OTHER_SIZE
        else:
            inverted = right <= left or bottom <= top
            wrong = regions.EMPTY if inverted else regions.problem(outline, size.height, size.width)
        if wrong:
            aside.add(wrong, image_id)
        else:
            boxes.setdefault(image_id, []).append(outline)
    return boxes


def _categories(lists: Iterable[str]) -> str | None:
    """What was found, as the table writes it: a list of words in the form of Python's."""
    words: list[str] = []
    for text in lists:
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            found = None
        words += [str(word) for word in found if word != "No Finding"] if isinstance(found, list) else [str(text)]
    return ", ".join(dict.fromkeys(words)) or None


def _row(row: tuple, seen: _Seen, boxes: list[Outline], named: pd.Series) -> dict:
    return {
        "image_id": row.image_id,
        "patient_id": row.study_id,
        "source": "VinDr-Mammo",
        "laterality": row.laterality,
        "view": row.view_position,
        "label": row.label,
        "density": str(row.breast_density).removeprefix("DENSITY ") if pd.notna(row.breast_density) else None,
        "abnormality": named.get(row.image_id),
        "sha256": seen.sha256,
        **regions.circle(boxes),
    }
