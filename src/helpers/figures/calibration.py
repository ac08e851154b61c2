"""Reliability curves and calibration scores, before and after temperature scaling."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.panels import (
    for_each_protocol,
    in_words,
    network_mark,
    present,
    protocol_columns,
    top_legend,
    top_note,
)
from helpers.figures.style import INK, MUTED, NETWORK_COLORS, NETWORK_NAMES, PAPER, PROTOCOL_LABELS, WIDTH

EVENTS = {
    "malignant": ("probability of malignant", "share malignant"),
    "call": ("probability of the call", "share right"),
}
SCORES = {
    "error, malignant": "calibration error,\nmalignant",
    "error, call": "calibration error,\ncall",
    "brier": "Brier score",
    "log_loss": "log loss",
}
"""The scores that are drawn, lower being better in all of them."""


def reliability_curves(before: pd.DataFrame, after: pd.DataFrame, event: str) -> Figure:
    """Predicted probability against what came true, a panel a network and protocol.

    Args:
        before: From `helpers.evaluation.calibration.reliability`.
        after: The same at each network's temperature.
        event: "malignant" or "call".

    Returns:
        One row a protocol, one column a network; filled marks with intervals are after, hollow ones before scaling.
    """
    before, after = (table[table["event"] == event] for table in (before, after))
    networks, protocols = present(after["network"], NETWORK_NAMES), present(after["protocol"], PROTOCOL_LABELS)
    figure = Figure(figsize=(WIDTH, 0.35 + 2.45 * len(protocols)), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()))
    axes = figure.subplots(len(protocols), len(networks), squeeze=False, sharex=True, sharey=True)
    for row, protocol in zip(axes, protocols, strict=True):
        for axis, network in zip(row, networks, strict=True):
            own = [table[table["protocol"].eq(protocol) & table["network"].eq(network)] for table in (before, after)]
            _panel(axis, network, *own)
        row[0].set_ylabel(f"{PROTOCOL_LABELS[protocol]}\n{EVENTS[event][1]}")
    for axis, network in zip(axes[0], networks, strict=True):
        axis.set_title(NETWORK_NAMES[network], loc="left", fontweight="bold", color=NETWORK_COLORS[network])
    figure.supxlabel(EVENTS[event][0], fontsize=9)
    top_legend(figure, _legend())
    what = f"Predicted probability of {event} against how often it came true, a panel a network and protocol."
    return in_words(figure, what, "On the diagonal a probability means what it says; hollow marks are before scaling.")


def _panel(axes: Axes, network: str, before: pd.DataFrame, after: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), label="right")
    faint = network_mark(network, published=True, markersize=4.5, linestyle=":", linewidth=1)
    axes.plot(before["predicted"], before["observed"], label="before", **faint)
    arms = np.abs(after[["low", "high"]].sub(after["observed"], axis=0).to_numpy().T)
    mark = network_mark(network, markersize=5, linestyle="-", linewidth=1.3, elinewidth=1)
    axes.errorbar(after["predicted"], after["observed"], yerr=arms, label="after", zorder=3, **mark)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])


def _legend() -> list[Line2D]:
    mark = {"color": INK, "marker": "o", "markersize": 5}
    return [
        Line2D([], [], linestyle="-", label="at the fitted temperature, 95 % interval", **mark),
        Line2D([], [], linestyle=":", markerfacecolor=PAPER, label="as trained", **mark),
        Line2D([], [], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), label="calibrated"),
    ]


def calibration_scores(before: pd.DataFrame, after: pd.DataFrame) -> Figure:
    """Calibration errors, Brier score and log loss with intervals, before and after temperature scaling.

    Args:
        before: From `helpers.evaluation.calibration.scores`.
        after: The same at each network's temperature.

    Returns:
        One row a score, one column a protocol; hollow before, filled after; bars mark the error that chance alone
        gives.
    """
    networks = present(after["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(after["protocol"], len(SCORES), 1.2, top=0.3, sharex="row", sharey=True)
    for row, (metric, title) in zip(axes, SCORES.items(), strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            for place, network in enumerate(networks):
                for table, shift, hollow in ((before, -0.16, True), (after, 0.16, False)):
                    own = table[table["protocol"].eq(protocol) & table["network"].eq(network)]
                    _score(axis, place + shift, network, own[own["metric"] == metric].iloc[0], hollow)
            axis.grid(axis="y", visible=False)
            axis.tick_params(axis="y", length=0)
            axis.set_xlim(left=0)
        row[0].set_ylabel(title)
    axes[0][0].set_yticks(range(len(networks)), [NETWORK_NAMES[name] for name in networks])
    axes[0][0].set_ylim(len(networks) - 0.5, -0.5)
    figure.align_ylabels(axes[:, 0])
    top_note(
        figure, "Hollow: as trained. Filled: at the fitted temperature. Bar: what chance alone gives. Lower is better."
    )
    names = [title.replace("\n", " ") for title in SCORES.values()]
    own = after[after["metric"] == next(iter(SCORES))]
    told = {protocol: ", ".join(f"{NETWORK_NAMES[row.network]} {row.value:.3f}" for row in rows.itertuples())
            for protocol, rows in own.groupby("protocol", sort=False)}  # fmt: skip
    what = f"{', '.join(names)} of each network, before and after temperature scaling; lower is better."
    return in_words(figure, what, f"{names[0]} after scaling.", for_each_protocol(told))


def _score(axes: Axes, place: float, network: str, score: pd.Series, hollow: bool) -> None:
    ends = np.array([[score["value"] - score["low"]], [score["high"] - score["value"]]])
    mark = network_mark(network, published=hollow, markersize=5, elinewidth=1.2)
    # The interval of a calibration error leans upward and may leave its value out; an arm cannot be negative.
    axes.errorbar([score["value"]], [place], xerr=np.maximum(ends, 0), zorder=3, **mark)
    if np.isfinite(score["chance"]):
        axes.plot([score["chance"]] * 2, [place - 0.15, place + 0.15], color=MUTED, linewidth=2.2, label="chance")


def parts_table(parts: pd.DataFrame) -> pd.DataFrame:
    """The Brier score and what it falls apart into.

    Args:
        parts: From `helpers.evaluation.calibration.brier_parts`.

    Returns:
        DataFrame indexed by protocol and network, cells as text.
    """
    named = parts.assign(protocol=parts["protocol"].map(PROTOCOL_LABELS), network=parts["network"].map(NETWORK_NAMES))
    return (
        named.set_index(["protocol", "network"])
        .sort_index(level="protocol", sort_remaining=False, ascending=False)
        .map("{:.3f}".format)
    )
