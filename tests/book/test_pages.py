"""The built book: every page there, no error, no broken link, and the data named on the front page."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from visits import PAGES

STATIC_FIGURES = {
    "01_data": 4,
    "02_baseline_cnn": 2,
    "03_icnt": 2,
    "04_iiv3": 2,
    "05_metrics": 7,
    "06_latent_space": 10,
    "07_grad_cam": 6,
    "08_leakage": 7,
    "09_modules": 4,
    "10_attention_check": 7,
    "11_calibration_and_choice": 11,
    "12_rereading": 4,
    "13_microcalcifications": 8,
    "14_imbalance_ladder": 6,
    "15_roi_aware": 6,
    "17_blind_test": 1,
    "18_studies": 2,
}
PLOTLY_FIGURES = {"06_latent_space": 3}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_toc_exists(pages, page):
    assert pages[page].find("h1")


def test_the_book_opens_at_its_root(pages):
    assert "book/index.html" in str(pages["index.html"])


def test_no_page_shows_an_error(pages):
    assert [name for name, page in pages.items() if page.select(".cell_output .traceback, .stderr")] == []


def test_no_page_shows_the_name_of_an_object_for_its_words(pages):
    assert [name for name, page in pages.items() if "<IPython.core.display" in page.get_text()] == []


def test_no_internal_link_is_broken(html, pages):
    broken = [
        f"{name} -> {target}"
        for name, page in pages.items()
        for target in _targets(page)
        if not _reachable(html, name, target, pages)
    ]
    assert broken == []


def _targets(page: BeautifulSoup) -> set[str]:
    attributes = (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href"))
    found = {str(tag[key]) for name, key in attributes for tag in page.find_all(name) if tag.has_attr(key)}
    return {target for target in found if not urlsplit(target).scheme and not target.startswith("//")}


def _reachable(html: Path, page: str, target: str, pages: dict[str, BeautifulSoup]) -> bool:
    parts = urlsplit(target)
    file = (html / page).parent / unquote(parts.path) if parts.path else html / page
    if not file.resolve().exists():
        return False
    anchor, name = unquote(parts.fragment), file.resolve().relative_to(html.resolve()).as_posix()
    return not anchor or name not in pages or bool(pages[name].find(id=anchor))


@pytest.mark.parametrize("name", STATIC_FIGURES)
def test_every_figure_is_on_its_page(pages, name):
    page = pages[f"book/nb/{name}.html"]
    assert len(page.select(".cell_output img")) >= STATIC_FIGURES[name]
    assert str(page).count("Plotly.newPlot") == PLOTLY_FIGURES.get(name, 0)


def test_plotly_is_served_by_the_book_and_read_by_no_page_that_opens(html, pages):
    assert (html / "_static" / "plotly.min.js").exists()
    for name, page in pages.items():
        assert page.select('script[src*="plotly"]') == [], name


def test_the_front_page_says_first_what_it_was_made_from(pages):
    article = pages["book/index.html"].find("article")
    opening = " ".join(article.get_text(" ").split())[:600]
    assert "profile ci" in opening
    assert "phantoms" in opening
    assert article.select_one(".admonition.warning") is not None
    before = [tag for tag in article.select_one(".admonition.warning").find_all_previous("p") if tag in article]
    assert before == []


def test_the_published_tables_stand_beside_ours(pages):
    text = pages["book/nb/05_metrics.html"].get_text(" ")
    for value in ("0.9867", "0.9646", "0.9587", "0.0355", "0.9744"):
        assert value in text
    assert len(re.findall(r"\d\.\d{3}\s\[-?\d+\.\d\d, -?\d+\.\d\d\]", text)) >= 2 * 3 * 8
