"""What a person sees while the book is made."""

import math
from io import StringIO

from rich.console import Console

from helpers.paths import RunPaths
from helpers.progress import Progress, clock, write_json
from workflow.board import DONE, FAILED, RUNNING, WAITING, Board, Line


def a_line(tmp_path, before=None):
    return Line("03_icnt", RunPaths("ci", tmp_path), before)


def say(line, cells, epoch=None):
    write_json(line.paths.logs / f"{line.name}.cells.json", {"done": cells, "cells": 10})
    if epoch:
        task = {"task": "icnt", "unit": "epoch", "done": epoch, "total": 12}
        write_json(line.paths.logs / f"{line.name}.task.json", task)


def test_a_notebook_waits_runs_and_is_done(tmp_path):
    line = a_line(tmp_path)
    line.refresh(0)
    assert line.state == WAITING
    say(line, 0)
    line.refresh(1)
    assert line.state == RUNNING
    say(line, 10)
    line.refresh(5)
    assert line.state == DONE
    assert line.elapsed(100) == 4


def test_a_failed_notebook_says_so(tmp_path):
    line = a_line(tmp_path)
    say(line, 3)
    (line.paths.logs / "03_icnt.error.txt").write_text("cell 4: ValueError: no")
    line.refresh(0)
    assert line.state == FAILED


def test_time_left_comes_from_the_epochs_where_nothing_is_known_from_before(tmp_path):
    line = a_line(tmp_path)
    say(line, 2, epoch=3)
    line.refresh(0)
    assert line.left(30) == 90


def test_time_left_comes_from_the_last_run_where_there_was_one(tmp_path):
    line = a_line(tmp_path, before=100.0)
    say(line, 2, epoch=3)
    line.refresh(0)
    assert line.left(30) == 70
    assert line.left(500) == 1


def test_time_left_is_unknown_at_the_start(tmp_path):
    line = a_line(tmp_path)
    say(line, 0)
    line.refresh(0)
    assert math.isnan(line.left(10))


def test_a_line_tells_cells_epoch_elapsed_and_left(tmp_path):
    line = a_line(tmp_path)
    say(line, 2, epoch=3)
    line.refresh(0)
    assert line.columns(61) == ("03_icnt", RUNNING, "2/10 cells", "icnt: epoch 3/12", "1:01", "~3:03 left")


def test_the_last_runs_files_are_not_taken_for_this_runs(tmp_path):
    paths = RunPaths("ci", tmp_path)
    say(a_line(tmp_path), 10)
    board = Board(["03_icnt"], paths)
    board.refresh()
    assert [line.state for line in board.lines] == [WAITING]


def test_each_change_is_written_once_where_nothing_can_be_redrawn(tmp_path):
    out = StringIO()
    board, console = Board(["03_icnt"], RunPaths("ci", tmp_path)), Console(file=out, width=200)
    say(board.lines[0], 0)
    for _ in range(3):
        board.refresh()
        board.write_news(console)
    assert out.getvalue().count("03_icnt") == 1


def test_progress_goes_to_the_file_that_the_engine_names(tmp_path, monkeypatch):
    file = tmp_path / "task.json"
    monkeypatch.setenv("MAMMOBOOK_PROGRESS", str(file))
    Progress("framing", "picture")(5, 5)
    assert '"done": 5' in file.read_text()


def test_progress_is_a_line_where_no_engine_watches(monkeypatch, capsys):
    monkeypatch.delenv("MAMMOBOOK_PROGRESS", raising=False)
    Progress("framing", "picture")(5, 5)
    assert "framing: picture 5/5" in capsys.readouterr().err


def test_a_clock_that_knows_nothing_says_so():
    assert (clock(61), clock(math.nan)) == ("1:01", "?")
