"""A reader with a browser and nothing else: no page asks the network for anything, and none is heavy."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page
from visits import PAGES, Visit

EVERY = ["index.html", *PAGES, "search.html"]
OWN, ALL = 2 * 2**20, 10 * 2**20
"""Bytes that a page may hold of its own, and with all scripts, styles and fonts that it loads."""
PHONE = 390
"""Pixels of a phone's width."""
WORK, WALL = 2, 9
"""Seconds: with two of its own work a page is there within three on a quiet machine; the tests fill theirs."""
EXPLORER = "application/vnd.jupyter.widget-view+json"


def drawn(visited: Visit, page: BeautifulSoup) -> Page:
    """The page once its explorers are drawn and nothing more is asked for."""
    count = len(page.find_all("script", type=EXPLORER))
    visited.page.wait_for_function(f"document.querySelectorAll('.explorer').length >= {count}")
    visited.settle()
    return visited.page


@pytest.mark.parametrize("page", EVERY)
def test_on_a_disk_nothing_leaves_nothing_fails_and_nothing_is_heavy(html, visit, pages, page):
    with visit((html / page).as_uri()) as visited:
        shown = drawn(visited, pages[page])
        assert [twin for twin in shown.locator(".twin").all() if twin.is_visible()] == []
        shown.set_viewport_size({"width": PHONE, "height": 800})
        shown.wait_for_function(f"document.documentElement.scrollWidth <= {PHONE}")
        assert visited.complaints == []
        _check_weight(html, visited.loaded)


@pytest.mark.parametrize("page", EVERY)
def test_on_a_server_nothing_leaves_and_nothing_fails(served, visit, pages, page):
    with visit(f"{served}/{page}") as visited:
        drawn(visited, pages[page])
        assert visited.complaints == []


def test_a_figure_to_turn_is_drawn_with_the_books_own_plotly_once_a_reader_comes_near(html, visit, pages):
    for name in [name for name, page in pages.items() if "Plotly.newPlot" in str(page)]:
        with visit((html / name).as_uri()) as visited:
            shown = drawn(visited, pages[name])
            assert not any("plotly" in url for url in visited.loaded), name
            shown.locator(".turning").first.scroll_into_view_if_needed()
            shown.locator(".js-plotly-plot").first.wait_for()
            visited.settle()
            assert visited.complaints == []
            _check_weight(html, visited.loaded)


def test_explorers_are_usable_within_three_seconds_of_opening(html, visit, pages):
    for name, page in pages.items():
        count = len(page.find_all("script", type=EXPLORER))
        if count:
            # The least of up to three visits: what else the machine does only adds.
            visits = (_until_usable(visit, (html / name).as_uri(), count) for _ in range(3))
            assert any(work <= WORK and wall <= WALL for work, wall in visits), name


def _until_usable(visit, address: str, count: int) -> tuple[float, float]:
    """Seconds until each explorer has a control to move: of the page's own thread's work, and by the clock."""
    with visit(address) as visited:
        visited.page.wait_for_function(
            """(count) => {
                const found = [...document.querySelectorAll(".explorer")];
                return found.length >= count && found.every((each) => each.querySelector("select, button, input"));
            }""",
            arg=count,
        )
        work = visited.work()
        assert work > 0
        return work, visited.page.evaluate("performance.now()") / 1000


def _check_weight(html: Path, loaded: list[str]) -> None:
    sizes = {url: _file(html, url).stat().st_size for url in loaded}
    own = {url: size for url, size in sizes.items() if "/_static/" not in url and "searchindex" not in url}
    assert sum(own.values()) <= OWN, own
    assert sum(sizes.values()) <= ALL, sizes


def _file(html: Path, url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path)
    return Path(path) if parts.scheme == "file" else html / path.lstrip("/")


def test_without_scripts_a_twin_stands_where_each_explorer_was(html, visit, pages):
    for name, page in pages.items():
        # Widgets may lie in one another; each explorer stands in a cell of its own.
        cells = {id(view.find_parent(class_="cell")) for view in page.find_all("script", type=EXPLORER)}
        if cells or page.select(".twin"):
            with visit((html / name).as_uri(), java_script_enabled=False) as visited:
                twins = visited.page.locator(".twin").all()
                assert len(twins) >= len(cells), name
                assert all(twin.is_visible() and twin.locator("img, table").count() for twin in twins), name


def test_nothing_offers_to_upload(html, pages):
    for name, page in pages.items():
        text = str(page)
        assert "Share chart" not in text and '"showSendToCloud": true' not in text, name
        assert text.count("Plotly.newPlot") == text.count('"showSendToCloud": false'), name
        assert page.select("form[action^=http], input[type=file], form[method=post]") == [], name
