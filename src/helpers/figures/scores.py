"""Scores of the networks, ours and published (document A, figures 4, 5, 7, 8 and 9)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.datasets.exams import LABELS
from helpers.figures.panels import (
    PUBLISHED,
    empty,
    for_each_protocol,
    in_words,
    network_legend,
    network_mark,
    present,
    protocol_columns,
    published_of,
    score_of,
    top_note,
)
from helpers.figures.radar import SPOKES, radars
from helpers.figures.style import (
    CLASS_COLORS,
    INK,
    LOWER_IS_BETTER,
    METRIC_LABELS,
    MUTED,
    NETWORK_COLORS,
    NETWORK_NAMES,
    PAPER,
    metric_title,
    text_on,
)

__all__ = ["SPOKES", "confusion_matrices", "dispersion_bars", "f1_recall", "intervals", "pair_scatters", "radars"]

PAIRS = (("accuracy", "loss"), ("f1_macro", "recall_min"), ("recall_std", "overfit_loss"))


def pair_scatters(scores: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Accuracy and loss, macro F1 and lowest recall, recall spread and overfitting in pairs (document A, figure 4).

    Args:
        scores: DataFrame with the columns network, protocol, metric, value, low and high (a 95 % interval).
        published: DataFrame indexed by network, one column a metric; missing ones are not drawn.

    Returns:
        Rows of panels for the pairs, one column a protocol; thin crosses are the intervals, hollow marks published.
    """
    return _scatters(scores, published, PAIRS)


def f1_recall(scores: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Mean F1 against mean recall over the classes (document A, figure 7).

    Args:
        scores: As for `pair_scatters`.
        published: As for `pair_scatters`.

    Returns:
        One panel a protocol.
    """
    return _scatters(scores, published, [("f1_mean", "rec_mean")])


def _scatters(scores: pd.DataFrame, published: pd.DataFrame | None, pairs: Sequence[tuple[str, str]]) -> Figure:
    networks = present(scores["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(
        scores["protocol"], len(pairs), 2.75, top=0.35, sharex="row", sharey="row"
    )
    for row, (x, y) in zip(axes, pairs, strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            for network in networks:
                _cross(axis, network, score_of(scores, network, protocol, x), score_of(scores, network, protocol, y))
                _hollow(axis, network, published_of(published, network, x), published_of(published, network, y))
            axis.set_xlabel(metric_title(x))
        row[0].set_ylabel(",\n".join(metric_title(y).rsplit(", ", 1)))
        row[0].margins(0.08)
    network_legend(figure, networks, [PUBLISHED] if published is not None else [])
    what = "Scatter of " + ", and of ".join(f"{METRIC_LABELS[x]} against {METRIC_LABELS[y]}" for x, y in pairs) + "."
    told = {name: _best_in_words(scores, name, [metric for pair in pairs for metric in pair]) for name in protocols}
    return in_words(figure, what, for_each_protocol(told))


def _best_in_words(scores: pd.DataFrame, protocol: str, metrics: Sequence[str]) -> str:
    """Which network is the best by each metric."""
    told = []
    for metric in metrics:
        values = {name: score_of(scores, name, protocol, metric)[0] for name in NETWORK_NAMES}
        sign = -1 if metric in LOWER_IS_BETTER else 1
        known = {name: sign * value for name, value in values.items() if not np.isnan(value)}
        if known:
            best = max(known, key=known.get)
            told.append(f"best {METRIC_LABELS[metric]} {values[best]:.2f}, {NETWORK_NAMES[best]}")
    return "; ".join(told)


def _arms(score: tuple[float, float, float]) -> list[list[float]]:
    value, low, high = score
    # The interval of a skewed statistic may leave its value out; an arm cannot be negative.
    return [[max(0.0, value - low)], [max(0.0, high - value)]]


def _cross(axes: Axes, network: str, x: tuple[float, float, float], y: tuple[float, float, float]) -> None:
    axes.errorbar(
        [x[0]],
        [y[0]],
        xerr=_arms(x),
        yerr=_arms(y),
        label=NETWORK_NAMES[network],
        zorder=3,
        **network_mark(network, elinewidth=0.9),
    )


def _hollow(axes: Axes, network: str, x: float, y: float) -> None:
    mark = network_mark(network, published=True, markerfacecolor="none")
    axes.plot([x], [y], label=f"{NETWORK_NAMES[network]}, published", zorder=4, **mark)


def intervals(
    scores: pd.DataFrame, metric: str, published: pd.DataFrame | None = None, chance: float | None = None
) -> Figure:
    """One metric as points and 95 % intervals, a row a network (a forest plot).

    Args:
        scores: As for `pair_scatters`.
        metric: The metric to show.
        published: As for `pair_scatters`.
        chance: What guessing reaches; drawn as a dashed line.

    Returns:
        One panel a protocol, on one scale, each row with its numbers.
    """
    if scores.empty:
        return empty("Nothing was measured.")
    networks = present(scores["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(
        scores["protocol"], 1, 0.9 + 0.52 * len(networks), top=0.25, sharex=True, sharey=True
    )
    for axis, protocol in zip(axes[0], protocols, strict=True):
        for place, network in enumerate(networks):
            _forest_row(axis, place, network, score_of(scores, network, protocol, metric))
            _hollow(axis, network, published_of(published, network, metric), place)
        if chance is not None:
            axis.axvline(chance, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.1, label="chance")
        axis.set_xlabel(metric_title(metric))
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
    axes[0][0].set_yticks(range(len(networks)), [NETWORK_NAMES[name] for name in networks])
    axes[0][0].set_ylim(len(networks) - 0.55, -0.75)
    # Once all panels are drawn: they share their limits, and numbers keep within them.
    for axis, protocol in zip(axes[0], protocols, strict=True):
        for place, network in enumerate(networks):
            _number_above(axis, place, score_of(scores, network, protocol, metric))
    hollow = " Hollow: published." if published is not None else ""
    dashed = f" Dashed: chance, {chance:.3f}." if chance is not None else ""
    top_note(figure, f"Point and line: value and 95 % interval.{hollow}{dashed}")
    what = f"Each network's {METRIC_LABELS.get(metric, metric)} with its 95 % interval."
    told = {name: ", ".join(_interval_in_words(scores, n, name, metric) for n in networks) for name in protocols}
    return in_words(figure, what, for_each_protocol(told), *([dashed.strip()] if dashed else []))


def _interval_in_words(scores: pd.DataFrame, network: str, protocol: str, metric: str) -> str:
    value, low, high = score_of(scores, network, protocol, metric)
    return f"{NETWORK_NAMES[network]} {value:.2f} [{low:.2f}, {high:.2f}]"


def _forest_row(axes: Axes, place: int, network: str, score: tuple[float, float, float]) -> None:
    mark = network_mark(network, elinewidth=1.6)
    axes.errorbar([score[0]], [place], xerr=_arms(score), label=NETWORK_NAMES[network], zorder=3, **mark)


def _number_above(axes: Axes, place: int, score: tuple[float, float, float]) -> None:
    """Writes a score above its mark; near an edge it starts, or ends, with its interval."""
    value, low, high = score
    if np.isnan(value):
        return
    number = f"{value:.3f}" if np.isnan(low) else f"{value:.3f}  [{low:.3f}, {high:.3f}]"
    left, right = axes.get_xlim()
    share = (value - left) / (right - left)
    if share < 0.3:
        at, side = np.nanmin([value, low]), "left"
    elif share > 0.7:
        at, side = np.nanmax([value, high]), "right"
    else:
        at, side = value, "center"
    ground = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    look = {"ha": side, "va": "bottom", "fontsize": 8, "bbox": ground}
    axes.annotate(number, (at, place), (0, 7), textcoords="offset points", **look)


def dispersion_bars(scores: pd.DataFrame, published: pd.DataFrame | None = None) -> Figure:
    """Mean F1 and mean recall with their standard deviation over the classes (document A, figure 8).

    Args:
        scores: As for `pair_scatters`; the metrics f1_mean, f1_std, rec_mean and rec_std are read.
        published: As for `pair_scatters`.

    Returns:
        One panel a protocol; whiskers are dispersion over the three classes, not intervals.
    """
    networks = present(scores["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(scores["protocol"], 1, 3.3, top=0.25, sharey=True)
    places = {(n, k): 2.6 * i + j for i, n in enumerate(networks) for j, k in enumerate(("f1", "rec"))}
    for axis, protocol in zip(axes[0], protocols, strict=True):
        for (network, key), place in places.items():
            mean, std = (score_of(scores, network, protocol, f"{key}_{part}")[0] for part in ("mean", "std"))
            printed = [published_of(published, network, f"{key}_{part}") for part in ("mean", "std")]
            _dispersion_bar(axis, place, network, mean, std, printed)
        names = [f"F1   recall\n{NETWORK_NAMES[name]}" for name in networks]
        axis.set_xticks([2.6 * i + 0.5 for i in range(len(networks))], names)
        axis.tick_params(axis="x", length=0)
        axis.grid(axis="x", visible=False)
        axis.set_ylim(0, max(1.04, axis.get_ylim()[1]))
    axes[0][0].set_ylabel("mean over classes")
    note = "Whiskers: standard deviation over the three classes, not an interval."
    top_note(figure, f"{note} Hollow: published." if published is not None else note)
    what = "Bars: mean F1 and mean recall over the classes, with their standard deviations."
    return in_words(figure, what, for_each_protocol({name: _means_in_words(scores, name) for name in protocols}))


def _means_in_words(scores: pd.DataFrame, protocol: str) -> str:
    means = {
        name: [score_of(scores, name, protocol, metric)[0] for metric in ("f1_mean", "rec_mean")]
        for name in present(scores["network"], NETWORK_NAMES)
    }
    return ", ".join(f"{NETWORK_NAMES[name]} {f1:.2f} and {recall:.2f}" for name, (f1, recall) in means.items())


def _dispersion_bar(axes: Axes, place: float, network: str, mean: float, std: float, printed: Sequence[float]) -> None:
    color = NETWORK_COLORS[network]
    # Pale, so that whiskers and published marks are seen on it.
    pale = sns.light_palette(color, n_colors=4)[1]
    axes.bar(place, mean, 0.9, color=pale, edgecolor=color, linewidth=1.2, label=NETWORK_NAMES[network])
    axes.errorbar([place - 0.2], [mean], yerr=[std], fmt="none", ecolor=INK, elinewidth=1.5, capsize=2.5)
    mark = network_mark(network, published=True, markersize=5.5)
    axes.errorbar([place + 0.2], printed[:1], yerr=printed[1:], label="published", elinewidth=1.2, capsize=2, **mark)
    if not np.isnan(mean):
        axes.text(place, 0.02, f"{mean:.2f}", ha="center", va="bottom", color=INK, fontsize=8.5)


def confusion_matrices(matrices: Mapping[tuple[str, str], np.ndarray]) -> Figure:
    """Counts of true and called classes (document A, figure 9).

    Args:
        matrices: {(network, protocol): (3, 3) counts}, rows the truth, columns the call, in the order of `LABELS`.

    Returns:
        One row a network, one column a protocol; color and percentage are the share of the true class.
    """
    networks = present((network for network, _ in matrices), NETWORK_NAMES)
    figure, axes, protocols = protocol_columns((protocol for _, protocol in matrices), len(networks), 2.3, top=0.25)
    for row, network in zip(axes, networks, strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            _confusion(axis, matrices.get((network, protocol)))
        row[0].set_ylabel(NETWORK_NAMES[network], fontweight="bold")
    top_note(figure, "Rows: the true class. Columns: the called class. Color: share of the true class.")
    told = {name: ", ".join(_confusion_in_words(matrices, n, name) for n in networks) for name in protocols}
    return in_words(figure, "Confusion matrices, the truth in rows.", for_each_protocol(told))


def _confusion_in_words(matrices: Mapping[tuple[str, str], np.ndarray], network: str, protocol: str) -> str:
    if (network, protocol) not in matrices:
        return f"{NETWORK_NAMES[network]} was not trained"
    counts = np.asarray(matrices[network, protocol])
    right, malignant = np.trace(counts), LABELS.index("malignant")
    missed = counts[malignant, LABELS.index("normal")]
    return (
        f"{NETWORK_NAMES[network]} calls {right:,} of {counts.sum():,} pictures rightly and {missed:,} of "
        f"{counts[malignant].sum():,} malignant ones normal"
    )


def _confusion(axes: Axes, counts: np.ndarray | None) -> None:
    axes.grid(visible=False)
    if counts is None:
        axes.set_axis_off()
        return
    counts = np.asarray(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shown = axes.imshow(shares, cmap=sns.light_palette("#1F4E79", as_cmap=True), vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        text = axes.text(column, row, f"{counts[row, column]:,}\n{share:.1%}", ha="center", va="center")
        text.set(color=text_on(shown.cmap(share)), fontweight="bold" if row == column else "normal")
    axes.set_xticks(range(len(LABELS)), LABELS)
    axes.set_yticks(range(len(LABELS)), LABELS)
    for text in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        text.set_color(CLASS_COLORS[text.get_text()])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
