"""Figures and tables of the chapter on microcalcifications."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.calcifications.baseline import Filter
from helpers.calcifications.chapter import RATES
from helpers.calcifications.experiment import FILTER, VARIANTS
from helpers.calcifications.inference import Variant
from helpers.calcifications.real import Real
from helpers.evaluation import froc as measured
from helpers.figures.panels import empty, in_words, top_legend
from helpers.figures.style import INK, MUTED, WIDTH
from helpers.networks.patches import PADDINGS
from helpers.published import valvano

TEAL, PLUM = "#00806A", "#B0489E"
LOOKS = {
    "same": {"color": TEAL, "marker": "o"},
    "valid": {"color": PLUM, "marker": "s"},
    FILTER: {"color": INK, "marker": "^"},
}
"""A kind of convolution wears one color and one mark in all figures of the chapter."""
FILTER_NAME = "filter, not learnt"
NETWORKS = {"detector": "Detector", "segmentator": "Segmentator"}
MEASURES = {"dice": "Dice", "average_precision": "average precision", "roc_area": "area under the ROC curve"}


def method_name(method: str) -> str:
    """Such as "49 px, same"."""
    return FILTER_NAME if method == FILTER else f"{method.split()[0]} px, {method.split()[1]}"


def look_of(method: str) -> dict:
    """Color and mark of a method."""
    return LOOKS[FILTER if method == FILTER else method.split()[1]]


def accuracies(shares: pd.DataFrame, background: pd.DataFrame, best: str) -> pd.DataFrame:
    """Accuracy as the document measures it, and what calling all background gives.

    Args:
        shares: variant, network, value, low, high.
        background: variant, network, value: the accuracy of a network that finds nothing.
        best: The variant to which the published values are set beside.

    Returns:
        DataFrame of texts, one row a variant.
    """
    rows = {}
    for variant in (each.name for each in VARIANTS):
        cells = {}
        for network, name in NETWORKS.items():
            value, low, high = _row(shares, variant=variant, network=network)[["value", "low", "high"]].astype(float)
            cells[f"{name}: accuracy"] = f"{value:.4f} [{low:.4f}, {high:.4f}]"
            cells[f"{name}: all background"] = f"{_row(background, variant=variant, network=network)['value']:.4f}"
        rows[method_name(variant) + (" (best here)" if variant == best else "")] = cells
    printed = valvano.accuracies()["accuracy"]
    side = valvano.BEST_PATCH_SIDE
    rows[f"published, {side} px, same"] = {f"{name}: accuracy": f"{value:.4f}" for name, value in printed.items()}
    return pd.DataFrame.from_dict(rows, orient="index").fillna("not printed").rename_axis("variant")


def froc(curves: pd.DataFrame, best: str) -> Figure:
    """FROC curves: the best variant and the filter with their intervals, the other variants thin.

    Args:
        curves: method, false_positives, value, low, high.
        best: The variant chosen on the validation.

    Returns:
        One panel.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.92))
    axes = figure.subplots()
    for method, own in curves.groupby("method", sort=False):
        look, main = look_of(method), method in (best, FILTER)
        x, y = own["false_positives"].to_numpy(), own["value"].to_numpy()
        axes.step(x, y, where="post", color=look["color"], linewidth=2.2 if main else 0.8, alpha=1 if main else 0.6)
        if main:
            axes.fill_between(x, own["low"], own["high"], step="post", color=look["color"], alpha=0.14, linewidth=0)
            axes.plot(x[-1:], y[-1:], clip_on=False, markersize=7, **look)
    axes.set(xlabel="false positives a picture", ylabel="clusters found", ylim=(0, 1.02), xlim=(0, x.max()))
    handles = [
        Line2D(
            [], [], linewidth=2.2, **look_of(method), label=method_name(method) + (" (best)" if method == best else "")
        )
        for method in (best, FILTER)
    ]
    thin = [Line2D([], [], color=LOOKS[kind]["color"], linewidth=0.8, label=f"other, {kind}") for kind in PADDINGS]
    top_legend(figure, [*handles, *thin])
    told = [f"{method_name(name)} {_at(curves, name, 0.5):.0%}" for name in (best, FILTER)]
    what = "Clusters found against false positives a picture, for six variants and the filter."
    return in_words(figure, what, f"At one false positive in two pictures: {', '.join(told)}.")


def _at(curves: pd.DataFrame, method: str, rate: float) -> float:
    own = curves[(curves["method"] == method) & (curves["false_positives"] <= rate + 1e-9)]
    return float(own["value"].iloc[-1])


def areas(compared: pd.DataFrame) -> Figure:
    """FROC areas of all methods, and what each variant adds to the filter on the same draws of patients.

    Args:
        compared: method, value, low, high, gain, gain_low, gain_high.

    Returns:
        Areas on the left, differences on the right; one row a method.
    """
    figure = Figure(figsize=(WIDTH, 0.75 + 0.34 * len(compared)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1, 1))
    names = [method_name(method) for method in compared["method"]]
    for place, row in enumerate(compared.itertuples()):
        look = look_of(row.method)
        _interval(left, place, row.value, row.low, row.high, look)
        if row.method != FILTER:
            _interval(right, place, row.gain, row.gain_low, row.gain_high, look)
    right.axvline(0, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.1)
    left.set(yticks=range(len(names)), yticklabels=names, xlabel="FROC area, up to two false positives a picture")
    left.set_ylim(len(names) - 0.5, -0.6)
    right.set_xlabel("more than the filter")
    for axis in (left, right):
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
    told = "; ".join(f"{name} {value:.3f}" for name, value in zip(names, compared["value"], strict=True))
    return in_words(figure, "Areas under the FROC curves with intervals, and differences from the filter.", f"{told}.")


def _interval(axes: Axes, place: float, value: float, low: float, high: float, look: Mapping) -> None:
    arms = [[max(0.0, value - low)], [max(0.0, high - value)]]
    axes.errorbar([value], [place], xerr=arms, linestyle="none", markersize=5.5, elinewidth=1.5, zorder=3, **look)


def pixel_measures(scored: pd.DataFrame) -> Figure:
    """Dice, average precision and ROC area of pixels, by method, with intervals.

    Args:
        scored: method, measure, value, low, high.

    Returns:
        A panel a measure.
    """
    methods = list(scored["method"].unique())
    figure = Figure(figsize=(WIDTH, 0.7 + 0.32 * len(methods)), layout="constrained")
    axes = figure.subplots(1, len(MEASURES), sharey=True)
    for axis, (measure, name) in zip(axes, MEASURES.items(), strict=True):
        own = scored[scored["measure"] == measure].set_index("method")
        for place, method in enumerate(methods):
            _interval(axis, place, *own.loc[method, ["value", "low", "high"]].astype(float), look_of(method))
        axis.set_xlabel(name)
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
        axis.margins(x=0.12)
    axes[0].set(yticks=range(len(methods)), yticklabels=[method_name(method) for method in methods])
    axes[0].set_ylim(len(methods) - 0.5, -0.6)
    told = "; ".join(
        f"{method_name(row.method)} {row.value:.2f}" for row in scored[scored["measure"] == "dice"].itertuples()
    )
    return in_words(figure, "How well pixels are labelled, a panel a measure, with intervals.", f"Dice: {told}.")


def pixel_curves(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], best: str) -> Figure:
    """ROC and precision-recall curves of pixels.

    Args:
        curves: {method: (false positives, true positives)} by score, (256,) each, as `pixels.upward` counts them.
        best: The variant chosen on the validation.

    Returns:
        ROC on the left, its axis of false positives logarithmic; precision and recall on the right.
    """
    figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.9), wspace=0.06)
    roc, precision = figure.subplots(1, 2)
    for method, (false, true) in curves.items():
        look, main = look_of(method), method in (best, FILTER)
        line = {"color": look["color"], "linewidth": 2.2 if main else 0.8, "alpha": 1 if main else 0.6}
        # Score 0 is what no network was asked about: no threshold reaches it.
        recall = true[1:] / true[0]
        roc.plot(np.maximum(false[1:] / false[0], 1e-6), recall, **line)
        named = (true[1:] + false[1:]) > 0
        precision.plot(recall[named], true[1:][named] / (true[1:] + false[1:])[named], **line)
    roc.set(xscale="log", xlim=(1e-5, 1), ylim=(0, 1.02), xlabel="share of other pixels called", ylabel="recall")
    precision.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    handles = [Line2D([], [], linewidth=2.2, color=look_of(m)["color"], label=method_name(m)) for m in (best, FILTER)]
    top_legend(figure, [*handles, Line2D([], [], color=MUTED, linewidth=0.8, label="other variants")])
    what = "ROC and precision-recall curves of pixels, for six variants and the filter."
    return in_words(figure, what, "Curves end where no further pixel was let through to the Segmentator.")


def positions(shares: pd.DataFrame) -> Figure:
    """Sensitivity by distance from the middle of a patch, same against valid.

    Args:
        shares: variant, network, distance (px), value, low, high.

    Returns:
        A row a network, a column a patch size.
    """
    sizes = sorted({variant.patch for variant in VARIANTS})
    figure = Figure(figsize=(WIDTH, 4.4), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.94))
    axes = figure.subplots(len(NETWORKS), len(sizes), sharey=True, sharex="col")
    for row, (network, name) in zip(axes, NETWORKS.items(), strict=True):
        for axis, size in zip(row, sizes, strict=True):
            for shift, kind in enumerate(PADDINGS):
                own = shares[(shares["network"] == network) & (shares["variant"] == Variant(size, kind).name)]
                own, value = own.sort_values("distance"), own.sort_values("distance")["value"].to_numpy()
                arms = np.clip([value - own["low"], own["high"] - value], 0, None)
                place = own["distance"] + 1.2 + 0.6 * shift
                axis.errorbar(place, value, yerr=arms, markersize=4, linewidth=1.3, elinewidth=0.9, **LOOKS[kind])
            axis.axvline(size / 2, color=MUTED, linestyle=(0, (4, 3)), linewidth=1.1)
            axis.set_ylim(0, 1.05)
        row[0].set_ylabel(f"{name}: sensitivity")
    for axis, size in zip(axes[0], sizes, strict=True):
        axis.set_title(f"patches of {size} px", loc="left", fontweight="bold")
    for axis in axes[-1]:
        axis.set_xlabel("distance from the middle (px)")
    rim = Line2D([], [], color=MUTED, linestyle=(0, (4, 3)), label="edge of the patch")
    top_legend(figure, [*(Line2D([], [], **look, label=kind) for kind, look in LOOKS.items() if kind != FILTER), rim])
    what = "Sensitivity by distance from the middle of a patch, same and valid convolutions, a column a patch size."
    return in_words(
        figure, what, "Above: of the nearest calcification, the Detector. Below: of a pixel, the Segmentator."
    )


def real(found: Real | None, draws: int, seed: int) -> Figure:
    """FROC curves on real films.

    Args:
        found: From `helpers.calcifications.chapter.real`; None where the run has none.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        One panel, or a figure that says that there are none.
    """
    if found is None:
        return empty("This run has no real films to look at.")
    best = next(method for method in found.found() if method != FILTER)
    curves = measured.curves(found.found(), found.placed, RATES, draws, seed=seed)
    return froc(curves, best)


def chosen_filter(chosen: Filter) -> pd.DataFrame:
    """What the training films chose for the filter."""
    rows = {
        "width of the narrower Gaussian (px)": f"{chosen.scale:g}",
        "gray levels above the surroundings": f"{chosen.threshold:g}",
        "radius of the disc for a cluster (px)": f"{chosen.radius}",
    }
    return pd.DataFrame({"chosen": rows}).rename_axis("the filter's")


def seconds(taken: pd.DataFrame) -> pd.DataFrame:
    """Times as a table: whole picture, sliding window, factor."""
    return pd.DataFrame(
        {
            "whole picture (s)": taken["whole"].map("{:.2f}".format),
            "sliding window (s)": taken["sliding"].map("{:.1f}".format),
            "factor": taken["factor"].map("{:.0f}".format),
            "patches": taken["patches"].map("{:,}".format),
        }
    )


def _row(table: pd.DataFrame, **where: str) -> pd.Series:
    return table.loc[(table[list(where)] == pd.Series(where)).all(axis=1)].iloc[0]
