"""`make test`: no test file is forgotten, and what is left out is said."""

import subprocess
import sys
from pathlib import Path

import pytest

from workflow import test as stages

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch):
    """Runs the stages in words alone: `run("--all", "yes")` gives the commands that would have been started."""
    started = []

    def note(command, **_options):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    def main(*options: str) -> list[list[str]]:
        monkeypatch.setattr(sys, "argv", ["test", *options])
        monkeypatch.setattr(subprocess, "run", note)
        assert stages.main() == 0
        return started

    return main


def test_every_test_file_is_run_by_one_stage(run):
    folders = [ROOT / part for command in run("--all", "yes") for part in command if part.startswith("tests/")]
    found = sorted(path for folder in folders for path in folder.rglob("test_*.py"))
    assert found == sorted((ROOT / "tests").rglob("test_*.py"))


def test_the_long_stages_are_left_out_unless_asked_for_and_that_is_said(run, capsys):
    assert len(run()) == len(stages.STAGES) - len(stages.LONG)
    assert capsys.readouterr().out.count("left out, make test ALL=yes has them") == len(stages.LONG)


def test_the_judge_leaves_nothing_out():
    assert "make test ALL=yes" in (ROOT / ".ci" / "run").read_text()
