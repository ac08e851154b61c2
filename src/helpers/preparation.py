"""From a profile to pictures and splits: makes what a run's networks train on, or opens it when it is there."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import cohort as splits
from helpers import datasets
from helpers.datasets.exams import Dataset, severity
from helpers.imaging import store
from helpers.imaging.framing import find_breast
from helpers.imaging.picture import to_gray
from helpers.networks.backend import in_force
from helpers.paths import RunPaths
from helpers.profile import Profile
from helpers.progress import Progress, write_json
from helpers.provenance import provenance


@dataclass(frozen=True)
class Cohort:
    """What the networks see.

    Attributes:
        exams: The exam table with `copy_of`, the lesion in the stored picture (`framed_x`, `framed_y`,
            `framed_radius`, pixels) and one split column per protocol.
        pictures: uint8 (pictures, size, size), read-only and memory-mapped, in the table's order.
        notes: What was dropped, merged or assumed on the way, one sentence each.
        synthetic: Whether the pictures are phantoms.
    """

    exams: pd.DataFrame
    pictures: np.ndarray
    notes: tuple[str, ...]
    synthetic: bool


def prepared(profile: Profile, data: str, paths: RunPaths) -> Cohort:
    """Opens a run's pictures and splits; makes them first where they are missing or other settings made them.

    Args:
        profile: The run's profile.
        data: The archive or folder that the profile's data set is read from, or "".
        paths: Where the run's artifacts lie.

    Returns:
        The `Cohort`.
    """
    if not is_prepared(profile, data, paths):
        _prepare(profile, data, paths)
    about = json.loads(paths.data_notes.read_text())
    exams = pd.read_parquet(paths.exams)
    return Cohort(exams, store.open_store(paths.pictures), tuple(about["notes"]), about["synthetic"])


def is_prepared(profile: Profile, data: str, paths: RunPaths) -> bool:
    """Whether a run's pictures and splits are there and made by these settings; the arguments of `prepared`."""
    if not all(path.exists() for path in (paths.exams, paths.pictures, paths.data_notes)):
        return False
    return json.loads(paths.data_notes.read_text())["settings"] == _settings(profile, data)


def _settings(profile: Profile, data: str) -> dict:
    return json.loads(json.dumps({**profile.data_settings(), "path": data}))


def _prepare(profile: Profile, data: str, paths: RunPaths) -> None:
    dataset = _dataset(profile, data)
    paths.root.mkdir(parents=True, exist_ok=True)
    originals, progress = paths.root / "originals.npy", Progress("framing", "picture")
    pictures, exams, framing_notes = store.frame_dataset(
        dataset, profile.framing, profile.image_size, profile.seed, originals, on_progress=progress
    )
    exams = splits.assign(
        exams,
        blind=profile.blind,
        test_share=profile.test_share,
        validation_share=profile.validation_share,
        normal_share=profile.normal_share,
        seed=profile.seed,
    )
    store.add_copies(pictures, exams, profile.seed, paths.pictures, upside_down=profile.framing != "breast")
    originals.unlink()
    exams.to_parquet(paths.exams, index=False)
    write_json(paths.provenance, provenance(profile, exams, in_force()))
    notes = [*dataset.notes, *framing_notes]
    write_json(paths.data_notes, {"notes": notes, "synthetic": dataset.synthetic, "settings": _settings(profile, data)})


def _dataset(profile: Profile, data: str) -> Dataset:
    if profile.data == "phantom":
        return datasets.load(
            "phantom", patients=profile.patients, seed=profile.seed, normal_share=profile.natural_normal_share
        )
    return datasets.load(profile.data, Path(data) if data else None)


@dataclass(frozen=True)
class FramingExample:
    """One picture's way to the networks.

    Attributes:
        label: Its class.
        raw: (h, w) uint8, as the data set gives it.
        mask: (h, w) bool, the breast found in it; all of it where the collection has framed its files already.
        turned: (h, w) uint8, chest wall at the left, the rest black.
        framed: (size, size) uint8, as stored.
    """

    label: str
    raw: np.ndarray
    mask: np.ndarray
    turned: np.ndarray
    framed: np.ndarray


def framing_examples(profile: Profile, data: str, cohort: Cohort) -> list[FramingExample]:
    """How one picture of each class went from raw to framed.

    Args:
        profile: The run's profile.
        data: The archive or folder that the pictures are read from, or "".
        cohort: The run's pictures.

    Returns:
        One `FramingExample` a class, in the order of severity.
    """
    dataset = _dataset(profile, data)
    originals = cohort.exams[cohort.exams["copy_of"].isna()]
    first = originals.groupby("label").head(1).sort_values("label", key=severity)
    return [
        _example(to_gray(dataset.read(row["image_id"]), row["image_id"]), profile, row["label"], cohort.pictures[place])
        for place, row in first.iterrows()
    ]


def _example(gray: np.ndarray, profile: Profile, label: str, framed: np.ndarray) -> FramingExample:
    if profile.framing == "as_is":
        return FramingExample(label, gray, np.ones(gray.shape, bool), gray, framed)
    breast = find_breast(gray)
    mask = breast.mask[:, ::-1] if breast.flipped else breast.mask
    return FramingExample(label, gray, mask, np.where(breast.mask, breast.picture, np.uint8(0)), framed)
