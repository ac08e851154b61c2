"""What the tests of the book share: its pages, as files, on a server, and in a browser with the network cut."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from visits import Visit, visiting


@pytest.fixture(scope="session")
def html(ci_book) -> Path:
    """The folder of the built book."""
    return ci_book.root / "_build" / "html"


@pytest.fixture(scope="session")
def pages(html) -> dict[str, BeautifulSoup]:
    """Every page of the book, parsed, by its path."""
    # The theme leaves templates of its own in _static; they are no pages.
    found = [path for path in html.rglob("*.html") if "_static" not in path.parts]
    files = {path.relative_to(html).as_posix(): path for path in found}
    return {name: BeautifulSoup(path.read_text(), "html.parser") for name, path in files.items()}


@pytest.fixture(scope="session")
def served(html) -> Iterator[str]:
    """The book's address on 127.0.0.1."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def visit(chromium: Browser) -> Callable[..., AbstractContextManager[Visit]]:
    """Opens a page as `visits.visiting` does: `with visit(address) as visited`."""
    return functools.partial(visiting, chromium)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no line for each."""

    def log_message(self, *_args) -> None: ...
