"""The compare explorer: any networks, protocols and metrics, beside what is published."""

from collections.abc import Sequence

import anywidget
import numpy as np
import pandas as pd
import traitlets

from helpers import published as document
from helpers.explorers.kit import FOLDER, LOOK, STYLE, explore, script
from helpers.figures import tables
from helpers.figures.panels import present
from helpers.figures.radar import BESIDE, SPOKES, TRIPLETS, turned
from helpers.figures.style import METRIC_LABELS, NETWORK_NAMES, PROTOCOL_LABELS, metric_title

SETS = {**TRIPLETS, "equity": ("f1_mean", "f1_std", "rec_mean", "rec_std")}
"""Metrics that are looked at together: figure 5's triplets, and Table 2."""
START = "global"


class Compare(anywidget.AnyWidget):
    """Draws chosen scores as a scatter, a radar and a table; computes nothing, every number comes from Python.

    Attributes:
        networks: Names, in the book's order.
        protocols: Names, the one that the book claims first.
        metrics: One entry a metric: key, name, title (with the way to better values) and spoke (its name in a radar).
        sets: Pairs of a name and keys of metrics, in the order of the buttons; a notebook's file sorts what has keys.
        scores: One entry a network, protocol and metric: value, low and high, and the same three turned for the radar;
            null where there is none.
        published: One entry a network and metric: value and turned.
        start: The set that is shown at first.
        beside: How far the networks stand apart across a spoke, as a share of its length.
    """

    _esm = script("compare.js")
    _css = STYLE + (FOLDER / "compare.css").read_text()
    look = traitlets.Dict(LOOK).tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    protocols = traitlets.List().tag(sync=True)
    metrics = traitlets.List().tag(sync=True)
    sets = traitlets.List([[name, list(keys)] for name, keys in SETS.items()]).tag(sync=True)
    scores = traitlets.List().tag(sync=True)
    published = traitlets.List().tag(sync=True)
    start = traitlets.Unicode(START).tag(sync=True)
    beside = traitlets.Float(BESIDE).tag(sync=True)


def compare(scores: pd.DataFrame, published: pd.DataFrame) -> None:
    """Shows the explorer and its static twin.

    Args:
        scores: Tidy scores: network, protocol, metric, value, low and high (a 95 % interval).
        published: DataFrame indexed by network, one column a metric.
    """
    explorer = Compare(
        networks=present(scores["network"], NETWORK_NAMES),
        protocols=present(scores["protocol"], PROTOCOL_LABELS),
        metrics=[_metric(key) for key in present(scores["metric"], SPOKES)],
        scores=[_score(*row) for row in scores[list(COLUMNS)].itertuples(index=False)],
        published=_published(published, scores["network"].unique()),
    )
    caption = f"Our values with 95 % intervals and the published ones: {_listed(SETS[START])}."
    explore(explorer, tables.beside(scores, published[list(SETS[START])]).set_uuid("compare"), caption)


COLUMNS = ("network", "protocol", "metric", "value", "low", "high")


def _metric(key: str) -> dict:
    # The document reports macro F1 and the spread of recall in both of its tables, under two names each.
    table = ", Table 2" if key in document.table_2() else ""
    name, _, better = metric_title(key).rpartition(", ")
    return {"key": key, "name": name + table, "title": f"{name}{table}, {better}", "spoke": SPOKES[key][0]}


def _score(network: str, protocol: str, metric: str, *score: float) -> dict:
    shown = {"value": _known(score), "turned": _known(turned(metric, score))}
    return {"network": network, "protocol": protocol, "metric": metric, **shown}


def _published(table: pd.DataFrame, networks: Sequence[str]) -> list[dict]:
    return [
        {"network": network, "metric": metric, "value": float(value), "turned": float(SPOKES[metric][1](value))}
        for network in networks
        if network in table.index
        for metric, value in table.loc[network].dropna().items()
    ]


def _known(numbers: Sequence[float]) -> list[float | None]:
    # A widget's state is JSON, which has no NaN.
    return [float(number) if np.isfinite(number) else None for number in numbers]


def _listed(metrics: Sequence[str]) -> str:
    return ", ".join(METRIC_LABELS[metric] for metric in metrics)
