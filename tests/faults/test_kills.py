"""kill -9 of `make`, of its Python, of Snakemake and of a kernel, 25 times at random points: nothing is lost.

After each, the next `make book` is started, and nothing else is done by hand. They fall on the way to the pictures and
a network, with a chapter that needs neither beside them; it is begun anew whenever it has come to its end. Five more
fall on a book while its pages are put together: tests/book/test_faults.py.
"""

import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from given_faults import killed

from helpers.paths import RunPaths
from workflow.checkout import Checkout, copy_of_checkout

SEED = 2025
VICTIMS = ["make"] * 3 + ["workflow.book"] * 6 + ["snakemake"] * 8 + ["ipykernel_launcher"] * 8
"""Who is killed on the way: how a word of its command ends."""
FINISHED = re.compile(r"Finished jobid: \d+ \(Rule: (\w+)\)")
NOTEBOOKS = {"data": "01_data", "train_baseline_cnn": "02_baseline_cnn", "read_16_speed": "16_speed"}
"""What each rule on the way executes."""


@dataclass
class Journey:
    """Runs that are killed, each begun where the one before was left.

    Attributes:
        checkout: Where they run.
        start: Starts `make book`.
        whole: What was made so far and has to stay: {executed notebook: its time of writing}.
    """

    checkout: Checkout
    start: Callable
    whole: dict[Path, int] = field(default_factory=dict)

    def leg(self, victim: str = "", after: float = 0) -> bool:
        """One run; returns whether its victim was killed, and checks that nothing whole was made again."""
        run = self.start(self.checkout, only="02_baseline_cnn 16_speed")
        struck = bool(victim) and killed(run.process, victim, after)
        code = run.process.wait(600)
        assert struck or code == 0, run.printed
        if struck and victim == "ipykernel_launcher":
            # One that had said all, and was on its way out, takes nothing with it.
            assert "kernel died" in run.printed or (code == 0 and self.every_cell_has_run()), run.printed
        assert {path: path.stat().st_mtime_ns for path in self.whole} == self.whole
        self.whole |= self.finished()
        return struck

    def finished(self) -> dict[Path, int]:
        """The notebooks that Snakemake had taken for whole when it ended."""
        paths = RunPaths("ci", self.checkout.root / "build")
        log = paths.logs / "snakemake.log"
        # One that was killed at its very start, on a journey begun anew, has not come to write it.
        rules = FINISHED.findall(log.read_text()) if log.exists() else []
        found = [paths.notebooks / f"{NOTEBOOKS[rule]}.ipynb" for rule in rules]
        return {path: path.stat().st_mtime_ns for path in found}

    def every_cell_has_run(self) -> bool:
        """Whether no executed notebook lacks the end of it."""
        paths = RunPaths("ci", self.checkout.root / "build")
        notebooks = [nbformat.read(paths.notebooks / f"{name}.ipynb", as_version=4) for name in NOTEBOOKS.values()]
        cells = [cell for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]
        return all(cell.execution_count is not None for cell in cells if cell.source.strip())

    def metrics(self) -> bytes:
        """What the network has come to."""
        return RunPaths("ci", self.checkout.root / "build").network("baseline_cnn").metrics.read_bytes()

    def begin_anew(self) -> None:
        shutil.rmtree(self.checkout.root / "build" / "ci")
        self.whole.clear()


def test_25_kills_on_the_way_to_a_network(make_book, tmp_path, capsys):
    chance = random.Random(SEED)
    victims = chance.sample(VICTIMS, len(VICTIMS))
    journey = Journey(copy_of_checkout(tmp_path / "checkout"), make_book.start)
    started = time.monotonic()

    def say(words: str) -> None:
        with capsys.disabled():
            print(f"{time.monotonic() - started:.0f} s: {words}", flush=True)

    journey.leg()
    span, expected, ends = time.monotonic() - started, journey.metrics(), 1
    assert len(journey.whole) == len(NOTEBOOKS)
    journey.begin_anew()
    while victims:
        # Early points more often than late ones: each run starts with what the last one had not finished.
        if journey.leg(victims[-1], 0.7 * span * chance.random() ** 2):
            say(f"killed {victims.pop()}; {len(journey.whole)} notebooks whole")
            continue
        assert journey.metrics() == expected
        journey.begin_anew()
        ends += 1
    journey.leg()
    assert journey.metrics() == expected
    say(f"{ends} times at the end; undisturbed {span:.0f} s")
