"""A study in a checkout of its own: how it is run, and what is read of it afterwards."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.profile import ProfileError
from workflow.checkout import Checkout
from workflow.engines import Engine

SMALL = "epochs=1 patients=48 bootstrap_draws=100"


@dataclass(frozen=True)
class Made:
    """Where a study runs.

    Attributes:
        checkout: A copy of this one.
        environment: What the commands are run with.
    """

    checkout: Checkout
    environment: dict[str, str]

    def root(self, study: str = "ci") -> Path:
        """A study's folder."""
        return self.checkout.root / "build" / "ci" / "studies" / study

    def variables(self, **more: str) -> dict[str, str]:
        """The environment, the copy's own sources first."""
        places = [str(self.checkout.root / "src"), self.environment.get("PYTHONPATH", "")]
        return {**self.environment, "PYTHONPATH": os.pathsep.join(filter(None, places)), **more}

    def start(self, *words: str, **more: str) -> subprocess.Popen:
        """Starts `make study`, or what it does once the environment stands."""
        command = [sys.executable, "-m", "workflow.study", "--set", SMALL, *words]
        return subprocess.Popen(
            command, cwd=self.checkout.root, env=self.variables(**more), start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def metrics(self, study: str = "ci") -> dict[str, bytes]:
        """Every metrics.json, by cell."""
        return {path.parent.name: path.read_bytes() for path in sorted(self.root(study).glob("*/metrics.json"))}

    def notes(self, study: str = "ci") -> dict[str, dict]:
        """When each cell ran and on what, by cell."""
        files = sorted((self.root(study) / "logs").glob("*.ran.json"))
        return {path.name.removesuffix(".ran.json"): json.loads(path.read_text()) for path in files}

    def forget(self, study: str = "ci") -> None:
        """Removes every cell, so that the next start has to make them."""
        for path in self.root(study).glob("*-seed*"):
            shutil.rmtree(path)


def made(own: Made, *words: str, **more: str) -> str:
    """Runs a study to its end; returns what it said."""
    process = own.start(*words, **more)
    said, _ = process.communicate()
    logs = "".join(path.read_text()[-3000:] for path in own.checkout.root.glob("build/ci/studies/*/logs/*.log"))
    logs += "".join(path.read_text()[-3000:] for path in own.checkout.root.glob("**/slurm_logs/**/*.log"))
    assert process.returncode == 0, said + logs
    return said


def need(engine: str, storage: str = "") -> None:
    """Skips a test whose plug-ins are not installed."""
    try:
        Engine(engine, storage=storage).check()
    except ProfileError as error:
        give_up(str(error))


def give_up(reason: str) -> None:
    """Skips with a reason; on a machine for continuous integration it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
