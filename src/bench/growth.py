"""How time and memory grow with the number of pictures, through the store and the training loader.

python -m bench.growth 50000 FOLDER
"""

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from helpers.datasets import phantom
from helpers.datasets.exams import Dataset, validated
from helpers.progress import Progress

SIDE = 224
DRAWN = 120
"""Phantoms that are drawn; every other picture is one of them, shifted by its number, so that no two are alike."""


def growth(counts: tuple[int, ...] = (3125, 6250, 12500, 25000, 50000)) -> pd.DataFrame:
    """Sends ever more pictures through store and loader, each number in a process of its own.

    Args:
        counts: Numbers of pictures.

    Returns:
        DataFrame with columns pictures, store (seconds), loader (seconds an epoch), resident (MiB, the most that the
        process ever held).
    """
    progress, rows = Progress("growth", "picture"), []
    for place, count in enumerate(counts):
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "bench.growth", str(count), folder]
            rows.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
        progress(sum(counts[: place + 1]), sum(counts))
    return pd.DataFrame(rows)


def dataset(count: int) -> Dataset:
    """Many pictures at the price of few.

    Args:
        count: How many.

    Returns:
        A data set of phantoms of 256 x 205 pixels.
    """
    few = phantom.load(DRAWN // 2, seed=0, normal_share=0.076, height=256)
    drawn = [few.read(image_id) for image_id in few.exams["image_id"]]
    kinds = few.exams["label"].tolist()
    rows = [
        {
            "image_id": str(i),
            "patient_id": str(i // 4),
            "source": "phantom",
            "label": kinds[i % len(drawn)],
            "sha256": f"{i:064x}",
        }
        for i in range(count)
    ]
    return Dataset(
        "growth",
        validated(rows, "growth"),
        lambda name: np.roll(drawn[int(name) % len(drawn)], int(name) // len(drawn) % 200, axis=0),
    )


def passed_through(count: int, folder: Path) -> dict[str, float]:
    """Frames `count` pictures into a store and reads one shuffled epoch of batches from it."""
    from helpers.imaging import store
    from helpers.training.batches import Batches

    source = dataset(count)
    started = time.perf_counter()
    pictures, exams, _ = store.frame_dataset(source, "breast", SIDE, 0, folder / "pictures.npy")
    framed = time.perf_counter()
    targets = np.eye(3, dtype="float32")[pd.Categorical(exams["label"]).codes]
    batches = Batches([pictures], np.arange(len(pictures)), 32, targets, shuffle_seed=0)
    seen = sum(len(batches[index][0]) for index in range(len(batches)))
    assert seen == count, f"expected {count} pictures to pass, {seen} did"
    seconds = {"store": framed - started, "loader": time.perf_counter() - framed}
    return {"pictures": count, **seconds, "resident": most_resident()}


def most_resident() -> float:
    """The most memory that this process ever held, in MiB.

    Linux keeps it by address space; getrusage would count what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) / 1024
    # macOS counts in bytes.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    print(json.dumps(passed_through(int(sys.argv[1]), Path(sys.argv[2]))))
