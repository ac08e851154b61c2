"""An explorer alone in a page without a kernel, with the scripts that the book serves."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anywidget
import pytest
from ipywidgets.embed import embed_data
from playwright.sync_api import Browser, Page

from helpers.paths import ROOT
from workflow import vendored

SCRIPTS = [
    vendored.BOOK / "widgets/require.js",
    ROOT / "book/look/widgets/base.js",
    vendored.BOOK / "widgets/embed-amd.js",
    vendored.BOOK / "widgets/anywidget.js",
]
STATE, VIEW = "application/vnd.jupyter.widget-state+json", "application/vnd.jupyter.widget-view+json"


@dataclass
class Opened:
    """A page with one explorer in it.

    Attributes:
        page: Playwright's page, at the explorer.
        complaints: Console errors, page errors and requests that left the machine or failed.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)

    def redraw(self, control: str, values: Sequence[float | str] = ()) -> float:
        """Median milliseconds from a change of a control until the explorer is drawn anew.

        Of five rounds the quickest counts: what else the machine does only adds.

        Args:
            control: A selector: of an input or a choice, or of buttons.
            values: What the control is set to, one after the other; without any, each button is clicked.
        """
        return min(self._round(control, values) for _ in range(5))

    def _round(self, control: str, values: Sequence[float | str]) -> float:
        return self.page.evaluate(
            """([control, values]) => {
                const found = [...document.querySelectorAll(control)];
                const changes = values.length
                    ? values.map((value) => () => {
                          found[0].value = value;
                          found[0].dispatchEvent(new Event(found[0].matches("select") ? "change" : "input"));
                      })
                    : found.map((button) => () => button.click());
                const canvas = document.querySelector(".explorer canvas");
                const times = changes.map((change) => {
                    const start = performance.now();
                    change();
                    document.querySelector(".explorer").getBoundingClientRect();
                    canvas?.getContext("2d")?.getImageData(0, 0, 1, 1);
                    return performance.now() - start;
                });
                return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
            }""",
            [control, list(values)],
        )


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens an explorer: opened(widget, width=1000) -> Opened; more options are those of a browser's context."""
    contexts = []

    def open_explorer(widget: anywidget.AnyWidget, width: int = 1000, **options) -> Opened:
        folder = tmp_path / f"page{len(contexts)}"
        folder.mkdir()
        (folder / "index.html").write_text(page_of(widget, folder))
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, offline=True, **options))
        result = Opened(contexts[-1].new_page())
        watch(result.page, result.complaints)
        result.page.goto((folder / "index.html").as_uri())
        result.page.wait_for_selector(".explorer", timeout=20_000)
        return result

    yield open_explorer
    for context in contexts:
        context.close()


def watch(page: Page, complaints: list[str]) -> None:
    """Writes down what a page should not do."""
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)


def page_of(widget: anywidget.AnyWidget, folder: Path) -> str:
    """A page that holds one widget and its state."""
    data = embed_data(views=[widget], drop_defaults=False)
    # base.js says where modules lie by where it lies itself, so the scripts stand side by side as in the book.
    for script in SCRIPTS:
        (folder / script.name).write_bytes(script.read_bytes())
    scripts = "".join(f'<script src="{script.name}"></script>' for script in SCRIPTS)
    # A notebook's file sorts all keys.
    state = json.dumps(data["manager_state"], sort_keys=True).replace("<", "\\u003c")
    view = json.dumps(data["view_specs"][0])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>explorer</title>{scripts}</head>'
        f'<body><main><script type="{STATE}">{state}</script><script type="{VIEW}">{view}</script></main></body></html>'
    )
