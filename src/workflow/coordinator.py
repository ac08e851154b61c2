"""One Snakemake that asks an engine for jobs: started in a folder of its own, watched, and never twice at once."""

import fcntl
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from helpers.paths import ROOT
from helpers.profile import ProfileError
from helpers.progress import Progress, write_json
from workflow import engines
from workflow.engines import Engine

STEPS = re.compile(r"(\d+) of (\d+) steps")
NEWS_SECONDS = 20
"""How often a log that cannot redraw gets a line."""


@contextmanager
def only_start(folder: Path):
    """Holds a folder's lock, so that one job is never asked for twice; a killed start leaves none behind.

    Args:
        folder: Where the artifacts lie.

    Raises:
        ProfileError: Another start runs already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ProfileError("this runs already; wait for it or stop it") from None
        yield


def command(snakefile: str, folder: Path, asked: dict, options: list[str]) -> list[str]:
    """Snakemake's command line.

    Args:
        snakefile: Its name in src/workflow.
        folder: Where the artifacts lie; the request is written into its logs.
        asked: What the Snakefile finds in `config`.
        options: More words, of `Engine.options` or such as "--dry-run".
    """
    request = folder / "logs" / "request.json"
    # A file, since on the command line Snakemake would take values apart that hold an equals sign.
    write_json(request, asked)
    words = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "src" / "workflow" / snakefile]
    words += ["--directory", folder, "--nolock", "--rerun-incomplete", "--keep-going", "--configfile", request]
    return list(map(str, [*words, *options]))


def run(engine: Engine, words: list[str], folder: Path, label: str, console: Console) -> int:
    """Clears away what a killed start left on a cluster, and runs Snakemake to its end.

    Args:
        engine: What it runs on.
        words: Of `command`.
        folder: Where the artifacts lie.
        label: What the cluster's jobs are called, of `engines.label`.
        console: Where to say how far it is.

    Returns:
        Snakemake's exit code; its own words are in the folder's logs/snakemake.log.
    """
    if engine.name == "slurm" and (strays := engines.cancel_strays(label)):
        console.print(f"cancelled what an earlier start left in the queue: {', '.join(strays)}")
    log = folder / "logs" / "snakemake.log"
    with log.open("w") as file:
        process = subprocess.Popen(words, stdout=file, stderr=subprocess.STDOUT, env=engine.environment(), cwd=ROOT)
    return watch(process, log, console)


def watch(process: subprocess.Popen, log: Path, console: Console) -> int:
    """Shows how many steps are done until Snakemake ends; returns its exit code."""
    progress, told, shown = Progress("jobs", "step"), time.monotonic(), ""
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
