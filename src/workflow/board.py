"""The lines a person sees while the book is being made: one per notebook."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from helpers.paths import RunPaths
from helpers.progress import clock

WAITING, RUNNING, DONE, FAILED = "waits", "runs", "done", "failed"
QUIET_SECONDS = 20
"""How often a terminal that cannot redraw gets a line on each running notebook."""


@dataclass
class Line:
    """What is known of one notebook in this run."""

    name: str
    paths: RunPaths
    before: float | None = None
    started: float | None = None
    ended: float | None = None
    cells: tuple[int, int] = (0, 0)
    task: dict = field(default_factory=dict)
    failed: bool = False

    def refresh(self, now: float) -> None:
        """Reads the small files that the notebook's process writes."""
        cells = _json(self.paths.logs / f"{self.name}.cells.json")
        if not cells:
            return
        self.started = now if self.started is None else self.started
        self.cells = (cells["done"], cells["cells"])
        self.task = _json(self.paths.logs / f"{self.name}.task.json")
        self.failed = (self.paths.logs / f"{self.name}.error.txt").exists()
        if self.ended is None and (self.cells[0] == self.cells[1] or self.failed):
            self.ended = now

    @property
    def state(self) -> str:
        if self.failed:
            return FAILED
        return WAITING if self.started is None else RUNNING if self.ended is None else DONE

    def elapsed(self, now: float) -> float:
        """Seconds since the notebook started; 0 while it waits."""
        return 0.0 if self.started is None else (self.ended or now) - self.started

    def left(self, now: float) -> float:
        """Estimated seconds to go: from the last run where there was one, else from the task's own count."""
        if self.state != RUNNING:
            return float("nan")
        if self.before:
            return max(self.before - self.elapsed(now), 1.0)
        done, total = self.task.get("done", self.cells[0]), self.task.get("total", self.cells[1])
        return self.elapsed(now) / done * (total - done) if done else float("nan")

    def columns(self, now: float) -> tuple[str, ...]:
        """The line's cells: name, state, cells done, task, elapsed, left."""
        task = self.task and self.state == RUNNING
        doing = f"{self.task['task']}: {self.task['unit']} {self.task['done']}/{self.task['total']}" if task else ""
        cells = f"{self.cells[0]}/{self.cells[1]} cells" if self.cells[1] else ""
        elapsed = clock(self.elapsed(now)) if self.started is not None else ""
        left = f"~{clock(self.left(now))} left" if self.left(now) == self.left(now) else ""
        return self.name, self.state, cells, doing, elapsed, left


class Board:
    """All notebooks of a run, redrawn on a terminal, or written now and then where nothing can be redrawn.

    Args:
        names: The notebooks, in the order of the book.
        paths: Where the run's artifacts lie.
    """

    def __init__(self, names: list[str], paths: RunPaths) -> None:
        self.lines = [Line(name, paths, _json(paths.logs / f"{name}.seconds.json").get("seconds")) for name in names]
        self._last: dict[str, tuple[str, float]] = {}
        for name in names:
            for kind in ("cells.json", "task.json", "error.txt", "html"):
                (paths.logs / f"{name}.{kind}").unlink(missing_ok=True)

    def refresh(self) -> None:
        """Reads how far every notebook is."""
        for line in self.lines:
            line.refresh(time.monotonic())

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for line in self.lines:
            style = {RUNNING: "bold", FAILED: "bold red", WAITING: "dim"}.get(line.state, "")
            table.add_row(*line.columns(time.monotonic()), style=style)
        return table

    def write_news(self, console: Console) -> None:
        """Prints the notebooks whose state changed, and the running ones every `QUIET_SECONDS`."""
        now = time.monotonic()
        for line in self.lines:
            state, written = self._last.get(line.name, (WAITING, now))
            if line.state != state or (line.state == RUNNING and now - written > QUIET_SECONDS):
                console.print("  ".join(filter(None, line.columns(now))), highlight=False, soft_wrap=True)
                self._last[line.name] = (line.state, now)

    def with_state(self, state: str) -> list[Line]:
        """The lines in a state."""
        return [line for line in self.lines if line.state == state]


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError):
        return {}
