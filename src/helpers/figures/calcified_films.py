"""Films of the chapter on microcalcifications, and what a pair of networks says of one."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers.calcifications.films import Film
from helpers.calcifications.inference import NOTHING, Outlined, Variant
from helpers.figures.calcifications import method_name
from helpers.figures.data import show_picture
from helpers.figures.panels import in_words, top_note
from helpers.figures.style import WIDTH, PictureFigure
from helpers.networks.patches import STRIDE

TRUTH, CALLED = "#4DD8FF", "#FFB000"
"""The truth's outline and a network's, legible on tissue and apart for every eye."""
CROP = 220
"""Pixels a side of what is shown of a film."""


def around(film: Film, side: int = CROP) -> tuple[slice, slice]:
    """The window around a film's cluster, or around the middle of its breast."""
    pixels = np.argwhere(film.hull if film.cluster else film.breast)
    middle, most = pixels.mean(axis=0), np.array(film.picture.shape) - side
    top, left = np.clip(np.rint(middle - side / 2), 0, np.maximum(most, 0)).astype(int)
    return slice(top, top + side), slice(left, left + side)


def clusters(films: Sequence[Film], visible: Sequence[float]) -> Figure:
    """Clusters from the faintest to the boldest, bare and with their calcifications marked.

    Args:
        films: Films with a cluster.
        visible: The share of its contrast that each keeps.

    Returns:
        Two rows of pictures.
    """
    order = np.argsort(visible)
    side = WIDTH / len(films)
    figure = PictureFigure(figsize=(WIDTH, 2 * side + 0.3), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    axes = figure.subplots(2, len(films), squeeze=False)
    for column, place in enumerate(order):
        film, part = films[place], around(films[place])
        for axis in axes[:, column]:
            show_picture(axis, film.picture[part])
        axes[1, column].contour(film.calcifications[part], [0.5], colors=TRUTH, linewidths=0.7)
        axes[0, column].set_title(f"{visible[place]:.0%} of the contrast", fontsize=8.5)
    kept = f"{min(visible):.0%} to {max(visible):.0%} of their contrast"
    return in_words(figure, f"Clusters that keep {kept}, and below each the same with its calcifications outlined.")


def outlined(film: Film, said: Outlined, variant: Variant, threshold: float) -> Figure:
    """One film: the Detector's map, what it lets through, and the outline beside the truth.

    Args:
        film: The film.
        said: What the pair says of it.
        variant: The pair's variant.
        threshold: The logit from which a pixel is outlined.

    Returns:
        Three pictures.
    """
    figure = PictureFigure(figsize=(WIDTH, 3.6), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.93), w_pad=0.03)
    whole, suspicion, near = figure.subplots(1, 3)
    show_picture(whole, film.picture)
    gate = said.logits > NOTHING
    if gate.any():
        whole.contour(gate, [0.5], colors=CALLED, linewidths=0.9)
    rows, columns = said.suspicion.shape
    shift, extent = variant.patch // 2, film.picture.shape
    show_picture(suspicion, film.picture // 3)
    probability = 1 / (1 + np.exp(-said.suspicion))
    box = (shift, shift + STRIDE * columns, shift + STRIDE * rows, shift)
    suspicion.imshow(probability, cmap="inferno", vmin=0, vmax=1, extent=box, alpha=0.85)
    suspicion.set(xlim=(0, extent[1]), ylim=(extent[0], 0))
    part = around(film)
    show_picture(near, film.picture[part])
    for pixels, color in ((film.calcifications, TRUTH), (said.logits >= threshold, CALLED)):
        if pixels[part].any():
            near.contour(pixels[part], [0.5], colors=color, linewidths=0.8)
    titles = ("let through to the Segmentator", "the Detector's map", "outlined (amber), truth (blue)")
    for axis, title in zip((whole, suspicion, near), titles, strict=True):
        axis.set_title(title, fontsize=9)
    top_note(figure, f"{film.image_id}, {method_name(variant.name)}: {gate.mean():.1%} of the picture is let through.")
    called, truth = said.logits >= threshold, film.calcifications
    both = f"{int((called & truth).sum())} of {int(truth.sum())} pixels of calcification are outlined"
    return in_words(figure, f"{film.image_id}: what the Detector lets through, its map, and the outline.", f"{both}.")
