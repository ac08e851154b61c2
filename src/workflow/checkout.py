"""A second checkout, in which a book is made without touching the reader's own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from helpers.paths import ROOT
from helpers.runtime import THREADS


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout.

    Attributes:
        root: Its top folder.
    """

    root: Path

    def make_book(self, *, profile: str = "ci", data: str = "", settings: str = "") -> subprocess.CompletedProcess:
        """What `make book` does once the environment stands."""
        command = [sys.executable, "-m", "workflow.book", "--profile", profile, "--data", data, "--set", settings]
        return subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True)

    @property
    def environment(self) -> dict[str, str]:
        """The copy's own sources first; threads as `make book` has them, not as `make test` does."""
        kept = {name: value for name, value in os.environ.items() if name not in THREADS}
        return {**kept, "PYTHONPATH": str(self.root / "src"), "COLUMNS": "200"}


def copy_of_checkout(target: Path) -> Checkout:
    """Copies what git tracks, or would track, into a new checkout with one commit.

    Args:
        target: A folder, empty.

    Returns:
        The `Checkout`.
    """
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
