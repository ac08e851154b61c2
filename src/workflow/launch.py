"""Buttons that open a chapter where it runs, on Binder and on Colab; only in a book that knows its own repository.

MAMMOBOOK_REPOSITORY=owner/name names it, on GitHub; .github/workflows/book.yml does. Binder opens the notebook's text
itself, with the environment of environment.yml. Colab opens nothing but .ipynb files of a repository:
python -m workflow.launch writes them to _build/colab, and the workflow pushes that folder to the branch `colab`.
"""

import os
import re
import sys
from pathlib import Path
from urllib.parse import quote

import jupytext
import nbformat
from nbformat import NotebookNode, v4

from helpers.paths import NOTEBOOKS, ROOT
from workflow import exercises

VARIABLE = "MAMMOBOOK_REPOSITORY"
BRANCH = "colab"
FOLDER = ROOT / "_build" / BRANCH
SETUP = """\
# Colab starts with an empty machine: this fetches the book's code and what it needs beside what Colab has.
# Where Colab then asks to restart the session, do so and go on below.
!git clone --quiet --depth 1 https://github.com/{repository} mammobook
%pip install --quiet --editable mammobook
%cd mammobook/notebooks
import sys; sys.path.insert(0, "../src")"""


def repository() -> str | None:
    """The book's repository on GitHub, "owner/name"; None where nobody said which it is.

    Raises:
        ValueError: The variable holds something else.
    """
    named = os.environ.get(VARIABLE, "")
    if named and not re.fullmatch(r"[\w.-]+/[\w.-]+", named):
        raise ValueError(f"{VARIABLE}: expected owner/name, came {named!r}")
    return named or None


def binder(repository: str, notebook: str) -> str:
    """Where Binder opens a notebook's text, as a notebook: `postBuild` says so to JupyterLab.

    Args:
        repository: "owner/name".
        notebook: The notebook's name, such as "05_metrics".

    Returns:
        The address.
    """
    return f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath={quote(f'lab/tree/notebooks/{notebook}.py', safe='')}"


def colab(repository: str, notebook: str) -> str:
    """Where Colab opens a notebook.

    Args:
        repository: "owner/name".
        notebook: The notebook's name, such as "05_metrics".

    Returns:
        The address.
    """
    return f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/{notebook}.ipynb"


def button(repository: str, notebook: str) -> dict:
    """A page's button, as sphinx-book-theme wants it: two places to run the notebook."""
    places = {"Binder": binder(repository, notebook), "Colab": colab(repository, notebook)}
    links = [
        {"type": "link", "text": name, "tooltip": f"Run this chapter on {name}", "icon": "fas fa-play", "url": url}
        for name, url in places.items()
    ]
    name = "Run this chapter elsewhere"
    return {"type": "group", "tooltip": name, "icon": "fas fa-rocket", "buttons": links, "label": "launch-buttons"}


def for_colab(notebook: NotebookNode, repository: str) -> NotebookNode:
    """A notebook with what Colab needs: a first cell that fetches the book, and solutions as closed forms.

    Args:
        notebook: As jupytext reads it; changed in place.
        repository: "owner/name".

    Returns:
        The notebook.
    """
    for cell in filter(exercises.is_solution, notebook.cells):
        cell.metadata.cellView = "form"
        cell.source = f"#@title {exercises.BUTTON['code_prompt_show']}\n{cell.source}"
    notebook.cells.insert(1, v4.new_code_cell(SETUP.format(repository=repository)))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    return notebook


def main() -> int:
    """The command line; see the module's first lines."""
    named = repository()
    if not named:
        print(f"{VARIABLE}=owner/name is not set: nothing to launch", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(NOTEBOOKS).glob("[0-9][0-9]_*.py")):
        nbformat.write(for_colab(jupytext.read(path), named), FOLDER / f"{path.stem}.ipynb")
    return 0


if __name__ == "__main__":
    sys.exit(main())
