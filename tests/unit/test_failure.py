"""What is told of a notebook that failed, and the page that shows where."""

import errno
import io
import os
import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat import v4
from rich.console import Console

from helpers.paths import RunPaths
from helpers.progress import write_json
from workflow import failure
from workflow.board import Board
from workflow.book import tell_failures


@pytest.mark.parametrize(
    "reason",
    [
        str(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a.npy")),
        str(OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))),
        "OSError: [Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device",
        "OSError: Can't synchronously write data (file write failed, errno = 28, error message = '...')",
    ],
)
def test_a_full_disk_is_called_so(reason):
    assert "disk is full" in failure.advice(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "cell 3: MemoryError: ",
        "cell 3: _ArrayMemoryError: Unable to allocate 9 GiB",
        "ResourceExhaustedError: {{function_node}} OOM when allocating tensor",
        "cell 5: its kernel died",
    ],
)
def test_too_little_memory_is_called_so(reason):
    assert "memory was too small" in failure.advice(reason)


@pytest.mark.parametrize("reason", ["cell 2: KeyError: 'label'", "cell 28: ValueError: 122 rows", "expected 28 items"])
def test_no_advice_is_given_on_what_has_other_causes(reason):
    assert failure.advice(reason) == ""


def test_disks_with_room_are_not_called_full(tmp_path, monkeypatch):
    assert failure.full([tmp_path, tmp_path / "not there"]) == []
    monkeypatch.setattr(failure, "LITTLE", 1 << 62)
    assert re.match(
        rf"the disk that holds {tmp_path} is full \([\d.]+ MB left\): make room", failure.full([tmp_path])[0]
    )


@pytest.mark.parametrize(
    ("written", "full"), [("OSError: [Errno 28] No space left on device", True), ("WARNING", False)]
)
def test_a_disk_that_the_pages_filled_is_named_though_it_has_room_again(tmp_path, written, full):
    paths, console = RunPaths("ci", tmp_path), Console(record=True, file=io.StringIO(), width=200)
    paths.logs.mkdir(parents=True)
    (paths.logs / "html.log").write_text(written)
    tell_failures(Board([], paths), paths, console)
    said = console.export_text()
    assert "the book could not be made" in said
    assert ("The disk is full: make room" in said) == full


def test_a_notebook_that_is_gone_without_a_word_is_not_taken_for_done(tmp_path):
    paths, console = RunPaths("ci", tmp_path), Console(record=True, file=io.StringIO(), width=200)
    board = Board(["03_icnt", "04_iiv3"], paths)
    write_json(paths.logs / "03_icnt.cells.json", {"cells": 15, "done": 3})
    board.refresh()
    tell_failures(board, paths, console)
    assert "03_icnt ended without a word in cell 4" in console.export_text()


def test_the_page_shows_the_traceback_and_asks_nobody_else(tmp_path: Path):
    error = v4.new_output("error", ename="KeyError", evalue="'<b>'", traceback=["\x1b[31mKeyError\x1b[0m: '<b>bold'"])
    cells = [v4.new_markdown_cell("# A chapter"), v4.new_code_cell("table['<b>']", outputs=[error])]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "05_metrics.ipynb")
    text = failure.page(tmp_path / "05_metrics.ipynb", "cell 1: KeyError: '<b>'")
    soup = BeautifulSoup(text, "html.parser")
    assert "05_metrics failed in cell 1: KeyError: '<b>'" in soup.get_text()
    assert "KeyError: '<b>bold'" in soup.get_text() and "table['<b>']" in soup.get_text()
    assert soup.find("b") is None
    assert soup.find(["script", "link", "iframe"]) is None and "http" not in text
