"""The intervals explorer: any table of measured values with intervals, one choice at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import anywidget
import numpy as np
import pandas as pd
import traitlets

from helpers.explorers.kit import STYLE, explore, packed, script
from helpers.figures.panels import present
from helpers.figures.style import MUTED

NUMBERS = ("value", "low", "high")
PLAIN = {"color": MUTED, "mark": "o"}


@dataclass(frozen=True)
class Choice:
    """One thing that a reader chooses.

    Attributes:
        column: The table's column.
        title: What it is, for a reader.
        names: {value of the column: its name}, in the order of the choices; the first one is shown at first.
        slides: Whether it is a slider and not a list.
    """

    column: str
    title: str
    names: dict[object, str]
    slides: bool = False


def named(values: Iterable[str], names: dict[str, str]) -> dict[str, str]:
    """The names of those values that occur, in the order of all names."""
    return {value: names[value] for value in present(values, names)}


class Intervals(anywidget.AnyWidget):
    """Shows rows of values with their 95 % intervals; computes nothing, every number comes from Python.

    Attributes:
        title: What is shown; the name of the explorer for screen readers.
        choices: One entry a choice: title, slides and names, the names of its options.
        axis: The place of the choice that names the axis.
        rows: One entry a row: name, color, mark ("o", "s" or "^") and whether it is hollow where it is not `firm`.
        numbers: float64, (choices..., rows, 3), in row order: value, low and high; NaN where there is none.
        firm: uint8, (choices..., rows): 0 draws a hollow mark.
        counts: int32, (choices...): pictures behind the rows; negative where it is not told.
        reference: Where a line is drawn; None for no line.
        counted: What is counted, such as "pictures".
    """

    _esm = script("intervals.js")
    _css = STYLE
    title = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)
    axis = traitlets.Int().tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    numbers = traitlets.Bytes().tag(sync=True)
    firm = traitlets.Bytes().tag(sync=True)
    counts = traitlets.Bytes().tag(sync=True)
    reference = traitlets.Float(allow_none=True).tag(sync=True)
    counted = traitlets.Unicode("pictures").tag(sync=True)


def intervals(
    table: pd.DataFrame,
    title: str,
    choices: Sequence[Choice],
    rows: Choice,
    *,
    axis: str,
    looks: dict[object, dict] | None = None,
    reference: float | None = 0.0,
    counted: str = "pictures",
) -> None:
    """Shows the explorer and its static twin, the table of the first choices.

    Args:
        table: One row a combination: the columns of the choices and of the rows, value, low and high; where there are,
            `firm` (False: not firm, a hollow mark) and `n` (what stands behind it, the same for all rows).
        title: What is shown.
        choices: What a reader chooses.
        rows: What stands one below the other.
        axis: The column of the choice that names the axis.
        looks: {value of the rows' column: {"color": ..., "mark": ...}}; gray discs without.
        reference: Where a line is drawn.
        counted: What `n` counts.

    Raises:
        ValueError: If a combination stands in the table twice.
    """
    columns = [choice.column for choice in (*choices, rows)]
    if table.duplicated(columns).any():
        raise ValueError(f"expected each combination of {', '.join(columns)} once")
    full = table.set_index(columns).reindex(pd.MultiIndex.from_product([[*each.names] for each in (*choices, rows)]))
    shape = tuple(len(each.names) for each in (*choices, rows))
    firm = full["firm"].fillna(False) if "firm" in full else pd.Series(True, full.index)
    counts = full["n"].fillna(-1) if "n" in full else pd.Series(-1, full.index)
    explorer = Intervals(
        title=title,
        choices=[{"title": each.title, "slides": each.slides, "names": [*each.names.values()]} for each in choices],
        axis=[each.column for each in choices].index(axis),
        rows=[{"name": name, **(looks or {}).get(key, PLAIN)} for key, name in rows.names.items()],
        numbers=packed(full[list(NUMBERS)], "float64"),
        firm=packed(firm.astype(bool), "uint8"),
        counts=packed(counts.to_numpy().reshape(shape).max(axis=-1), "int32"),
        reference=reference,
        counted=counted,
    )
    first = ", ".join(f"{each.title.lower()}: {next(iter(each.names.values()))}" for each in choices)
    explore(explorer, _twin(full.head(shape[-1]), rows), f"{title}, with 95 % intervals; {first}.")


def _twin(first: pd.DataFrame, rows: Choice) -> pd.DataFrame:
    shown = first[list(NUMBERS)].set_axis(pd.Index(rows.names.values(), name=rows.title))
    return shown.astype(np.float64).round(3).astype(object).fillna("not measured")
