"""Curves: ROC by class (document A, figure 6) and learning by epoch (figure 10)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from helpers.datasets.exams import LABELS
from helpers.figures.panels import for_each_protocol, in_words, present, protocol_columns, top_legend
from helpers.figures.style import INK, MUTED, NETWORK_COLORS, NETWORK_MARKERS, NETWORK_NAMES, PAPER

DASHES = {"baseline_cnn": "-", "icnt": (0, (5, 1.5)), "iiv3": (0, (1.2, 1.2))}
"""Line styles of the networks where curves cross: color is not the only way to tell them apart."""


def roc_curves(roc: pd.DataFrame, auc: pd.DataFrame | None = None) -> Figure:
    """ROC curves of each class against the other two (document A, figure 6).

    Args:
        roc: DataFrame with the columns network, protocol, label, false_positive_rate and sensitivity, each curve in
            its own order.
        auc: DataFrame with the columns network, protocol, label and auc, and low and high where there is an interval;
            without it, the areas under the curves as given.

    Returns:
        One row a class, one column a protocol; the areas stand in the panels.
    """
    labels = present(roc["label"], LABELS)
    networks = present(roc["network"], NETWORK_NAMES)
    figure, axes, protocols = protocol_columns(roc["protocol"], len(labels), 2.75, top=0.35, sharex=True, sharey=True)
    for row, label in zip(axes, labels, strict=True):
        for axis, protocol in zip(row, protocols, strict=True):
            panel = roc[(roc["label"] == label) & (roc["protocol"] == protocol)]
            areas = _areas_of(roc, auc, protocol)
            _roc_panel(axis, panel, networks)
            _area_table(axis, areas[areas["label"] == label], networks, label)
        row[0].set_ylabel("sensitivity")
    for axis in axes[-1]:
        axis.set_xlabel("1 − specificity")
    styles = {name: {"color": NETWORK_COLORS[name], "linestyle": DASHES[name]} for name in networks}
    top_legend(figure, [Line2D([], [], **style, label=NETWORK_NAMES[name]) for name, style in styles.items()])
    told = {name: _areas_in_words(_areas_of(roc, auc, name), networks, labels) for name in protocols}
    return in_words(figure, "ROC curves, one class against the rest, with areas.", for_each_protocol(told))


def _areas_of(roc: pd.DataFrame, auc: pd.DataFrame | None, protocol: str) -> pd.DataFrame:
    """Areas of one protocol's curves, as given or, without any, as computed: network, label, auc."""
    if auc is not None:
        return auc[auc["protocol"] == protocol]
    curves = roc[roc["protocol"] == protocol].groupby("label")
    return pd.concat([_areas(curve).assign(label=label) for label, curve in curves])


def _areas_in_words(areas: pd.DataFrame, networks: list[str], labels: list[str]) -> str:
    by_name = areas.dropna(subset="auc").set_index(["network", "label"])["auc"]
    told = {
        name: [f"{label} {by_name[name, label]:.2f}" for label in labels if (name, label) in by_name]
        for name in networks
    }
    return ", ".join(f"{NETWORK_NAMES[name]} {' '.join(own) or 'none defined'}" for name, own in told.items())


def _roc_panel(axes: Axes, curves: pd.DataFrame, networks: list[str]) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)), label="chance")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for network in networks:
        curve = curves[curves["network"] == network]
        axes.plot(
            curve["false_positive_rate"],
            curve["sensitivity"],
            color=NETWORK_COLORS[network],
            linestyle=DASHES[network],
            label=NETWORK_NAMES[network],
        )


def _area_table(axes: Axes, areas: pd.DataFrame, networks: list[str], label: str) -> None:
    lines = [(f"AUC, {label} against the rest", INK, "bold")]
    for network in networks:
        text = f"{NETWORK_NAMES[network]}  {_area_text(areas[areas['network'] == network])}"
        lines.append((text, NETWORK_COLORS[network], "normal"))
    for place, (text, color, weight) in enumerate(reversed(lines)):
        look = {"color": color, "fontweight": weight, "fontsize": 8.5, "ha": "right", "transform": axes.transAxes}
        ground = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1}
        axes.text(0.98, 0.05 + 0.085 * place, text, bbox=ground, **look)


def _areas(curves: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (network, np.trapezoid(curve["sensitivity"], curve["false_positive_rate"]))
        for network, curve in curves.groupby("network")
    ]
    return pd.DataFrame(rows, columns=["network", "auc"])


def _area_text(area: pd.DataFrame) -> str:
    if area.empty or pd.isna(area["auc"].iloc[0]):
        return "not defined"
    one = area.iloc[0]
    has_interval = pd.notna(one.get("low")) and pd.notna(one.get("high"))
    return f"{one['auc']:.3f}" + (f" [{one['low']:.3f}, {one['high']:.3f}]" if has_interval else "")


def learning_curves(history: pd.DataFrame) -> Figure:
    """Accuracy and loss by epoch, training and validation, with the epoch whose weights were kept (figure 10).

    Args:
        history: DataFrame with the columns protocol, epoch, accuracy, loss, val_accuracy and val_loss, and network
            where there is more than one.

    Returns:
        Two rows of panels a network, one column a protocol; the dotted line marks the lowest validation loss.
    """
    history = history if "network" in history else history.assign(network=None)
    networks = present(history["network"].dropna(), NETWORK_NAMES) or [None]
    rows = [(network, metric) for network in networks for metric in ("accuracy", "loss")]
    figure, axes, protocols = protocol_columns(history["protocol"], len(rows), 1.75, top=0.35, sharey="row")
    for row, (network, metric) in zip(axes, rows, strict=True):
        own = history if network is None else history[history["network"] == network]
        for axis, protocol in zip(row, protocols, strict=True):
            _learning_panel(axis, own[own["protocol"] == protocol].sort_values("epoch"), metric, network)
        row[0].set_ylabel(metric if network is None else f"{NETWORK_NAMES[network]}\n{metric}")
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
    figure.align_ylabels(axes[:, 0])
    _training_legend(figure)
    told = {name: _training_in_words(history[history["protocol"] == name], networks) for name in protocols}
    what = "Accuracy and loss by epoch, training and validation."
    return in_words(figure, what, for_each_protocol(told))


def _training_in_words(history: pd.DataFrame, networks: list[str | None]) -> str:
    """Where the weights were kept, and how far training and validation lay apart there."""
    told = []
    for network in networks:
        own = history if network is None else history[history["network"] == network]
        if own["val_loss"].notna().any():
            best = own.loc[own["val_loss"].idxmin()]
            told.append(
                f"{NETWORK_NAMES.get(network, 'the network')} kept after epoch {best['epoch']:.0f} of "
                f"{own['epoch'].max():.0f}, accuracy {best['accuracy']:.2f} in training and {best['val_accuracy']:.2f} "
                "in validation"
            )
    return ", ".join(told) or "no epoch with a validation loss"


def _learning_panel(axes: Axes, epochs: pd.DataFrame, metric: str, network: str | None) -> None:
    color = NETWORK_COLORS.get(network, INK)
    axes.plot(epochs["epoch"], epochs[metric], color=color, linestyle=(0, (1.2, 1.2)), marker=".", label="training")
    axes.plot(epochs["epoch"], epochs[f"val_{metric}"], color=color, marker=".", label="validation")
    if epochs.empty or epochs["val_loss"].isna().all():
        return
    best = epochs.loc[epochs["val_loss"].idxmin()]
    axes.axvline(best["epoch"], color=MUTED, linewidth=0.9, linestyle=":", zorder=1)
    mark = {"marker": NETWORK_MARKERS.get(network, "o"), "markersize": 6, "color": color, "label": "kept"}
    axes.plot([best["epoch"]], [best[f"val_{metric}"]], linestyle="none", **mark)
    axes.set_xlim(epochs["epoch"].min() - 0.5, epochs["epoch"].max() + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, min_n_ticks=1))


def _training_legend(figure: Figure) -> None:
    handles = [
        Line2D([], [], color=INK, linestyle=(0, (1.2, 1.2)), label="training"),
        Line2D([], [], color=INK, label="validation"),
        Line2D(
            [], [], color=MUTED, linestyle=":", linewidth=0.9, marker="o", markerfacecolor=INK, label="weights kept"
        ),
    ]
    top_legend(figure, handles)
