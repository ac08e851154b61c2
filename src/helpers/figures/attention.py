"""Grad-CAM panels: what spoke for the called class, what for the true one (document A, figures 14 to 16)."""

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.evaluation.cases import Case
from helpers.figures.data import fitting, is_known, outline, show_picture
from helpers.figures.panels import empty, in_words
from helpers.figures.style import CLASS_COLORS, INK, MUTED, PAPER, WIDTH, PictureFigure

COLORMAP = "inferno"
STRONGEST = 0.7
"""Opacity of the strongest evidence; the tissue under it stays visible."""

TITLES = ("picture", "evidence for the call", "evidence for the truth")
ROW = 2.1
"""Inches a case."""


def overlay(picture: np.ndarray, cam: np.ndarray) -> np.ndarray:
    """Lays a map over a picture; the stronger the evidence, the more opaque, so that none leaves the bare picture.

    Args:
        picture: (h, w) uint8.
        cam: (h', w') map, not negative; scaled by its own maximum.

    Returns:
        (h, w, 3) uint8.
    """
    gray = np.repeat(np.asarray(picture, dtype=np.float64)[..., None], 3, axis=2)
    strength = _strength(cam, picture.shape[:2])
    color = 255 * colormaps[COLORMAP](0.25 + 0.75 * strength)[..., :3]
    alpha = STRONGEST * strength[..., None]
    return np.rint((1 - alpha) * gray + alpha * color).astype(np.uint8)


def _strength(cam: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    cam = np.maximum(np.asarray(cam, dtype=np.float32), 0)
    if not cam.any():
        return np.zeros(shape)
    # A cubic overshoots on both sides of an edge; what is past the scale is cut.
    return np.clip(cv2.resize(cam / cam.max(), shape[::-1], interpolation=cv2.INTER_CUBIC), 0, 1).astype(np.float64)


def attention_panels(cases: Sequence[Case]) -> Figure:
    """One row a case: picture, map for the called class, map for the true class.

    Args:
        cases: The cases; see `Case`.

    Returns:
        The panels, the lesion outlined where it is known; without cases, a figure that says so.
    """
    if not cases:
        return empty("There is no such case in this test.")
    figure = PictureFigure(figsize=(WIDTH, ROW * len(cases) + 0.62), layout="constrained")
    room = 0.35 / figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, room, 1, 1 - 1.25 * room), w_pad=0.03, h_pad=0.04, hspace=0, wspace=0)
    axes = figure.subplots(len(cases), 4, squeeze=False, width_ratios=(0.62, 1, 1, 1))
    for row, case in zip(axes, cases, strict=True):
        _caption(row[0], case)
        show_picture(row[1], case.picture)
        _map(row[2], case, case.called_map, case.called)
        if case.called == case.label:
            _same(row[3], case.picture.shape)
        else:
            _map(row[3], case, case.true_map, case.label)
        outline(row[1], case.circle)
    for axis, title in zip(axes[0, 1:], TITLES, strict=True):
        axis.set_title(title, fontsize=9, fontweight="bold")
    _key(figure, any(is_known(case.circle) for case in cases))
    what = "Grad-CAM, a row a case: picture, evidence for the call, evidence for the truth."
    return in_words(figure, what, *map(_case_in_words, cases))


def _case_in_words(case: Case) -> str:
    called = f"called {case.called} with probability {case.probability:.2f}"
    return f"{case.image_id}, {case.label}, {called}: {_place_in_words(case)}."


def _place_in_words(case: Case) -> str:
    """Where the strongest evidence for the call lies: by the lesion where it is known, else by the picture."""
    cam = np.asarray(case.called_map)
    if not (cam > 0).any():
        return "no positive evidence"
    # The middle of the strongest cell, in pixels of the picture.
    row, column = (
        (np.array(np.unravel_index(cam.argmax(), cam.shape)) + 0.5) * case.picture.shape / cam.shape
    ).tolist()
    if not is_known(case.circle):
        across, down = ("left", "middle", "right"), ("top", "middle", "bottom")
        third = [min(int(3 * place / side), 2) for place, side in zip((row, column), case.picture.shape, strict=True)]
        return f"strongest evidence at the {down[third[0]]}, {across[third[1]]}"
    x, y, radius = case.circle
    return (
        f"strongest evidence {'inside' if np.hypot(column - x, row - y) <= radius else 'outside'} the outlined lesion"
    )


def _map(axes: Axes, case: Case, cam: np.ndarray, explained: str) -> None:
    show_picture(axes, overlay(case.picture, cam))
    outline(axes, case.circle)
    if not np.any(np.asarray(cam) > 0):
        text = f"no positive evidence\nfor {explained}"
        box = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.9, "pad": 3}
        axes.text(0.5, 0.04, text, transform=axes.transAxes, ha="center", va="bottom", fontsize=8.5, bbox=box)


def _same(axes: Axes, shape: tuple[int, int]) -> None:
    axes.set_axis_off()
    axes.set_box_aspect(shape[0] / shape[1])
    axes.text(0.5, 0.5, "the call is right:\none and the same map", ha="center", va="center", color=MUTED, fontsize=8.5)


def _caption(axes: Axes, case: Case) -> None:
    axes.set_axis_off()
    lines = [
        (fitting(case.image_id, 1.4), MUTED, "normal"),
        (f"true: {case.label}", CLASS_COLORS[case.label], "bold"),
        (f"called: {case.called}", CLASS_COLORS[case.called], "bold"),
        (f"with probability {case.probability:.3f}", INK, "normal"),
    ]
    if case.true_probability is not None and case.called != case.label:
        lines.append((f"({case.label}: {case.true_probability:.3f})", INK, "normal"))
    for place, (text, color, weight) in enumerate(lines):
        axes.text(0, 0.95 - 0.1 * place, text, transform=axes.transAxes, va="top", color=color, fontweight=weight)


def _key(figure: Figure, outlined: bool) -> None:
    height = figure.get_figheight()
    bar = figure.add_axes((0.22, 0.1 / height, 0.12, 0.13 / height))
    # On mid gray, which stands for tissue: the map's colors are laid over a picture.
    bar.imshow(overlay(np.full((1, 256), 110, np.uint8), np.linspace(0, 1, 256)[None]), aspect="auto")
    bar.set_axis_off()
    bar.set_in_layout(False)
    words = {"y": 0.16 / height, "va": "center", "color": MUTED, "fontsize": 8.5}
    figure.text(0.215, s="none", ha="right", **words)
    figure.text(0.345, s="strongest evidence in the map", **words)
    if outlined:
        figure.text(0.995, s="blue circle: the lesion, not shown to the network", ha="right", **words)
