"""What all tests share: where the real mammograms lie, and a book made by the smallest profile."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from workflow.browser import NoBrowserError, browser
from workflow.checkout import Checkout, copy_of_checkout

ROOT = Path(__file__).resolve().parents[1]
ARCHIVE = Path("data/mini-mias/all-mias.tar.gz")


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
def ci_book(tmp_path_factory) -> Checkout:
    """A checkout in which `make book PROFILE=ci` has run: made once, copied for each process, since tests edit it."""
    own = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return Checkout(_made_once(own / "ci_book"))
    return Checkout(shutil.copytree(_made_once(own.parent / "ci_book"), own / "ci_book", symlinks=True))


def _made_once(root: Path) -> Path:
    """Makes the book where no other process has; what went wrong is told to all."""
    wrong = root.with_suffix(".wrong")
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wrong.exists():
            run = copy_of_checkout(root).make_book()
            wrong.write_text(run.stdout + run.stderr + _logs(root) if run.returncode else "")
    assert not wrong.read_text(), wrong.read_text()
    return root


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
