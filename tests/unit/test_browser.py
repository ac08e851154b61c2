"""A browser is installed once, whoever asks for it at the same time."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from workflow import browser


@pytest.fixture
def machine(monkeypatch):
    """A machine without a browser, whose installer refuses to run twice at a time; gives what was installed."""
    busy, installed = threading.Lock(), []

    def install(command):
        if not busy.acquire(blocking=False):
            raise subprocess.CalledProcessError(100, command)
        time.sleep(0.2)
        installed.append("/usr/bin/chromium")
        busy.release()

    monkeypatch.setattr(browser, "_quietly", install)
    monkeypatch.setattr(browser, "_here", lambda: installed[-1] if installed else None)
    return installed


def test_who_comes_second_waits_and_uses_what_the_first_installed(machine):
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: browser.executable.__wrapped__(), range(2)))
    assert found == ["/usr/bin/chromium"] * 2
    assert len(machine) == 1


def test_where_none_can_be_installed_the_message_says_what_to_do(monkeypatch):
    def refuse(command):
        raise subprocess.CalledProcessError(100, command)

    monkeypatch.setattr(browser, "_here", lambda: None)
    monkeypatch.setattr(browser, "_quietly", refuse)
    with pytest.raises(browser.NoBrowserError, match="sudo apt-get install chromium"):
        browser.executable.__wrapped__()
