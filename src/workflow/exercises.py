"""Exercises: a question, an empty cell to write in, and a solution that runs like every other cell.

In a notebook a solution is a cell tagged `solution`, collapsed for JupyterLab; the cell before it, tagged `answer`, is
empty. A page leaves the empty cell out and folds the solution, code and result, under a button.
"""

from nbformat import NotebookNode

SOLUTION, ANSWER = "solution", "answer"
FIRST_LINE = "# Solution"
"""All that JupyterLab shows of a collapsed cell."""
COLLAPSED = {"source_hidden": True, "outputs_hidden": True}
"""What JupyterLab reads in a cell's metadata: a solution shows as a bar that one clicks open."""

HEADING = "## Exercises"
BUTTON = {"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}


def is_solution(cell: NotebookNode) -> bool:
    """Whether a cell is the solution of an exercise."""
    return SOLUTION in cell.metadata.get("tags", [])


def is_answer(cell: NotebookNode) -> bool:
    """Whether a cell is the empty one in which a student writes."""
    return ANSWER in cell.metadata.get("tags", [])


def fold(cell: NotebookNode) -> None:
    """Puts a solution, code and result, under a button of its page.

    Args:
        cell: A cell tagged `solution`; changed in place.
    """
    cell.metadata.tags = [*cell.metadata.tags, "hide-cell"]
    cell.metadata.mystnb = {**cell.metadata.get("mystnb", {}), **BUTTON}
