"""Pages that everybody can use: axe-core finds nothing serious, in either theme, and every figure is told in words."""

import re

import pytest
from playwright.sync_api import Page
from visits import CHAPTERS, PAGES

from workflow import vendored

AXE = vendored.FOLDER / "axe.min.js"
THEMES = ("light", "dark")
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
ALLOWED: dict[str, str] = {}
"""Rules that a page may break, each with the reason why it cannot be mended here."""


@pytest.mark.parametrize("page", [*PAGES, "search.html"])
def test_axe_finds_nothing_serious_in_either_theme(html, visit, page):
    with visit((html / page).as_uri()) as visited:
        shown = visited.page
        visited.settle()
        # A color on its way from one theme to the other is neither's, nor is that of a fold that fades in.
        shown.add_style_tag(content=STILL)
        # What is folded has to be read as well.
        shown.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
        shown.evaluate(AXE.read_text())
        found = [(theme, *each) for theme in THEMES for each in _serious(shown, theme)]
        assert found == []


def _serious(shown: Page, theme: str) -> list[tuple[str, str, str]]:
    """What axe-core finds in a theme: the rule, where, and how to mend it."""
    shown.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    violations = shown.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [
        (each["id"], node["html"][:200], node["failureSummary"])
        for each in violations
        if each["impact"] in ("serious", "critical") and each["id"] not in ALLOWED
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_is_told_in_words_of_its_own(pages, page):
    words = [picture.get("alt", "").strip() for picture in pages[page].select("article img")]
    # A file's name is what Sphinx writes where it was given no words.
    mute = [text for text in words if len(text) < 30 or re.search(r"\.(png|jpe?g|svg|gif|webp)$", text)]
    assert mute == []
    # That there is nothing to draw may be so twice.
    drawn = [text for text in words if not text.startswith(("There is no ", "There are no "))]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_solution_is_under_a_button_that_says_so(pages, name):
    solutions = pages[f"book/nb/{name}.html"].select(".tag_solution > details:not([open])")
    assert len(solutions) in (2, 3)
    for fold in solutions:
        assert fold.find("summary").find(class_="collapsed").get_text() == "Show the solution"
        assert not fold.find("summary").has_attr("aria-label")
        assert fold.select_one(".cell_input") and fold.select_one(".cell_output")
