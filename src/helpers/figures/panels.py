"""What the figures share: one column a protocol, marks for networks, labels that keep apart."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sklearn.isotonic import isotonic_regression

from helpers.figures.style import (
    INK,
    MUTED,
    NETWORK_COLORS,
    NETWORK_MARKERS,
    NETWORK_NAMES,
    PAPER,
    PROTOCOL_LABELS,
    WIDTH,
)


def present(values: Iterable[str], order: Iterable[str]) -> list[str]:
    """The values that occur, in the book's order.

    Args:
        values: Names, repeated or not.
        order: All names that are known, in order.

    Returns:
        The names of `order` that occur in `values`.

    Raises:
        ValueError: A value is not known; names it and what is.
    """
    found, known = set(values), list(order)
    if found - set(known):
        raise ValueError(f"expected names out of {known}, came {sorted(found - set(known))}")
    return [name for name in known if name in found]


def protocol_columns(protocols: Iterable[str], rows: int, row_height: float, top: float = 0.0, **options):
    """A figure with one column a protocol, the patient-grouped first, each named above its first panel.

    Args:
        protocols: The protocols that occur.
        rows: Rows of panels.
        row_height: Inches a row.
        top: Inches kept free above the panels, for a legend.
        options: For `Figure.subplots`, such as sharey.

    Returns:
        The figure, its axes as an array (rows, columns), and the protocols, one a column.
    """
    names = present(protocols, PROTOCOL_LABELS)
    height = rows * row_height + top
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - top / height), hspace=0.04, wspace=0.04)
    axes = figure.subplots(rows, len(names), squeeze=False, **options)
    for axis, name in zip(axes[0], names, strict=True):
        axis.set_title(PROTOCOL_LABELS[name], loc="left", fontweight="bold")
    return figure, axes, names


def network_mark(network: str, published: bool = False, **options) -> dict:
    """The mark of a network: filled where measured here, hollow where published.

    Args:
        network: A network's name.
        published: Whether the value is the published one.
        options: More line properties, which win.

    Returns:
        Properties for `Axes.plot`, `Axes.errorbar` or `Line2D`.
    """
    color = NETWORK_COLORS[network]
    mark = {"marker": NETWORK_MARKERS[network], "color": color, "linestyle": "none", "markersize": 6.5}
    hollow = {"markerfacecolor": PAPER, "markeredgecolor": color, "markeredgewidth": 1.3} if published else {}
    return mark | hollow | options


def network_legend(figure: Figure, networks: Iterable[str], extra: Iterable[Line2D] = ()) -> None:
    """The marks of networks, in one line at the top of a figure.

    Args:
        figure: A figure with room at its top, see `protocol_columns`.
        networks: The networks drawn.
        extra: More handles, each with a label, such as `PUBLISHED`.
    """
    top_legend(
        figure, [Line2D([], [], **network_mark(name), label=NETWORK_NAMES[name]) for name in networks] + [*extra]
    )


def top_note(figure: Figure, sentences: str) -> None:
    """Writes how to read a figure in one line at its top.

    Args:
        figure: A figure with room at its top, see `protocol_columns`.
        sentences: About 110 characters fit.
    """
    figure.text(0.01, 1 - 0.06 / figure.get_figheight(), sentences, va="top", color=MUTED)


def top_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """A legend in one line at the top of a figure.

    Args:
        figure: A figure with room at its top, see `protocol_columns`.
        handles: Handles, each with a label.
    """
    figure.legend(
        handles=handles, loc="upper left", ncols=len(handles), columnspacing=1.4, handletextpad=0.5, borderaxespad=0.3
    )


def score_of(scores: pd.DataFrame, network: str, protocol: str, metric: str) -> tuple[float, float, float]:
    """One score out of a tidy table.

    Args:
        scores: DataFrame with the columns network, protocol, metric, value, low and high.
        network: A network's name.
        protocol: A protocol's name.
        metric: A metric's name.

    Returns:
        Value and the low and high end of its interval; NaN where the table has none.

    Raises:
        ValueError: The table has more than one.
    """
    rows = scores[(scores["network"] == network) & (scores["protocol"] == protocol) & (scores["metric"] == metric)]
    if len(rows) > 1:
        raise ValueError(f"expected one row for {network}, {protocol}, {metric}, came {len(rows)}")
    return tuple(rows[["value", "low", "high"]].astype(float).to_numpy()[0]) if len(rows) else (np.nan,) * 3


def published_of(published: pd.DataFrame | None, network: str, metric: str) -> float:
    """One published value.

    Args:
        published: DataFrame indexed by network, one column a metric, or None.
        network: A network's name.
        metric: A metric's name.

    Returns:
        The value; NaN where there is none.
    """
    if published is None or network not in published.index or metric not in published.columns:
        return np.nan
    return float(published.loc[network, metric])


PUBLISHED = Line2D(
    [],
    [],
    linestyle="none",
    marker="o",
    markersize=6.5,
    markerfacecolor=PAPER,
    markeredgecolor=MUTED,
    markeredgewidth=1.3,
    label="published value (hollow)",
)


def spread(positions: Iterable[float], gap: float, highest: float = np.inf) -> np.ndarray:
    """Moves positions apart, as little as needed, so that labels at them do not overlap.

    Args:
        positions: (n,) wanted places on one axis.
        gap: The least distance between neighbors.
        highest: No label is placed above it.

    Returns:
        (n,) float64 places, in the same order, at least `gap` apart.
    """
    wanted = np.asarray(list(positions), dtype=float)
    order = np.argsort(wanted, kind="stable")
    # Least squares under "at least gap apart" is isotonic regression once each rank's share of the gap is taken off.
    offsets = gap * np.arange(len(wanted))
    placed = np.empty_like(wanted)
    placed[order] = isotonic_regression(wanted[order] - offsets, y_max=highest - offsets[-1]) + offsets
    return placed


def end_labels(axes: Axes, ends: dict[str, tuple[float, float]], colors: dict[str, str], gap: float) -> None:
    """Writes names to the right of a panel, kept apart, each joined to the end of its line by a hair line.

    Args:
        axes: The panel that the lines are in.
        ends: {name: (x, y)} the last point of each line.
        colors: {name: color}; a name without one is written in ink.
        gap: The least distance between two labels, in data units of y.
    """
    if not ends:
        return
    left, right = axes.get_xlim()
    edge = right + 0.01 * (right - left)
    places = spread([y for _, y in ends.values()], gap, axes.get_ylim()[1])
    for (name, end), place in zip(ends.items(), places, strict=True):
        axes.annotate(
            name,
            end,
            (edge, place),
            color=colors.get(name, INK),
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": MUTED, "shrinkA": 0, "shrinkB": 2, "relpos": (0, 0.5)},
        )


def empty(sentence: str) -> Figure:
    """A figure that says why nothing is drawn.

    Args:
        sentence: What is missing.

    Returns:
        A low figure of the text column's width with the sentence in it.
    """
    figure = Figure(figsize=(WIDTH, 0.6))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", color=MUTED, fontsize=10)
    return in_words(figure, sentence)


def in_words(figure: Figure, *sentences: str) -> Figure:
    """Gives a figure its alternative text: what it shows and the main reading, for whoever cannot see it.

    Args:
        figure: A finished figure.
        sentences: The text, in sentences.

    Returns:
        The same figure; a page reads the text from its label, see `style.use_style`.
    """
    figure.set_label(" ".join(sentences))
    return figure


def for_each_protocol(sentences: dict[str, str]) -> str:
    """What holds under each protocol, in one sentence.

    Args:
        sentences: {protocol: what is so}.

    Returns:
        Such as "Patient-grouped: ...; as published (leaky): ...."
    """
    told = "; ".join(f"{PROTOCOL_LABELS[name]}: {text}" for name, text in sentences.items())
    return f"{told[:1].upper()}{told[1:]}."


def picture_of(figure: Figure, alternative: str, dpi: int = 96) -> str:
    """A figure as an element of a page.

    Args:
        figure: What is drawn.
        alternative: What it shows, in words, for a reader who cannot see it.
        dpi: Pixels an inch; 96 gives the width of the text column.

    Returns:
        HTML: an image that holds its own WebP, without loss and half as heavy as PNG.
    """
    file = BytesIO()
    figure.savefig(file, format="webp", dpi=dpi, pil_kwargs={"lossless": True})
    content = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(alternative)}" src="data:image/webp;base64,{content}">'
