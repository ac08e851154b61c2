"""What all tests share: where the real mammograms lie, and a book made by the smallest profile."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from given_faults import Disk, Maker
from hypothesis import settings
from playwright.sync_api import Browser

from workflow.browser import NoBrowserError, browser
from workflow.checkout import Checkout, copy_of_checkout

ROOT = Path(__file__).resolve().parents[1]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
ARCHIVE = Path("data/mini-mias/all-mias.tar.gz")

# No property is about time, and a busy machine would break any that were.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def mini_mias_archive() -> Path:
    """The mini-MIAS archive beside the checkout (or in MAMMOBOOK_SHARED); skips with its reason when absent."""
    shared = Path(os.environ.get("MAMMOBOOK_SHARED", ROOT.parent / "shared"))
    if not (shared / ARCHIVE).exists():
        pytest.skip(f"no real mammograms here: {ARCHIVE} is not in {shared.name}/ (set MAMMOBOOK_SHARED)")
    return shared / ARCHIVE


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Checkout:
    """A copy of the checkout in which nothing was made yet."""
    return copy_of_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="session")
def made_book(tmp_path_factory) -> Checkout:
    """A checkout in which `make book PROFILE=ci` has run, once for all processes; the engine knows no other place."""
    own = tmp_path_factory.getbasetemp()
    return Checkout(_made_once((own.parent if WORKER else own) / "ci_book"))


@pytest.fixture(scope="session")
def ci_book(made_book) -> Checkout:
    """The same to look at: this process's own copy, whatever is edited elsewhere meanwhile."""
    return Checkout(_copy(made_book.root, WORKER)) if WORKER else made_book


def _made_once(root: Path) -> Path:
    """Makes the book, and a copy for each process, where no other process has; what went wrong is told to all."""
    wrong = root.with_suffix(".wrong")
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wrong.exists():
            run = copy_of_checkout(root).make_book()
            for number in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 0))):
                shutil.copytree(root, _copy(root, f"gw{number}"), symlinks=True)
            wrong.write_text(run.stdout + run.stderr + _logs(root) if run.returncode else "")
    assert not wrong.read_text(), wrong.read_text()
    return root


def _copy(root: Path, worker: str) -> Path:
    return root.with_name(f"{root.name}_{worker}")


@pytest.fixture(scope="session")
def make_book(tmp_path_factory) -> Maker:
    """`make book` as a person starts it."""
    return Maker(tmp_path_factory.mktemp("printed"))


@pytest.fixture
def small_disk() -> Iterator[Callable[[Path, float], Disk]]:
    """Mounts a small disk: `small_disk(folder, megabytes)`; skips where nobody may mount."""
    mounted = []

    def mount(folder: Path, megabytes: float) -> Disk:
        folder.mkdir(parents=True, exist_ok=True)
        options = ["-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k", "small", folder]
        try:
            run = subprocess.run(["mount", *options], capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("a small disk needs `mount`, which is not here")
        if run.returncode:
            pytest.skip(f"a small disk needs the right to mount: {run.stderr.strip()}")
        mounted.append(folder)
        return Disk(folder)

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True, capture_output=True)


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """A running Chromium; without one the tests are skipped, on a machine for continuous integration they fail."""
    try:
        with browser() as running:
            yield running
    except NoBrowserError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


def _logs(root: Path) -> str:
    tails = [f"\n--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(root.glob("build/*/logs/*.log"))]
    return "".join(tails)
