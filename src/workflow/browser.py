"""A Chromium for tests and for print: the one that is here, else Playwright's own, else Debian's.

python -m workflow.browser says where it is, and installs one where none is.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox", "--use-gl=swiftshader", "--enable-webgl", "--ignore-gpu-blocklist"]
HOW_TO = (
    "no Chrome or Chromium here, and none could be installed. Install one (Debian: sudo apt-get install chromium) "
    "or run .venv/bin/playwright install chromium"
)


class NoBrowserError(RuntimeError):
    """There is no browser; the message says how to get one."""


@cache
def executable() -> str:
    """The path of a browser; installs one where none is.

    Returns:
        The executable's path.

    Raises:
        NoBrowserError: There is none and none can be installed here.
    """
    with _one_installation():
        if found := _here():
            return found
        for install in (_playwright_install, _debian_install):
            if found := _here_after(install):
                return found
    raise NoBrowserError(HOW_TO)


@contextmanager
def browser() -> Iterator[Browser]:
    """A running Chromium without a window.

    Yields:
        Playwright's `Browser`.

    Raises:
        NoBrowserError: See `executable`.
    """
    path = executable()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def _one_installation() -> Iterator[None]:
    """Waits while another process of this user installs: apt-get refuses a second, as if no browser could be had."""
    with (Path(tempfile.gettempdir()) / f"mammobook-browser-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _here() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None) or _playwrights()


def _playwrights() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _here_after(install: Callable[[], None]) -> str | None:
    try:
        install()
    except (OSError, subprocess.SubprocessError, Error):
        return None
    return _here()


def _playwright_install() -> None:
    _quietly([sys.executable, "-m", "playwright", "install", "chromium"])


def _debian_install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # Somebody else's apt-get is waited for as well.
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
        _quietly([*apt, "update"])
        _quietly([*apt, "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"])


def _quietly(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=600)


def main() -> int:
    """The command line; see the module's first lines."""
    try:
        print(executable())
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
