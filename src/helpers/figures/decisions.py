"""Differences between networks, operating points and decision curves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.curves import DASHES
from helpers.figures.panels import (
    for_each_protocol,
    in_words,
    network_legend,
    network_mark,
    present,
    protocol_columns,
    top_legend,
    top_note,
)
from helpers.figures.style import INK, MUTED, NETWORK_COLORS, NETWORK_NAMES, PROTOCOL_LABELS

WAYS = {"DeLong": ("o", "#5F5F5F"), "Obuchowski": ("s", "#222222"), "bootstrap": ("^", "#0072B2")}
"""The mark and color of each way to an interval."""


def area_differences(table: pd.DataFrame) -> Figure:
    """Differences of areas under ROC curves between any two networks, by three ways.

    Args:
        table: From `helpers.evaluation.comparisons.compared_areas`.

    Returns:
        One row a class, one column a protocol; at the right the corrected p-value that knows of patients.
    """
    labels, pairs = list(table["label"].unique()), _pairs(table)
    figure, axes, protocols = protocol_columns(table["protocol"], len(labels), 1.75, top=0.3, sharex=True, sharey=True)
    for row, label in zip(axes, labels, strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            own = table[table["label"].eq(label) & table["protocol"].eq(protocol)]
            _difference_panel(axis, own, pairs)
        row[0].set_ylabel(f"AUC, {label}")
    axes[0][0].set_yticks(range(len(pairs)), [f"{NETWORK_NAMES[a]}\n− {NETWORK_NAMES[b]}" for a, b in pairs])
    axes[0][0].set_ylim(len(pairs) - 0.45, -0.55)
    low, high = min(0, table["low"].min()), max(0, table["high"].max())
    axes[0][0].set_xlim(low - 0.04 * (high - low), high + 0.3 * (high - low))
    for axis in axes[-1]:
        axis.set_xlabel("difference of areas")
    marks = {name: {"marker": marker, "color": color, "linestyle": "-"} for name, (marker, color) in WAYS.items()}
    note = Line2D([], [], linestyle="none", label="p: Obuchowski's, corrected")
    top_legend(figure, [Line2D([], [], markersize=5, label=name, **mark) for name, mark in marks.items()] + [note])
    clear = int(((table["low"] > 0) | (table["high"] < 0)).sum())
    what = "Differences of the areas under the ROC curves between any two networks, by three ways."
    return in_words(figure, what, f"{clear} of {len(table)} intervals leave zero out.")


def _pairs(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(table[["first", "second"]].drop_duplicates().itertuples(index=False, name=None))


def _difference_panel(axes: Axes, rows: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> None:
    axes.axvline(0, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="none")
    for row in rows.itertuples():
        marker, color = WAYS[row.way]
        place = pairs.index((row.first, row.second)) + 0.2 * (list(WAYS).index(row.way) - 1)
        arms = np.maximum([[row.difference - row.low], [row.high - row.difference]], 0)
        look = {"marker": marker, "color": color, "markersize": 4.5, "elinewidth": 1.1}
        axes.errorbar([row.difference], [place], xerr=arms, zorder=3, label=row.way, **look)
        if row.way == "Obuchowski":
            text = "p < 0.001" if row.p_holm < 0.001 else f"p = {row.p_holm:.3f}"
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
            look = {
                "transform": axes.get_yaxis_transform(),
                "ha": "right",
                "va": "center",
                "fontsize": 7.5,
                "bbox": box,
            }
            axes.text(0.995, place - 0.34, text, color=INK, **look)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


def difference_table(table: pd.DataFrame) -> pd.DataFrame:
    """Differences of one score between any two networks, with intervals and p-values.

    Args:
        table: From `helpers.evaluation.comparisons.compared_f1`.

    Returns:
        DataFrame indexed by protocol and pair, cells as text.
    """
    index = pd.MultiIndex.from_arrays(
        [
            table["protocol"].map(PROTOCOL_LABELS),
            table["first"].map(NETWORK_NAMES) + " − " + table["second"].map(NETWORK_NAMES),
        ],
        names=["protocol", "pair"],
    )
    columns = {
        "difference": table["difference"].map("{:+.3f}".format),
        "95 % interval": [f"{low:+.3f} to {high:+.3f}" for low, high in table[["low", "high"]].to_numpy()],
        "p": table["p"].map("{:.3f}".format),
        "p, corrected": table["p_holm"].map("{:.3f}".format),
    }
    return pd.DataFrame(columns).set_axis(index, axis=0)


def operating_points(points: pd.DataFrame) -> Figure:
    """Sensitivity at a fixed specificity, and the reverse, with intervals.

    Args:
        points: From `helpers.evaluation.decisions.operating_points`.

    Returns:
        One row a question, one column a protocol; the dashed line is what guessing reaches.
    """
    networks, metrics, level = (
        present(points["network"], NETWORK_NAMES),
        ["sensitivity", "specificity"],
        points["at"].iloc[0],
    )
    figure, axes, protocols = protocol_columns(points["protocol"], 2, 1.55, top=0.25, sharex=True, sharey=True)
    for row, metric, fixed in zip(axes, metrics, reversed(metrics), strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            own = points[points["protocol"].eq(protocol) & points["metric"].eq(metric)].set_index("network")
            axis.axvline(1 - level, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="guessing")
            for place, network in enumerate(networks):
                _forest(axis, place, network, own.loc[network])
            axis.set_xlabel(f"{metric} at {fixed} {level:.2f}")
            axis.grid(axis="y", visible=False)
            axis.tick_params(axis="y", length=0)
    axes[0][0].set_yticks(range(len(networks)), [NETWORK_NAMES[name] for name in networks])
    axes[0][0].set_ylim(len(networks) - 0.5, -0.75)
    axes[0][0].set_xlim(-0.03, 1.03)
    top_note(figure, "Malignant against the rest, on the test. Line: 95 % interval. Dashed: what guessing reaches.")
    told = {}
    for protocol in protocols:
        own = points[points["protocol"].eq(protocol) & points["metric"].eq(metrics[0])]
        told[protocol] = ", ".join(f"{NETWORK_NAMES[row.network]} {row.value:.2f}" for row in own.itertuples())
    what = "Sensitivity at a fixed specificity, and the reverse, with intervals, beside what guessing reaches."
    return in_words(figure, what, f"Sensitivity at specificity {level:.2f}.", for_each_protocol(told))


def _forest(axes: Axes, place: float, network: str, score: pd.Series) -> None:
    value, low, high = score[["value", "low", "high"]].astype(float)
    arms = np.maximum([[value - low], [high - value]], 0)
    axes.errorbar(
        [value], [place], xerr=arms, label=NETWORK_NAMES[network], zorder=3, **network_mark(network, elinewidth=1.6)
    )
    # Kept inside the panel at both ends.
    look = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": 8}
    axes.annotate(f"{value:.2f}  [{low:.2f}, {high:.2f}]", (np.clip(value, 0.17, 0.83), place), (0, 6), **look)


def carried_thresholds(carried: pd.DataFrame, level: float) -> Figure:
    """What a threshold set on validation pictures does on the test.

    Args:
        carried: From `helpers.evaluation.decisions.carried_thresholds`.
        level: The specificity that was asked for.

    Returns:
        One panel a protocol: sensitivity against specificity, with both intervals.
    """
    networks = present(carried["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(carried["protocol"], 1, 3.2, top=0.35, sharex=True, sharey=True)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        axis.axvline(level, color=MUTED, linewidth=1.1, linestyle=(0, (4, 3)), label="asked for")
        for network in networks:
            own = carried[carried["protocol"].eq(protocol) & carried["network"].eq(network)].set_index("metric")
            x, y = (own.loc[metric] for metric in ("specificity", "sensitivity"))
            arms = [np.maximum([[each["value"] - each["low"]], [each["high"] - each["value"]]], 0) for each in (x, y)]
            mark = network_mark(network, elinewidth=1)
            axis.errorbar([x["value"]], [y["value"]], xerr=arms[0], yerr=arms[1], label=NETWORK_NAMES[network], **mark)
        axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="specificity on the test")
    axes[0][0].set_ylabel("sensitivity on the test")
    asked = Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), linewidth=1.1, label="specificity asked for")
    network_legend(figure, networks, [asked])
    what = f"Sensitivity against specificity on the test of thresholds that gave specificity {level:.2f} on validation."
    return in_words(figure, what, "Lines are intervals; a mark off the dashed line is a threshold that did not carry.")


def decision_curves(curves: pd.DataFrame) -> Figure:
    """Net benefit against the probability from which on one acts.

    Args:
        curves: From `helpers.evaluation.benefit.decision_curves`.

    Returns:
        One panel a protocol; bands are 95 % intervals; gray lines are acting always and never.
    """
    networks = [name for name in NETWORK_NAMES if name in set(curves["way"])]
    figure, axes, protocols = protocol_columns(curves["protocol"], 1, 3.1, top=0.35, sharex=True, sharey=True)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        own = curves[curves["protocol"] == protocol]
        for way, dash in (("always", "-"), ("never", (0, (4, 3)))):
            line = own[own["way"] == way]
            axis.plot(line["threshold"], line["value"], color=MUTED, linewidth=1.1, linestyle=dash, label=way)
        for network in networks:
            line, color = own[own["way"] == network], NETWORK_COLORS[network]
            axis.fill_between(line["threshold"], line["low"], line["high"], color=color, alpha=0.13, linewidth=0)
            axis.plot(
                line["threshold"], line["value"], color=color, linestyle=DASHES[network], label=NETWORK_NAMES[network]
            )
        axis.set_xlabel("probability of malignant from which on one acts")
    best = curves["high"].max()
    axes[0][0].set(ylabel="net benefit a picture", ylim=(-0.35 * best, 1.08 * best))
    axes[0][0].set_xlim(curves["threshold"].min(), curves["threshold"].max())
    lines = [
        Line2D([], [], color=NETWORK_COLORS[name], linestyle=DASHES[name], label=NETWORK_NAMES[name])
        for name in networks
    ]
    ways = [Line2D([], [], color=MUTED, linewidth=1.1, linestyle=dash, label=f"act {way}")
            for way, dash in (("always", "-"), ("never", (0, (4, 3))))]  # fmt: skip
    top_legend(figure, lines + ways)
    what = "Net benefit of each network against the probability from which one acts, beside acting always and never."
    return in_words(figure, what, _largest_lead(curves))


def _largest_lead(curves: pd.DataFrame) -> str:
    """Where a network's curve lies highest above both gray lines, in words."""
    at, blind = ["protocol", "threshold"], curves["way"].isin(["always", "never"])
    bar = curves[blind].groupby(at)["value"].max().rename("bar")
    own = curves[~blind].join(bar, on=at)
    best = own.loc[(own["value"] - own["bar"]).idxmax()]
    return (
        f"From {curves['threshold'].min():.3g} to {curves['threshold'].max():.3g}; above both gray lines by at most "
        f"{best['value'] - best['bar']:.3f}, {NETWORK_NAMES[best['way']]} at {best['threshold']:.3g}."
    )
