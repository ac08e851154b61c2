"""Assembles the book with Jupyter Book, warnings as errors, and gives it every script and style it uses.

python -m workflow.assemble
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

from helpers.paths import HTML, ROOT
from workflow import vendored

ASSETS = ROOT / "build" / "assets"
"""Scripts and styles that the book brings along; copied from the packages that ship them, never committed."""
NEXT = HTML.parent / "next"
"""Where a book is made; on the disk of the last one, so that both can change places."""
HERE, EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of renameat2(2)."""


def gather_assets() -> None:
    """Lays what was fetched into the environment and the book's own look into one folder."""
    shutil.rmtree(ASSETS, ignore_errors=True)
    shutil.copytree(vendored.BOOK, ASSETS)
    shutil.copytree(ROOT / "book" / "look", ASSETS, dirs_exist_ok=True)


def put(made: Path, place: Path) -> None:
    """Puts a folder in another's place at once, so that at no time there is none, or half of one.

    Args:
        made: A folder, whole.
        place: Where it goes, on the same disk; what is there goes.
    """
    if place.exists() and not _exchanged(made, place):
        # Where the system cannot exchange two folders, there is none for as long as it takes to rename the other.
        last = made.with_name("last")
        place.rename(last)
        made.rename(place)
        shutil.rmtree(last)
    elif not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)
    shutil.rmtree(made, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return bool(rename) and rename(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0


def main() -> int:
    """Builds _build/html, and nothing in it is left of an earlier book, which stays where the new one fails.

    Any warning is an error.
    """
    gather_assets()
    shutil.rmtree(NEXT, ignore_errors=True)
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    command = [jupyter_book, "build", ROOT, "--path-output", NEXT, "--all", "--warningiserror", "--keep-going"]
    try:
        code = subprocess.run(command, cwd=ROOT).returncode
        if not code:
            put(NEXT / "_build" / "html", HTML)
        return code
    finally:
        shutil.rmtree(NEXT, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
