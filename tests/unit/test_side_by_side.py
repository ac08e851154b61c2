"""Trainings in processes of their own: the same results, each on one thread, and none outlives its parent."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from helpers import runtime
from helpers.training.side_by_side import each


def raised(base: int, power: int) -> tuple[int, int, set[str]]:
    return base**power, os.getpid(), {os.environ[name] for name in runtime.THREADS}


def test_every_task_has_its_result_from_a_process_with_one_thread(monkeypatch):
    monkeypatch.setenv(runtime.THREADS[0], "7")
    monkeypatch.delenv(runtime.THREADS[1], raising=False)
    found = dict(each(partial(raised, 2), [1, 2, 3], 2))
    assert {task: result for task, (result, *_) in found.items()} == {1: 2, 2: 4, 3: 8}
    assert all(process != os.getpid() and threads == {"1"} for _, process, threads in found.values())
    assert os.environ[runtime.THREADS[0]] == "7" and runtime.THREADS[1] not in os.environ


def test_one_process_is_this_one():
    assert list(each(partial(pow, 2), [1, 2, 3], 1)) == [(1, 2), (2, 4), (3, 8)]


def fail_at_first(folder: Path, task: int) -> None:
    (folder / str(task)).touch()
    if task == 0:
        raise ZeroDivisionError
    time.sleep(0.2)


def test_once_a_task_failed_no_other_waits_for_its_turn(tmp_path):
    with pytest.raises(ZeroDivisionError):
        list(each(partial(fail_at_first, tmp_path), range(50), 2))
    assert 0 < len(list(tmp_path.iterdir())) < 50


PARENT = """
import os
import time

from helpers.training.side_by_side import each


def number(task):
    return os.getpid()


if __name__ == "__main__":
    for _, process in each(number, [0, 0], 2):
        print(process, flush=True)
        time.sleep(600)
"""


def test_a_process_ends_with_its_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    process = Path("/proc") / parent.stdout.readline().strip()
    assert process.exists()
    parent.kill()
    parent.wait()
    until = time.monotonic() + 30
    while process.exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not process.exists()
