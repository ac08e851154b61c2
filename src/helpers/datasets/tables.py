"""Tables that come with pictures, as comma-separated text: every cell is a word until a data set says what it means."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.datasets.exams import DatasetError


def read_table(file: Path, columns: Iterable[str], of: str) -> pd.DataFrame:
    """Reads a table.

    Args:
        file: A csv file in UTF-8, its first line the columns' names; blanks around them do no harm.
        columns: Those that it has to have.
        of: Whose they are, for the error message, such as "VinDr-Mammo".

    Returns:
        DataFrame of strings, null where a cell is empty, with all columns of the file.

    Raises:
        DatasetError: The file is no such table, a row has more cells than there are names, or columns are missing.
    """
    try:
        # By itself, Pandas takes the first cells of rows with more cells than names for an index, and moves the others.
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            table = pd.read_csv(file, dtype="str", index_col=False)
    except (ValueError, OverflowError, OSError, pd.errors.ParserWarning) as error:
        # Pandas' own errors are ValueErrors too; their words may quote the file.
        kind = type(error).__name__
        raise DatasetError(f"{file}: expected a csv table in UTF-8, found a file that is none ({kind})") from None
    table = table.rename(columns=lambda name: str(name).strip())
    missing = [column for column in columns if column not in table]
    if missing:
        raise DatasetError(f"{file}: expected the columns of {of}, missing {', '.join(missing)}")
    return table.loc[:, ~table.columns.duplicated()]
