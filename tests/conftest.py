"""What all tests share: where the real mammograms lie, and a book made by the smallest profile."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARCHIVE = Path("data/mini-mias/all-mias.tar.gz")


@pytest.fixture(scope="session")
def mini_mias_archive() -> Path:
    """The mini-MIAS archive beside the checkout (or in MAMMOBOOK_SHARED); skips with its reason when absent."""
    shared = Path(os.environ.get("MAMMOBOOK_SHARED", ROOT.parent / "shared"))
    if not (shared / ARCHIVE).exists():
        pytest.skip(f"no real mammograms here: {ARCHIVE} is not in {shared.name}/ (set MAMMOBOOK_SHARED)")
    return shared / ARCHIVE


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout in which a test may make books without touching the reader's own."""

    root: Path

    def make_book(self, *, profile: str = "ci", data: str = "", settings: str = "") -> subprocess.CompletedProcess:
        """What `make book` does once the environment stands."""
        command = [sys.executable, "-m", "workflow.book", "--profile", profile, "--data", data, "--set", settings]
        return subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True)

    @property
    def environment(self) -> dict[str, str]:
        """The copy's own sources first; threads as `make book` has them, not as `make test` does."""
        threads = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        kept = {name: value for name, value in os.environ.items() if name not in threads}
        return {**kept, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"}


def copy_of_checkout(target: Path) -> Checkout:
    """Copies what git tracks, or would track, into a new checkout with one commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "copy"]):
        subprocess.run(["git", *command], cwd=target, check=True, capture_output=True)
    return Checkout(target)


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


def _logs(root: Path) -> str:
    tails = [f"\n--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(root.glob("build/*/logs/*.log"))]
    return "".join(tails)
