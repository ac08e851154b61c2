"""Figures of the ladder: what each rung reaches, what it adds, and where the threshold was chosen."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.figures.data import contact_sheet
from helpers.figures.panels import empty, in_words, present, top_legend, top_note
from helpers.figures.style import MUTED, WIDTH
from helpers.imaging.augmentation import altered
from helpers.ladder.pictures import Screened

RUNG_NAMES = {
    "always_benign": "always benign",
    "metadata": "metadata alone",
    "plain": "resized original",
    "weighted_loss": "+ weighted loss",
    "roi_crop": "+ ROI crop",
    "threshold": "+ threshold",
    "augmentation": "+ augmentation",
    "auxiliary": "+ auxiliary prediction",
}
LOOKS = {
    "cnn": {"color": "#00806A", "marker": "s", "label": "CNN (SE-ResNeXt)"},
    "vit": {"color": "#B0489E", "marker": "^", "label": "ViT (DeiT III)"},
}
"""A network wears one color and one mark in all figures of the chapter."""
SIDE_NAMES = {"out_of_fold": "out of fold", "test": "held-out test"}
UNIT_NAMES = {"image": "by picture", "breast": "by breast"}
METRIC_NAMES = {
    "f1": "F1",
    "recall": "recall",
    "precision": "precision",
    "accuracy": "accuracy",
    "probabilistic_f1": "probabilistic F1",
    "average_precision": "average precision",
    "auc": "area under the ROC curve",
    "sensitivity_at_specificity": "sensitivity at 90 % specificity",
}
DASHED = (0, (4, 3))


def climb(scores: pd.DataFrame, metric: str, unit: str = "image") -> Figure:
    """What each rung reaches, the ground at the bottom.

    Args:
        scores: From `helpers.ladder.results.Results`.
        metric: A key of `METRIC_NAMES`.
        unit: "image" or "breast".

    Returns:
        Two panels, out of fold and on the test; one line a network.
    """
    own = scores[(scores["metric"] == metric) & (scores["unit"] == unit)]
    rungs, sides = present(own["rung"], RUNG_NAMES), present(own["side"], SIDE_NAMES)
    figure, axes = _panels(len(sides), len(rungs))
    for axis, side in zip(axes, sides, strict=True):
        _marks(axis, own[own["side"] == side], rungs, joined=True)
        axis.set_title(SIDE_NAMES[side], loc="left", fontweight="bold")
        axis.set_xlabel(METRIC_NAMES[metric])
    told = "; ".join(
        f"{LOOKS[row.network]['label']} {row.value:.3f}, interval {row.low:.3f} to {row.high:.3f}"
        for row in own[(own["rung"] == rungs[-1]) & (own["side"] == sides[0])].itertuples()
    )
    what = f"{METRIC_NAMES[metric]} of each rung, {UNIT_NAMES[unit]}, with intervals, a panel for {_and(sides)}."
    return in_words(figure, what, f"On the topmost rung, {SIDE_NAMES[sides[0]]}: {told}.")


def gains(table: pd.DataFrame, metrics: Sequence[str] = ("f1", "average_precision"), unit: str = "image") -> Figure:
    """What each rung adds to the one below, out of fold.

    Args:
        table: `gains` of `helpers.ladder.results.Results`.
        metrics: Keys of `METRIC_NAMES`, a panel each.
        unit: "image" or "breast".

    Returns:
        One panel a metric; where an interval lies right of the line, the rung helps.
    """
    own = table[(table["side"] == "out_of_fold") & (table["unit"] == unit)]
    rungs = present(own["rung"], RUNG_NAMES)
    figure, axes = _panels(len(metrics), len(rungs))
    for axis, metric in zip(axes, metrics, strict=True):
        axis.axvline(0, color=MUTED, linestyle=DASHED, linewidth=1.1)
        _marks(axis, own[own["metric"] == metric], rungs)
        axis.set_xlabel(f"added {METRIC_NAMES[metric]}")
    clear = own[own["metric"].isin(metrics) & (own["low"] > 0)]
    told = [f"{RUNG_NAMES[row.rung]} ({LOOKS[row.network]['label']}, {METRIC_NAMES[row.metric]})"
            for row in clear.itertuples()]  # fmt: skip
    what = f"What each rung adds to the one below, {UNIT_NAMES[unit]}, with paired intervals, a panel a metric."
    return in_words(figure, what, f"Wholly above zero: {', '.join(told) or 'none'}.")


def thresholds(curves: pd.DataFrame, rung: str) -> Figure:
    """F1 at each threshold on the pictures that chose it, and the threshold chosen.

    Args:
        curves: `curves` of `helpers.ladder.climb.Climbed`.
        rung: The rung, one that chooses.

    Returns:
        Two panels a network: the fold that chose, and the fold that was held out; a line a fold.
    """
    own = curves[curves["rung"] == rung]
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.3 / 2.9))
    networks = present(own["network"], LOOKS)
    axes = figure.subplots(1, 2 * len(networks), squeeze=False, sharex=True, sharey=True)[0]
    panels = [(network, side) for network in networks for side in ("validation", "held")]
    for axis, (network, side) in zip(axes, panels, strict=True):
        for _, fold in own[own["network"] == network].groupby("fold"):
            _curve(axis, fold, side, LOOKS[network])
        where = "the fold that chooses" if side == "validation" else "the fold held out"
        axis.set_title(f"{network.upper().replace('VIT', 'ViT')}: {where}", loc="left", fontsize=8.5, fontweight="bold")
        axis.set(xlabel="threshold", xlim=(0, 1))
    axes[0].set_ylabel("F1")
    top_note(figure, "A line a fold; its mark is the threshold that was chosen on the left and is used on the right.")
    ranges = own.groupby("network")["chosen"].agg(["min", "max"])
    told = "; ".join(
        f"{LOOKS[name]['label']} {low:.2f} to {high:.2f}" for name, (low, high) in ranges.loc[networks].iterrows()
    )
    return in_words(figure, "F1 against the threshold, a line a fold.", f"Chosen thresholds: {told}.")


def _curve(axes: Axes, fold: pd.DataFrame, side: str, look: Mapping[str, str]) -> None:
    axes.plot(fold["threshold"], fold[side], color=look["color"], linewidth=1.0, alpha=0.75)
    at = fold["threshold"].sub(fold["chosen"].iloc[0]).abs().argmin()
    axes.plot(fold["threshold"].iloc[at], fold[side].iloc[at], color=look["color"], marker=look["marker"], markersize=6)


def left_out(table: pd.DataFrame, metrics: Sequence[str] = ("f1", "average_precision"), unit: str = "image") -> Figure:
    """What leaving one auxiliary target out changes, all others kept.

    Args:
        table: `left_out` of `helpers.ladder.results.Results`.
        metrics: Keys of `METRIC_NAMES`, a panel each.
        unit: "image" or "breast".

    Returns:
        One panel a metric; where an interval lies left of the line, the target helps.
    """
    own = table[table["unit"] == unit]
    if own.empty:
        return empty("No auxiliary target was left out in this run.")
    targets = list(own["left_out"].unique())
    figure, axes = _panels(len(metrics), len(targets), legend=False)
    for axis, metric in zip(axes, metrics, strict=True):
        axis.axvline(0, color=MUTED, linestyle=DASHED, linewidth=1.1)
        rows = own[own["metric"] == metric].set_index("left_out").loc[targets]
        _errors(axis, rows, np.arange(len(targets)), {"color": LOOKS["cnn"]["color"], "marker": "s"})
        axis.set_xlabel(f"change of {METRIC_NAMES[metric]}")
    axes[0].set_yticks(range(len(targets)), [f"without {target.replace('_', ' ')}" for target in targets])
    clear = own[own["metric"].isin(metrics) & (own["high"] < 0)]
    told = ", ".join(sorted(set(clear["left_out"]))) or "none"
    what = "What leaving out one auxiliary target changes, with paired intervals, a panel a metric."
    return in_words(figure, what, f"Clearly worse without it: {told}.")


def framings(screened: Screened, seed: int, count: int = 6) -> Figure:
    """Some pictures with cancer and some without: resized, cropped to the breast, and cropped and altered.

    Args:
        screened: The pictures.
        seed: Of the draw and of the alterations.
        count: How many; half of them with cancer.

    Returns:
        Three rows of pictures.
    """
    rng, cancer = np.random.default_rng(seed), screened.table["cancer"].to_numpy(bool)
    rows = [*rng.choice(np.flatnonzero(cancer), count // 2), *rng.choice(np.flatnonzero(~cancer), count - count // 2)]
    resized, cropped = (screened.pictures[way][np.array(rows)] for way in ("resized", "cropped"))
    moved = [altered(each, rng) for each in cropped]
    names = ["cancer"] * (count // 2) + ["no cancer"] * (count - count // 2)
    labels = [*names, *(f"{name}, cropped" for name in names), *(f"{name}, altered" for name in names)]
    return contact_sheet([*resized, *cropped, *moved], labels, columns=count)


def misses(pictures: Sequence[np.ndarray], labels: Sequence[str]) -> Figure:
    """The worst misses, the worst first.

    Args:
        pictures: uint8 (size, size) each.
        labels: What stands under each.

    Returns:
        One row of pictures; a sentence where there is none.
    """
    if not len(pictures):
        return empty("The topmost rung misses no cancer.")
    return contact_sheet(list(pictures), list(labels), columns=max(4, len(pictures)))


def _panels(count: int, rows: int, legend: bool = True) -> tuple[Figure, Sequence[Axes]]:
    figure = Figure(figsize=(WIDTH, 1.05 + 0.36 * rows), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.3 / figure.get_figheight() if legend else 1), wspace=0.04)
    axes = figure.subplots(1, count, squeeze=False, sharey=True)[0]
    for axis in axes:
        axis.grid(axis="y", visible=False)
        axis.tick_params(axis="y", length=0)
    if legend:
        top_legend(figure, [Line2D([], [], linestyle="none", markersize=6, **look) for look in LOOKS.values()])
    return figure, axes


def _marks(axes: Axes, rows: pd.DataFrame, rungs: Sequence[str], joined: bool = False) -> None:
    """A mark and its interval for each rung and network, the first rung at the bottom."""
    for shift, network in zip((-0.14, 0.14), present(rows["network"], LOOKS), strict=False):
        own = rows[rows["network"] == network].set_index("rung").reindex(rungs)
        places = np.arange(len(rungs)) + shift
        _errors(axes, own, places, LOOKS[network])
        if joined:
            axes.plot(own["value"], places, color=LOOKS[network]["color"], linewidth=0.8, alpha=0.5)
    axes.set_yticks(range(len(rungs)), [RUNG_NAMES[name] for name in rungs])
    axes.set_ylim(-0.5, len(rungs) - 0.5)


def _errors(axes: Axes, rows: pd.DataFrame, places: np.ndarray, look: Mapping[str, str]) -> None:
    value = rows["value"].to_numpy(float)
    arms = np.nan_to_num(np.clip([value - rows["low"], rows["high"] - value], 0, None))
    axes.errorbar(value, places, xerr=arms, linestyle="none", markersize=5.5, elinewidth=1.3, zorder=3, **look)


def _and(sides: Sequence[str]) -> str:
    return " and ".join(SIDE_NAMES[side] for side in sides)
