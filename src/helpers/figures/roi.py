"""Figures and tables of the chapter on document C: what separation gains, and how much of it the flag alone gives."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas.io.formats.style import Styler

from helpers.evaluation.binary import confusion
from helpers.figures.data import contact_sheet
from helpers.figures.panels import in_words, present, top_legend, top_note
from helpers.figures.style import CLASS_COLORS, CLASS_MARKERS, INK, MUTED, PAPER, WIDTH
from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import CESM, VINDR

COHORT_NAMES = {VINDR: "VinDr-like flag", CESM: "CDD-CESM-like flag", "annotated": "the set's own marks"}
ROI_NETWORKS = {"swin": "Swin", "convnext_v2": "ConvNeXt V2", "baseline_cnn": "Baseline CNN"}
METRIC_NAMES = {
    "balanced": "mean of sensitivity and specificity",
    "harmonic": "F-score as document C has it",
    "f1": "F1",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "accuracy": "accuracy",
    "auc": "area under the ROC curve",
}
TEAL, PLUM, BROWN, BLUE = "#00806A", "#B0489E", "#A86400", "#0072B2"
# A way wears one color and one mark in all figures of the chapter; brown is the bit, which looks at no pixel.
LOOKS = {
    "without": {"color": TEAL, "marker": "o", "label": "without separation"},
    "with": {"color": PLUM, "marker": "D", "label": "with separation"},
    "predicted": {"color": BLUE, "marker": "s", "label": "with the predicted flag"},
    "bit": {"color": BROWN, "marker": "*", "label": "malignant if a mask exists"},
    "regression": {"color": MUTED, "marker": "^", "label": "regression of flag and view"},
}
GAIN_LOOKS = {
    "gain": {"color": PLUM, "marker": "D", "label": "separation over none"},
    "bit_gain": {"color": BROWN, "marker": "*", "label": "the bit over none"},
    "left": {"color": INK, "marker": "s", "label": "separation over the bit"},
}
DASHED = (0, (4, 3))


def rates(shares: pd.DataFrame) -> Figure:
    """How often pictures of each class have a mask: as published, and as drawn here.

    Args:
        shares: Of `helpers.roi.results.flag_rates`.

    Returns:
        One row a cohort and class; hollow marks are the published rates.
    """
    own = shares[(shares["level"] == 0) & (shares["label"] != "normal")]
    rows = list(own.itertuples())
    figure = Figure(figsize=(WIDTH, 0.85 + 0.3 * len(rows)), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.3 / figure.get_figheight()))
    axes = figure.subplots()
    for place, row in enumerate(rows):
        look = {"color": CLASS_COLORS[row.label], "marker": CLASS_MARKERS[row.label], "linestyle": "none"}
        if row.cohort in (VINDR, CESM):
            counts = yoshitsugu.masks(row.cohort).loc[row.label]
            axes.plot(counts["with ROIs"] / counts["total"], place, markersize=11, markerfacecolor=PAPER, **look)
        axes.plot(row.share, place, markersize=5, **look)
    _rows(axes, [f"{COHORT_NAMES[row.cohort]}, {row.label}" for row in rows])
    axes.set(xlabel="share of pictures with a mask", xlim=(-0.03, 1.03))
    top_note(figure, "Large and hollow: as published. Small and full: in this run.")
    told = "; ".join(f"{COHORT_NAMES[row.cohort]}, {row.label} {row.share:.2f}" for row in rows)
    return in_words(figure, "The share of pictures that have a mask, a row a cohort and class.", f"Here: {told}.")


def examples(table: pd.DataFrame, pictures: np.ndarray, each: int = 3) -> Figure:
    """Some pictures of each class, with a mask and without.

    Args:
        table: A cohort with `row`, `label` and `flag`.
        pictures: The picture store.
        each: Pictures of each kind at most.

    Returns:
        Rows of pictures, each named by its class and its flag.
    """
    kinds = [(label, flag) for label in ("malignant", "benign") for flag in (True, False)]
    chosen = [table[(table["label"] == label) & (table["flag"] == flag)].head(each) for label, flag in kinds]
    rows = pd.concat(chosen)
    names = [f"{row.label}, {'mask' if row.flag else 'no mask'}" for row in rows.itertuples()]
    return contact_sheet([pictures[row] for row in rows["row"]], names, columns=6)


def sizes(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Training pictures of each group, and in how many folds it could be trained.

    Args:
        tables: {cohort: of `helpers.roi.separation.group_sizes`}.

    Returns:
        DataFrame indexed by cohort, group and view.
    """
    table = pd.concat({COHORT_NAMES[name]: own for name, own in tables.items()}, names=["cohort"])
    trained = [f"{done} of {folds}" for done, folds in table[["trained", "folds"]].to_numpy()]
    return table[["benign", "malignant"]].round(1).assign(**{"trained in": trained})


def gains(table: pd.DataFrame, metric: str = "balanced") -> Figure:
    """What networks reach without and with separation, beside the bit, and the differences.

    Args:
        table: Of `helpers.roi.results.all_gains`, views together or apart alone.
        metric: A key of `METRIC_NAMES`.

    Returns:
        One row of two panels a cohort: scores on the left, paired differences on the right.
    """
    own, names = table[table["metric"] == metric], present(table["cohort"], COHORT_NAMES)
    height = 0.75 + 1.75 * len(names)
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.55 / height), wspace=0.04, hspace=0.06)
    axes = figure.subplots(len(names), 2, squeeze=False, sharex="col", sharey=True)
    for (left, right), cohort in zip(axes, names, strict=True):
        rows = own[own["cohort"] == cohort]
        _marks(left, rows, LOOKS)
        _marks(right, rows, GAIN_LOOKS)
        right.axvline(0, color=MUTED, linestyle=DASHED, linewidth=1.1)
        left.set_title(COHORT_NAMES[cohort], loc="left", fontweight="bold")
    axes[-1][0].set_xlabel(METRIC_NAMES[metric])
    axes[-1][1].set_xlabel("difference")
    _legends(figure, present(own["way"], [*LOOKS, *GAIN_LOOKS]))
    told = "; ".join(
        f"{COHORT_NAMES[row.cohort]}, {ROI_NETWORKS[row.network]} {row.value:+.2f}, interval {row.low:+.2f} to "
        f"{row.high:+.2f}"
        for row in own[own["way"] == "left"].itertuples()
    )
    what = f"On the left the {METRIC_NAMES[metric]} of each network and rule, on the right differences, with intervals."
    return in_words(figure, what, f"What separation adds to the bit: {told}.")


def _legends(figure: Figure, ways: Sequence[str]) -> None:
    top_legend(figure, _handles(LOOKS, ways))
    figure.legend(
        handles=_handles(GAIN_LOOKS, ways), loc="upper left", ncols=3, columnspacing=1.4, handletextpad=0.5,
        borderaxespad=0.3, bbox_to_anchor=(0, 1 - 0.24 / figure.get_figheight()),
    )  # fmt: skip


def _handles(looks: Mapping[str, Mapping], ways: Sequence[str]) -> list[Line2D]:
    return [Line2D([], [], linestyle="none", markersize=6, **look) for name, look in looks.items() if name in ways]


def _marks(axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Mapping]) -> None:
    """A row a network, one mark with its interval a way."""
    networks, ways = present(rows["network"], ROI_NETWORKS), [name for name in looks if name in set(rows["way"])]
    shifts = np.linspace(-0.28, 0.28, len(ways))
    for place, network in enumerate(networks):
        for shift, way in zip(shifts, ways, strict=True):
            own = rows[(rows["network"] == network) & (rows["way"] == way)]
            value, low, high = own[["value", "low", "high"]].to_numpy(float)[0]
            arms = np.clip([[value - low], [high - value]], 0, None)
            size = 9 if looks[way]["marker"] == "*" else 5.5
            axes.errorbar([value], [place + shift], xerr=arms, linestyle="none", markersize=size, elinewidth=1.3,
                          **looks[way])  # fmt: skip
    _rows(axes, [ROI_NETWORKS[name] for name in networks])


def melting(table: pd.DataFrame, metric: str = "balanced") -> Figure:
    """The gain against how far the flag is melted.

    Args:
        table: Of `helpers.roi.results.melting`.
        metric: A key of `METRIC_NAMES`.

    Returns:
        One panel a network; at the right end both classes have a mask equally often.
    """
    own, networks = table[table["metric"] == metric], present(table["network"], ROI_NETWORKS)
    figure = Figure(figsize=(WIDTH, 3.0), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.9))
    axes = figure.subplots(1, len(networks), squeeze=False, sharex=True, sharey=True)[0]
    for axis, network in zip(axes, networks, strict=True):
        for shift, (way, look) in zip((-0.012, 0, 0.012), GAIN_LOOKS.items(), strict=True):
            rows = own[(own["network"] == network) & (own["way"] == way)].sort_values("level")
            arms = np.clip([rows["value"] - rows["low"], rows["high"] - rows["value"]], 0, None)
            axis.errorbar(rows["level"] + shift, rows["value"], yerr=arms, markersize=5, elinewidth=1.1, **look)
        axis.axhline(0, color=MUTED, linestyle=DASHED, linewidth=1.1)
        axis.set_title(ROI_NETWORKS[network], loc="left", fontweight="bold")
        axis.set_xticks([0, 1], ["VinDr's flag", "says nothing"])
        axis.margins(x=0.18)
        axis.grid(axis="x", visible=False)
    axes[0].set_ylabel("difference")
    top_legend(figure, [Line2D([], [], markersize=6, **look) for look in GAIN_LOOKS.values()])
    what = f"Differences in the {METRIC_NAMES[metric]} while the flag stops telling the label, a panel a network."
    ends = own[(own["way"] == "gain") & own["level"].isin([own["level"].min(), own["level"].max()])]
    told = "; ".join(f"{ROI_NETWORKS[row.network]} at {row.level:g} {row.value:+.2f}" for row in ends.itertuples())
    return in_words(figure, what, f"What separation gains at either end: {told}.")


def score_table(table: pd.DataFrame, metrics: Sequence[str] = tuple(METRIC_NAMES)) -> Styler:
    """Scores with their intervals, as text.

    Args:
        table: DataFrame with the columns network, way, metric, value, low and high; of one cohort.
        metrics: Those shown.

    Returns:
        Table of texts indexed by network and way, one column a metric.
    """
    names = {name: look["label"] for name, look in {**LOOKS, **GAIN_LOOKS}.items()}
    names |= {"lost": "predicted minus true flag"}
    cells = [
        "not defined" if np.isnan(value) else f"{value:.2f}\n[{low:.2f}, {high:.2f}]"
        for value, low, high in table[["value", "low", "high"]].to_numpy(float)
    ]
    wide = table.assign(cell=cells).pivot(index=["network", "way"], columns="metric", values="cell")
    order = [(network, way) for network in ROI_NETWORKS for way in names if (network, way) in wide.index]
    shown = wide.loc[order, list(metrics)].rename(index={**ROI_NETWORKS, **names}, columns=METRIC_NAMES)
    return shown.style.set_uuid(f"roi-{'-'.join(metrics)}").set_table_attributes('class="dataframe scores"')


def restated(table: pd.DataFrame) -> pd.DataFrame:
    """The published gains as gains over the bit, as text; of `helpers.roi.results.restated`."""
    named = table.rename(index={**yoshitsugu.DATA_NAMES, **METRIC_NAMES})
    signed = [column for column in named if column.startswith("gain")]
    return named.apply(lambda column: column.map(("{:+.2f}" if column.name in signed else "{:.2f}").format))


def confusions(calls: Mapping[str, tuple[np.ndarray, np.ndarray]], labels: Sequence[str]) -> Figure:
    """What the two stages call the pictures of each class, with the predicted flag.

    Args:
        calls: {network: (the classes, the calls)}.
        labels: The classes in order.

    Returns:
        One panel a network; a cell holds the count, and is as dark as its share of the row.
    """
    figure = Figure(figsize=(WIDTH, 2.95), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.96))
    axes = figure.subplots(1, len(calls), squeeze=False, sharey=True)[0]
    told = []
    for axis, (network, (truth, called)) in zip(axes, calls.items(), strict=True):
        counts = confusion(truth, called, labels).to_numpy()
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            ink = "white" if shares[row, column] > 0.55 else INK
            axis.text(column, row, f"{count}", ha="center", va="center", color=ink)
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yticks(range(len(labels)), labels)
        axis.set_title(ROI_NETWORKS[network], loc="left", fontweight="bold")
        axis.set_xlabel("called")
        axis.grid(visible=False)
        axis.tick_params(length=0)
        told.append(f"{ROI_NETWORKS[network]} {np.trace(counts)} of {counts.sum()} right")
    axes[0].set_ylabel("truth")
    return in_words(figure, "Counts of pictures by class and call of the two stages.", f"{'; '.join(told)}.")


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
