"""The pictures of a screening set framed in parts, a job each: the ones that one process would have framed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import profile as profiles
from helpers.ladder.pictures import screened
from helpers.paths import RunPaths

SMALL = "ladder.patients=20 ladder.prevalence=0.2"
PARTS = 3


@pytest.mark.parametrize("engine", ["local", "slurm"])
def test_parts_make_the_same_pictures(engine, request, tmp_path):
    made = request.getfixturevalue("cluster" if engine == "slurm" else "local")
    command = [sys.executable, "-m", "workflow.pictures", "--profile", "ci", "--set", SMALL, "--parts", str(PARTS)]
    run = subprocess.run(
        [*command, "--engine", engine], cwd=made.checkout.root, env=made.variables(), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr + logs(made.checkout.root)
    settings, seed = profiles.load("ci", SMALL).ladder, profiles.load("ci").seed
    folder = RunPaths("ci", made.checkout.root / "build").ladder / "pictures"
    stamps = {path: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
    asked_for = []
    joined = screened(settings, seed, folder, lambda *done: asked_for.append(done))
    assert asked_for == [] and {path: path.stat().st_mtime_ns for path in stamps} == stamps
    whole = screened(settings, seed, tmp_path)
    assert joined.table.equals(whole.table) and len(whole.table) > 60
    for way, pictures in whole.pictures.items():
        assert np.array_equal(joined.pictures[way], pictures)
    assert list((folder / "parts").glob("*/*.npy")) == []


def logs(root: Path) -> str:
    return "".join(path.read_text()[-3000:] for path in root.glob("build/ci/ladder/pictures/**/*.log"))
