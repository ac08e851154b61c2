"""What `make book` costs again: nothing changed, prose changed, against a book made from nothing."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.timing import PLAIN, Measured
from helpers.progress import Progress
from workflow.checkout import copy_of_checkout


def rebuilds(profile: str = "ci", rounds: int = 3) -> Measured:
    """Times a first book and what follows, in a copy of the checkout.

    Args:
        profile: The profile that the books are made by.
        rounds: How often each rebuild is timed; the first book is made once.

    Returns:
        The `Measured` lever, one book a round.
    """
    progress, rows = Progress("rebuilds", "book"), []
    with TemporaryDirectory() as folder:
        copy = copy_of_checkout(Path(folder))

        def book(way: str, number: int) -> None:
            started = time.perf_counter()
            run = copy.make_book(profile=profile)
            rows.append((way, number, time.perf_counter() - started))
            assert run.returncode == 0, run.stdout + run.stderr
            said = {PLAIN: "reused:   nothing", "nothing changed": "nothing to do"}.get(way, "executed: nothing")
            assert said in run.stdout, f"{way}: expected {said!r}, make book said: {run.stdout[-400:]}"
            progress(len(rows), 1 + 2 * rounds)

        book(PLAIN, 0)
        for number in range(rounds):
            book("nothing changed", number)
            with (copy.root / "book" / "discussion.md").open("a") as prose:
                prose.write(f"\nA sentence more, number {number}.\n")
            book("prose changed", number)
    seconds = pd.DataFrame(rows, columns=["way", "round", "seconds"])
    return Measured(f"The book again, profile {profile}", 1, seconds, ())
