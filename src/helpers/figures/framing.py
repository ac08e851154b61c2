"""From the raw picture to the frame, and what the frames of each class look like."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures.data import contact_sheet, show_picture
from helpers.figures.panels import in_words
from helpers.figures.style import CLASS_COLORS, WIDTH, PictureFigure
from helpers.preparation import FramingExample

STEPS = ("raw", "breast found", "turned, rest black", "frame, equalized")


def framing_steps(examples: Sequence[FramingExample]) -> Figure:
    """Each row a picture, each column a step of its way to the networks.

    Args:
        examples: The pictures, one a class.

    Returns:
        The figure.
    """
    figure = PictureFigure(figsize=(WIDTH, 1.95 * len(examples)), layout="constrained")
    rows = figure.subplots(len(examples), len(STEPS), squeeze=False)
    for row, example in zip(rows, examples, strict=True):
        for axis, picture in zip(row, (example.raw, example.raw, example.turned, example.framed), strict=True):
            show_picture(axis, picture)
        row[1].contour(example.mask, levels=[0.5], colors="white", linewidths=1.2)
        look = {"color": CLASS_COLORS[example.label], "fontweight": "bold", "rotation": 90, "va": "center"}
        row[0].annotate(example.label, (-0.12, 0.5), xycoords="axes fraction", **look)
    for axis, title in zip(rows[0], STEPS, strict=True):
        axis.set_title(title)
    breasts = ", ".join(f"{example.mask.mean():.0%} of the {example.label} picture" for example in examples)
    what = f"Mammograms on their way to the networks, a row each, in {len(STEPS)} steps: {'; '.join(STEPS)}."
    return in_words(figure, what, f"The breast covers {breasts}; labels and borders of the film are gone at the end.")


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
