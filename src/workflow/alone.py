"""One run at a time in a checkout, and nothing left that a killed one was doing."""

import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from helpers.paths import ROOT

MARK = "MAMMOBOOK_RUN"
"""The environment variable that all processes of a run inherit, kernels and their helpers included: its checkout."""
DRAFT = re.compile(r"\.[\w.]+(-[a-z0-9_]{8}|\.json\.\d+)")
"""How a file or folder is called that is moved into place when it is whole."""


@contextmanager
def only_run(tell: Callable[[str], None]) -> Iterator[None]:
    """Holds this checkout's lock, so that two runs never write the same files; a killed run leaves none behind.

    A second run waits for the first. Whatever still runs once the lock is held has lost its `make book`, and nobody
    waits for what it does: it is ended.

    Args:
        tell: Is told that there is another run to wait for.
    """
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("another `make book` runs in this checkout; this one waits until it has ended (Ctrl-C to give up)")
            fcntl.flock(lock, fcntl.LOCK_EX)
        end_orphans()
        for stale in (ROOT / ".snakemake" / "locks").glob("*"):
            stale.unlink()
        yield


def marked() -> dict[str, str]:
    """The environment of a run's processes."""
    return {**os.environ, MARK: str(ROOT)}


def end_orphans() -> None:
    """Ends the jobs, and the jobs of jobs, of a run of this checkout whose `make book` was killed."""
    # Again until there is none: one that is met late may have started others meanwhile.
    while orphans := [process for process in psutil.process_iter() if _is_orphan(process)]:
        for orphan in orphans:
            try:
                orphan.kill()
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.1)


def _is_orphan(process: psutil.Process) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == str(ROOT)
    except (psutil.Error, OSError):  # another user's, or it has ended
        return False


def remove_drafts(folder: Path) -> None:
    """Removes what killed processes left half made; of a large picture store that is a lot.

    Args:
        folder: A run's folder, in which nothing runs.
    """
    for draft in [path for path in folder.rglob(".*") if DRAFT.fullmatch(path.name)]:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
