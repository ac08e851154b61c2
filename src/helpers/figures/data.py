"""The data set in figures: class shares (figure 3), sizes of the splits, sheets of mammograms."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from helpers.datasets.exams import LABELS
from helpers.figures.panels import empty, for_each_protocol, in_words, present, protocol_columns, top_note
from helpers.figures.style import CLASS_COLORS, INK, PAPER, WIDTH, PictureFigure

STAGES = ("before", "after")
SPLITS = ("train", "validation", "test", "blind")
OUTLINE = "#4DD8FF"
"""The lesion's outline: a hue that neither gray pictures nor the heat map's colors hold."""


def class_distribution(counts: pd.DataFrame) -> Figure:
    """Pictures and shares of the classes before and after targeted augmentation (document A, figure 3).

    Args:
        counts: DataFrame with the columns stage (before | after), protocol, label and pictures.

    Returns:
        One panel a protocol; hollow bars before, full bars after, each with its count and share.
    """
    stages = present(counts["stage"], STAGES)
    figure, axes, protocols = protocol_columns(
        counts["protocol"], 1, 0.9 + 0.33 * len(LABELS) * len(stages), top=0.25, sharey=True, sharex=True
    )
    top_note(figure, "Hollow: before targeted augmentation. Full: after it.")
    for axis, protocol in zip(axes[0], protocols, strict=True):
        pictures = counts[counts["protocol"] == protocol].pivot(index="stage", columns="label", values="pictures")
        _stage_bars(axis, pictures.reindex(index=stages, columns=LABELS).fillna(0))
        axis.set_xlabel("share of pictures (%)")
    _class_groups(axes[0][0], [(label, stage) for label in LABELS for stage in stages])
    told = {name: _shares_in_words(counts[counts["protocol"] == name]) for name in protocols}
    what = "Bars: share of each class before and after targeted augmentation."
    return in_words(figure, what, for_each_protocol(told))


def _shares_in_words(counts: pd.DataFrame) -> str:
    pictures = counts.pivot(index="stage", columns="label", values="pictures").reindex(columns=LABELS).fillna(0)
    shares = pictures.div(pictures.sum(axis=1).replace(0, 1), axis=0)
    stages = present(counts["stage"], STAGES)
    return ", ".join(
        f"{label} " + " to ".join(f"{shares.loc[stage, label]:.1%}" for stage in stages) for label in LABELS
    )


def _stage_bars(axes: Axes, pictures: pd.DataFrame) -> None:
    shares = 100 * pictures.div(pictures.sum(axis=1).replace(0, 1), axis=0)
    for row, (label, stage) in enumerate((label, stage) for label in LABELS for stage in pictures.index):
        place = row + 0.45 * (row // len(pictures))
        face = CLASS_COLORS[label] if stage == "after" else PAPER
        axes.barh(place, shares.loc[stage, label], 0.8, color=face, edgecolor=CLASS_COLORS[label], linewidth=1.3)
        text = f"{pictures.loc[stage, label]:,.0f}  ({shares.loc[stage, label]:.1f} %)"
        axes.annotate(text, (shares.loc[stage, label], place), (4, 0), textcoords="offset points", va="center")
    # Room for the number at the end of the longest bar.
    axes.set_xlim(0, max(axes.get_xlim()[1], 1.65 * shares.to_numpy().max(), 1))


def _class_groups(axes: Axes, rows: list[tuple[str, str]]) -> None:
    per_label = len(rows) // len(LABELS)
    axes.set_yticks([row + 0.45 * (row // per_label) for row in range(len(rows))], [f"{a}, {b}" for a, b in rows])
    for text, (label, _) in zip(axes.get_yticklabels(), rows, strict=True):
        text.set_color(CLASS_COLORS[label])
    axes.invert_yaxis()
    for axis in axes.figure.axes:
        axis.grid(visible=False)
        axis.tick_params(axis="y", length=0)


def split_sizes(exams: pd.DataFrame, protocols: Sequence[str] | None = None) -> Figure:
    """Pictures in each split by class, with the patients behind them, for both protocols.

    Args:
        exams: Exam table with the columns patient_id, label and split_patient_grouped, split_as_published or both;
            a null split is a picture that does not belong to that protocol.
        protocols: The protocols to show; by default those that the table has.

    Returns:
        One panel a protocol, the splits as rows; patients that add up to more than there are stand on two sides.
    """
    known = [name.removeprefix("split_") for name in exams.columns if name.startswith("split_")]
    figure, axes, protocols = protocol_columns(protocols or known, 1, 4.0, sharex=True)
    told = {}
    for axis, protocol in zip(axes[0], protocols, strict=True):
        placed = exams.dropna(subset=[f"split_{protocol}"]).rename(columns={f"split_{protocol}": "split"})
        _split_bars(axis, placed)
        axis.set_xlabel("pictures")
        told[protocol] = _sizes_in_words(placed)
    what = "Bars: pictures of each class in each split."
    return in_words(figure, what, for_each_protocol(told), f"There are {exams['patient_id'].nunique():,} patients.")


def _sizes_in_words(placed: pd.DataFrame) -> str:
    sides = placed.groupby("split", observed=True)["patient_id"].agg(["size", "nunique"])
    names = present(placed["split"], SPLITS)
    return ", ".join(
        f"{name} {sides.loc[name, 'size']:,} pictures of {sides.loc[name, 'nunique']:,} patients" for name in names
    )


def _split_bars(axes: Axes, exams: pd.DataFrame) -> None:
    sizes = exams.groupby(["split", "label"], observed=True).size()
    names = present(exams["split"], SPLITS)
    for row, (split, label) in enumerate((split, label) for split in names for label in LABELS):
        size, place = sizes.get((split, label), 0), row + 0.7 * (row // len(LABELS))
        axes.barh(place, size, 0.85, color=CLASS_COLORS[label])
        text = axes.annotate(f"{size:,} {label}", (size, place), (4, 0), textcoords="offset points", va="center")
        text.set(color=CLASS_COLORS[label], fontsize=8)
    people = exams.groupby("split", observed=True)["patient_id"].nunique()
    axes.set_yticks([1 + 3.7 * i for i in range(len(names))], [f"{name}\n{people[name]:,} patients" for name in names])
    axes.set_xlim(0, max(axes.get_xlim()[1], 1.4 * sizes.max()))
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.tick_params(axis="y", length=0)


def contact_sheet(
    pictures: Sequence[np.ndarray],
    titles: Sequence[str],
    columns: int = 5,
    circles: Sequence[Sequence[float] | None] | None = None,
) -> Figure:
    """Mammograms side by side, each under its title, the lesion outlined where it is known.

    Args:
        pictures: (n, h, w) or n arrays (h, w), uint8.
        titles: n strings; a long one is shortened to what fits.
        columns: Pictures in a row.
        circles: n triples (x, y, radius) in pixels of the picture, or None or NaN where there is no lesion.

    Returns:
        The sheet; without pictures, a figure that says so.

    Raises:
        ValueError: There are not as many titles, or circles, as pictures.
    """
    circles = [None] * len(pictures) if circles is None else circles
    if not len(pictures) == len(titles) == len(circles):
        raise ValueError(
            f"expected one title and circle a picture, came {len(pictures)} pictures, {len(titles)} titles "
            f"and {len(circles)} circles"
        )
    if not len(pictures):
        return empty("There are no pictures to show.")
    rows, side = -(-len(pictures) // columns), WIDTH / columns
    figure = PictureFigure(figsize=(WIDTH, rows * (side + 0.22)), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, picture, title, circle in zip(axes, pictures, titles, circles, strict=False):
        show_picture(axis, picture)
        outline(axis, circle)
        axis.set_title(fitting(title, side), fontsize=8.5, pad=3)
    for axis in axes[len(pictures) :]:
        axis.set_axis_off()
    outlined = [title for title, circle in zip(titles, circles, strict=True) if is_known(circle)]
    lesions = f" A lesion is outlined in {'; '.join(outlined)}." if outlined else ""
    return in_words(figure, f"{len(pictures)} mammograms side by side: {'; '.join(titles)}.{lesions}")


def fitting(text: str, inches: float) -> str:
    """Shortens a caption to what fits.

    Args:
        text: The caption, to be set in 8.5 point.
        inches: The width there is.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    # 8.5 point DejaVu Sans runs at about 13 characters an inch.
    most = max(4, int(13 * inches))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def show_picture(axes: Axes, picture: np.ndarray) -> None:
    """Draws a picture without ticks or a frame.

    Args:
        axes: The panel.
        picture: (h, w) uint8, black at 0 and white at 255, or (h, w, 3) uint8.
    """
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255)
    axes.set_axis_off()


def outline(axes: Axes, circle: Sequence[float] | None) -> None:
    """Draws the outline of a lesion over a picture, legible on dark and on bright tissue.

    Args:
        axes: A panel with a picture in it.
        circle: (x, y, radius) in pixels of the picture; None or NaN draws nothing.
    """
    if not is_known(circle):
        return
    x, y, radius = circle
    look = {"fill": False, "edgecolor": OUTLINE, "linewidth": 1.2}
    axes.add_patch(Circle((x, y), radius, **look, path_effects=[withStroke(linewidth=2.6, foreground=INK)]))


def is_known(circle: Sequence[float] | None) -> bool:
    """Whether a lesion's place is known.

    Args:
        circle: (x, y, radius), or None, or with a null in it.

    Returns:
        True where all three are numbers.
    """
    return circle is not None and not any(pd.isna(value) for value in circle)
