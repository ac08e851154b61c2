"""The front page's picture: the same networks under two protocols, and what the difference is worth."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.panels import for_each_protocol, in_words, present, score_of, top_legend
from helpers.figures.style import INK, MUTED, NETWORK_NAMES, PAPER, PROTOCOL_LABELS, WIDTH

LOOKS = {
    "patient_grouped": {"color": INK, "marker": "o", "markersize": 9},
    "as_published": {"color": "#B35900", "marker": "D", "markersize": 7.5},
}
APART = 0.17
"""Half the distance of the two protocols within a network's row."""


def two_protocols(scores: pd.DataFrame, gaps: pd.DataFrame, chance: float) -> Figure:
    """Macro F1 of each network under both protocols, and the difference on the same draws of patients.

    Args:
        scores: DataFrame with the columns network, protocol, metric, value, low and high; macro F1 is shown.
        gaps: DataFrame with the columns network, value, low and high: published protocol minus patient-grouped.
        chance: The macro F1 that guessing reaches.

    Returns:
        Scores on the left, differences on the right, a row a network, every value with its 95 % interval.
    """
    networks, protocols = present(scores["network"], NETWORK_NAMES), present(scores["protocol"], LOOKS)
    figure = Figure(figsize=(WIDTH, 1.0 + 0.72 * len(networks)), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.34 / figure.get_figheight()), wspace=0.06)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(5, 3))
    for place, network in enumerate(networks):
        for shift, protocol in zip((-APART, APART), protocols, strict=False):
            _interval(left, place + shift, score_of(scores, network, protocol, "f1_macro"), **LOOKS[protocol])
        gap = gaps.loc[gaps["network"] == network, ["value", "low", "high"]].to_numpy(float)[0]
        _interval(right, place, gap, color=INK, marker="s", markersize=7)
        _number(right, place, gap)
    _frame(left, right, networks, chance)
    handles = [Line2D([], [], linestyle="none", **LOOKS[name], label=PROTOCOL_LABELS[name]) for name in protocols]
    top_legend(figure, [*handles, Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), label="chance; no difference")])
    return in_words(figure, *_words(scores, gaps, networks, protocols, chance))


def _interval(axes: Axes, place: float, score: tuple[float, float, float], **look) -> None:
    value, low, high = score
    axes.plot([low, high], [place, place], color=look["color"], linewidth=2.2, solid_capstyle="butt", zorder=2)
    axes.plot([value], [place], linestyle="none", zorder=3, **look)


def _number(axes: Axes, place: float, gap: np.ndarray) -> None:
    text = "{:+.2f}  [{:+.2f}, {:+.2f}]".format(*gap).replace("-", "−")
    ground = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}
    look = {"textcoords": "offset points", "ha": "center", "fontsize": 8.5, "bbox": ground}
    axes.annotate(text, (gap[0], place), (0, 8), **look)


def _frame(left: Axes, right: Axes, networks: list[str], chance: float) -> None:
    for axes, line in ((left, chance), (right, 0)):
        axes.axvline(line, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
    left.set(xlim=(0, 1), xlabel="macro F1 on the test")
    left.set_yticks(range(len(networks)), [NETWORK_NAMES[name] for name in networks], fontweight="bold")
    left.set_ylim(len(networks) - 0.5, -0.55)
    right.margins(x=0.3)
    right.locator_params(axis="x", nbins=4)
    right.set_xlabel("what leakage adds")


def _words(
    scores: pd.DataFrame, gaps: pd.DataFrame, networks: list[str], protocols: list[str], chance: float
) -> list[str]:
    told = {
        protocol: ", ".join(f"{NETWORK_NAMES[n]} {score_of(scores, n, protocol, 'f1_macro')[0]:.2f}" for n in networks)
        for protocol in protocols
    }
    rows = gaps.set_index("network").loc[networks]
    added = ", ".join(
        f"{NETWORK_NAMES[n]} {v:+.2f} [{a:+.2f}, {b:+.2f}]"
        for n, v, a, b in rows[["value", "low", "high"]].itertuples()
    )
    what = f"Macro F1 of each network under two protocols; chance is {chance:.2f}."
    return [what, for_each_protocol(told), f"Published minus patient-grouped, with 95 % intervals: {added}."]
