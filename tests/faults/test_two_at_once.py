"""Two runs at once in one folder, and a notebook that runs out of memory."""

import time

import nbformat
import psutil
import pytest

from helpers.paths import RunPaths
from workflow.checkout import copy_of_checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return copy_of_checkout(tmp_path_factory.mktemp("faults"))


def kernel_of(run, within: float = 600) -> psutil.Process:
    """The first kernel that a run starts."""
    until = time.monotonic() + within
    while time.monotonic() < until and run.process.poll() is None:
        for child in run.process.children(recursive=True):
            if "ipykernel_launcher" in " ".join(child.cmdline()):
                return child
        time.sleep(0.05)
    pytest.fail(f"no kernel was started: {run.printed}")


def test_a_kernel_that_the_system_ends_is_named_and_not_taken_for_done(make_book, checkout):
    first = make_book.start(checkout, only="01_data")
    kernel = kernel_of(first)
    logs = RunPaths("ci", checkout.root / "build").logs
    while not (logs / "01_data.cells.json").exists():
        time.sleep(0.05)
    time.sleep(1)
    kernel.kill()
    assert first.process.wait() != 0
    printed = first.printed
    assert "01_data failed in cell" in printed and "kernel died" in printed and "memory" in printed
    assert "executed" not in printed
    assert "kernel died" in (logs / "01_data.html").read_text()
    assert not RunPaths("ci", checkout.root / "build").data_notes.exists()


def test_a_second_run_waits_and_finds_nothing_to_do(make_book, checkout):
    first = make_book.start(checkout, only="01_data")
    kernel_of(first)
    second = make_book(checkout, only="01_data")
    assert first.process.wait() == second.returncode == 0, first.printed + second.stdout
    assert "executed: 01_data" in first.printed
    assert "waits until it has ended" in second.stdout and "nothing to do" in second.stdout
    executed = nbformat.read(RunPaths("ci", checkout.root / "build").notebooks / "01_data.ipynb", as_version=4)
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code" and cell.source)
