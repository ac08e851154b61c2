"""From a profile to pictures and splits: makes what a run's networks train on, or opens it when it is there."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from helpers import cohort as splits
from helpers import datasets
from helpers.datasets.exams import Dataset
from helpers.imaging import store
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
            `framed_radius`, pixels), what that picture shows of the raw one (`cut_x`, `cut_y`, `cut_width`,
            `cut_height`) and one split column per protocol.
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
    settings = {**profile.data_settings(), "path": data}
    if not _fits(paths, settings):
        _prepare(profile, data, paths, settings)
    about = json.loads(paths.data_notes.read_text())
    exams = pd.read_parquet(paths.exams)
    return Cohort(exams, store.open_store(paths.pictures), tuple(about["notes"]), about["synthetic"])


def _fits(paths: RunPaths, settings: dict) -> bool:
    if not all(path.exists() for path in (paths.exams, paths.pictures, paths.data_notes)):
        return False
    # A table from before windows were written down does not say what its pictures show.
    if not set(store.CUT) <= set(parquet.read_schema(paths.exams).names):
        return False
    return json.loads(paths.data_notes.read_text())["settings"] == json.loads(json.dumps(settings))


def _prepare(profile: Profile, data: str, paths: RunPaths, settings: dict) -> None:
    dataset = dataset_of(profile, data)
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
    write_json(paths.data_notes, {"notes": notes, "synthetic": dataset.synthetic, "settings": settings})


def dataset_of(profile: Profile, data: str) -> Dataset:
    """Loads the data set of a profile.

    Args:
        profile: The run's profile.
        data: The archive or folder that the pictures are read from, or "".

    Returns:
        The `Dataset`.
    """
    if profile.data == "phantom":
        return datasets.load(
            "phantom", patients=profile.patients, seed=profile.seed, normal_share=profile.natural_normal_share
        )
    return datasets.load(profile.data, Path(data) if data else None)
