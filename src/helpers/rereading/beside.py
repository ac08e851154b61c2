"""Published tables with our values beside them, and whether the two may be compared.

What a chapter computed joins by one tidy table, `OURS`: another chapter's rows are one `pd.concat` away.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from helpers.profile import Profile
from helpers.published import bassi, dahes, valvano, yoshitsugu
from helpers.published.table import Table

DOCUMENTS = (dahes, bassi, yoshitsugu, valvano)
"""The four documents, A to D."""

OURS = ["document", "table", "row", "column", "source", "value", "low", "high"]
"""The columns of our values: the document's letter, the printed table's name, row and column, where ours come from (a
protocol, or "all pictures"), the value and its interval (NaN where it has none)."""
DATA_NAMES = {
    "phantom": "phantoms",
    "mias": "mini-MIAS",
    "kaggle_combined": "the Kaggle collection",
    "rsna": "RSNA",
    "vindr": "VinDr",
    "cdd_cesm": "CDD-CESM",
}
"""The data sets, for a reader; one that is not here is named as its table names it."""
PUBLISHED = "published"
MISSING = "not computed for this chapter"


def rows_of(
    document: str, table: str, tidy: pd.DataFrame, row: str, column: str, source: str = "protocol", value: str = "value"
) -> pd.DataFrame:
    """Names the columns of a tidy table as `OURS`.

    Args:
        document: The document's letter.
        table: The printed table's name.
        tidy: Our values, one a row, with low and high where they have intervals.
        row: Its column that names the printed table's row.
        column: Its column that names the printed table's column.
        source: Its column that says where a value comes from.
        value: Its column of values.

    Returns:
        DataFrame with the columns `OURS`.
    """
    renamed = tidy.rename(columns={row: "row", column: "column", source: "source", value: "value"})
    return renamed.assign(document=document, table=table).reindex(columns=OURS)


def beside(document: str, table: Table, ours: pd.DataFrame) -> pd.DataFrame:
    """One printed table with ours under each of its rows.

    Args:
        document: The document's letter.
        table: The printed table.
        ours: Our values, columns `OURS`.

    Returns:
        DataFrame of texts with the columns of the printed table, indexed by its rows and by source: "published", then
        ours; `MISSING` stands once under the table where we have none.
    """
    texts = table.texts()
    own = ours[(ours["document"] == document) & (ours["table"] == table.name)]
    own = own[own["row"].isin(texts.index) & own["column"].isin(texts)]
    figures = own[["value", "low", "high"]].to_numpy(float)
    cells = own.assign(text=[_cell(*each, counted=table.decimals == 0) for each in figures])
    sources = {PUBLISHED: texts} | {
        source: rows.pivot(index="row", columns="column", values="text").reindex_like(texts).astype(object).fillna("")
        for source, rows in cells.groupby("source", sort=False)
    }
    stacked = pd.concat(sources, names=["source"]).swaplevel()
    stacked = stacked.loc[[(row, source) for row in texts.index for source in sources]]
    if own.empty:
        stacked.loc[("ours", MISSING), :] = ""
    return stacked


def comparability(profile: Profile, ours: pd.DataFrame) -> pd.DataFrame:
    """Which published tables may be compared with ours, and why the others may not.

    Args:
        profile: The run's profile.
        ours: Our values, columns `OURS`.

    Returns:
        DataFrame indexed by document and table: title, comparable ("yes" or "no") and why.
    """
    have = set(zip(ours["document"], ours["table"], strict=True))
    rows = {
        (document.DOCUMENT.key, table.name): (table.title, *_verdict(table, profile, document.DOCUMENT.key, have))
        for document in DOCUMENTS
        for table in document.tables()
    }
    index = pd.MultiIndex.from_tuples(rows, names=["document", "table"])
    return pd.DataFrame(rows.values(), index=index, columns=["title", "comparable", "why"])


def _verdict(table: Table, profile: Profile, document: str, have: set[tuple[str, str]]) -> tuple[str, str]:
    reasons = list(_differences(table, profile, (document, table.name) in have))
    return ("no", "; ".join(reasons)) if reasons else ("yes", "the same data and starting weights")


def _differences(table: Table, profile: Profile, have_ours: bool) -> Iterable[str]:
    """Why a printed table and ours are two things; nothing where they can be compared."""
    if not have_ours:
        yield MISSING
    if table.data != profile.data:
        yield f"other pictures: {DATA_NAMES.get(table.data, table.data)} there, {DATA_NAMES[profile.data]} here"
    if have_ours and table.pretrained and any(profile.network(name).weights != "imagenet" for name in ("icnt", "iiv3")):
        yield "ImageNet weights there, others here"
    if table.caution:
        yield table.caution


def _cell(value: float, low: float, high: float, *, counted: bool) -> str:
    if np.isnan(value):
        return "not defined"
    text = f"{value:,.0f}" if counted else f"{value:.3f}"
    return text if np.isnan(low) else f"{text}\n[{low:.2f}, {high:.2f}]"
