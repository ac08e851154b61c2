"""Assembles the book with Jupyter Book, warnings as errors, and gives it every script and style it uses.

python -m workflow.assemble
"""

import shutil
import subprocess
import sys
from pathlib import Path

from helpers.paths import HTML, ROOT
from workflow import vendored

ASSETS = ROOT / "build" / "assets"
"""Scripts and styles that the book brings along; copied from the packages that ship them, never committed."""


def gather_assets() -> None:
    """Lays what was fetched into the environment and the book's own look into one folder."""
    shutil.rmtree(ASSETS, ignore_errors=True)
    shutil.copytree(vendored.BOOK, ASSETS)
    shutil.copytree(ROOT / "book" / "look", ASSETS, dirs_exist_ok=True)


def main() -> int:
    """Builds _build/html, and nothing in it is left of an earlier book; any warning is an error."""
    gather_assets()
    shutil.rmtree(HTML, ignore_errors=True)
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    return subprocess.run(
        [jupyter_book, "build", ROOT, "--all", "--warningiserror", "--keep-going"], cwd=ROOT
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
