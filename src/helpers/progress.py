"""What long work says of itself while it runs."""

import json
import os
import sys
import time
from pathlib import Path

PROGRESS_FILE = "MAMMOBOOK_PROGRESS"
"""The environment variable in which `make book` names the file that it watches."""


class Progress:
    """Counts the steps of one task, for the person who waits.

    Under `make book` the count goes to the file that the engine watches; in JupyterLab or a terminal it is one line
    with the elapsed and the estimated remaining time.

    Args:
        task: What is being done, such as "icnt, patient-grouped".
        unit: What is counted, such as "epoch".

    Example:

    >>> progress = Progress("framing", "picture")
    >>> progress(3, 120)
    """

    def __init__(self, task: str, unit: str) -> None:
        self.task = task
        self.unit = unit
        self.started = time.monotonic()
        self._shown = 0.0

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self._shown < 0.5:
            return
        self._shown = now
        file = os.environ.get(PROGRESS_FILE)
        if file:
            write_json(Path(file), {"task": self.task, "unit": self.unit, "done": done, "total": total})
        else:
            sys.stderr.write(f"\r{self.line(done, total)}" + ("\n" if done == total else ""))

    def line(self, done: int, total: int) -> str:
        """One line for a person: task, count, elapsed and remaining time."""
        elapsed = time.monotonic() - self.started
        left = elapsed / done * (total - done) if done else float("nan")
        return f"{self.task}: {self.unit} {done}/{total}, {clock(elapsed)} elapsed, {clock(left)} left   "


def clock(seconds: float) -> str:
    """Seconds as m:ss, or "?" where they are not known."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}" if seconds == seconds else "?"


def write_json(path: Path, content: dict) -> None:
    """Writes JSON so that a reader never sees half of it.

    Args:
        path: The file; it is replaced at once.
        content: What `json.dumps` takes; keys are sorted, so equal content gives equal bytes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n")
    draft.replace(path)
