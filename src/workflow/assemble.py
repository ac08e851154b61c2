"""Assembles the book with Jupyter Book, warnings as errors, and serves it the scripts it draws with.

python -m workflow.assemble
"""

import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from helpers.paths import ROOT

ASSETS = ROOT / "build" / "assets"
"""Scripts and styles that the book brings along; copied from the packages that ship them, never committed."""


def gather_assets() -> None:
    """Copies plotly's script from its wheel and the book's own look into one folder."""
    ASSETS.mkdir(parents=True, exist_ok=True)
    plotly = files("plotly") / "package_data" / "plotly.min.js"
    shutil.copyfile(Path(str(plotly)), ASSETS / "plotly.min.js")
    for file in (ROOT / "book" / "look").iterdir():
        shutil.copyfile(file, ASSETS / file.name)


def main() -> int:
    """Builds _build/html; any warning is an error."""
    gather_assets()
    jupyter_book = Path(sys.executable).parent / "jupyter-book"
    return subprocess.run(
        [jupyter_book, "build", ROOT, "--all", "--warningiserror", "--keep-going"], cwd=ROOT
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
