"""From the raw picture to the frame, and what the frames of each class look like."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke

from helpers.figures.data import OUTLINE, contact_sheet, show_picture
from helpers.figures.panels import in_words
from helpers.figures.style import CLASS_COLORS, INK, WIDTH, PictureFigure
from helpers.inspection.ways import Step, Way

STEPS = {
    "raw": "raw",
    "breast": "breast found",
    "turned": "turned",
    "cut": "cut out",
    "equalized": "equalized",
    "framed": "frame",
}


def framing_steps(ways: Sequence[Way]) -> Figure:
    """Each row a picture, each column a step of its way to the networks.

    Args:
        ways: The pictures, such as one a class; all of one framing.

    Returns:
        The figure; white is the breast that was found, dashed what is cut out, blue the lesion where it is known.
    """
    names = [step.name for step in ways[0].steps]
    side = WIDTH / max(4, len(names))
    tallest = max(step.picture.shape[0] / step.picture.shape[1] for way in ways for step in way.steps)
    height = len(ways) * (min(tallest, 1.3) * side + 0.05) + 0.25
    figure = PictureFigure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.01, hspace=0.01)
    rows = figure.subplots(len(ways), len(names), squeeze=False)
    for row, way in zip(rows, ways, strict=True):
        for axis, step in zip(row, way.steps, strict=True):
            _show_step(axis, way, step)
        look = {"color": CLASS_COLORS[way.label], "fontweight": "bold", "rotation": 90, "va": "center", "ha": "right"}
        row[0].annotate(way.label, (0, 0.5), (-4, 0), "axes fraction", "offset points", **look)
    for axis, name in zip(rows[0], names, strict=True):
        axis.set_title(STEPS[name])
    breasts = ", ".join(f"{way.found.mean():.0%} of the {way.label} picture" for way in ways)
    titles = "; ".join(STEPS[name] for name in names)
    what = f"Mammograms on their way to the networks, a row each, in {len(names)} steps: {titles}."
    return in_words(figure, what, f"The breast covers {breasts}; labels and borders of the film are gone at the end.")


def _show_step(axes: Axes, way: Way, step: Step) -> None:
    show_picture(axes, step.picture)
    axes.set_anchor("N")
    if step.name == "breast":
        axes.contour(way.found, levels=[0.5], colors="white", linewidths=1.1)
    if step.name == "turned":
        corner, size = (way.box.x - 0.5, way.box.y - 0.5), (way.box.width, way.box.height)
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor="white", linestyle="--", linewidth=1))
    if step.lesion is not None:
        outline = {"edgecolor": OUTLINE, "fill": False, "linewidth": 1}
        axes.add_patch(Polygon(step.lesion, **outline, path_effects=[withStroke(linewidth=2.2, foreground=INK)]))


def class_sheet(exams: pd.DataFrame, pictures: np.ndarray, seed: int, each: int = 5) -> Figure:
    """Some pictures of each class as the networks see them, the lesion outlined.

    Args:
        exams: Exam table whose index is the row in `pictures`.
        pictures: (n, size, size) uint8.
        seed: Chooses the pictures.
        each: Pictures a class.

    Returns:
        One row a class.
    """
    shown = pd.concat(
        [rows.sample(min(each, len(rows)), random_state=seed) for _, rows in exams.groupby("label", sort=False)]
    ).sort_values("label", key=lambda labels: labels.map(list(CLASS_COLORS).index), kind="stable")
    titles = [f"{label}, {image_id}" for label, image_id in zip(shown["label"], shown["image_id"], strict=True)]
    circles = shown[["framed_x", "framed_y", "framed_radius"]].to_numpy()
    return contact_sheet(pictures[shown.index.to_numpy()], titles, columns=each, circles=circles)
