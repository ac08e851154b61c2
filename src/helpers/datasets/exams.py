"""The exam table: one row a picture, validated where a data set enters the book."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pandera.pandas as pa

LABELS = ("normal", "benign", "malignant")
"""The three classes, in order of severity; a class index everywhere is an index into this tuple."""


class DatasetError(ValueError):
    """A data set that cannot be used; the message names the file, what was expected and what came."""


def severity(labels: pd.Series) -> pd.Series:
    """Ranks labels by severity, so that the worst of several is their maximum.

    Args:
        labels: Series of strings out of `LABELS`.

    Returns:
        Series of int, 0 for normal, 1 for benign, 2 for malignant.
    """
    return labels.map(LABELS.index)


def _text(nullable: bool = True, **options) -> pa.Column:
    return pa.Column(str, nullable=nullable, coerce=True, **options)


def _number(check: pa.Check | None = None) -> pa.Column:
    return pa.Column(float, check, nullable=True, coerce=True)


SCHEMA = pa.DataFrameSchema(
    {
        "image_id": _text(nullable=False, unique=True),
        "patient_id": _text(nullable=False),
        "source": _text(nullable=False),
        "laterality": _text(checks=pa.Check.isin(["L", "R"])),
        "view": _text(checks=pa.Check.isin(["CC", "MLO"])),
        "label": _text(nullable=False, checks=pa.Check.isin(LABELS)),
        "density": _text(),
        "abnormality": _text(),
        "lesion_x": _number(),
        "lesion_y": _number(),
        "lesion_radius": _number(pa.Check.gt(0)),
        "mask": _text(),
        "age": _number(pa.Check.in_range(0, 120)),
        "implant": pa.Column("boolean", nullable=True, coerce=True),
        "machine_id": _text(),
        "site_id": _text(),
        "sha256": _text(nullable=False, checks=pa.Check.str_length(64)),
    },
    strict=True,
    ordered=True,
)
"""The columns of an exam table.

`lesion_x`, `lesion_y` and `lesion_radius` are pixels of the raw picture, x to the right and y down from the
TOP-left corner; all three are null where there is no lesion or its place is not known. `mask` is the path of a
lesion mask. `density`, `abnormality` are the source's own words (BI-RADS A to D, or mini-MIAS F, G, D).
"""


@dataclass(frozen=True)
class Dataset:
    """A data set as the rest of the book sees it.

    Attributes:
        name: The name that profiles use, such as "mias".
        exams: The validated exam table.
        read: Gives the raw picture of an image_id: 2-D or (height, width, 3), uint8 or uint16.
        notes: What was dropped, merged or assumed on entry, one plain sentence each; the data page prints them.
        synthetic: Whether the pictures are phantoms; the front page then carries a warning.
        lesion_mask: Gives the boolean mask of the lesion, the raw picture's size, where the set knows it.
    """

    name: str
    exams: pd.DataFrame
    read: Callable[[str], np.ndarray]
    notes: tuple[str, ...] = ()
    synthetic: bool = False
    lesion_mask: Callable[[str], np.ndarray] | None = None


def validated(rows: pd.DataFrame | list[dict], source: str) -> pd.DataFrame:
    """Checks rows against the contract and returns them as an exam table.

    Args:
        rows: One mapping or row a picture; columns of the contract that are missing are filled with nulls.
        source: The folder or archive the rows came from, for the error message.

    Returns:
        DataFrame with exactly the columns of `SCHEMA`, in its order, indexed from 0.

    Raises:
        DatasetError: The table is empty or a row breaks the contract; names the picture and the reason.
    """
    table = pd.DataFrame(rows).reindex(columns=list(SCHEMA.columns)).reset_index(drop=True)
    if table.empty:
        raise DatasetError(f"{source}: expected pictures, found none")
    try:
        return SCHEMA.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        raise DatasetError(f"{source}: {_first_failure(table, error)}") from None


def _first_failure(table: pd.DataFrame, error: pa.errors.SchemaErrors) -> str:
    failure = error.failure_cases.iloc[0]
    row = failure["index"]
    picture = table["image_id"].get(row, "?") if pd.notna(row) else "the table"
    count = len(error.failure_cases)
    more = f" (and {count - 1} more)" if count > 1 else ""
    return f"{picture}: {failure['column']} is {failure['failure_case']!r}, expected {failure['check']}{more}"
