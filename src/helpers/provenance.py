"""What ran: versions, seed, checksums, commit."""

import hashlib
import platform
import subprocess
from importlib.metadata import version
from typing import Any

import pandas as pd

from helpers.paths import ROOT
from helpers.profile import Profile

PACKAGES = ("keras", "numpy", "pandas", "scikit-learn", "opencv-python-headless", "jupyter-book")


def provenance(profile: Profile, exams: pd.DataFrame, runtime: dict[str, Any]) -> dict[str, Any]:
    """Collects what a reader needs to make the same book again.

    Args:
        profile: The run's profile.
        exams: The exam table; its checksums are folded into one.
        runtime: What Keras runs with, of `helpers.networks.backend.in_force`.

    Returns:
        Mapping of profile name, seed, data checksum, commit, versions, machine and runtime; the same for the same run
        on the same machine, since it holds no time.
    """
    pictures = "".join(sorted(exams.loc[exams["copy_of"].isna(), "sha256"]))
    return {
        "profile": profile.name,
        "seed": profile.seed,
        "data": profile.data,
        "data_sha256": hashlib.sha256(pictures.encode()).hexdigest(),
        "commit": _commit(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "machine": f"{platform.machine()}, {platform.system()}",
        "runtime": runtime,
    }


def _commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return answer.stdout.strip() or "not in a git checkout"
