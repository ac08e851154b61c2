"""Radars: triplets of metrics, turned so that outward is better (document A, figure 5)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from helpers.figures.panels import present, published_of, score_of
from helpers.figures.style import (
    METRIC_LABELS,
    NETWORK_COLORS,
    NETWORK_MARKERS,
    NETWORK_NAMES,
    PAPER,
    PLOTLY_MARKERS,
    PROTOCOL_LABELS,
    TEMPLATE,
)

TRIPLETS = {
    "global": ("accuracy", "loss", "f1_macro"),
    "class coverage": ("recall_min", "recall_std", "f1_macro"),
    "overfitting": ("overfit_acc", "overfit_f1", "overfit_loss"),
}

SPOKES = {
    "accuracy": ("accuracy", lambda value: value),
    "loss": ("exp(−loss)", lambda value: np.exp(-value)),
    "f1_macro": ("macro F1", lambda value: value),
    "recall_min": ("lowest recall", lambda value: value),
    "recall_std": ("1 − std<br>of recall", lambda value: 1 - value),
    "overfit_acc": ("1 − |Δ accuracy|", lambda value: 1 - np.abs(value)),
    "overfit_f1": ("1 − |Δ F1|", lambda value: 1 - np.abs(value)),
    "overfit_loss": ("exp −<br>|Δ loss|", lambda value: np.exp(-np.abs(value))),
}
"""The name of each spoke and how its metric is turned, into 0 to 1 with 1 the best.

A loss has no upper end; exp(-loss) is the geometric mean of the probabilities that the true classes were given.
"""


def radars(scores: pd.DataFrame, published: pd.DataFrame | None = None) -> go.Figure:
    """Three triplets of metrics as radars, outward better on every spoke (document A, figure 5).

    Args:
        scores: DataFrame with the columns network, protocol, metric, value, low and high.
        published: DataFrame indexed by network, one column a metric; drawn dotted, with hollow marks.

    Returns:
        One row a triplet, one column a protocol; the legend switches networks, hovering tells the metric's own value.
    """
    networks = present(scores["network"], NETWORK_NAMES)
    protocols = present(scores["protocol"], PROTOCOL_LABELS)
    grid = [[{"type": "polar"}] * len(protocols)] * len(TRIPLETS)
    figure = make_subplots(len(TRIPLETS), len(protocols), specs=grid, vertical_spacing=0.05, horizontal_spacing=0.2)
    for row, triplet in enumerate(TRIPLETS.values(), start=1):
        for column, protocol in enumerate(protocols, start=1):
            for network in networks:
                ours = [score_of(scores, network, protocol, metric)[0] for metric in triplet]
                printed = [published_of(published, network, metric) for metric in triplet]
                figure.add_trace(_polygon(network, triplet, ours), row, column)
                if not np.isnan(printed).all():
                    figure.add_trace(_polygon(network, triplet, printed, published=True), row, column)
    return _arranged(figure, protocols)


def _polygon(network: str, triplet: Sequence[str], values: Sequence[float], published: bool = False) -> go.Scatterpolar:
    names = [SPOKES[metric][0] for metric in triplet]
    turned = [SPOKES[metric][1](value) for metric, value in zip(triplet, values, strict=True)]
    named = [f"{METRIC_LABELS[metric]} {value:.3f}" for metric, value in zip(triplet, values, strict=True)]
    color, symbol = NETWORK_COLORS[network], PLOTLY_MARKERS[NETWORK_MARKERS[network]]
    edge = {"color": color, "width": 1.3}
    return go.Scatterpolar(
        r=[*turned, turned[0]],
        theta=[*names, names[0]],
        text=[*named, named[0]],
        name="published (dotted)" if published else NETWORK_NAMES[network],
        legendgroup="published" if published else network,
        legendrank=1001 if published else 1000,
        meta=NETWORK_NAMES[network] + (", published" if published else ""),
        mode="lines+markers",
        line={"color": color, "width": 1.2 if published else 2, "dash": "dot" if published else "solid"},
        marker={"symbol": symbol, "size": 7, "color": PAPER if published else color, "line": edge},
        hovertemplate="%{text}<br>%{theta} = %{r:.3f}<extra>%{meta}</extra>",
    )


def _arranged(figure: go.Figure, protocols: Sequence[str]) -> go.Figure:
    _one_legend(figure)
    figure.update_polars(
        radialaxis={"range": [0, 1], "tickvals": [0.5, 1], "tickfont": {"size": 10}, "angle": 90, "tickangle": 90},
        angularaxis={"rotation": 90, "direction": "clockwise"},
        gridshape="linear",
    )
    place = {"xref": "paper", "yref": "paper", "showarrow": False, "xanchor": "center", "yanchor": "middle"}
    for column, protocol in zip(figure.select_polars(row=1), protocols, strict=True):
        heading = f"<b>{PROTOCOL_LABELS[protocol]}</b>"
        figure.add_annotation(text=heading, x=sum(column.domain.x) / 2, y=1, yshift=52, **place)
    for row, name in zip(figure.select_polars(col=1), TRIPLETS, strict=True):
        figure.add_annotation(text=f"<b>{name}</b>", x=0, xshift=-72, y=sum(row.domain.y) / 2, textangle=-90, **place)
    legend = {"x": 0.01, "xref": "container", "y": 1, "yref": "container", "yanchor": "top"}
    return figure.update_layout(template=TEMPLATE, height=860, legend=legend, margin={"l": 84, "r": 84, "t": 110})


def _one_legend(figure: go.Figure) -> None:
    """One entry a network, and one that switches all that is published."""
    seen = set()
    for trace in figure.data:
        trace.showlegend = trace.legendgroup not in seen
        seen.add(trace.legendgroup)
