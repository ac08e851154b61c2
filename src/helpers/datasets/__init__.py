"""The data sets that the book can be built from, each loaded into the same exam table (`helpers.datasets.exams`)."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.datasets.exams import Dataset

NAMES = {
    "phantom": "helpers.datasets.phantom",
    "mias": "helpers.datasets.mias",
    "kaggle_combined": "helpers.datasets.kaggle_combined",
    "vindr": "helpers.datasets.vindr",
    "cdd_cesm": "helpers.datasets.cdd_cesm",
}
"""Where the loader of each data set lies; it is imported when it is asked for, so this package imports fast."""


def load(name: str, path: Path | None = None, **options) -> "Dataset":
    """Loads a data set by the name that profiles use.

    Args:
        name: One of `NAMES`.
        path: The archive or folder that holds the set; None downloads it. Phantoms are made and take none.
        **options: What the set's own loader takes beside the path, such as `patients` and `seed` of the phantoms.

    Returns:
        The Dataset.

    Raises:
        DatasetError: The name is not known, a path is given for phantoms, or the set cannot be used.
    """
    from helpers.datasets.exams import DatasetError

    if name not in NAMES:
        raise DatasetError(f"data set {name!r}: expected one of {', '.join(NAMES)}")
    loader = import_module(NAMES[name]).load
    if name != "phantom":
        return loader(path, **options)
    if path is not None:
        raise DatasetError(f"phantoms are made, not read: expected no path, got {path}")
    return loader(**options)
