"""One run at a time in a checkout, and what a killed one leaves."""

import os
import subprocess
import sys
import threading

import psutil
import pytest

from workflow import alone

SLEEPS = "import time; time.sleep(60)"
STARTS_ANOTHER = (
    "import subprocess, sys, time\n"
    f"other = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}], start_new_session=True)\n"
    "print(other.pid, flush=True)\n"
    "time.sleep(60)"
)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(alone, "ROOT", tmp_path)
    return tmp_path


def started(code: str, environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_orphans_are_ended_with_what_they_started_in_sessions_of_their_own():
    orphan, stranger = started(STARTS_ANOTHER, alone.marked()), started(SLEEPS, dict(os.environ))
    elsewhere = started(SLEEPS, {**os.environ, alone.MARK: "another checkout"})
    grandchild = int(orphan.stdout.readline())
    try:
        assert runs(grandchild)
        alone.end_orphans()
        assert orphan.wait(10) == -9
        assert not runs(grandchild)
        assert stranger.poll() is None and elsewhere.poll() is None
    finally:
        for process in (stranger, elsewhere, orphan):
            process.kill()
            process.communicate()


def test_a_second_run_says_so_and_waits_for_the_first():
    told, ended, order = threading.Event(), threading.Event(), []

    def second():
        with alone.only_run(lambda words: (order.append(words), told.set())):
            order.append("second")
        ended.set()

    with alone.only_run(order.append):
        threading.Thread(target=second, daemon=True).start()
        assert told.wait(10)
        order.append("first")
    assert ended.wait(10)
    assert order[1:] == ["first", "second"]
    assert "waits" in order[0]


def test_a_lock_that_snakemake_left_is_removed(root):
    (root / ".snakemake" / "locks").mkdir(parents=True)
    (root / ".snakemake" / "locks" / "0.input.lock").write_text("")
    with alone.only_run(pytest.fail):
        assert list((root / ".snakemake" / "locks").iterdir()) == []


def test_only_drafts_are_removed(tmp_path):
    drafts = [".pictures.npy-a1b2c3d4/all.npy", "icnt/.metrics.json.4711", "activations/.maps-abcdefg_/maps/0.npy"]
    kept = ["pictures.npy", "icnt/metrics.json", ".lock", "dashboard/.ipynb_checkpoints/page.ipynb", ".hidden/file"]
    for name in (*drafts, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    alone.remove_drafts(tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == set(kept)
