"""A disk that is full: said in words, with what to do, and whatever else is there stays whole."""

import errno

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.exams import Dataset, validated
from helpers.imaging import store
from helpers.paths import RunPaths
from workflow.checkout import copy_of_checkout

ROWS = [
    {"image_id": f"m{number}", "patient_id": f"p{number}", "source": "drawn", "sha256": "0" * 64, "label": "normal"}
    for number in range(64)
]


def noise(image_id: str) -> np.ndarray:
    return np.random.default_rng(int(image_id[1:])).integers(0, 256, (128, 128), dtype=np.uint8)


def test_the_store_says_what_it_takes_and_the_last_store_stays(small_disk, tmp_path):
    disk = small_disk(tmp_path / "disk", 3)
    drawn = Dataset("drawn", validated(ROWS, "drawn"), noise)
    file = disk.folder / "pictures.npy"
    store.frame_dataset(drawn, "as_is", 64, 0, file)
    before = file.read_bytes()
    with pytest.raises(OSError, match=r"it takes 4\.2 MB") as full:
        store.frame_dataset(drawn, "as_is", 256, 0, file)
    assert full.value.errno == errno.ENOSPC
    assert file.read_bytes() == before
    assert [path.name for path in disk.folder.iterdir()] == ["pictures.npy"]


def test_a_notebook_says_so_and_goes_on_once_there_is_room(small_disk, make_book, tmp_path):
    checkout = copy_of_checkout(tmp_path / "copy")
    disk = small_disk(checkout.root / "build", 0.3)
    run = make_book(checkout, only="01_data")
    assert run.returncode != 0
    assert "full" in run.stdout and "make room" in run.stdout, run.stdout
    assert "Traceback" not in run.stdout
    assert not RunPaths("ci", disk.folder).data_notes.exists()
    disk.resize(64)
    again = make_book(checkout, only="01_data")
    assert again.returncode == 0, again.stdout
    exams = pd.read_parquet(RunPaths("ci", disk.folder).exams)
    assert len(exams) == len(np.load(RunPaths("ci", disk.folder).pictures))
