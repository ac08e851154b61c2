"""The book tells nothing of the machine that made it."""

import getpass
import re
import socket
import sys
import tempfile
from pathlib import Path

TEXTS = {".html", ".js", ".json", ".ipynb", ".md", ".txt", ".css", ".svg"}
ENCODED = re.compile(r"[A-Za-z0-9+/]{400,}")
"""Pictures as text, in which "/root/" stands by chance."""


def test_no_file_names_the_machine_its_folders_or_its_user(ci_book, html):
    secrets = {str(ci_book.root), str(Path(__file__).parents[2]), tempfile.gettempdir() + "/pytest", sys.prefix}
    secrets |= {f"{Path.home()}/", f"/home/{getpass.getuser()}"}
    # A short name, such as "root" or "vm", stands in any script by chance.
    secrets |= {name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 6}
    # Widget states stand in the pages, and what is generated for them beside the prose.
    files = [path for folder in (html, ci_book.root / "book") for path in folder.rglob("*") if path.suffix in TEXTS]
    assert len(files) > 50
    texts = {path.relative_to(ci_book.root): ENCODED.sub("", path.read_text()) for path in files}
    found = [(path, each) for path, text in texts.items() for each in secrets if each in text]
    assert found == []
