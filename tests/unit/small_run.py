"""A run small enough for unit tests: one untrained network, and windows of drawn breasts."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from drawn_breasts import drawn_breast

from helpers import networks
from helpers import profile as profiles
from helpers.experiment import Trained
from helpers.imaging.framing import frame_lesion
from helpers.paths import NetworkPaths
from helpers.preparation import Cohort

SIZE = 80
SPLITS = {"train": 70, "validation": 60, "test": 20}


@dataclass
class SmallRun:
    """What a page needs of a run: profile, networks, cohort."""

    folder: Path
    profile: profiles.Profile = field(default_factory=lambda: profiles.load("ci", f"image_size={SIZE}"))

    def __post_init__(self) -> None:
        paths = NetworkPaths(self.folder)
        networks.build("baseline_cnn", SIZE, seed=3).save(paths.model)
        self.networks = {"baseline_cnn": Trained("baseline_cnn", paths, ("patient_grouped",))}
        split = [name for name, count in SPLITS.items() for _ in range(count)]
        pictures = np.stack([window(seed) for seed in range(len(split))])
        exams = pd.DataFrame({"image_id": [f"p{i}" for i in range(len(split))], "split_patient_grouped": split})
        self.cohort = Cohort(exams.assign(copy_of=None), pictures, (), True)


def window(seed: int) -> np.ndarray:
    """A window somewhere in a drawn breast, uint8 (SIZE, SIZE)."""
    return frame_lesion(drawn_breast(seed), SIZE, None, 0.475, np.random.default_rng(seed)).picture
