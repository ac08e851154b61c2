"""The prose of the book holds no typed result: numbers come from result files and from published data."""

import re

import pytest

from helpers.paths import BOOK, PAGES

RESULT = re.compile(r"(?<![\w.])\d*\.\d+|\d+(?:\.\d+)?\s?%")
NO_PROSE = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)", re.DOTALL)
WRITTEN = sorted(path for path in BOOK.rglob("*.md") if PAGES not in path.parents)


def typed_results(text: str) -> list[str]:
    return RESULT.findall(NO_PROSE.sub("", text))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.relative_to(BOOK).as_posix())
def test_no_result_is_typed(path):
    assert typed_results(path.read_text()) == []


@pytest.mark.parametrize("sentence", ["an accuracy of 0.93", "sensitivity rose to 87 %", "fell by .05", "in 7.6% of"])
def test_a_typed_result_would_be_found(sentence):
    assert typed_results(sentence)


@pytest.mark.parametrize("sentence", ["three of 44 items", "`0.5`", "$x = 0.5$", "[a link](page.md#v1.2)", "keras 3"])
def test_what_is_no_result_is_let_pass(sentence):
    assert typed_results(sentence) == []
