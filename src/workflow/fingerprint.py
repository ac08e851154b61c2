"""What a notebook's result depends on in code: one hash that prose, comments and docstrings leave alone."""

import hashlib
import re
from functools import cache
from pathlib import Path

from helpers.paths import NOTEBOOKS, ROOT
from workflow.syntax import Memory, Syntax

SOURCE = ROOT / "src"
LOCK = ROOT / "requirements.lock"
MEMORY = ROOT / "build" / ".syntax.json"
CODE_CELL = re.compile(r"^# %%(?! \[).*$", re.MULTILINE)


def fingerprint(notebook: str) -> str:
    """Hashes a notebook's code with that of every helper it imports, and the locked environment.

    Args:
        notebook: The notebook's name, such as "03_icnt".

    Returns:
        A hex digest. Equal digests mean equal syntax trees: an edit of prose, a comment, a docstring or the layout
        keeps it, an edit of code anywhere in the import graph changes it.
    """
    return of_code(notebook_code(NOTEBOOKS / f"{notebook}.py"))


def of_code(code: str) -> str:
    """Hashes code with that of every helper it imports, and the locked environment.

    Args:
        code: Python, such as "import helpers.preparation".

    Returns:
        A hex digest, as of `fingerprint`.
    """
    digest = hashlib.sha256(_memory().read(code).digest.encode())
    for file in sorted(reached(code), key=lambda file: file.as_posix()):
        digest.update((file.relative_to(SOURCE).as_posix() + _content(file)).encode())
    digest.update(LOCK.read_bytes() if LOCK.exists() else b"")
    _memory().keep()
    return digest.hexdigest()


def notebook_code(path: Path) -> str:
    """A jupytext notebook, py:percent, as one module: prose and magics are comments to Python.

    Each code cell starts with an ellipsis: a page pairs cells with outputs by order, so their number counts.
    """
    # jupytext itself takes seconds to import, which everybody would wait who finds nothing to do.
    return CODE_CELL.sub("...", path.read_text())


def imported_files(syntax: Syntax, package: str = "") -> set[Path]:
    """The files of this project that a module needs: what it imports, packages' own __init__ files, what lies beside.

    Args:
        syntax: The module, read.
        package: The dotted package that it lies in.

    Returns:
        Paths below src/: modules, and the scripts and styles beside the module that it names.
    """
    folder = SOURCE.joinpath(*package.split("."))
    assets = {folder / name for name in syntax.assets if (folder / name).is_file()}
    return {file for name in syntax.modules for file in _files(name)} | assets


def reached(code: str) -> set[Path]:
    """The files of this project that code needs, and those that they need, and so on."""
    found, waiting = set(), imported_files(_memory().read(code))
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= _needed_by(file) - found
    return found


@cache
def _memory() -> Memory:
    return Memory(MEMORY)


@cache
def _files(name: str) -> tuple[Path, ...]:
    parts = name.split(".")
    chain = [SOURCE.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    candidates = [path / "__init__.py" for path in chain] + [chain[-1].with_suffix(".py")]
    return tuple(path for path in candidates if path.is_file())


@cache
def _needed_by(file: Path) -> frozenset[Path]:
    package = _package(file)
    return frozenset(imported_files(_memory().read(file.read_text(), package), package) if file.suffix == ".py" else ())


@cache
def _content(file: Path) -> str:
    """What counts of a file: of a module its syntax, of a script or a style every sign."""
    return _memory().read(file.read_text(), _package(file)).digest if file.suffix == ".py" else file.read_text()


def _package(file: Path) -> str:
    return ".".join(file.relative_to(SOURCE).parent.parts)
