"""Makes a page of the book: a notebook's source as it stands now, with the outputs of its last execution.

python -m workflow.page notebooks/03_icnt.py build/demo/notebooks/03_icnt.ipynb book/nb/03_icnt.ipynb
"""

import re
import sys
from itertools import count
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from workflow import exercises

PICTURES = ("image/png", "image/jpeg")
HIDDEN = "remove-cell"
FOLDED = "hide-input"
"""Jupyter Book's tags: a page leaves the parameters out, and folds all other code under a button."""


def page(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Puts executed outputs under the cells of the source.

    A change of prose thus refreshes the page and runs nothing. It is sound because a change of code changes the
    notebook's fingerprint, which executes it again.

    Args:
        source: The notebook as jupytext reads it.
        executed: The notebook as Papermill left it.

    Returns:
        The page: papermill's injected cell and every trace of machine and time left out.

    Raises:
        ValueError: A cell has two figures; a page's cell has one alternative text.
    """
    ran = iter([cell for cell in executed.cells if cell.cell_type == "code" and not _injected(cell)])
    for number, cell in enumerate(source.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = next(ran).outputs
            cell.execution_count = None
            _describe(cell)
            _dress(cell)
    source.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if "widgets" in executed.metadata:
        source.metadata.widgets = executed.metadata.widgets
    return source


def _describe(cell: NotebookNode) -> None:
    """Gives the page's picture the alternative text that its figure carried, see `helpers.figures.style`."""
    about = [output.get("metadata", {}).get(kind, {}) for output in cell.outputs for kind in PICTURES]
    words = [each["alt"] for each in about if each.get("alt")]
    if len(words) > 1:
        raise ValueError(f"expected one figure a cell, came {len(words)} from:\n{cell.source}")
    if words:
        cell.metadata.mystnb = {"image": {"alt": words[0]}}


def _dress(cell: NotebookNode) -> None:
    """Leaves out what is not to be read, and folds the code, or the whole of a solution."""
    tags = cell.metadata.get("tags", [])
    if exercises.is_solution(cell):
        exercises.fold(cell)
    else:
        cell.metadata.tags = [*tags, HIDDEN if "parameters" in tags or exercises.is_answer(cell) else FOLDED]


def renumbered(text: str, ids: list[str]) -> str:
    """Gives widgets counted ids instead of random ones, so that two runs give the same page.

    Args:
        text: A notebook as JSON.
        ids: The widgets' ids, 32 hex digits each.

    Returns:
        The text with each id replaced by its number, in the order of the widgets' making.
    """
    numbers = {name: f"{number:032x}" for name, number in zip(ids, count(1), strict=False)}
    # No word boundary: ids also follow "IPY_MODEL_".
    return re.sub(r"[0-9a-f]{32}", lambda found: numbers.get(found[0], found[0]), text)


def _widget_ids(notebook: NotebookNode) -> list[str]:
    states = notebook.metadata.get("widgets", {}).values()
    return [name for state in states for name in state.get("state", {})]


def _injected(cell: NotebookNode) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", [])


def main(source: Path, executed: Path, target: Path) -> None:
    """Reads the two notebooks and writes the page."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = page(jupytext.read(source), nbformat.read(executed, as_version=4))
    target.write_text(renumbered(nbformat.writes(made), _widget_ids(made)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
