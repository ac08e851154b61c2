"""A screening set: pictures of whole screening rounds, few of them with cancer, and eleven columns beside."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.datasets.exams import DatasetError

SCALE = {
    "laterality": ("L", "R"),
    "view": ("CC", "MLO", "ML", "LM", "AT", "LMO"),
    "BIRADS": ("0", "1", "2"),
    "density": ("A", "B", "C", "D"),
}
"""The words that a column can hold, in order. BIRADS: 0 asks for more pictures, 1 is negative, 2 is normal."""
LISTED_TWICE = "image_id listed twice"
NO_FILE = "row without file"
NO_ROW = "file without row"


def _text(column: str = "", nullable: bool = False, unique: bool = False) -> pa.Column:
    checks = [pa.Check.isin(SCALE[column])] if column else None
    return pa.Column(str, checks, nullable=nullable, unique=unique)


def _yes_or_no(nullable: bool = False) -> pa.Column:
    return pa.Column("boolean", nullable=nullable)


SCHEMA = pa.DataFrameSchema(
    {
        "site_id": _text(),
        "patient_id": _text(),
        "image_id": _text(unique=True),
        "laterality": _text("laterality"),
        "view": _text("view"),
        "age": pa.Column(float, pa.Check.in_range(0, 120), nullable=True),
        "cancer": _yes_or_no(),
        "biopsy": _yes_or_no(),
        "invasive": _yes_or_no(),
        "BIRADS": _text("BIRADS", nullable=True),
        "implant": _yes_or_no(nullable=True),
        "density": _text("density", nullable=True),
        "machine_id": _text(),
        "difficult_negative_case": _yes_or_no(nullable=True),
    },
    strict=True,
    ordered=True,
)
"""The columns of a screening table, those of the competition's train.csv.

`cancer`, `biopsy`, `invasive`, `BIRADS` and `difficult_negative_case` are said of a breast, on each picture of it.
"""


@dataclass(frozen=True)
class Screening:
    """A screening set as the rest of the book sees it.

    Attributes:
        name: "phantom" or "rsna".
        table: The validated screening table, one row a picture.
        read: Gives the raw picture of an image_id, uint8 or uint16; it can be sent to another process.
        problems: What was set aside: image_id and problem, one of a few fixed words.
        synthetic: Whether the pictures are phantoms.
    """

    name: str
    table: pd.DataFrame
    read: Callable[[str], np.ndarray]
    problems: pd.DataFrame
    synthetic: bool = False


def problems(found: dict[str, str] | list[tuple[str, str]]) -> pd.DataFrame:
    """A table of problems.

    Args:
        found: image_id and problem, one pair each.

    Returns:
        DataFrame with the columns image_id and problem, sorted.
    """
    pairs = found.items() if isinstance(found, dict) else found
    table = pd.DataFrame(pairs, columns=["image_id", "problem"], dtype="str")
    return table.sort_values(["problem", "image_id"], ignore_index=True)


def validated(rows: pd.DataFrame, source: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Checks rows against the contract, and sets those aside that break it.

    Args:
        rows: All columns of the contract, of the right types.
        source: Where they come from, for the error message.

    Returns:
        The screening table, indexed from 0, and the problems: each row that breaks the contract, with the column.

    Raises:
        DatasetError: No row keeps the contract; names the first problem.
    """
    table = rows[list(SCHEMA.columns)].reset_index(drop=True)
    found = _broken(table)
    if len(found) == len(table):
        first = f"; the first: {table['image_id'].iloc[0]}, {next(iter(found.values()))}" if found else ""
        raise DatasetError(f"{source}: expected rows that can be used, found none{first}")
    kept = table.drop(index=list(found)).reset_index(drop=True)
    return kept, problems([(table["image_id"][row], words) for row, words in found.items()])


def _broken(table: pd.DataFrame) -> dict[int, str]:
    """The first problem of each row that has one."""
    try:
        SCHEMA.validate(table, lazy=True)
    except pa.errors.SchemaErrors as errors:
        found = {}
        for row, column, check in errors.failure_cases[["index", "column", "check"]].itertuples(index=False):
            # Which of two equal names is meant, nobody can say: each row of them is set aside.
            found.setdefault(int(row), LISTED_TWICE if "uniqueness" in check else f"{column} out of range")
        return found
    return {}
