"""Latent space: explained variance by layer, projections in two and three dimensions (document A, figures 11 to 13)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter
from scipy.spatial import cKDTree

from helpers.datasets.exams import LABELS
from helpers.figures.panels import end_labels, in_words, present, top_legend
from helpers.figures.style import CLASS_COLORS, CLASS_MARKERS, INK, MUTED, TEMPLATE, WIDTH
from helpers.figures.twins import turning

SYMBOLS = {"normal": "circle", "benign": "square", "malignant": "diamond"}
"""Marks of the classes in 3-D, where plotly has no triangle."""

TITLES = ("principal components", "t-SNE")


def pca_curves(curves: pd.DataFrame, chosen: str) -> Figure:
    """Cumulative share of variance by principal components, one line a layer.

    Args:
        curves: DataFrame with the columns layer, component (from 1) and cumulative (0 to 1).
        chosen: The layer whose projections follow; drawn bold, with the share of its first three components.

    Returns:
        One panel; each line is named at its end.
    """
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    axes = figure.subplots()
    lines = {name: rows.sort_values("component") for name, rows in curves.groupby("layer", sort=False)}
    for name, rows in lines.items():
        bold = {"color": INK, "linewidth": 2.4, "zorder": 3} if name == chosen else {"color": "#8A8A8A", "linewidth": 1}
        axes.plot(rows["component"], rows["cumulative"], marker=".", label=name, **bold)
    _first_three(axes, lines[chosen])
    ends = {name: (rows["component"].iloc[-1], rows["cumulative"].iloc[-1]) for name, rows in lines.items()}
    axes.set(
        xlabel="principal components", ylabel="cumulative share of variance", ylim=(0, 1.1), yticks=np.arange(6) / 5
    )
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    end_labels(axes, ends, {name: INK if name == chosen else MUTED for name in lines}, gap=0.062)
    first = {name: rows[rows["component"] <= 3]["cumulative"].max() for name, rows in lines.items()}
    what = f"Cumulative share of variance by principal components for {len(lines)} layers."
    others = "; ".join(f"{name} {share:.0%}" for name, share in first.items() if name != chosen)
    reading = f"The first three hold {first[chosen]:.0%} in {chosen}, which is chosen" + (
        f"; {others}." if others else "."
    )
    return in_words(figure, what, reading)


def _first_three(axes: Axes, chosen: pd.DataFrame) -> None:
    first = chosen[chosen["component"] <= 3].iloc[-1]
    x, y = first["component"], first["cumulative"]
    axes.plot([x], [y], marker="o", markersize=9, markerfacecolor="none", markeredgecolor=INK, linestyle="none")
    above = {"xytext": (-5, 6), "textcoords": "offset points", "ha": "right"}
    axes.annotate(f"first {x:.0f}: {100 * y:.0f} %", (x, y), **above, fontweight="bold")


def projection(
    points: np.ndarray, labels: Sequence[str], title: str = "", called: Sequence[str] | None = None
) -> Figure:
    """Pictures as points in two dimensions.

    Args:
        points: (n, 2) coordinates; more columns are not drawn.
        labels: (n,) true classes.
        title: What the coordinates are.
        called: (n,) called classes; a point whose call is wrong gets a ring.

    Returns:
        One panel; color and mark are the true class.
    """
    figure = Figure(figsize=(WIDTH, 4.6), layout="constrained")
    _cloud(figure.subplots(), points, labels, title, called)
    _class_legend(figure, labels, called)
    return in_words(
        figure, f"{len(labels)} test pictures as points, {title}.", _neighbors_in_words({title: points}, labels)
    )


def projections_2d(
    pca: np.ndarray,
    tsne: np.ndarray,
    labels: Sequence[str],
    title: str = "",
    called: Sequence[str] | None = None,
) -> Figure:
    """The same pictures by their first two principal components and by t-SNE, side by side.

    Args:
        pca: (n, 2 or more) principal components.
        tsne: (n, 2) coordinates.
        labels: (n,) true classes.
        title: What is shown, such as a network's name.
        called: (n,) called classes; a point whose call is wrong gets a ring.

    Returns:
        Two panels; color and mark are the true class.
    """
    figure = Figure(figsize=(WIDTH, 3.9), layout="constrained")
    for axes, points, name in zip(figure.subplots(1, 2), (pca, tsne), TITLES, strict=True):
        _cloud(axes, points, labels, f"{title}, {name}" if title else name, called)
        if points is pca:
            axes.set(xlabel="first component", ylabel="second component")
    _class_legend(figure, labels, called)
    what = f"{title}: {len(labels)} test pictures as points, colored by class, in two projections."
    return in_words(figure, what, _neighbors_in_words(dict(zip(TITLES, (pca, tsne), strict=True)), labels))


def _neighbors_in_words(projections: dict[str, np.ndarray], labels: Sequence[str]) -> str:
    """How often the nearest point is of the same class, beside what it would be with classes at random places."""
    labels = np.asarray(labels)
    if len(labels) < 2:
        return "There is but one point." if len(labels) else "There is no point."
    told = " and ".join(
        f"{(labels[_nearest(points)] == labels).mean():.0%} by {name}" for name, points in projections.items()
    )
    counts = np.unique(labels, return_counts=True)[1]
    chance = (counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1))
    return f"The nearest point is of the same class for {told}; with classes at random places for {chance:.0%}."


def _nearest(points: np.ndarray) -> np.ndarray:
    """The index of each point's nearest other, in the plane that is drawn."""
    return cKDTree(np.asarray(points)[:, :2]).query(np.asarray(points)[:, :2], k=[2])[1][:, 0]


def _cloud(
    axes: Axes, points: np.ndarray, labels: Sequence[str], title: str, called: Sequence[str] | None = None
) -> None:
    points, labels = np.asarray(points), np.asarray(labels)
    size = float(np.clip(6000 / max(len(points), 1), 9, 34))
    for label in present(labels, LABELS):
        of = points[labels == label]
        look = {"color": CLASS_COLORS[label], "marker": CLASS_MARKERS[label], "label": label}
        axes.scatter(of[:, 0], of[:, 1], s=size, alpha=0.75, linewidths=0, **look)
    if called is not None:
        wrong = points[labels != np.asarray(called)]
        ring = {"facecolors": "none", "edgecolors": INK, "linewidths": 0.8, "label": "called wrongly"}
        axes.scatter(wrong[:, 0], wrong[:, 1], s=2.6 * size, **ring)
    axes.set_title(title, loc="left", fontweight="bold")
    # Neither t-SNE's units nor the signs and scale of components say anything; what is near what does.
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(True)
    axes.margins(0.06)


def _class_legend(figure: Figure, labels: Sequence[str], called: Sequence[str] | None) -> None:
    labels = np.asarray(labels)
    look = {"linestyle": "none", "markersize": 6.5}
    handles = [
        Line2D([], [], color=CLASS_COLORS[name], marker=CLASS_MARKERS[name], **look, label=f"{name} ({count:,})")
        for name in present(labels, LABELS)
        for count in [int((labels == name).sum())]
    ]
    if called is not None:
        text = f"called wrongly ({int((labels != np.asarray(called)).sum()):,})"
        handles.append(
            Line2D([], [], color=INK, marker="o", markerfacecolor="none", **{**look, "markersize": 9}, label=text)
        )
    room = 0.32 / figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - room))
    top_legend(figure, handles)


def projection_3d(points: np.ndarray, pictures: pd.DataFrame, title: str = "") -> go.Figure:
    """Pictures as points in three dimensions, to turn and hover.

    Args:
        points: (n, 3) coordinates.
        pictures: n rows with the columns image_id and label, and either called or the probabilities normal, benign
            and malignant, the highest of which is the call.
        title: What is shown.

    Returns:
        Color and mark are the true class; a picture called wrongly stands in a ring. Hovering tells image, true class
        and call.
    """
    points, table = np.asarray(points, dtype=np.float32), _told(pictures)
    figure = go.Figure()
    for label in present(table["label"], LABELS):
        rows = (table["label"] == label).to_numpy()
        marker = {"symbol": SYMBOLS[label], "size": 4.5, "color": CLASS_COLORS[label], "opacity": 0.85}
        trace = _spots(points[rows], f"{label} ({rows.sum():,})", marker)
        hover = f"%{{customdata[0]}}<br>true: {label}<br>called: %{{customdata[1]}}<extra></extra>"
        told = table.loc[rows, ["image_id", "called"]].to_numpy(dtype=object)
        figure.add_trace(trace.update(customdata=told, hovertemplate=hover))
    wrong = (table["label"] != table["called"]).to_numpy()
    ring = {"symbol": "circle-open", "size": 10, "color": INK, "line": {"width": 2}}
    # What lies in a ring tells of itself: once is enough, and the page half as heavy.
    figure.add_trace(_spots(points[wrong], f"called wrongly ({wrong.sum():,})", ring).update(hoverinfo="skip"))
    axes = {
        f"{axis}axis": {"showticklabels": False, "title": {"text": str(i)}} for i, axis in enumerate("xyz", start=1)
    }
    scene = {**axes, "aspectmode": "cube", "camera": {"eye": {"x": 1.2, "y": 1.2, "z": 0.7}}}
    heading = {"text": f"<b>{title}</b>", "x": 0.02, "xanchor": "left", "font": {"size": 14}}
    return figure.update_layout(
        template=TEMPLATE, height=560, title=heading, scene=scene, margin={"l": 0, "r": 0, "b": 0}
    )


def show_3d(points: np.ndarray, pictures: pd.DataFrame, title: str) -> None:
    """Shows `projection_3d` with its static twin.

    Args:
        points: As for `projection_3d`.
        pictures: As for `projection_3d`.
        title: What is shown.
    """
    twin = projection_3d_twin(points, pictures, title)
    turning(projection_3d(points, pictures, title), twin, twin.get_label())


def projection_3d_twin(points: np.ndarray, pictures: pd.DataFrame, title: str = "") -> Figure:
    """The same, seen from one side: for print and for a page without scripts.

    Args:
        points: As for `projection_3d`.
        pictures: As for `projection_3d`.
        title: What is shown.

    Returns:
        One panel.
    """
    points, table = np.asarray(points), _told(pictures)
    figure = Figure(figsize=(WIDTH, 4.8), layout="constrained")
    axes = figure.subplots(subplot_kw={"projection": "3d"})
    for label in present(table["label"], LABELS):
        look = {"color": CLASS_COLORS[label], "marker": CLASS_MARKERS[label], "s": 18, "linewidths": 0}
        axes.scatter(*points[table["label"] == label].T, **look)
    ring = {"facecolors": "none", "edgecolors": INK, "linewidths": 0.8, "s": 60, "depthshade": False}
    wrong = points[table["label"] != table["called"]]
    axes.scatter(*wrong.T, **ring)
    axes.set(xticklabels=[], yticklabels=[], zticklabels=[], xlabel="1", ylabel="2", zlabel="3")
    axes.xaxis.labelpad = axes.yaxis.labelpad = axes.zaxis.labelpad = -12
    axes.view_init(elev=24, azim=45)
    axes.set_box_aspect((1, 1, 1), zoom=0.95)
    _class_legend(figure, table["label"], table["called"])
    figure.text(0.01, 1 - 0.4 / figure.get_figheight(), title, fontweight="bold", va="top", fontsize=9.5)
    what = f"{title}: {len(table):,} pictures as points, color and mark by class"
    return in_words(figure, f"{what}; the {len(wrong):,} that were called wrongly stand in a ring.")


def _told(pictures: pd.DataFrame) -> pd.DataFrame:
    """Image, true class and call of each picture."""
    pictures = pictures.reset_index(drop=True)
    called = pictures["called"] if "called" in pictures else pictures[list(LABELS)].idxmax(axis=1)
    return pictures[["image_id", "label"]].assign(called=called)


def _spots(points: np.ndarray, name: str, marker: dict) -> go.Scatter3d:
    return go.Scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], mode="markers", name=name, marker=marker)
