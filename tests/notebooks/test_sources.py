"""Notebooks are prose with short cells: no definitions, no typed results, one source each."""

import ast
import re
from pathlib import Path

import jupytext
import pytest
import yaml

from helpers.paths import NOTEBOOKS, ROOT
from workflow import exercises
from workflow.fingerprint import notebook_code

SOURCES = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.py"))
LONGEST_CELL = 12

pytestmark = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list:
    return [cell for cell in jupytext.read(path).cells if cell.cell_type == kind]


def test_no_definition_stands_in_a_notebook(path):
    tree = ast.parse(notebook_code(path))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [node for node in ast.walk(tree) if isinstance(node, kinds)] == []


def test_cells_are_short(path):
    assert [cell.source for cell in cells(path, "code") if len(cell.source.splitlines()) > LONGEST_CELL] == []


def test_it_says_first_what_is_learnt_and_last_what_was(path):
    prose = cells(path, "markdown")
    assert prose[0].source.startswith("# ")
    assert "**You will learn**" in prose[0].source
    assert before_exercises(prose)[-1].source.startswith("## What was learnt")


def before_exercises(cells_: list) -> list:
    return cells_[: [cell.source for cell in cells_].index(exercises.HEADING)]


def test_it_ends_with_two_or_three_exercises(path):
    every = jupytext.read(path).cells
    after = every[len(before_exercises(every)) + 1 :]
    assert len(after) in (6, 9)
    for question, answer, solution in zip(after[::3], after[1::3], after[2::3], strict=True):
        assert question.cell_type == "markdown" and question.source.startswith("**") and "?" in question.source
        assert exercises.is_answer(answer) and answer.source == ""
        assert exercises.is_solution(solution) and solution.source.startswith(exercises.FIRST_LINE)


def test_only_solutions_are_collapsed_in_jupyterlab(path):
    for cell in cells(path, "code"):
        collapsed = exercises.COLLAPSED if exercises.is_solution(cell) else {}
        assert cell.metadata.get("jupyter", {}) == collapsed, cell.source


def test_saving_in_jupyterlab_leaves_the_source_as_it_is(path):
    # jupytext adds its own version to the header, and nothing else.
    saved = jupytext.writes(jupytext.read(path), "py:percent")
    assert re.sub(r"#       (format|jupytext)_version: .*\n", "", saved) == path.read_text()


def test_one_cell_holds_the_parameters_with_their_defaults(path):
    tagged = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    names = {node.target.id for node in ast.walk(ast.parse(tagged[0].source)) if isinstance(node, ast.AnnAssign)}
    assert names == {"profile", "data", "settings", "build"}


def test_no_result_is_typed(path):
    # A result is a decimal or a percentage; the level of the intervals is a convention, and no result.
    prose = "\n".join(cell.source for cell in cells(path, "markdown")).replace("95 % interval", "interval")
    assert re.findall(r"(?<![\w.])\d*\.\d+|\d+(?:\.\d+)?\s?%", prose) == []


def test_it_is_a_page_of_the_book(path):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    pages = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    assert f"book/nb/{path.stem}" in pages
