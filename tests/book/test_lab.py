"""JupyterLab as `make lab` and Binder open it: a chapter's text is a notebook, and its solutions are closed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from helpers.paths import NOTEBOOKS, ROOT
from workflow import exercises, launch

TOKEN = "reader"


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """The address of a JupyterLab with this book's settings and a copy of its notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("jupyter"), "lab", "--no-browser", "--allow-root", f"--port={port}"]
    options = [f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.port_retries=0"]
    own = {"JUPYTER_CONFIG_PATH": str(ROOT / "src/workflow/jupyter"), "JUPYTER_CONFIG_DIR": str(folder / "config")}
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [*command, *options], env={**os.environ, **own}, cwd=folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/api/status?token={TOKEN}")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, seconds: int = 120) -> None:
    for _ in range(2 * seconds):
        try:
            urlopen(address).close()
            return
        except URLError:
            time.sleep(0.5)
    raise TimeoutError(address)


def test_a_chapter_opens_as_a_notebook_with_closed_solutions(lab, chromium):
    link = launch.binder("somebody/mammobook", "04_iiv3")
    page = chromium.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(f"{lab}/{parse_qs(urlsplit(link).query)['urlpath'][0]}?token={TOKEN}")
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    assert page.locator(".jp-FileEditor").count() == 0
    # Cells out of view are not drawn: jump to the end.
    page.locator(".jp-Notebook").click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+ArrowDown")
    closed = page.locator(".jp-Placeholder", has_text=exercises.FIRST_LINE)
    closed.last.wait_for()
    assert page.get_by_text("probabilities.argmax").count() == 0
    page.close()
