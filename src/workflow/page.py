"""Makes a page of the book: a notebook's source as it stands now, with the outputs of its last execution.

python -m workflow.page notebooks/03_icnt.py build/demo/notebooks/03_icnt.ipynb book/nb/03_icnt.ipynb
"""

import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

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
    """
    ran = iter([cell for cell in executed.cells if cell.cell_type == "code" and not _injected(cell)])
    for number, cell in enumerate(source.cells):
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = next(ran).outputs
            cell.execution_count = None
            tags = cell.metadata.get("tags", [])
            cell.metadata.tags = [*tags, HIDDEN if "parameters" in tags else FOLDED]
    source.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if "widgets" in executed.metadata:
        source.metadata.widgets = executed.metadata.widgets
    return source


def _injected(cell: NotebookNode) -> bool:
    return "injected-parameters" in cell.metadata.get("tags", [])


def main(source: Path, executed: Path, target: Path) -> None:
    """Reads the two notebooks and writes the page."""
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page(jupytext.read(source), nbformat.read(executed, as_version=4)), target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
