"""`make book`: checks what was asked, lets Snakemake do what is missing, and tells how it went.

python -m workflow.book --profile demo --data "" --set "epochs=1"
"""

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live

from helpers import profile as profiles
from helpers.paths import HTML, NOTEBOOKS, ROOT, RunPaths
from helpers.progress import clock, write_json
from workflow.board import DONE, FAILED, WAITING, Board

SNAKEFILE = ROOT / "src" / "workflow" / "Snakefile"


def names() -> list[str]:
    """The notebooks, in the order of the book."""
    return sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))


def check(profile: str, data: str, settings: str) -> str:
    """Checks the request before anything starts.

    Args:
        profile: A profile's name.
        data: Path of an archive or folder, or "".
        settings: Overrides, "key=value ...".

    Returns:
        The path of the data made absolute, or "".

    Raises:
        ProfileError: What was asked cannot be done; one line says why and names the nearest valid value.
    """
    profiles.load(profile, settings)
    if data and not Path(data).exists():
        raise profiles.ProfileError(f"DATA={data}: no such file or folder")
    return str(Path(data).resolve()) if data else ""


@contextmanager
def only_run():
    """Holds this checkout's lock, so that two runs never write the same files; a killed run leaves none behind."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise profiles.ProfileError("another `make book` runs in this checkout; wait for it or stop it") from None
        for stale in (ROOT / ".snakemake" / "locks").glob("*"):
            stale.unlink()
        yield


def snakemake(profile: str, data: str, settings: str, logs: Path) -> subprocess.Popen:
    """Starts Snakemake for one run; its own words go to the log."""
    # A file, since on the command line Snakemake would take values apart that hold an equals sign.
    request = logs / "request.json"
    asked = {"profile": profile, "data": data, "set": settings, "build": str(ROOT / "build")}
    write_json(request, asked)
    (logs / "request.args").write_text("".join(f"--{key}={value}\n" for key, value in asked.items()))
    command = [sys.executable, "-m", "snakemake", "--snakefile", SNAKEFILE, "--directory", ROOT, "--cores", "all"]
    command += ["--rerun-incomplete", "--keep-going", "--nolock"]
    command += ["--resources", f"accelerator={1 if shutil.which('nvidia-smi') else os.cpu_count()}"]
    command += ["--configfile", request]
    with (logs / "snakemake.log").open("w") as file:
        return subprocess.Popen(list(map(str, command)), stdout=file, stderr=subprocess.STDOUT, cwd=ROOT)


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


def summary(board: Board, code: int, paths: RunPaths, seconds: float, console: Console) -> None:
    """Says where the book is and what was done for it, or what failed and where to look."""
    for line in board.with_state(FAILED):
        reason = (paths.logs / f"{line.name}.error.txt").read_text().strip()
        console.print(f"{line.name} failed in {reason}\n  the half-run notebook: {paths.logs / line.name}.ipynb")
    if code:
        if not board.with_state(FAILED):
            console.print(
                f"the book could not be made; {paths.logs}/snakemake.log says at which step, html.log which page"
            )
        return
    if "Nothing to be done" in (paths.logs / "snakemake.log").read_text():
        console.print("nothing to do")
    else:
        executed = [line.name for line in board.with_state(DONE)]
        reused = [line.name for line in board.with_state(WAITING)]
        console.print(f"executed: {', '.join(executed) or 'nothing'}")
        console.print(f"reused:   {', '.join(reused) or 'nothing'}")
    console.print(f"the book: {HTML / 'index.html'}  ({clock(seconds)} minutes)")


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    asked = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    try:
        data = check(asked.profile, asked.data, asked.set)
        with only_run():
            return make(asked.profile, data, asked.set, console)
    except profiles.ProfileError as error:
        console.print(f"make book: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("stopped; `make book` goes on where it was")
        return 130


def make(profile: str, data: str, settings: str, console: Console) -> int:
    """Makes the book of one profile and tells how it went."""
    started = time.monotonic()
    paths = RunPaths(profile)
    paths.logs.mkdir(parents=True, exist_ok=True)
    board = Board(names(), paths)
    code = watch(snakemake(profile, data, settings, paths.logs), board, console)
    summary(board, code, paths, time.monotonic() - started, console)
    return 1 if code else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
