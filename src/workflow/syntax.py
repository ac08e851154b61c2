"""What a module's code says apart from its words: a hash of its syntax, and what it imports and names."""

import ast
import hashlib
import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from helpers.progress import write_json

MODULE_NAME = re.compile(r"helpers(\.\w+)+")
ASSET_NAME = re.compile(r"\w+\.(js|css)")


@dataclass(frozen=True)
class Syntax:
    """One module, read.

    Args:
        digest: A hash of the syntax tree without docstrings and other bare strings, hexadecimal.
        modules: Dotted names that it may import: `from a import b` gives a and a.b, and a string that looks like a
            helper counts, since tables of loaders name their modules in strings and import them when asked.
        assets: Names of scripts and styles in its strings: an explorer's page holds those that lie beside it.
    """

    digest: str
    modules: list[str]
    assets: list[str]


def read(code: str, package: str = "") -> Syntax:
    """Reads one module.

    Args:
        code: The module's source.
        package: The dotted package that it lies in, for relative imports.

    Returns:
        What it says.

    Raises:
        SyntaxError: The code is not Python.
    """
    tree = ast.parse(code)
    modules, assets = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules |= _imported_from(node, package)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            modules |= {node.value} if MODULE_NAME.fullmatch(node.value) else set()
            assets |= {node.value} if ASSET_NAME.fullmatch(node.value) else set()
    bare = ast.dump(_WithoutStrings().visit(tree))
    return Syntax(hashlib.sha256(bare.encode()).hexdigest(), sorted(modules), sorted(assets))


class Memory:
    """Modules as they were read, kept in a file by the hash of their code.

    To parse every helper takes seconds, which everybody would wait who finds nothing to do.

    Args:
        file: Where they are kept, JSON. One that is missing or broken is begun anew.
    """

    def __init__(self, file: Path):
        self.file = file
        try:
            self._known = json.loads(file.read_text())
        except (FileNotFoundError, ValueError):
            self._known = {}
        self._on_disk = len(self._known)

    def read(self, code: str, package: str = "") -> Syntax:
        """Reads one module, or remembers it; see `read`."""
        key = hashlib.sha256(f"{READER}\n{package}\n{code}".encode()).hexdigest()
        if key not in self._known:
            self._known[key] = asdict(read(code, package))
        return Syntax(**self._known[key])

    def keep(self) -> None:
        """Writes the file, if anything is new."""
        if len(self._known) > self._on_disk:
            write_json(self.file, self._known)
            self._on_disk = len(self._known)


# Another Python, or another way to read, remembers nothing of this one.
READER = sys.version + hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _imported_from(node: ast.ImportFrom, package: str) -> set[str]:
    parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    base = ".".join([*parents, *([node.module] if node.module else [])])
    return {base, *(f"{base}.{alias.name}" for alias in node.names)}


class _WithoutStrings(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:  # noqa: N802 - the name is ast's
        bare_string = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if bare_string else self.generic_visit(node)
