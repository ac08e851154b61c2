"""`make study`: checks what was asked, lets Snakemake run the cells that are missing, and tells how it went.

python -m workflow.study --study ci --engine local --jobs 0 --storage "" --data "" --set ""
"""

import argparse
import itertools
import json
import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from helpers.paths import ROOT, RunPaths
from helpers.profile import ProfileError
from helpers.progress import clock, write_json
from helpers.provenance import machine
from helpers.studies import plan
from workflow import coordinator, engines
from workflow.engines import Engine


def study_paths(chosen: plan.Plan) -> RunPaths:
    """Where a study's artifacts lie; as `helpers.studies.cell.paths_of`, which would bring Keras."""
    return RunPaths(chosen.name, ROOT / "build" / chosen.profile.name / "studies")


def ran(paths: RunPaths, since: float) -> list[dict]:
    """The notes of the cells that ended after a time, see `workflow.cell`.

    Args:
        paths: Where the study's artifacts lie.
        since: Seconds since the epoch.
    """
    notes = [json.loads(path.read_text()) for path in sorted(paths.logs.glob("*.ran.json"))]
    return [note for note in notes if note["started"] >= since]


def note_speed(paths: RunPaths, engine: Engine, notes: list[dict]) -> None:
    """Adds to timings.json how long this start took, from the first cell's beginning to the last one's end.

    Args:
        paths: Where the study's artifacts lie.
        engine: What it ran on.
        notes: Of `ran`; those of one cell say nothing of how many ran at once.
    """
    if len(notes) < 2:
        return
    first, last = min(note["started"] for note in notes), max(note["ended"] for note in notes)
    took = {"seconds": round(last - first, 1), "waited": round(waited(notes), 1)}
    file = paths.root / "timings.json"
    before = json.loads(file.read_text())["starts"] if file.exists() else []
    start = {"engine": engine.name, "jobs": engine.jobs, "cells": len(notes), **took, "machine": machine()}
    write_json(file, {"starts": [*before, start]})


def waited(notes: list[dict]) -> float:
    """Seconds between the first cell's beginning and the last one's end in which no cell ran.

    Jobs wait for their turn and start up; one job at a time does so between any two cells, so that twice as many jobs
    can be more than twice as fast.

    Args:
        notes: Of cells, each with the seconds at which it started and ended.

    Returns:
        Those seconds, 0 where one cell or another ran at any time.
    """
    ordered = sorted(notes, key=lambda note: note["started"])
    reached = itertools.accumulate((note["ended"] for note in ordered), max)
    return sum(max(0.0, note["started"] - end) for note, end in zip(ordered[1:], reached, strict=False))


def tell(chosen: plan.Plan, paths: RunPaths, code: int, done: int, seconds: float, console: Console) -> None:
    """Says how many cells are in, which failed and where to look."""
    for path in sorted(paths.logs.glob("*.error.txt")):
        name = path.name.removesuffix(".error.txt")
        console.print(
            f"{name} failed in {path.read_text().strip()}\n  the half-run notebook: {paths.logs / name}.ipynb"
        )
    there = sum((paths.root / name / "metrics.json").exists() for name in chosen.cells)
    console.print(f"{there} of {len(chosen.cells)} cells are in, {done} of them new ({clock(seconds)} minutes)")
    if code:
        console.print(f"the study is not whole; {paths.logs / 'snakemake.log'} says more")
    else:
        console.print(f"make book PROFILE={chosen.profile.name} shows it in the chapter on studies")


def make(chosen: plan.Plan, paths: RunPaths, asked: dict[str, str], engine: Engine, console: Console) -> int:
    """Runs the cells that are missing."""
    started, began = time.monotonic(), time.time()
    paths.logs.mkdir(parents=True, exist_ok=True)
    for path in paths.logs.glob("*.error.txt"):
        path.unlink()
    write_json(paths.root / "study.json", chosen.description())
    label, own = engines.label(chosen.name, paths.root), chosen.settings
    request = {**asked, "stored": bool(engine.storage), "build": str(ROOT / "build")}
    options = engine.options(label, own.gpus, cells=own.together)
    words = coordinator.command("Studyfile", paths.root, request, options)
    code = coordinator.run(engine, words, paths.root, label, console)
    for left in paths.root.glob(".activations-*"):
        # Of cells that were killed.
        shutil.rmtree(left)
    notes = ran(paths, began)
    note_speed(paths, engine, notes)
    tell(chosen, paths, code, len(notes), time.monotonic() - started, console)
    return 1 if code else 0


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("study", "data", "set", "storage"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--engine", default="local")
    parser.add_argument("--jobs", type=int, default=0)
    given = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    try:
        chosen, engine = plan.load(given.study, given.set), Engine(given.engine, given.jobs, given.storage)
        engine.check()
        if given.data and not Path(given.data).exists():
            raise ProfileError(f"DATA={given.data}: no such file or folder")
        paths = study_paths(chosen)
        study = str(Path(given.study).resolve()) if given.study.endswith(".yaml") else given.study
        data = str(Path(given.data).resolve()) if given.data else ""
        with coordinator.only_start(paths.root):
            return make(chosen, paths, {"study": study, "data": data, "set": given.set}, engine, console)
    except ProfileError as error:
        console.print(f"make study: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; `make study` goes on where it was")
        return 130


if __name__ == "__main__":
    sys.exit(main())
