"""A reader with a browser and nothing else: no page asks the network for anything, and none is heavy."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from visits import PAGES

EVERY = ["index.html", *PAGES, "search.html"]
OWN, ALL = 2 * 2**20, 10 * 2**20
"""Bytes that a page may hold of its own, and with all scripts, styles and fonts that it loads."""
EXPLORER = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(params=["file", "http"])
def address(request, html, served):
    """Says where a page stands, on a disk or on a server of this machine."""
    return lambda page: (html / page).as_uri() if request.param == "file" else f"{served}/{page}"


@pytest.mark.parametrize("page", EVERY)
def test_nothing_leaves_and_nothing_fails(address, visit, pages, html, page):
    with visit(address(page)) as visited:
        explorers = len(pages[page].find_all("script", type=EXPLORER))
        visited.page.wait_for_function(f"document.querySelectorAll('.explorer').length >= {explorers}")
        visited.page.wait_for_load_state("networkidle")
        assert visited.complaints == []
        _check_weight(html, visited.loaded)


def _check_weight(html: Path, loaded: list[str]) -> None:
    sizes = {url: _file(html, url).stat().st_size for url in loaded}
    own = {url: size for url, size in sizes.items() if "/_static/" not in url and "searchindex" not in url}
    assert sum(own.values()) <= OWN, own
    assert sum(sizes.values()) <= ALL, sizes


def _file(html: Path, url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path)
    return Path(path) if parts.scheme == "file" else html / path.lstrip("/")


@pytest.mark.parametrize("page", PAGES)
def test_without_scripts_a_twin_stands_where_each_explorer_was(html, visit, pages, page):
    with visit((html / page).as_uri(), java_script_enabled=False) as visited:
        twins = visited.page.locator(".twin")
        # Widgets may lie in one another; each explorer stands in an output of its own.
        outputs = {id(view.find_parent(class_="cell")) for view in pages[page].find_all("script", type=EXPLORER)}
        assert twins.count() >= len(outputs)
        for twin in twins.all():
            assert twin.is_visible() and (twin.locator("img, table").count() > 0)


@pytest.mark.parametrize("page", PAGES)
def test_with_scripts_no_twin_repeats_its_explorer(html, visit, page):
    with visit((html / page).as_uri()) as visited:
        assert [twin for twin in visited.page.locator(".twin").all() if twin.is_visible()] == []


def test_nothing_offers_to_upload(html, pages):
    for name, page in pages.items():
        text = str(page)
        assert "Share chart" not in text and '"showSendToCloud": true' not in text, name
        assert text.count("Plotly.newPlot") == text.count('"showSendToCloud": false'), name
        assert page.select("form[action^=http], input[type=file], form[method=post]") == [], name


@pytest.mark.parametrize("page", EVERY)
def test_a_phone_scrolls_no_page_sideways(html, visit, page):
    with visit((html / page).as_uri(), width=390) as visited:
        # The theme waits for nothing but widgets and equations, which are what may be too wide.
        visited.page.wait_for_timeout(300)
        assert visited.page.evaluate("document.documentElement.scrollWidth") <= 390
