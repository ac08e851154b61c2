"""The Kaggle set "Mammography Dataset from INbreast, MIAS, and DDSM": 26,602 pictures, far fewer films.

It joins rotated and mirrored copies of mass pictures (T.-Y. Lin and M.-L. Huang, Data in Brief 31, 105928, 2020) with
thumbnails of normal DDSM breasts, 227 x 227 pixels, CLAHE already applied.
"""

import re
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.datasets.exams import LABELS, Dataset, DatasetError, validated
from helpers.datasets.kaggle_origins import origin
from helpers.datasets.pictures import checked, decoded
from helpers.datasets.signature import copies, nearest_to_own, signature

HANDLE = "emiliovenegas1/mammography-dataset-from-inbreast-mias-and-ddsm"
ENDINGS = (".png", ".jpg", ".jpeg", ".pgm", ".bmp", ".tif", ".tiff")

TRUSTED_SHARE = 0.95
"""The share of a stretch's pictures that must resemble their own film more than any other, for its order to be
trusted. By chance it is near 0; an order shifted by one file leaves at most 5/6 of the DDSM pictures."""


def load(path: Path | None = None) -> Dataset:
    """Loads the combined Kaggle set.

    A picture's patient is known from its original name where that was kept. A renamed picture is placed by its number
    (`kaggle_origins.POSITIONS`), which is checked on the pixels by a signature that rotation and mirroring leave
    alone. Where that check fails, and for normal pictures, whose order tells nothing, pictures that are copies of
    each other by signature count as one patient and every other picture as a patient of its own.

    Args:
        path: The unpacked folder, with one folder per class (Normal, Benign, Malignant, or "Benign Masses") in it or
            one folder deeper. None downloads the set with kagglehub.

    Returns:
        The Dataset; its notes say how patients were found and what was dropped.

    Raises:
        DatasetError: No such folder, a class without a folder or pictures, a failed download, or more than a tenth of
            the pictures unreadable.
    """
    path = _downloaded() if path is None else Path(path)
    labels = {file: label for label, folder in _class_folders(path).items() for file in _pictures(folder, label)}
    seen, unreadable = checked(labels, signature, str(path))
    table = pd.DataFrame([_row(file, labels[file], seen[file].sha256) for file in seen])
    found = np.stack([seen[file].seen for file in seen])
    table, found, contradictory = _without_contradictions(table, found)
    table, places = _checked_on_pixels(table, found)
    table, groups = _patients_by_copies(table, found)
    files = dict(zip(table["image_id"], table["file"], strict=True))
    notes = (*unreadable, *contradictory, *places, *groups, *_warnings(table))
    return Dataset("kaggle_combined", validated(table, str(path)), lambda image_id: decoded(files[image_id]), notes)


def _downloaded() -> Path:
    import kagglehub  # slow to import, and needed here only

    try:
        return Path(kagglehub.dataset_download(HANDLE))
    except Exception as error:  # kagglehub lets through whatever its network layers raise
        raise DatasetError(f"Kaggle {HANDLE}: the download failed, pass DATA=<folder> instead ({error})") from error


def _class_folders(path: Path) -> dict[str, Path]:
    if not path.is_dir():
        raise DatasetError(f"{path}: expected the unpacked folder of the Kaggle set, got no folder")
    for pattern in ("*", "*/*"):
        folders = sorted(folder for folder in path.glob(pattern) if folder.is_dir() and _label(folder) in LABELS)
        if folders:
            break
    by_label = {label: [folder for folder in folders if _label(folder) == label] for label in LABELS}
    for label, found in by_label.items():
        if len(found) != 1:
            names = ", ".join(str(folder) for folder in found) or "none"
            raise DatasetError(f"{path}: expected one folder for the class {label}, got {names}")
    return {label: found[0] for label, found in by_label.items()}


def _label(folder: Path) -> str:
    return re.sub(r"[\s_-]*mass(es)?$", "", folder.name.lower())


def _pictures(folder: Path, label: str) -> list[Path]:
    files = [file for file in folder.iterdir() if file.suffix.lower() in ENDINGS and not file.name.startswith(".")]
    if not files:
        raise DatasetError(f"{folder}: expected pictures of the class {label}, found none")
    return sorted(files)


def _row(file: Path, label: str, sha256: str) -> dict:
    stem = file.stem if file.stem.lower().startswith(label) else f"{label}-{file.stem}"
    return {"image_id": stem, "label": label, "sha256": sha256, "file": file, **asdict(origin(file.stem, label))}


def _without_contradictions(table: pd.DataFrame, found: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    bad = table.groupby("sha256")["label"].transform("nunique") > 1
    notes = [f"dropped, the same file in two classes: {_few(table.loc[bad, 'image_id'])}"] if bad.any() else []
    return table[~bad].reset_index(drop=True), found[~bad], notes


def _checked_on_pixels(table: pd.DataFrame, found: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    notes = []
    for stretch, rows in table.groupby("stretch").groups.items():
        share = nearest_to_own(found[rows], table.loc[rows, "patient_id"].to_numpy()).mean()
        measured = f"{share:.1%} of {len(rows)} pictures resemble their own film's other copies most"
        if share >= TRUSTED_SHARE:
            notes.append(f"{stretch}: films told by the files' order, which the pixels confirm ({measured})")
            continue
        table.loc[rows, ["source", "patient_id", "view", "stretch"]] = ["unknown", None, None, None]
        notes.append(
            f"{stretch}: the pixels do not confirm the films that the files' order tells ({measured}); source and "
            "patient are not known, patient_grouped is not guaranteed to keep a patient on one side"
        )
    return table, notes


def _patients_by_copies(table: pd.DataFrame, found: np.ndarray) -> tuple[pd.DataFrame, list[str]]:
    rows = table.index[table["patient_id"].isna()]
    if rows.empty:
        return table, []
    group = pd.Series(copies(found[rows]), index=rows)
    first = table.loc[rows, "image_id"].groupby(group).transform("first")
    table.loc[rows, "patient_id"] = "like-" + first
    note = f"{len(rows)} pictures of unknown patients: {group.nunique()} groups of copies, each counted as a patient"
    return table, [note]


def _warnings(table: pd.DataFrame) -> list[str]:
    classes = table.groupby("patient_id")["label"].nunique()
    mixed = classes.index[classes > 1]
    notes = [f"{len(mixed)} patients have pictures in two classes: {_few(mixed)}"] if len(mixed) else []
    films = table["stretch"].notna() | (table["source"] == "INbreast")
    if films.any():
        notes.append(f"{films.sum()} pictures are grouped by film, not by patient: views of one patient may be apart")
    return [
        *notes,
        "normal pictures were made in another way (whole breasts on black) than the others (masses): a network can "
        "tell them apart without any medicine",
    ]


def _few(names: Iterable[str], limit: int = 20) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
