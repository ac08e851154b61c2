"""What goes wrong while the pages are put together leaves the last book as it was."""

import itertools
import random
import shutil
import subprocess
import sys
import time

from given_faults import Started, killed

from workflow.checkout import Checkout

SEED = 2025
VICTIMS = ["make", "workflow.book", "snakemake", "workflow.assemble", "jupyter-book"]
"""Who is killed: how a word of its command ends."""


def test_the_last_book_stays_when_the_next_finds_no_room(small_disk, ci_book, tmp_path):
    copy = Checkout(tmp_path / "copy")
    shutil.copytree(ci_book.root, copy.root, symlinks=True, ignore=shutil.ignore_patterns("_build"))
    last = ci_book.root / "_build" / "html"
    size = sum(path.stat().st_size for path in last.rglob("*") if path.is_file()) / 1e6
    disk = small_disk(copy.root / "_build", 1.4 * size)
    shutil.copytree(last, disk.folder / "html")
    run = subprocess.run(
        [sys.executable, "-m", "workflow.assemble"],
        cwd=copy.root, env=copy.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode != 0
    assert "No space left on device" in run.stdout + run.stderr
    assert [path.name for path in disk.folder.iterdir()] == ["html"]
    assert files(disk.folder / "html") == files(last)


def files(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_5_kills_while_the_pages_are_put_together(make_book, ci_book, tmp_path):
    chance, copy = random.Random(SEED), Checkout(tmp_path / "copy")
    shutil.copytree(ci_book.root, copy.root, symlinks=True)
    book, metrics = copy.root / "_build" / "html", sorted((copy.root / "build" / "ci").glob("*/metrics.json"))
    before = {path: path.read_bytes() for path in metrics}
    pages = sorted(path.relative_to(book) for path in book.rglob("*.html"))
    prose = copy.root / "book" / "discussion.md"
    edits = itertools.count()

    def started() -> Started:
        """A run that has pages to make."""
        with prose.open("a") as file:
            file.write(f"\nIt was edited {next(edits)} times before.\n")
        return make_book.start(copy, settings="")

    start = time.monotonic()
    assert started().process.wait(600) == 0
    span, victims = time.monotonic() - start, VICTIMS[::-1]
    while victims:
        # A run may end before its time has come, as when the one before went on without its make and did its work.
        run = started()
        struck = killed(run.process, victims[-1], chance.uniform(0, span))
        assert run.process.wait(600) == 0 or struck, run.printed
        victims = victims[:-1] if struck else victims
        # The last book, whole: no page of the next one among its own.
        assert sorted(path.relative_to(book) for path in book.rglob("*.html")) == pages
    run = make_book(copy, settings="")
    assert run.returncode == 0 and "executed: nothing" in run.stdout, run.stdout
    assert f"It was edited {next(edits) - 1} times before." in (book / "book" / "discussion.html").read_text()
    assert {path: path.read_bytes() for path in metrics} == before
    assert [path.name for path in book.parent.iterdir()] == ["html"]
