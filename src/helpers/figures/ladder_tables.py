"""Tables of the ladder: every score, the heads, what was set aside, and the published table beside ours."""

import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from helpers.figures.ladder import LOOKS, METRIC_NAMES, RUNG_NAMES
from helpers.figures.panels import present
from helpers.ladder.results import OUT_OF_FOLD, TEST
from helpers.published import bassi
from helpers.rereading import FAILS, reread
from helpers.rereading.beside import OURS, beside

SETTINGS = {
    "weighted_loss": "resized original",
    "roi_crop": "+ ROI crop",
    "threshold": "+ threshold",
    "augmentation": "+ augmentation",
    "auxiliary": "+ auxiliary prediction",
}
"""Our rungs by the document's names; its lowest has a weighted loss already (section 5.6)."""
MODELS = {"cnn": "CNN", "vit": "ViT"}
DISAGREES, BELOW = "†", "‡"
"""Marks of printed rows: at odds with the document's text; no better than calling every picture benign."""


def score_table(scores: pd.DataFrame, side: str, unit: str) -> Styler:
    """Every metric of every rung with its interval.

    Args:
        scores: From `helpers.ladder.results.Results`.
        side: "out_of_fold" or "test".
        unit: "image" or "breast".

    Returns:
        Table of texts indexed by network and rung, one column a metric.
    """
    own = scores[(scores["side"] == side) & (scores["unit"] == unit)]
    cells = [_cell(*each) for each in own[["value", "low", "high"]].to_numpy(float)]
    table = own.assign(cell=cells).pivot(index=["network", "rung"], columns="metric", values="cell")
    order = [(network, rung) for network in LOOKS for rung in present(own["rung"], RUNG_NAMES)]
    shown = table.reindex(index=order, columns=list(METRIC_NAMES)).rename(columns=METRIC_NAMES)
    names = {network: look["label"] for network, look in LOOKS.items()} | RUNG_NAMES
    styled = shown.rename(index=names).rename_axis(columns=None).style.set_uuid(f"ladder-{side}-{unit}")
    return styled.set_table_attributes('class="dataframe scores"')


def _cell(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "not defined"
    return f"{value:.3f}" if np.isnan(low) else f"{value:.3f}\n[{low:.2f}, {high:.2f}]"


def heads(agreement: pd.DataFrame) -> pd.DataFrame:
    """How often each head says what the table says.

    Args:
        agreement: From `helpers.ladder.results.head_agreement`.

    Returns:
        DataFrame of texts indexed by target.
    """

    def text(target: str, value: float) -> str:
        return f"{value:.1f} years off" if target == "age" else f"{value:.0%}"

    cells = {
        name: [text(target, value) for target, value in agreement[column].items()]
        for name, column in (("the head agrees", "agrees"), ("without looking", "most_frequent"))
    }
    table = pd.DataFrame({"pictures with a value": agreement["known"].map("{:,}".format), **cells})
    return table.set_index(agreement.index.str.replace("_", " ").rename("target"))


def set_aside(problems: pd.DataFrame) -> pd.DataFrame | None:
    """What was set aside, counted and named.

    Args:
        problems: image_id and problem.

    Returns:
        DataFrame indexed by problem: how many, and which; None where nothing was set aside.
    """
    if problems.empty:
        return None
    by_problem = problems.groupby("problem")["image_id"]
    return pd.DataFrame({"pictures": by_problem.size(), "image_id": by_problem.agg(", ".join)})


def beside_published(scores: pd.DataFrame) -> Styler:
    """Document B's Table 3 with our values under its rows, marked where the document contradicts itself.

    Args:
        scores: From `helpers.ladder.results.Results`.

    Returns:
        Captioned table; ours are by picture, as printed.
    """
    printed = bassi.tables()[2]
    texts = beside("B", printed, of_document_b(scores))
    marked = {", ".join(row): ", ".join(row) + _marks(row) for row in printed.values.index}
    caption = (
        f"<b>{printed.name}: {printed.title}.</b> Ours by picture, with 95 % intervals over patients. {DISAGREES} its "
        f"F1 is not the one that the text names. {BELOW} its accuracy is below that of calling every picture benign."
    )
    styled = texts.rename(index=marked).style.set_uuid("beside-ladder").set_caption(caption)
    return styled.set_table_attributes('class="dataframe scores"')


def of_document_b(scores: pd.DataFrame) -> pd.DataFrame:
    """Our values for Table 3.

    Args:
        scores: From `helpers.ladder.results.Results`.

    Returns:
        DataFrame with the columns `helpers.rereading.beside.OURS`.
    """
    own = scores[(scores["unit"] == "image") & scores["rung"].isin(SETTINGS)]
    rows = own["rung"].map(SETTINGS) + ", " + own["network"].map(MODELS)
    validated = (own["side"] == OUT_OF_FOLD) & (own["metric"] == "f1")
    columns = own["metric"].mask(validated, "cv_f1").where(validated | (own["side"] == TEST))
    named = own.assign(document="B", table="Table 3", row=rows, column=columns, source="ours")
    return named[columns.notna()].reindex(columns=OURS)


def _marks(row: tuple[str, str]) -> str:
    checks = reread("B")
    failed = checks[checks["verdict"] == FAILS]
    below = (failed["rule"] == "always_benign") & (failed["where"] == f"Table 3, {', '.join(row)}")
    disagrees = "best_f1" in set(failed["rule"]) and row == bassi.table_3()["f1"].idxmax()
    return f" {DISAGREES if disagrees else ''}{BELOW if below.any() else ''}".rstrip()
