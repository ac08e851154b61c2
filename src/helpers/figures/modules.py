"""What GAGM, SEVector and the losses change: effects with intervals, doses, and the planes that one would look at."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas.io.formats.style import Styler

from helpers.datasets.exams import LABELS
from helpers.evaluation.effects import LEVEL
from helpers.evaluation.separability import LOWER_IS_BETTER, MEASURES
from helpers.figures.panels import in_words, network_mark, present, top_legend
from helpers.figures.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    INK,
    MUTED,
    NETWORK_COLORS,
    NETWORK_NAMES,
    PAPER,
    WIDTH,
)

MEASURE_NAMES = {
    "fisher": "Fisher ratio",
    "silhouette": "silhouette",
    "davies_bouldin": "Davies-Bouldin",
    "nearest_mean": "accuracy of nearest mean",
    "f1_macro": "macro F1",
    "recall_malignant": "recall of malignant",
    "auc": "AUC, malignant or benign",
}
EFFECT_NAMES = {
    "gagm": "GAGM",
    "sevector": "SEVector",
    "center": "center loss",
    "contrastive": "contrastive loss",
}
HEADS = {
    (False, False): ("neither module", MUTED, (0, (1, 1.5)), "o"),
    (True, False): ("GAGM", INK, (0, (5, 2)), "s"),
    (False, True): ("SEVector", INK, (0, (5, 1.5, 1, 1.5)), "D"),
    (True, True): ("both, as published", None, "solid", "^"),
}
"""Name, color, line and marker of each head; that of the document wears its network's color."""


def effect_name(effect: str) -> str:
    """An effect as a reader sees it, such as "FSL, λ = 0.1"."""
    return EFFECT_NAMES.get(effect, effect.replace("fsl ", "FSL, λ = "))


def effect_intervals(effects: pd.DataFrame, singles: pd.DataFrame, scope: str) -> Figure:
    """Every effect on every measure as a point and a 95 % interval, the single trainings' behind it.

    Args:
        effects: As `helpers.evaluation.effects.effects` returns it.
        singles: As `helpers.evaluation.effects.single_runs` returns it.
        scope: "all" or "pair".

    Returns:
        One panel a measure, better always to the right; a filled mark is an effect that survives the correction.
    """
    own, single = effects[effects["scope"] == scope], singles[singles["scope"] == scope]
    order, networks = list(own["effect"].unique()), present(own["network"], NETWORK_NAMES)
    figure = Figure(figsize=(WIDTH, 2 * (0.9 + 0.29 * len(order)) + 0.35), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()), hspace=0.05, wspace=0.03)
    axes = figure.subplots(2, 3, sharey=True).ravel()
    for axis, measure in zip(axes, MEASURES[scope], strict=False):
        for shift, network in zip(np.linspace(-0.17, 0.17, len(networks)), networks, strict=True):
            chosen = [table[(table["measure"] == measure) & (table["network"] == network)] for table in (own, single)]
            _effect_marks(axis, *chosen, order, shift, network)
        _effect_axis(axis, measure, order)
    for axis in axes[len(MEASURES[scope]) :]:
        axis.set_visible(False)
    _effect_legend(figure, networks)
    clear = int(((own["low"] > 0) | (own["high"] < 0)).sum())
    what = "The effect of each module and loss on each measure, a mark and its interval, with single runs as dots."
    return in_words(figure, what, f"{clear} of {len(own)} intervals leave zero out.")


def _effect_marks(axes: Axes, rows: pd.DataFrame, singles: pd.DataFrame, order: Sequence[str], shift: float, network):
    places = {effect: place + shift for place, effect in enumerate(order)}
    color = NETWORK_COLORS[network]
    axes.plot(singles["value"], singles["effect"].map(places), ".", color=color, alpha=0.3, markersize=3.5, zorder=2)
    for row in rows.itertuples():
        survives = row.p_holm < LEVEL
        mark = network_mark(network, published=not survives, markersize=5, elinewidth=1.2)
        arms = [[max(0, row.value - row.low)], [max(0, row.high - row.value)]]
        axes.errorbar([row.value], [places[row.effect]], xerr=arms, zorder=3, **mark)


def _effect_axis(axes: Axes, measure: str, order: Sequence[str]) -> None:
    axes.axvline(0, color=MUTED, linewidth=1, zorder=1)
    axes.set_yticks(range(len(order)), [effect_name(effect) for effect in order])
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=4)
    axes.set_title(MEASURE_NAMES[measure], loc="left", fontweight="bold", fontsize=9)
    if measure in LOWER_IS_BETTER:
        axes.invert_xaxis()
    axes.set_xlabel("better \N{RIGHTWARDS ARROW}", loc="right", color=MUTED, fontsize=8.5)


def _effect_legend(figure: Figure, networks: Sequence[str]) -> None:
    handles = [Line2D([], [], **network_mark(name), label=NETWORK_NAMES[name]) for name in networks]
    hollow = {"marker": "o", "linestyle": "none", "markerfacecolor": PAPER, "color": MUTED, "markersize": 6}
    handles.append(Line2D([], [], **hollow, label="hollow: not after correction"))
    handles.append(Line2D([], [], linestyle="none", marker=".", color=MUTED, alpha=0.5, label="one training each"))
    top_legend(figure, handles)


def doses(runs: pd.DataFrame, measures: Sequence[str] = ("fisher", "silhouette", "f1_macro")) -> Figure:
    """The grid itself: each head's measures by the lambda of the Feature Smoothing Loss.

    Args:
        runs: The trainings, see `helpers.ablation.Ablation.runs`.
        measures: Measures of the scope "all".

    Returns:
        One row a measure, one column a network; means over folds and seeds.
    """
    own = runs[(runs["scope"] == "all") & (runs["loss"] == "fsl")]
    networks, strengths = present(own["network"], NETWORK_NAMES), sorted(own["strength"].unique())
    height = 1.75 * len(measures) + 0.4
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.4 / height), hspace=0.04, wspace=0.04)
    axes = figure.subplots(len(measures), len(networks), squeeze=False, sharex=True, sharey="row")
    means = own.groupby(["network", "measure", "gagm", "sevector", "strength"])["value"].mean()
    for row, measure in zip(axes, measures, strict=True):
        for axis, network in zip(row, networks, strict=True):
            for (gagm, sevector), (_, color, line, marker) in HEADS.items():
                values = means[network, measure, gagm, sevector].loc[strengths]
                look = {"color": color or NETWORK_COLORS[network], "linestyle": line, "marker": marker}
                axis.plot(range(len(strengths)), values, markersize=4.5, **look)
        row[0].set_ylabel(MEASURE_NAMES[measure])
    for axis, network in zip(axes[0], networks, strict=True):
        axis.set_title(NETWORK_NAMES[network], loc="left", fontweight="bold")
    for axis in axes[-1]:
        axis.set_xticks(range(len(strengths)), [f"{strength:g}" for strength in strengths])
        axis.set_xlabel("λ of the Feature Smoothing Loss")
    looks = [
        {"color": c or INK, "linestyle": line, "marker": mark, "label": name} for name, c, line, mark in HEADS.values()
    ]
    top_legend(figure, [Line2D([], [], markersize=5, **look) for look in looks])
    what = f"How {', '.join(measures)} go with the weight of the loss, a line a network, dots the single runs."
    return in_words(figure, what, "A line that stays level says that the weight does nothing.")


def planes(pictures: pd.DataFrame, runs: pd.DataFrame) -> Figure:
    """Held-out pictures on the first two components of an embedding, in one fold and seed of five cells.

    Args:
        pictures: See `helpers.ablation.Ablation.pictures`.
        runs: See `helpers.ablation.Ablation.runs`.

    Returns:
        One row a network; above each plane the Fisher ratio and the silhouette of what it is a shadow of.
    """
    one = {key: pictures[key].min() for key in ("fold", "seed")}
    pictures, runs = _rows(pictures, one), _rows(runs, one)
    networks, shown = present(pictures["network"], NETWORK_NAMES), _shown(pictures)
    figure = Figure(figsize=(WIDTH, 1.95 * len(networks) + 0.35), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / figure.get_figheight()), wspace=0.02)
    axes = figure.subplots(len(networks), len(shown), squeeze=False)
    for row, network in zip(axes, networks, strict=True):
        for axis, (name, cell) in zip(row, shown.items(), strict=True):
            at = {"network": network, **cell}
            _plane(axis, _rows(pictures, at), _rows(runs, at), name)
        row[0].set_ylabel(NETWORK_NAMES[network], fontweight="bold")
    looks = [{"color": CLASS_COLORS[label], "marker": CLASS_MARKERS[label], "label": label} for label in LABELS]
    top_legend(figure, [Line2D([], [], linestyle="none", markersize=5, **look) for look in looks])
    what = "Pictures of one held-out fold on the first two components of the penultimate layer, by class."
    return in_words(figure, what, "A panel is one setting of the grid; how far classes overlap is measured beside it.")


def _shown(pictures: pd.DataFrame) -> dict[str, dict]:
    full = {"gagm": True, "sevector": True}
    others = pictures[pictures["loss"] != "fsl"].drop_duplicates("loss").set_index("loss")["strength"]
    strongest = pictures.loc[pictures["loss"] == "fsl", "strength"].max()
    return {
        "neither module": {"gagm": False, "sevector": False, "loss": "fsl", "strength": 0.0},
        "both modules": {**full, "loss": "fsl", "strength": 0.0},
        effect_name(f"both, fsl {strongest:g}"): {**full, "loss": "fsl", "strength": strongest},
        **{f"both, {name}": {**full, "loss": name, "strength": value} for name, value in others.items()},
    }


def _rows(table: pd.DataFrame, values: dict) -> pd.DataFrame:
    return table[np.logical_and.reduce([table[key] == value for key, value in values.items()])]


def _plane(axes: Axes, pictures: pd.DataFrame, runs: pd.DataFrame, name: str) -> None:
    for label in LABELS:
        own = pictures[pictures["label"] == label]
        look = {"color": CLASS_COLORS[label], "marker": CLASS_MARKERS[label], "alpha": 0.6, "linewidths": 0}
        axes.scatter(own["component_1"], own["component_2"], s=7, **look)
    values = runs[runs["scope"] == "all"].set_index("measure")["value"]
    axes.set_title(f"{name}\nF {values['fisher']:.2f}, s {values['silhouette']:.2f}", fontsize=8.5)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)


def effect_table(effects: pd.DataFrame, scope: str) -> Styler:
    """All effects of a scope as value and 95 % interval, a star where they survive the correction.

    Args:
        effects: As `helpers.evaluation.effects.effects` returns it.
        scope: "all" or "pair".

    Returns:
        Table with one row an effect and network, one column a measure.
    """
    own = effects[effects["scope"] == scope]
    stars = np.where(own["p_holm"] < LEVEL, " *", "")
    values = own[["value", "low", "high"]].to_numpy()
    cells = [f"{v:+.3f}{star}\n[{low:+.2f}, {high:+.2f}]" for (v, low, high), star in zip(values, stars, strict=True)]
    rows = own.assign(cell=cells, effect=own["effect"].map(effect_name), network=own["network"].map(NETWORK_NAMES))
    table = rows.pivot_table(index=["effect", "network"], columns="measure", values="cell", aggfunc="first", sort=False)
    table = table.rename(columns=MEASURE_NAMES).rename_axis(columns=None)
    return table.style.set_table_attributes('class="dataframe scores"').set_uuid(f"effects-{scope}")


def survivors(effects: pd.DataFrame) -> pd.DataFrame:
    """The effects that survive the correction, for the better or the worse; empty where none does."""
    found = effects[effects["p_holm"] < LEVEL].sort_values("p_holm")
    better = (found["value"] > 0) != found["measure"].isin(LOWER_IS_BETTER)
    return pd.DataFrame(
        {
            "what": found["effect"].map(effect_name),
            "network": found["network"].map(NETWORK_NAMES),
            "of": found["scope"].map({"all": "three classes", "pair": "malignant and benign"}),
            "measure": found["measure"].map(MEASURE_NAMES),
            "is": np.where(better, "better", "worse"),
            "by": found["value"].map("{:+.3f}".format),
            "p, corrected": found["p_holm"].map(_told),
        }
    ).reset_index(drop=True)


def _told(p_value: float) -> str:
    """A p-value as journals print it: draws of patients say nothing of how far below a thousandth it lies."""
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
