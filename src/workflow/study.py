"""`make study`: checks what was asked, lets Snakemake run the cells that are missing, and tells how it went.

python -m workflow.study --study ci --engine local --jobs 0 --storage "" --data "" --set ""
"""

import argparse
import fcntl
import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from helpers.paths import ROOT, RunPaths
from helpers.profile import ProfileError
from helpers.progress import Progress, clock, write_json
from helpers.provenance import machine
from helpers.studies import plan
from workflow import engines
from workflow.engines import Engine

STUDYFILE = ROOT / "src" / "workflow" / "Studyfile"
STEPS = re.compile(r"(\d+) of (\d+) steps")
NEWS_SECONDS = 20
"""How often a log that cannot redraw gets a line."""


def study_paths(chosen: plan.Plan) -> RunPaths:
    """Where a study's artifacts lie; as `helpers.studies.cell.paths_of`, which would bring Keras."""
    return RunPaths(chosen.name, ROOT / "build" / chosen.profile.name / "studies")


@contextmanager
def only_start(paths: RunPaths):
    """Holds a study's lock, so that one cell is never asked for twice; a killed start leaves none behind.

    Args:
        paths: Where the study's artifacts lie.

    Raises:
        ProfileError: The study runs already.
    """
    paths.logs.mkdir(parents=True, exist_ok=True)
    with (paths.root / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProfileError("this study runs already; wait for it or stop it") from None
        yield


def command(paths: RunPaths, asked: dict[str, str], options: list[str], stored: bool = False) -> list[str]:
    """Snakemake's command line for one study.

    Args:
        paths: Where the study's artifacts lie; the request is written into its logs.
        asked: study, data and set.
        options: More words, of `Engine.options` or such as "--dry-run".
        stored: Whether artifacts lie elsewhere, so that metrics have to be fetched.
    """
    request = paths.logs / "request.json"
    # A file, since on the command line Snakemake would take values apart that hold an equals sign.
    write_json(request, {**asked, "stored": stored, "build": str(paths.root.parents[2])})
    words = [sys.executable, "-m", "snakemake", "--snakefile", STUDYFILE, "--directory", paths.root, "--nolock"]
    words += ["--rerun-incomplete", "--keep-going", "--configfile", request, *options]
    return list(map(str, words))


def watch(process: subprocess.Popen, log: Path, console: Console) -> int:
    """Shows how many cells are done until Snakemake ends; returns its exit code."""
    progress, told, shown = Progress("study", "step"), time.monotonic(), ""
    try:
        while process.poll() is None:
            time.sleep(0.5)
            found = STEPS.findall(log.read_text())
            line = progress.line(*map(int, found[-1])).strip() if found else ""
            now = time.monotonic()
            if console.is_terminal:
                console.print(line, end="\r")
            elif line and line != shown and now - told > NEWS_SECONDS:
                console.print(line)
                told, shown = now, line
    except KeyboardInterrupt:
        process.wait()
        raise
    return process.returncode


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
    file = paths.root / "timings.json"
    before = json.loads(file.read_text())["starts"] if file.exists() else []
    start = {"engine": engine.name, "jobs": engine.jobs, "cells": len(notes), "seconds": round(last - first, 1)}
    write_json(file, {"starts": [*before, {**start, "machine": machine()}]})


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
    label, started, began = engines.label(chosen.name, paths.root), time.monotonic(), time.time()
    if engine.name == "slurm" and (strays := engines.cancel_strays(label)):
        console.print(f"cancelled what an earlier start left in the queue: {', '.join(strays)}")
    for path in paths.logs.glob("*.error.txt"):
        path.unlink()
    write_json(paths.root / "study.json", chosen.description())
    log = paths.logs / "snakemake.log"
    options = engine.options(chosen.settings.together, chosen.settings.gpus, label)
    words = command(paths, asked, options, stored=bool(engine.storage))
    with log.open("w") as file:
        process = subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT, env=engine.environment(), cwd=ROOT)
    code = watch(process, log, console)
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
        with only_start(paths):
            return make(chosen, paths, {"study": study, "data": data, "set": given.set}, engine, console)
    except ProfileError as error:
        console.print(f"make study: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; `make study` goes on where it was")
        return 130


if __name__ == "__main__":
    sys.exit(main())
