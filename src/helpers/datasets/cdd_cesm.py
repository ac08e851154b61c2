"""CDD-CESM: 2,006 contrast-enhanced mammograms of 326 patients, R. Khaled et al. (Scientific Data 9, 122, 2022)."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets import regions
from helpers.datasets.exams import Dataset, DatasetError, validated
from helpers.datasets.pictures import Checked, checked, decoded
from helpers.datasets.regions import Aside, Outline
from helpers.datasets.tables import read_table

SHEET, OUTLINES = "Radiology-manual-annotations", "Radiology_hand_drawn_segmentations_v2.csv"
PATHOLOGY = "Pathology Classification/ Follow up"
SHEET_COLUMNS = ["Image_name", "Age", "Breast density (ACR)", "Findings", PATHOLOGY]
OUTLINE_COLUMNS = ["#filename", "file_size", "region_shape_attributes"]
NAME = re.compile(r"P(?P<patient>\d+)_(?P<side>[A-Z]+)_(?P<kind>DM|CM)_(?P<view>[A-Z]+)\d*", re.IGNORECASE)
LABELS = {"normal": "normal", "benign": "benign", "malignant": "malignant"}
NO_SHAPE = "an outline of a kind that is not read"


@dataclass(frozen=True)
class _Entry:
    image_id: str
    patient_id: str
    side: str
    view: str
    row: dict


def load(path: Path | None, kind: str = "DM") -> Dataset:
    """Loads the low-energy pictures of CDD-CESM, which look like mammograms, or the subtracted ones.

    The set is published with its annotations as a spreadsheet, which no library of the book reads: save it once as
    csv, under the same name. A picture has a region of interest where the other table draws one that can be used.

    Args:
        path: The unpacked folder: P<n>_<side>_<DM or CM>_<view>.jpg anywhere in it, and both tables.
        kind: "DM" for low energy, "CM" for subtracted pictures.

    Returns:
        The Dataset; its notes name and count pictures that were set aside (unknown view, unknown class, listed twice,
        no row, no picture) and outlines that were (without area, beyond the picture, of an unknown kind), and tell of
        outlines that were drawn on a file of another size.

    Raises:
        DatasetError: No such folder or table, columns are missing, no picture is left, or more than a tenth of the
            pictures unreadable.
    """
    if path is None:
        raise DatasetError("CDD-CESM is fetched with its keepers' own program: pass DATA=<unpacked folder>")
    path, aside = Path(path), Aside()
    entries = {entry.image_id: entry for entry in _entries(_sheet(path), kind, aside)}
    files = {file.stem.strip(): file for file in sorted(path.rglob("*.jpg")) if _is_kind(file.stem, kind)}
    aside.add("set aside, a row without a picture", *sorted(entries.keys() - files.keys()))
    aside.add("set aside, a picture without a usable row", *sorted(files.keys() - entries.keys()))
    seen, unreadable = checked([files[name] for name in sorted(entries.keys() & files.keys())], np.shape, str(path))
    kept = {name: seen[files[name]] for name in sorted(entries) if files.get(name) in seen}
    outlines = _outlines(path, kept, files, aside)
    exams = validated([_row(entries[name], kept[name], outlines.get(name, [])) for name in kept], str(path))
    return Dataset(
        "cdd_cesm",
        exams,
        lambda image_id: decoded(files[image_id]),
        (*unreadable, *aside.notes()),
        lesion_mask=lambda name: regions.mask(outlines.get(name, []), *kept[name].seen[:2]),
    )


def _is_kind(name: str, kind: str) -> bool:
    return f"_{kind}_" in name.upper()


def _sheet(path: Path) -> pd.DataFrame:
    file = path / f"{SHEET}.csv"
    if not file.is_file():
        there = sorted(each.name for each in path.glob(f"{SHEET}.*")) if path.is_dir() else []
        found = f"found {there[0]}: save it as csv beside it" if there else "found nothing of that name"
        raise DatasetError(f"{path}: expected {file.name}, {found}")
    return read_table(file, SHEET_COLUMNS, "CDD-CESM")


def _entries(sheet: pd.DataFrame, kind: str, aside: Aside) -> Iterable[_Entry]:
    sheet = sheet.assign(Image_name=sheet["Image_name"].str.strip().str.removesuffix(".jpg").str.strip())
    sheet = sheet[sheet["Image_name"].fillna("").map(lambda name: _is_kind(name, kind)).astype(bool)]
    for name, rows in sheet.groupby("Image_name", sort=True):
        row, match = rows.iloc[0].to_dict(), NAME.fullmatch(name)
        label = LABELS.get(str(row[PATHOLOGY]).strip().lower())
        if rows[PATHOLOGY].nunique(dropna=False) > 1:
            aside.add("set aside, rows of two classes", name)
        elif not match or match["side"].upper() not in "LR" or match["view"].upper() not in ("CC", "MLO"):
            aside.add("set aside, unknown view", name)
        elif label is None:
            aside.add("set aside, unknown class", name)
        else:
            where = match["side"].upper(), match["view"].upper()
            yield _Entry(name, f"cesm-{int(match['patient']):03d}", *where, {**row, "label": label})


def _outlines(path: Path, kept: dict[str, Checked], files: dict[str, Path], aside: Aside) -> dict[str, list[Outline]]:
    file = path / OUTLINES
    if not file.is_file():
        raise DatasetError(f"{path}: expected {OUTLINES}, found none")
    table = read_table(file, OUTLINE_COLUMNS, "CDD-CESM")
    names = table["#filename"].str.replace(r"\s*\.jpg$", "", regex=True).str.strip()
    found: dict[str, list[Outline]] = defaultdict(list)
    resized = set()
    for name, bytes_, text in zip(names, table["file_size"], table["region_shape_attributes"], strict=True):
        if name not in kept or not (shape := _shape(text)):
            continue
        outline = _outline(shape)
        height, width = kept[name].seen[:2]
        wrong = NO_SHAPE if outline is None else regions.problem(outline, height, width)
        if wrong:
            aside.add(wrong, name)
            continue
        found[name].append(outline)
        if str(bytes_).isdigit() and int(bytes_) != files[name].stat().st_size:
            resized.add(name)
    aside.add(f"kept, though {regions.OTHER_SIZE}, by its bytes", *sorted(resized))
    return dict(found)


def _shape(text: str) -> dict:
    """What the annotation tool wrote of one region; {} where it drew none."""
    try:
        shape = json.loads(text) if isinstance(text, str) else {}
    except (ValueError, RecursionError):
        shape = None
    return shape if isinstance(shape, dict) else {"name": "damaged"}


def _outline(shape: dict) -> Outline | None:
    try:
        match shape.get("name"):
            case "polygon" | "polyline":
                points = [shape["all_points_x"], shape["all_points_y"]]
                return np.array(points, float).reshape(2, -1).T
            case "rect":
                left, top = shape["x"], shape["y"]
                return regions.box(left, top, left + shape["width"], top + shape["height"])
            case "circle":
                return regions.ellipse(shape["cx"], shape["cy"], shape["r"], shape["r"])
            case "ellipse":
                return regions.ellipse(*(shape[key] for key in ("cx", "cy", "rx", "ry")), shape.get("theta", 0.0))
            case "point":
                return np.array([[shape["cx"], shape["cy"]]], float)
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    return None


def _row(entry: _Entry, seen: Checked, outlines: list[Outline]) -> dict:
    age = pd.to_numeric(entry.row["Age"], errors="coerce")
    return {
        "image_id": entry.image_id,
        "patient_id": entry.patient_id,
        "source": "CDD-CESM",
        "laterality": entry.side,
        "view": entry.view,
        "label": entry.row["label"],
        "density": _text(entry.row["Breast density (ACR)"]),
        "abnormality": _text(entry.row["Findings"]),
        "age": age if 0 <= age <= 120 else None,
        "sha256": seen.sha256,
        **regions.circle(outlines),
    }


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None
