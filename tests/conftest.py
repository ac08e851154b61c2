"""What all tests share: where the real mammograms lie, and a book made by the smallest profile."""

import os
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
def ci_book(checkout) -> Checkout:
    """A checkout in which `make book PROFILE=ci` has run; made once for all tests that look at the book."""
    run = checkout.make_book()
    assert run.returncode == 0, run.stdout + run.stderr + _logs(checkout.root)
    return checkout


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
