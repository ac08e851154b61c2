"""The rules explorer shows each rule with its code and the checks that Python made by it."""

import inspect
from functools import cache

import pytest

from helpers.explorers import rules as module
from helpers.rereading import FAILS, RULES, reread


@pytest.fixture(scope="module")
def explorer():
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "explore", lambda widget, *_: kept.append(widget))
        module.rules()
    return kept[0]


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """The rules are tested elsewhere; here each document is read again once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "reread", cache(reread))
        yield


def rows(page) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator(".explorer tbody tr").all()]


def checks(document: str, rule: str, verdict: str | None = None) -> list[list[str]]:
    found = reread(document).query("rule == @rule")
    found = found[found["verdict"] == verdict] if verdict else found
    return found[list(module.COLUMNS)].to_numpy().tolist()


def squeezed(table: list[list[str]]) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row] for row in table]


@pytest.mark.parametrize("document", list(RULES))
def test_every_rule_stands_there_with_its_checks_and_its_code(opened, explorer, document):
    page = (shown := opened(explorer)).page
    page.get_by_label("Checks that").select_option("all")
    page.get_by_label("Document").select_option(document)
    for rule in RULES[document]:
        page.get_by_label("Rule", exact=True).select_option(label=rule.__name__.replace("_", " "))
        assert squeezed(rows(page)) == squeezed(checks(document, rule.__name__))
        assert page.locator("pre").text_content() == inspect.getsource(rule)
    assert shown.complaints == []


def test_it_starts_with_what_fails_and_the_keyboard_alone_moves_it(opened, explorer):
    page = opened(explorer, width=390).page
    failing = list(reread("A").query("verdict == @FAILS")["rule"].drop_duplicates())
    assert squeezed(rows(page)) == squeezed(checks("A", failing[0], FAILS))
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert squeezed(rows(page)) == squeezed(checks("A", failing[1], FAILS))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
