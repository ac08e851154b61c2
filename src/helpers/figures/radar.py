"""Radars: triplets of metrics, turned so that outward is better (document A, figure 5)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.panels import (
    PUBLISHED,
    for_each_protocol,
    in_words,
    network_legend,
    network_mark,
    present,
    protocol_columns,
    published_of,
    score_of,
)
from helpers.figures.style import MUTED, NETWORK_NAMES

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
    "recall_std": ("1 − std of recall", lambda value: 1 - value),
    "overfit_acc": ("1 − |Δ accuracy|", lambda value: 1 - np.abs(value)),
    "overfit_f1": ("1 − |Δ F1|", lambda value: 1 - np.abs(value)),
    "overfit_loss": ("exp(−|Δ loss|)", lambda value: np.exp(-np.abs(value))),
    "f1_mean": ("mean F1", lambda value: value),
    "f1_std": ("1 − std of F1", lambda value: 1 - value),
    "rec_mean": ("mean recall", lambda value: value),
    "rec_std": ("1 − std of recall", lambda value: 1 - value),
}
"""The name of each spoke and how its metric is turned, into 0 to 1 with 1 the best.

A loss has no upper end; exp(-loss) is the geometric mean of the probabilities that the true classes were given.
"""

RINGS = (0.25, 0.5, 0.75, 1.0)
NAMED_RINGS = (0.5, 1.0)
WEB = "#CFCFCF"
BESIDE = 0.045
"""How far the networks stand apart across a spoke, as a share of its length, so that no whisker hides another."""
INTERVAL = Line2D([], [], color=MUTED, linewidth=1, label="95 % interval")


def turned(metric: str, score: tuple[float, float, float]) -> tuple[float, float, float]:
    """A score on its spoke.

    Args:
        metric: A key of `SPOKES`.
        score: Value and the low and high end of its interval; NaN where there is none.

    Returns:
        The same three, turned so that 1 is the best; the ends in order. An interval of a difference that holds zero
        reaches the best.
    """
    value, low, high = score
    turn = SPOKES[metric][1]
    # What is turned by its size is best at zero; for the others, the middle point changes nothing.
    ends = [turn(end) for end in (low, np.clip(0.0, low, high), high)]
    return float(turn(value)), float(min(ends)), float(max(ends))


def radars(scores: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Three triplets of metrics as radars, outward better on every spoke (document A, figure 5).

    Args:
        scores: DataFrame with the columns network, protocol, metric, value, low and high.
        published: DataFrame indexed by network, one column a metric; drawn dotted, with hollow marks.

    Returns:
        One row a triplet, one column a protocol; whiskers are intervals.
    """
    networks = present(scores["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(scores["protocol"], len(TRIPLETS), 2.75, top=0.35)
    for row, (name, triplet) in zip(axes, TRIPLETS.items(), strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            _web(axis, triplet)
            for place, network in enumerate(networks):
                aside = BESIDE * (place - (len(networks) - 1) / 2)
                ours = [turned(metric, score_of(scores, network, protocol, metric)) for metric in triplet]
                printed = [SPOKES[metric][1](published_of(published, network, metric)) for metric in triplet]
                _measured(axis, network, ours, aside)
                _printed(axis, network, printed, aside)
        row[0].text(0.01, 0.5, name, transform=row[0].transAxes, rotation=90, va="center", fontweight="bold")
    network_legend(figure, networks, [INTERVAL, *([PUBLISHED] if published is not None else [])])
    told = {
        protocol: ", ".join(
            f"{NETWORK_NAMES[name]} {score_of(scores, name, protocol, 'f1_macro')[0]:.3f}" for name in networks
        )
        for protocol in protocols
    }
    what = f"Radars of three metrics each, {'; '.join(TRIPLETS)}, outward better, with intervals as whiskers."
    return in_words(figure, what, "Macro F1.", for_each_protocol(told))


def on_spokes(values: Sequence[float], aside: float = 0.0) -> np.ndarray:
    """Places on the spokes of a radar, the first spoke upward, the next ones clockwise.

    Args:
        values: One a spoke, 0 at the hub and 1 at the rim.
        aside: How far beside the spokes.

    Returns:
        (n, 2) float64: x to the right and y up, the hub at 0.
    """
    angles = 2 * np.pi * np.arange(len(values)) / len(values)
    along, across = np.stack([np.sin(angles), np.cos(angles)], 1), np.stack([np.cos(angles), -np.sin(angles)], 1)
    return np.asarray(values, float)[:, None] * along + aside * across


def _closed(points: np.ndarray) -> np.ndarray:
    return np.concatenate([points, points[:1]]).T


def _web(axes: Axes, triplet: Sequence[str]) -> None:
    axes.set(xlim=(-1.4, 1.4), ylim=(-0.74, 1.14), aspect="equal")
    axes.set_axis_off()
    rim = on_spokes(np.ones(len(triplet)))
    for ring in RINGS:
        axes.plot(*_closed(ring * rim), color=WEB, linewidth=0.8, zorder=1)
    for ring in NAMED_RINGS:
        axes.text(0, -ring / 2, f"{ring:g}", color=MUTED, fontsize=7.5, ha="center", va="top", zorder=1)
    for end, metric in zip(rim, triplet, strict=True):
        axes.plot(*np.stack([(0, 0), end], 1), color=WEB, linewidth=0.8, zorder=1)
        look = {"ha": "center", "va": "bottom" if end[1] > 0 else "top", "fontsize": 8.5}
        axes.annotate(SPOKES[metric][0], end, (0, 8 if end[1] > 0 else -8), textcoords="offset points", **look)


def _measured(axes: Axes, network: str, scores: Sequence[tuple[float, float, float]], aside: float) -> None:
    mark = network_mark(network, markersize=5, linestyle="-", linewidth=1.3, label=NETWORK_NAMES[network])
    places, lows, highs = (on_spokes(ends, aside) for ends in zip(*scores, strict=True))
    axes.plot(*_closed(places), zorder=3, **mark)
    axes.plot(*np.stack([lows, highs], 1).transpose(2, 1, 0), color=mark["color"], linewidth=1, zorder=3)


def _printed(axes: Axes, network: str, values: Sequence[float], aside: float) -> None:
    if not np.isnan(values).all():
        mark = network_mark(network, published=True, markerfacecolor="none", markersize=5, markeredgewidth=1.1)
        mark |= {"linestyle": (0, (1, 1.6)), "linewidth": 1.1, "label": f"{NETWORK_NAMES[network]}, published"}
        axes.plot(*_closed(on_spokes(values, aside)), zorder=4, **mark)
