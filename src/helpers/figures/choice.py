"""Costs, criteria on one scale, and which network each scenario chooses."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from helpers import published
from helpers.evaluation.choice import CRITERIA, SCENARIOS, weights_of
from helpers.figures.panels import (
    for_each_protocol,
    in_words,
    network_legend,
    network_mark,
    present,
    protocol_columns,
    top_legend,
)
from helpers.figures.style import NETWORK_COLORS, NETWORK_NAMES, PAPER, WIDTH, text_on

COSTS = {
    "latency": "ms a picture",
    "memory": "memory, MiB",
    "size": "disk, MiB",
    "parameters": "parameters",
}
HATCHES = {"baseline_cnn": "", "icnt": "////", "iiv3": "...."}
"""Colors are not the only way to tell bars apart."""
ANY = "any weights"


def costs(table: pd.DataFrame) -> Figure:
    """What each network costs to use, on logarithmic scales.

    Args:
        table: From `helpers.inspection.costs.costs`.

    Returns:
        One panel a cost, one row a network; less is better.
    """
    networks = present(table.index, NETWORK_NAMES)
    figure = Figure(figsize=(WIDTH, 0.9 + 0.36 * len(networks)), layout="constrained")
    axes = figure.subplots(1, len(COSTS), sharey=True)
    for axis, (cost, title) in zip(axes, COSTS.items(), strict=True):
        for place, network in enumerate(networks):
            value = table.loc[network, cost]
            axis.plot([value], [place], **network_mark(network))
            axis.annotate(_number(value), (value, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
        axis.set_xscale("log")
        axis.margins(x=0.3)
        axis.minorticks_off()
        axis.set_xlabel(title)
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _number(value)))
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(networks)), [NETWORK_NAMES[name] for name in networks])
    axes[0].set_ylim(len(networks) - 0.5, -0.8)
    told = [
        ", ".join(f"{title} {_number(table.loc[name, cost])}" for cost, title in COSTS.items()) for name in networks
    ]
    each = "; ".join(f"{NETWORK_NAMES[name]}: {words}" for name, words in zip(networks, told, strict=True))
    return in_words(figure, "What each network costs to use, on logarithmic scales.", f"{each}.")


def _number(value: float) -> str:
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def criteria(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """All criteria on the scale from worst, 0, to best, 1.

    Args:
        tables: From `helpers.evaluation.choice.criteria_table`, by protocol.

    Returns:
        One panel a protocol, one row a criterion; lines are 95 % intervals; costs have none.
    """
    networks = present(next(iter(tables.values()))["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(
        tables, 1, 0.6 + 0.44 * len(CRITERIA), top=0.35, sharex=True, sharey=True
    )
    for axis, protocol in zip(axes[0], protocols, strict=True):
        for row in tables[protocol].itertuples():
            place = [criterion.name for criterion in CRITERIA].index(row.criterion)
            _worth(axis, place + 0.22 * (networks.index(row.network) - 1), row)
        axis.set(xlabel="worth, from worst to best", xlim=(-0.04, 1.04))
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
    axes[0][0].set_yticks(range(len(CRITERIA)), [criterion.title for criterion in CRITERIA])
    axes[0][0].set_ylim(len(CRITERIA) - 0.5, -0.5)
    network_legend(figure, networks)
    what = "Every criterion of the choice on the scale from worst, zero, to best, one, with intervals where it has one."
    return in_words(figure, what, f"Networks: {', '.join(NETWORK_NAMES[name] for name in networks)}.")


def _worth(axes: Axes, place: float, row: tuple) -> None:
    criterion = next(each for each in CRITERIA if each.name == row.criterion)
    ends = np.sort(criterion.worth(np.array([row.low, row.high])))
    arms = np.maximum([[row.worth - ends[0]], [ends[1] - row.worth]], 0)
    axes.errorbar([row.worth], [place], xerr=arms, zorder=3, **network_mark(row.network, markersize=5, elinewidth=1.2))


def choices(tables: Mapping[str, pd.DataFrame], anyhow: Mapping[str, pd.Series]) -> Figure:
    """How often each network is the best one of a scenario, over draws of patients.

    Args:
        tables: From `helpers.evaluation.choice.choose`, by protocol.
        anyhow: From `helpers.evaluation.choice.any_weights`, by protocol.

    Returns:
        One panel a protocol, one bar a scenario, and one for weights that nobody has chosen.
    """
    networks = present(next(iter(tables.values()))["network"], NETWORK_NAMES)
    names = [*(scenario.name for scenario in SCENARIOS), ANY]
    figure, axes, protocols = protocol_columns(tables, 1, 0.7 + 0.5 * len(names), top=0.35, sharex=True, sharey=True)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        wins = tables[protocol].pivot(index="scenario", columns="network", values="wins")
        wins.loc[ANY] = anyhow[protocol]
        for place, name in enumerate(names):
            _bar(axis, place, wins.loc[name, networks])
        axis.set(xlabel="share of draws in which it is the best", xlim=(0, 1))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
        axis.grid(visible=False)
        axis.tick_params(axis="y", length=0)
    axes[0][0].set_yticks(range(len(names)), [_task(name) for name in names])
    axes[0][0].set_ylim(len(names) - 0.5, -0.5)
    bars = {name: {"facecolor": NETWORK_COLORS[name], "hatch": HATCHES[name], "edgecolor": PAPER} for name in networks}
    top_legend(figure, [Patch(**look, label=NETWORK_NAMES[name]) for name, look in bars.items()] + [BRACKETS])
    told = {}
    for protocol in protocols:
        best = tables[protocol].loc[tables[protocol].groupby("scenario")["wins"].idxmax()].set_index("scenario")
        told[protocol] = ", ".join(
            f"{row.Index} {NETWORK_NAMES[row.network]} in {row.wins:.0%} of draws" for row in best.itertuples()
        )
    return in_words(figure, "How often each network is the best of a scenario.", for_each_protocol(told))


BRACKETS = Line2D([], [], linestyle="none", label="in brackets: what the document chooses")


def _bar(axes: Axes, place: int, wins: pd.Series) -> None:
    start = 0.0
    for network, share in wins.items():
        color = NETWORK_COLORS[network]
        axes.barh(place, share, 0.62, left=start, color=color, hatch=HATCHES[network], edgecolor=PAPER, linewidth=0.6)
        if share >= 0.12:
            box = {"facecolor": color, "edgecolor": "none", "pad": 1.5}
            text = f"{NETWORK_NAMES[network]} {share:.0%}" if share >= 0.45 else f"{share:.0%}"
            axes.text(
                start + share / 2, place, text, ha="center", va="center", fontsize=8, color=text_on(color), bbox=box
            )
        start += share


def _task(name: str) -> str:
    chosen = published.dahes.RECOMMENDED.get(name, ())
    return f"{name}\n[{' or '.join(NETWORK_NAMES[each] for each in chosen)}]" if chosen else name


def weight_table() -> pd.DataFrame:
    """The weights, one row a criterion, one column a scenario; empty where a criterion weighs nothing."""
    weights = weights_of().T.map(lambda weight: f"{weight:.2f}" if weight else "")
    titles = {criterion.name: criterion.title for criterion in CRITERIA}
    return weights.rename(index=titles).rename_axis(index="criterion", columns=None)


def scale_table() -> pd.DataFrame:
    """What each criterion is worth nothing and everything at."""
    rows = [
        (each.title, _with_unit(each.worst, each.unit), _with_unit(each.best, each.unit), STEPS[each.logarithmic])
        for each in CRITERIA
    ]
    return pd.DataFrame(rows, columns=["criterion", "worth 0 at", "worth 1 at", "in between"]).set_index("criterion")


STEPS = {True: "equal ratios are worth the same", False: "equal differences are worth the same"}


def _with_unit(value: float, unit: str) -> str:
    return (f"{value:,.0f}" if float(value).is_integer() else f"{value:.2f}") + (f" {unit}" if unit else "")
