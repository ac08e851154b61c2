"""A page as a reader's browser has it: the network cut, and everything it tries written down."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, CDPSession, Page, Request, Route

from helpers.paths import NOTEBOOKS
from workflow.pdf import toc

CHAPTERS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))
PAGES = [f"{page}.html" for page in (toc()[0], *(page for _, own in toc()[1] for page in own))]
"""Every page of the table of contents; `search.html` and `index.html` are the theme's."""
PATIENCE = 120
"""Seconds after which a page is given up."""


@dataclass
class Visit:
    """A page as a reader's browser has it.

    Attributes:
        page: Playwright's page.
        session: Chromium's own account of it, which counts its work from before it opens.
        complaints: Console errors, page errors, failed requests and those that would leave the machine.
        loaded: Addresses of all that was loaded, the page itself first.
        awaited: Requests that have no answer yet.
    """

    page: Page
    session: CDPSession
    complaints: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    awaited: set[Request] = field(default_factory=set)

    def settle(self) -> None:
        """Waits until for half a second no request has been open; Playwright's "networkidle" is not always reached.

        Raises:
            AssertionError: The page still waits after `PATIENCE`.
        """
        quiet, until = 0, time.monotonic() + PATIENCE
        while quiet < 5:
            assert time.monotonic() < until, f"no answer: {[request.url for request in self.awaited]}"
            self.page.wait_for_timeout(100)
            quiet = 0 if self.awaited else quiet + 1

    def work(self) -> float:
        """Seconds that the page's own thread has worked since it was started."""
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")


@contextmanager
def visiting(chromium: Browser, address: str, **options) -> Iterator[Visit]:
    """Opens an address with the network cut.

    Args:
        chromium: A running browser.
        address: A file, or a page on 127.0.0.1.
        options: For Playwright's `new_context`.

    Yields:
        The `Visit`, loaded.
    """
    local = address.startswith("http://127.0.0.1")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=not local, **options)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    visited = Visit(page, context.new_cdp_session(page))
    visited.session.send("Performance.enable")
    _watch(visited, "/".join(address.split("/")[:3]) if local else "file://")
    visited.page.goto(address, wait_until="load")
    try:
        yield visited
    finally:
        context.close()


def _watch(visited: Visit, origin: str) -> None:
    """Lets requests to one origin pass, and writes down whatever else a page tries, and whatever fails."""
    page, complaints = visited.page, visited.complaints

    def guard(route: Route) -> None:
        url = route.request.url
        if not url.startswith((origin, "data:", "blob:")):
            complaints.append(f"left the machine: {url}")
            route.abort()
            return
        visited.loaded += [] if url.startswith(("data:", "blob:")) else [url]
        route.continue_()

    page.route("**/*", guard)
    page.on("response", lambda got: complaints.append(f"{got.status}: {got.url}") if got.status >= 400 else None)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: visited.awaited.add(request))
    page.on("requestfinished", lambda request: visited.awaited.discard(request))
    page.on("requestfailed", lambda request: visited.awaited.discard(request))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
