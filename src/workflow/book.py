"""`make book`: checks what was asked, lets Snakemake do what is missing, and tells how it went.

python -m workflow.book --profile demo --data "" --set "epochs=1"
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.live import Live

from helpers import profile as profiles
from helpers.paths import HTML, NOTEBOOKS, ROOT, RunPaths
from helpers.progress import clock, write_json
from workflow import failure
from workflow.alone import end_orphans, marked, only_run, remove_drafts
from workflow.board import DONE, FAILED, RUNNING, WAITING, Board
from workflow.cores import CORES

SNAKEFILE = ROOT / "src" / "workflow" / "Snakefile"


def names() -> list[str]:
    """The notebooks, in the order of the book."""
    return sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))


def check(profile: str, data: str, settings: str, only: list[str]) -> str:
    """Checks the request before anything starts.

    Args:
        profile: A profile's name.
        data: Path of an archive or folder, or "".
        settings: Overrides, "key=value ...".
        only: Notebooks, of which there have to be such.

    Returns:
        The path of the data made absolute, or "".

    Raises:
        ProfileError: What was asked cannot be done; one line says why and names the nearest valid value.
    """
    profiles.load(profile, settings)
    if data and not Path(data).exists():
        raise profiles.ProfileError(f"DATA={data}: no such file or folder")
    if unknown := [name for name in only if name not in names()]:
        raise profiles.ProfileError(f"ONLY={unknown[0]}: no such notebook; valid: {', '.join(names())}")
    return str(Path(data).resolve()) if data else ""


def snakemake(profile: str, data: str, settings: str, only: list[str], paths: RunPaths) -> subprocess.Popen:
    """Starts Snakemake for one run, of the whole book or of some notebooks; its own words go to the log."""
    logs, targets = paths.logs, [paths.notebooks / f"{name}.ipynb" for name in only]
    # A file, since on the command line Snakemake would take values apart that hold an equals sign.
    request = logs / "request.json"
    asked = {"profile": profile, "data": data, "set": settings, "build": str(ROOT / "build")}
    write_json(request, asked)
    (logs / "request.args").write_text("".join(f"--{key}={value}\n" for key, value in asked.items()))
    command = [sys.executable, "-m", "snakemake", *targets, "--snakefile", SNAKEFILE, "--directory", ROOT]
    command += ["--cores", CORES, "--resources", f"accelerator={1 if shutil.which('nvidia-smi') else CORES}"]
    command += ["--rerun-incomplete", "--keep-going", "--nolock"]
    command += ["--configfile", request]
    with (logs / "snakemake.log").open("w") as file:
        return subprocess.Popen(list(map(str, command)), stdout=file, stderr=subprocess.STDOUT, cwd=ROOT, env=marked())


def watch(process: subprocess.Popen, board: Board, console: Console) -> int:
    """Shows the board until Snakemake ends; returns its exit code."""
    live = Live(board, console=console, refresh_per_second=2, transient=False) if console.is_terminal else None
    try:
        if live:
            live.start()
        while process.poll() is None:
            time.sleep(0.5)
            board.refresh()
            if not live:
                board.write_news(console)
        board.refresh()
    except KeyboardInterrupt:
        process.wait()
        raise
    finally:
        if live:
            live.stop()
        else:
            board.write_news(console)
    return process.returncode


def summary(board: Board, code: int, paths: RunPaths, made: str, seconds: float, console: Console) -> None:
    """Says where the book is and what was done for it, or what failed and where to look."""
    if code:
        tell_failures(board, paths, console)
        return
    if "Nothing to be done" in (paths.logs / "snakemake.log").read_text():
        console.print("nothing to do")
    else:
        executed = [line.name for line in board.with_state(DONE)]
        there = [line.name for line in board.with_state(WAITING)]
        reused = [name for name in there if (paths.notebooks / f"{name}.ipynb").exists()]
        console.print(f"executed: {', '.join(executed) or 'nothing'}")
        console.print(f"reused:   {', '.join(reused) or 'nothing'}")
    console.print(f"{made}  ({clock(seconds)} minutes)")


def tell_failures(board: Board, paths: RunPaths, console: Console) -> None:
    """Says what failed, why, what can be done about it, and where to look."""
    for line in board.with_state(FAILED):
        reason = (paths.logs / f"{line.name}.error.txt").read_text().strip()
        console.print(f"{line.name} failed in {reason}", markup=False)
        console.print(f"  the half-run notebook: {paths.logs / line.name}.html, or .ipynb")
        if advice := failure.advice(reason):
            console.print(f"  {advice}", markup=False)
    killed = board.with_state(RUNNING)
    for line in killed:
        console.print(f"{line.name} ended without a word in cell {line.cells[0] + 1}: it was killed, or cannot write")
    for sentence in failure.full((paths.root, HTML.parent, Path(tempfile.gettempdir()))):
        console.print(sentence)
    if not board.with_state(FAILED) and not killed:
        console.print(f"the book could not be made; {paths.logs}/snakemake.log says at which step, html.log which page")
        # By now the half-made pages are gone, and the disk that they filled has room again.
        log = paths.logs / "html.log"
        console.print(failure.advice(log.read_text(errors="replace") if log.exists() else ""), markup=False)
    if (HTML / "index.html").exists():
        console.print(f"the last book stands as it was: {HTML / 'index.html'}")


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("profile", "data", "set", "only"):
        parser.add_argument(f"--{option}", default="")
    asked = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    try:
        only = asked.only.split()
        data = check(asked.profile, asked.data, asked.set, only)
        with only_run(console.print):
            return make(asked.profile, data, asked.set, only, console)
    except profiles.ProfileError as error:
        console.print(f"make book: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; `make book` goes on where it was")
        return 130
    except OSError as error:
        console.print(f"make book: {error}. {failure.advice(str(error))}", markup=False)
        return 1


def make(profile: str, data: str, settings: str, only: list[str], console: Console) -> int:
    """Makes the book of one profile, or some of its notebooks, and tells how it went."""
    started = time.monotonic()
    paths = RunPaths(profile)
    paths.logs.mkdir(parents=True, exist_ok=True)
    remove_drafts(paths.root)
    (paths.logs / "html.log").unlink(missing_ok=True)
    board = Board(names(), paths)
    code = watch(snakemake(profile, data, settings, only, paths), board, console)
    if code < 0:
        # Somebody killed Snakemake; nobody else would end its jobs.
        end_orphans()
    made = f"the notebooks: {paths.notebooks}" if only else f"the book: {HTML / 'index.html'}"
    summary(board, code, paths, made, time.monotonic() - started, console)
    return 1 if code else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
