"""What a notebook's result depends on in code: one hash that prose, comments and docstrings leave alone."""

import ast
import hashlib
import re
from functools import cache
from pathlib import Path

from helpers.paths import NOTEBOOKS, ROOT

SOURCE = ROOT / "src"
LOCK = ROOT / "requirements.lock"
MODULE_NAME = re.compile(r"helpers(\.\w+)+")
ASSET_NAME = re.compile(r"\w+\.(js|css)")
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
    digest = hashlib.sha256(_bare(code).encode())
    for file in sorted(_reached(code), key=lambda file: file.as_posix()):
        content = _bare(file.read_text()) if file.suffix == ".py" else file.read_text()
        digest.update(file.relative_to(SOURCE).as_posix().encode() + content.encode())
    digest.update(LOCK.read_bytes() if LOCK.exists() else b"")
    return digest.hexdigest()


def notebook_code(path: Path) -> str:
    """A jupytext notebook, py:percent, as one module: prose and magics are comments to Python.

    Each code cell starts with an ellipsis: a page pairs cells with outputs by order, so their number counts.
    """
    # jupytext itself takes seconds to import, which everybody would wait who finds nothing to do.
    return CODE_CELL.sub("...", path.read_text())


def imported_files(tree: ast.AST, package: str = "") -> set[Path]:
    """The files of this project that a syntax tree imports, packages' own __init__ files included.

    Args:
        tree: A parsed module.
        package: The dotted package that the module lies in, for relative imports.

    Returns:
        Paths below src/.
    """
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            names |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and MODULE_NAME.fullmatch(str(node.value)):
            # Tables of loaders name their modules in strings and import them when asked.
            names.add(node.value)
    return {file for name in names for file in _files(name)} | _assets(tree, package)


def _assets(tree: ast.AST, package: str) -> set[Path]:
    """Scripts and styles beside a module that it names: an explorer's page holds them."""
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    folder = SOURCE.joinpath(*package.split("."))
    return {folder / name for name in strings if ASSET_NAME.fullmatch(name) and (folder / name).is_file()}


@cache
def _files(name: str) -> tuple[Path, ...]:
    parts = name.split(".")
    chain = [SOURCE.joinpath(*parts[: i + 1]) for i in range(len(parts))]
    candidates = [path / "__init__.py" for path in chain] + [chain[-1].with_suffix(".py")]
    return tuple(path for path in candidates if path.is_file())


def _reached(code: str) -> set[Path]:
    reached, waiting = set(), list(_imported_by(code, ""))
    while waiting:
        file = waiting.pop()
        if file in reached:
            continue
        reached.add(file)
        if file.suffix == ".py":
            waiting += _imported_by(file.read_text(), ".".join(file.relative_to(SOURCE).parent.parts))
    return reached


@cache
def _imported_by(code: str, package: str) -> frozenset[Path]:
    return frozenset(imported_files(ast.parse(code), package))


@cache
def _bare(code: str) -> str:
    """The syntax tree as text, without docstrings and other bare strings."""
    return ast.dump(_WithoutStrings().visit(ast.parse(code)))


class _WithoutStrings(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:  # noqa: N802 - the name is ast's
        bare_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if bare_string else self.generic_visit(node)
