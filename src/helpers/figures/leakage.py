"""Figures and tables of the chapter on leakage: how near the test is to training, and what that is worth."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.datasets.exams import LABELS
from helpers.datasets.signature import NEAR_DUPLICATE
from helpers.figures.data import contact_sheet, show_picture
from helpers.figures.panels import for_each_protocol, in_words, present, protocol_columns, top_legend, top_note
from helpers.figures.style import INK, MUTED, NETWORK_NAMES, PAPER, PROTOCOL_LABELS, WIDTH, PictureFigure

LEARNER_NAMES = {
    "baseline_cnn": NETWORK_NAMES["baseline_cnn"],
    "copy_only": "copy-only probe",
    "source_only": "source-only probe",
}
METRIC_NAMES = {
    "f1_macro": "macro F1",
    "accuracy": "accuracy",
    "auc_mean": "mean AUC",
    **{f"auc_{label}": f"AUC, {label} or not" for label in LABELS},
}
RENDERINGS = {"as it is": "as they are", "planted": "normal ones as thumbnails"}
TEAL, PLUM = "#00806A", "#B0489E"
# A way wears one color and one mark in all figures of the chapter; plum is the flattering one.
LOOKS = {
    "patient_grouped": {"color": TEAL, "marker": "o", "label": PROTOCOL_LABELS["patient_grouped"]},
    "as_published": {"color": PLUM, "marker": "D", "label": PROTOCOL_LABELS["as_published"]},
    "as it is": {"color": TEAL, "marker": "o", "label": RENDERINGS["as it is"]},
    "planted": {"color": PLUM, "marker": "D", "label": RENDERINGS["planted"]},
}
DASHED = (0, (4, 3))


def nearest(distances: pd.DataFrame) -> Figure:
    """How far each test picture lies from the training picture that resembles it most.

    Args:
        distances: DataFrame with the columns protocol and distance, one row a test picture.

    Returns:
        A histogram a protocol; left of the dashed line a pair is taken for copies.
    """
    figure, axes, protocols = protocol_columns(distances["protocol"], 1, 2.1, top=0.3, sharex=True, sharey=True)
    edges = np.linspace(0, max(0.1, distances["distance"].quantile(0.995)), 41)
    for axis, protocol in zip(axes[0], protocols, strict=True):
        own = distances.loc[distances["protocol"] == protocol, "distance"]
        _histogram(axis, own.to_numpy(), edges, LOOKS[protocol]["color"])
        axis.set_xlabel("distance to the nearest training picture")
    axes[0][0].set_ylabel("test pictures")
    top_note(figure, f"Left of the dashed line, at {NEAR_DUPLICATE}, two pictures are taken for copies of one.")
    close = distances.assign(close=distances["distance"] < NEAR_DUPLICATE).groupby("protocol")["close"].mean()
    told = {protocol: f"{close[protocol]:.0%} of the test pictures" for protocol in protocols}
    what = "How far each test picture lies from the training picture that resembles it most, a histogram a protocol."
    return in_words(figure, what, "Taken for copies.", for_each_protocol(told))


def _histogram(axes: Axes, distances: np.ndarray, edges: np.ndarray, color: str) -> None:
    axes.hist(np.minimum(distances, edges[-1]), edges, color=color)
    axes.axvline(NEAR_DUPLICATE, color=INK, linestyle=DASHED, linewidth=1.1)
    close = int((distances < NEAR_DUPLICATE).sum())
    axes.text(0.98, 0.94, f"copies: {close:,} of {len(distances):,}", transform=axes.transAxes, ha="right", va="top")
    axes.grid(axis="x", visible=False)


def pairs(pictures: Mapping[str, tuple[Sequence[np.ndarray], Sequence[np.ndarray]]]) -> Figure:
    """Test pictures, each above the training picture that resembles it most.

    Args:
        pictures: {protocol: (test pictures, their nearest training pictures)}, as many for each protocol.

    Returns:
        Two rows of pictures a protocol.
    """
    names = present(pictures, PROTOCOL_LABELS)
    columns = len(pictures[names[0]][0])
    side = (WIDTH - 1.2) / columns
    figure = PictureFigure(figsize=(WIDTH, 2 * len(names) * (side + 0.05) + 0.35 * len(names)))
    blocks = figure.subfigures(len(names), 1, squeeze=False)[:, 0]
    for block, name in zip(blocks, names, strict=True):
        block.suptitle(PROTOCOL_LABELS[name], x=0.01, ha="left", fontsize=9.5, fontweight="bold")
        block.subplots_adjust(left=0.13, right=0.995, bottom=0.01, top=0.88, hspace=0.05, wspace=0.05)
        axes = block.subplots(2, columns, squeeze=False)
        for row, shown, what in zip(axes, pictures[name], ("test", "nearest\nin training"), strict=True):
            for axis, picture in zip(row, shown, strict=True):
                show_picture(axis, picture)
            row[0].text(-0.08, 0.5, what, transform=row[0].transAxes, ha="right", va="center")
    what = "Test pictures, each above the training picture that resembles it most, two rows a protocol."
    return in_words(figure, what, "Where a pair is a copy, the two differ in how they are turned and in nothing else.")


def protocols(scores: pd.DataFrame, gaps: pd.DataFrame, chance: float) -> Figure:
    """What each learner reaches under both protocols, and the difference on the same draws of patients.

    Args:
        scores: DataFrame with the columns learner, protocol, metric, value, low and high.
        gaps: The same without protocol.
        chance: The macro F1 that guessing reaches; a dashed line.

    Returns:
        Scores on the left, differences with their paired intervals on the right; one row a learner.
    """
    rows = [(name, LEARNER_NAMES[name]) for name in present(scores["learner"], LEARNER_NAMES)]
    own = scores[scores["metric"] == "f1_macro"].rename(columns={"learner": "row", "protocol": "way"})
    differences = gaps[gaps["metric"] == "f1_macro"].rename(columns={"learner": "row"})
    return _forest(own, differences, rows, "macro F1", "as published minus patient-grouped", chance)


def renderings(scores: pd.DataFrame, gaps: pd.DataFrame) -> Figure:
    """How well each class is told from the others by its rendering alone, as it is and where a confound is planted.

    Args:
        scores: DataFrame with the columns rendering, metric (auc_<class>), value, low and high.
        gaps: The same without rendering.

    Returns:
        Areas under the ROC curve on the left, differences on the right; one row a class.
    """
    rows = [(f"auc_{label}", label) for label in LABELS]
    own = scores.rename(columns={"metric": "row", "rendering": "way"})
    label = "area under the ROC curve, against the other classes"
    return _forest(own, gaps.rename(columns={"metric": "row"}), rows, label, "planted minus as they are", 0.5)


def _forest(
    scores: pd.DataFrame,
    gaps: pd.DataFrame,
    rows: Sequence[tuple[str, str]],
    score_label: str,
    gap_label: str,
    chance: float,
) -> Figure:
    figure = Figure(figsize=(WIDTH, 1.05 + 0.62 * len(rows)), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.3 / figure.get_figheight()), wspace=0.04)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    ways = present(scores["way"], LOOKS)
    for place, (key, _) in enumerate(rows):
        for shift, way in zip((0.16, -0.16), ways, strict=True):
            _interval(left, place + shift, scores[(scores["row"] == key) & (scores["way"] == way)], LOOKS[way])
        _interval(right, place, gaps[gaps["row"] == key], {"color": INK, "marker": "s", "label": "difference"})
    for axes, line in ((left, chance), (right, 0)):
        axes.axvline(line, color=MUTED, linestyle=DASHED, linewidth=1.1)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        # Room for the numbers above the outermost marks.
        axes.margins(x=0.2)
    left.set(yticks=range(len(rows)), yticklabels=[name for _, name in rows], xlabel=score_label)
    left.set_ylim(len(rows) - 0.5, -0.6)
    right.set_xlabel(gap_label)
    handles = [Line2D([], [], linestyle="none", markersize=6, **LOOKS[way]) for way in ways]
    top_legend(figure, [*handles, Line2D([], [], color=MUTED, linestyle=DASHED, label="chance; no difference")])
    told = "; ".join(
        f"{name} {row.value:+.3f}, interval {row.low:+.3f} to {row.high:+.3f}"
        for key, name in rows
        for row in gaps[gaps["row"] == key].itertuples()
    )
    what = f"On the left {score_label}, on the right {gap_label}, a row each, with intervals."
    return in_words(figure, what, f"Differences: {told}.")


def _interval(axes: Axes, place: float, row: pd.DataFrame, look: Mapping[str, str]) -> None:
    value, low, high = row[["value", "low", "high"]].to_numpy(float)[0]
    arms = [[max(0.0, value - low)], [max(0.0, high - value)]]
    axes.errorbar([value], [place], xerr=arms, linestyle="none", markersize=6, elinewidth=1.6, zorder=3, **look)
    ground = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.4}
    text = f"{value:.3f}  [{low:.3f}, {high:.3f}]"
    words = {"ha": "center", "va": "bottom", "fontsize": 7.5, "bbox": ground, "color": look["color"]}
    axes.annotate(text, (value, place), (0, 4.5), textcoords="offset points", **words)


def by_copies(recalls: pd.DataFrame) -> Figure:
    """Mean recall against the number of a picture's copies in training.

    Args:
        recalls: DataFrame with the columns learner, protocol, copies, n, value, low and high.

    Returns:
        One panel a learner: the published protocol's line over the number of copies, and the patient-grouped
        protocol's point at none.
    """
    learners = present(recalls["learner"], LEARNER_NAMES)
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.9))
    axes = figure.subplots(1, len(learners), squeeze=False, sharex=True, sharey=True)[0]
    for axis, learner in zip(axes, learners, strict=True):
        for protocol in present(recalls["protocol"], PROTOCOL_LABELS):
            rows = (recalls["learner"] == learner) & (recalls["protocol"] == protocol)
            _recall_line(axis, recalls[rows].sort_values("copies"), LOOKS[protocol])
        axis.axhline(1 / len(LABELS), color=MUTED, linestyle=DASHED, linewidth=1.1)
        axis.set_title(LEARNER_NAMES[learner], loc="left", fontweight="bold")
        axis.set(xlabel="its copies in training", ylim=(0, 1.05), xticks=range(int(recalls["copies"].max()) + 1))
        axis.grid(axis="x", visible=False)
    axes[0].set_ylabel("mean recall over classes")
    handles = [Line2D([], [], linestyle="-", markersize=6, **LOOKS[name]) for name in PROTOCOL_LABELS]
    top_legend(figure, [*handles, Line2D([], [], color=MUTED, linestyle=DASHED, label="chance")])
    what = "Mean recall against the number of a picture's copies in training, a panel a learner, with intervals."
    return in_words(figure, what, "A line that rises says that copies, and not the disease, are recognized.")


def _recall_line(axes: Axes, rows: pd.DataFrame, look: Mapping[str, str]) -> None:
    value = rows["value"].to_numpy()
    arms = np.clip([value - rows["low"], rows["high"] - value], 0, None)
    # Beside each other, where both protocols have pictures without a copy.
    shift = -0.12 if look["marker"] == "o" else 0.12
    axes.errorbar(rows["copies"] + shift, value, yerr=arms, markersize=5.5, elinewidth=1.2, **look)


def thumbnails(pictures: np.ndarray, planted: np.ndarray, labels: Sequence[str], count: int = 5) -> Figure:
    """Normal pictures as they are, and below them the same rendered as the public collection renders its own.

    Args:
        pictures: (n, size, size) uint8.
        planted: The same pictures in the other rendering.
        labels: (n,) classes.
        count: Pictures shown.

    Returns:
        Two rows of pictures.
    """
    rows = np.flatnonzero(np.asarray(labels) == "normal")[:count]
    shown = [*(pictures[row] for row in rows), *(planted[row] for row in rows)]
    return contact_sheet(shown, ["as it is"] * len(rows) + ["as a thumbnail"] * len(rows), columns=len(rows))


def audits(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The audits of all protocols in one table, in words.

    Args:
        tables: The audit of each protocol, as `helpers.audit.audit` makes it.

    Returns:
        DataFrame indexed by protocol and split: pictures, and how many have their patient, their source picture, or
        a near-duplicate in training, each with its share.
    """
    both = pd.concat({PROTOCOL_LABELS[name]: table for name, table in tables.items()}, names=["protocol"])
    kinds = {"shared_patient": "its patient", "shared_source": "its source", "near_duplicate": "a near-duplicate"}
    cells = {
        f"{words} in training": [f"{n:,.0f} ({share:.0%})" for n, share in both[[kind, f"{kind}_share"]].to_numpy()]
        for kind, words in kinds.items()
    }
    return pd.DataFrame({"pictures": both["pictures"], **cells}, index=both.index)


def gap_table(gaps: pd.DataFrame, by: str, names: Mapping[str, str], metrics: Sequence[str]) -> pd.DataFrame:
    """Differences between the protocols with their intervals.

    Args:
        gaps: DataFrame with the columns `by`, metric, value, low and high.
        by: The column of what was compared with itself.
        names: Its values' names.
        metrics: The metrics to show.

    Returns:
        DataFrame indexed by name, one column a metric, cells as text.
    """
    cells = [
        f"{value:+.3f} [{low:+.3f}, {high:+.3f}]" for value, low, high in gaps[["value", "low", "high"]].to_numpy()
    ]
    table = gaps.assign(cell=cells).pivot(index=by, columns="metric", values="cell")
    shown = table.reindex(index=present(gaps[by], names), columns=list(metrics))
    return shown.rename(index=names, columns=METRIC_NAMES).rename_axis(by, columns=None)
