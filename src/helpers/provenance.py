"""What ran: versions, seed, checksums, commit."""

import hashlib
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
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


def machine() -> str:
    """The machine in words, without any name that it or its owner has."""
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in PACKAGES[:2])
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return answer.stdout.strip() or "not in a git checkout"
