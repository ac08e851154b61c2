"""Two or more ways to the same result, timed in alternation, so that a busy machine slows all of them alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.progress import Progress
from helpers.speed import PLAIN

__all__ = ["PLAIN", "Check", "Measured", "Timed", "agree", "alternated"]


@dataclass(frozen=True)
class Check:
    """How far two results that should be the same lie apart.

    Attributes:
        what: Which results.
        difference: The largest absolute difference found.
        allowed: The largest that passes; 0 asks for the same bits.
    """

    what: str
    difference: float
    allowed: float


@dataclass(frozen=True)
class Measured:
    """One lever: how long each way took, and whether they agree.

    Attributes:
        lever: Its name on the page.
        count: How many pictures (books, where a book is built) one round of one way handles.
        seconds: Columns way, round, seconds.
        checks: What was compared before anything was timed.
        notes: What else was measured, by name; it stays in the file.
    """

    lever: str
    count: int
    seconds: pd.DataFrame
    checks: tuple[Check, ...]
    notes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Timed:
    """What a way returns that times itself, where only a part of its work counts."""

    seconds: float


def alternated(ways: dict[str, Callable[[], object]], rounds: int, task: str) -> pd.DataFrame:
    """Runs every way once to warm up, then in turn, round after round.

    Args:
        ways: Name to work; `PLAIN` among them. What returns a `Timed` is taken at its word.
        rounds: How often each is timed.
        task: Name for the line of progress.

    Returns:
        DataFrame with columns way, round, seconds; a row for each timed run.
    """
    progress = Progress(task, "round")
    for work in ways.values():
        work()
    rows = []
    for number in range(rounds):
        for way, work in ways.items():
            started = time.perf_counter()
            result = work()
            seconds = result.seconds if isinstance(result, Timed) else time.perf_counter() - started
            rows.append((way, number, seconds))
        progress(number + 1, rounds)
    return pd.DataFrame(rows, columns=["way", "round", "seconds"])


def agree(what: str, ours: np.ndarray, plain: np.ndarray, allowed: float = 0.0) -> Check:
    """Compares two results; benchmarks assert this, and never a time.

    Args:
        what: Which results.
        ours: Array.
        plain: Array of the same shape.
        allowed: The largest absolute difference that passes.

    Returns:
        The `Check`.

    Raises:
        AssertionError: They differ by more.
    """
    ours, plain = np.asarray(ours, dtype="float64"), np.asarray(plain, dtype="float64")
    difference = float(np.abs(ours - plain).max(initial=0.0))
    assert difference <= allowed, f"{what}: expected a difference of at most {allowed:g}, found {difference:g}"
    return Check(what, difference, allowed)
