"""From a profile to pictures and splits: makes what a run's networks train on, or opens it when it is there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from helpers import cohort as splits
from helpers import datasets
from helpers.datasets.exams import Dataset
from helpers.imaging import dicom, store
from helpers.imaging.framing import find_breast, frame_lesion
from helpers.imaging.picture import to_gray
from helpers.imaging.window import Circle
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
    if not is_prepared(profile, data, paths):
        _prepare(profile, data, paths)
    about = json.loads(paths.data_notes.read_text())
    exams = pd.read_parquet(paths.exams)
    return Cohort(exams, store.open_store(paths.pictures), tuple(about["notes"]), about["synthetic"])


def is_prepared(profile: Profile, data: str, paths: RunPaths) -> bool:
    """Whether a run's pictures and splits are there and made by these settings; the arguments of `prepared`."""
    if not all(path.exists() for path in (paths.exams, paths.pictures, paths.data_notes)):
        return False
    # A table from before windows were written down does not say what its pictures show.
    if not set(store.CUT) <= set(parquet.read_schema(paths.exams).names):
        return False
    return json.loads(paths.data_notes.read_text())["settings"] == _settings(profile, data)


def _settings(profile: Profile, data: str) -> dict:
    return json.loads(json.dumps({**profile.data_settings(), "path": data}))


def _prepare(profile: Profile, data: str, paths: RunPaths) -> None:
    dataset = dataset_of(profile, data)
    paths.root.mkdir(parents=True, exist_ok=True)
    # Written last of all; a run that is stopped between two files leaves none that vouches for both.
    paths.data_notes.unlink(missing_ok=True)
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
    # Keras takes seconds to import, for which nobody waits who finds the pictures prepared.
    from helpers.networks.backend import in_force

    write_json(paths.provenance, provenance(profile, exams, in_force()))
    notes = [*dataset.notes, *framing_notes]
    write_json(paths.data_notes, {"notes": notes, "synthetic": dataset.synthetic, "settings": _settings(profile, data)})


def dataset_of(profile: Profile, data: str, cohort: Cohort | None = None) -> Dataset:
    """Loads the data set of a profile.

    Args:
        profile: The run's profile.
        data: The archive or folder that the pictures are read from, or "".
        cohort: The run's pictures, where they are prepared: phantoms that are known need not be drawn to be listed.

    Returns:
        The `Dataset`.
    """
    if profile.data == "phantom":
        made_by = {"patients": profile.patients, "seed": profile.seed, "normal_share": profile.natural_normal_share}
        return datasets.load("phantom", **made_by, exams=cohort.exams if cohort else None)
    # What decodes is handed down: data sets lie below imaging.
    options = {"decode": _decoded} if profile.data == "vindr" else {}
    return datasets.load(profile.data, Path(data) if data else None, **options)


def _decoded(content: bytes, name: str) -> np.ndarray:
    return dicom.read(content, name)[0]


WIDE = 2
"""Side of a wide window in sides of the stored one; both have the same magnification."""


def wide_windows(
    profile: Profile, data: str, cohort: Cohort, image_ids: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Cuts lesions out again, in windows twice as wide, in which a lesion may lie anywhere.

    The window that the networks see is hardly larger than a lesion, so a map that points at its middle finds nearly
    each. In a wide window of the same magnification it does not.

    Args:
        profile: The run's profile, with framing "lesion".
        data: The archive or folder that the pictures are read from, or "".
        cohort: The run's pictures.
        image_ids: Pictures with a lesion in them.

    Returns:
        uint8 (n, `WIDE` * size, `WIDE` * size), and the lesions in it, (n, 3), in pixels.
    """
    read, size = dataset_of(profile, data, cohort).read, WIDE * profile.image_size
    rows = cohort.exams.set_index("image_id").loc[list(image_ids)]
    windows, lesions = np.zeros((len(rows), size, size), np.uint8), np.zeros((len(rows), 3))
    progress = Progress("wide windows", "picture")
    for place, (image_id, row) in enumerate(rows.iterrows()):
        gray, lesion = to_gray(read(image_id), image_id), Circle(row.lesion_x, row.lesion_y, row.lesion_radius)
        side = WIDE * profile.image_size * lesion.radius / row.framed_radius
        rng = np.random.default_rng([profile.seed, place])
        framed = frame_lesion(gray, size, lesion, side / find_breast(gray).box.width, rng)
        windows[place], lesions[place] = framed.picture, (framed.lesion.x, framed.lesion.y, framed.lesion.radius)
        progress(place + 1, len(rows))
    return windows, lesions
