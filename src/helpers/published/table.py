"""A printed table with what a reader must know to set another beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Document:
    """A source.

    Attributes:
        key: Its letter in this book, "A" to "D".
        name: Author and year.
        title: Its title.
        cite: Its key in the references.
    """

    key: str
    name: str
    title: str
    cite: str


@dataclass(frozen=True)
class Table:
    """A table as printed, or figures that a text gives in a row.

    Attributes:
        name: Where they stand, such as "Table 1".
        title: What they are.
        values: One row and one column for each printed value; NaN where none is printed.
        decimals: How many are printed; by column where columns differ.
        data: The data set that they were computed from, by a profile's name for it.
        caution: Why one should not compare even on the same pictures, or "".
        pretrained: Whether the networks started from ImageNet weights; False where no network is concerned.
    """

    name: str
    title: str
    values: pd.DataFrame
    decimals: int | Mapping[str, int]
    data: str
    caution: str = ""
    pretrained: bool = True

    def texts(self) -> pd.DataFrame:
        """The values as they are printed, "" where none is; rows of several levels are named by all, with commas."""
        texts = pd.DataFrame({column: self.values[column].map(self._form(column)) for column in self.values})
        named = [", ".join(row) if isinstance(row, tuple) else row for row in self.values.index]
        return texts.set_axis(pd.Index(named, name=", ".join(self.values.index.names)))

    def _form(self, column: str) -> Callable[[float], str]:
        decimals = self.decimals if isinstance(self.decimals, int) else self.decimals[column]
        return lambda value: "" if pd.isna(value) else f"{value:,.{decimals}f}"
