"""Do the maps find the lesion: against blind maps, with shuffled weights, and beside occlusion."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.evaluation.localization import BASELINES, MEASURES
from helpers.figures.attention import overlay
from helpers.figures.data import fitting, outline, show_picture
from helpers.figures.panels import empty, in_words, network_mark, present, top_legend, top_note
from helpers.figures.style import INK, MUTED, NETWORK_COLORS, NETWORK_NAMES, WIDTH, PictureFigure

MEASURE_NAMES = {"pointing": "points at the lesion", "energy": "energy in the lesion", "top_k": "top-k overlap"}
MAP_NAMES = {"grad_cam": "Grad-CAM", "grad_cam_truth": "Grad-CAM, truth", "occlusion": "occlusion"}
FIELD_NAMES = {"framed": "as framed", "wide": "wide window"}
NOTHING = "No lesion of this test has a known place, so there is nothing to point at."
NO_WINDOW = "There is no wide window: this run frames whole breasts, which hide their lesions well enough."
BLIND = {"marker": "|", "markersize": 9, "markeredgewidth": 1.6, "linestyle": "none", "color": MUTED, "elinewidth": 1.2}


def missing(table: pd.DataFrame) -> str:
    """Why a table holds nothing of one field: it holds nothing at all, or the run has no wide windows."""
    return NOTHING if table.empty else NO_WINDOW


def map_name(name: str) -> str:
    """A map's name as a reader sees it."""
    return MAP_NAMES.get(name, name)


def against_blind(means: pd.DataFrame, field: str) -> Figure:
    """How well Grad-CAM finds the lesion, for hits and errors apart, above the maps that know nothing of it.

    Args:
        means: As `helpers.evaluation.localization.means` returns it.
        field: "framed" or "wide".

    Returns:
        One panel a measure, a row a map; points and 95 % intervals.
    """
    own = means[means["field"] == field]
    if own.empty:
        return empty(missing(means))
    networks = present(own["network"], NETWORK_NAMES)
    rows = [(name, outcome) for name in MAP_NAMES for outcome in ("hits", "errors") if name in set(own["map"])]
    # For a hit the call is the truth.
    rows = [row for row in rows if row != ("grad_cam_truth", "hits")]
    names = [f"{map_name(name)}, {outcome}" for name, outcome in rows] + list(BASELINES)
    figure, axes = _panels(len(names), names, top=0.6)
    for axis, measure in zip(axes, MEASURES, strict=True):
        chosen = own[own["measure"] == measure].set_index(["network", "map", "outcome"])
        for place, (name, outcome) in enumerate(rows):
            for shift, network in zip(_shifts(networks), networks, strict=True):
                _mark(axis, chosen, (network, name, outcome), place + shift, network_mark(network, markersize=5))
        for place, name in enumerate(BASELINES, start=len(rows)):
            _mark(axis, chosen, (networks[0], name, "all"), place, BLIND)
        axis.axhline(len(rows) - 0.5, color=MUTED, linewidth=0.8)
        axis.set_xlim(-0.03, 1.03)
        axis.set_title(MEASURE_NAMES[measure], loc="left", fontweight="bold", fontsize=9)
    handles = [Line2D([], [], **network_mark(name), label=NETWORK_NAMES[name]) for name in networks]
    top_legend(figure, [*handles, Line2D([], [], **_line(BLIND), label="a map that knows nothing of the lesion")])
    what = "How well Grad-CAM finds the lesion, beside maps that know nothing of it, by network, with intervals."
    return in_words(figure, what, f"Pictures {FIELD_NAMES[field]}; right is better.")


def advantages(table: pd.DataFrame, field: str) -> Figure:
    """Grad-CAM minus each blind map on the same pictures, hits and errors apart.

    Args:
        table: As `helpers.evaluation.localization.advantages` returns it.
        field: "framed" or "wide".

    Returns:
        One panel a measure, a row a blind map; full marks are hits, hollow ones errors.
    """
    own = table[table["field"] == field]
    if own.empty:
        return empty(missing(table))
    networks = present(own["network"], NETWORK_NAMES)
    figure, axes = _panels(2 * len(BASELINES), BASELINES, top=0.6, rows=2)
    for axis, measure in zip(axes, MEASURES, strict=True):
        chosen = own[own["measure"] == measure].set_index(["network", "map", "outcome"])
        for place, name in enumerate(BASELINES):
            for outcome, side in (("hits", -0.5), ("errors", 0.5)):
                for shift, network in zip(_shifts(networks), networks, strict=True):
                    mark = network_mark(network, published=outcome == "errors", markersize=4.5, elinewidth=1.1)
                    _mark(axis, chosen, (network, name, outcome), 2 * place + 0.5 + side * 0.85 + shift, mark)
        axis.axvline(0, color=MUTED, linewidth=1, zorder=1)
        axis.set_title(MEASURE_NAMES[measure], loc="left", fontweight="bold", fontsize=9)
        axis.set_xlabel("Grad-CAM better \N{RIGHTWARDS ARROW}", loc="right", color=MUTED, fontsize=8.5)
    handles = [Line2D([], [], **network_mark(name), label=NETWORK_NAMES[name]) for name in networks]
    hollow = {"marker": "o", "linestyle": "none", "markerfacecolor": "white", "color": MUTED, "markersize": 6}
    top_legend(figure, [*handles, Line2D([], [], **hollow, label="hollow: errors; full: hits")])
    clear = int((own["low"] > 0).sum())
    what = "By how much Grad-CAM finds the lesion better than each map that knows nothing of it, with intervals."
    return in_words(figure, what, f"{clear} of {len(own)} intervals lie above zero.")


def _panels(height: int, names: Sequence[str], top: float, rows: int = 1):
    inches = 0.28 * height + 0.75 + top
    figure = Figure(figsize=(WIDTH, inches), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / inches), wspace=0.03)
    axes = figure.subplots(1, len(MEASURES), sharey=True)
    axes[0].set_yticks([rows * place + (rows - 1) / 2 for place in range(len(names))], names)
    axes[0].set_ylim(rows * len(names) - 0.5, -0.5)
    for axis in axes:
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="y", visible=False)
    return figure, axes


def _shifts(networks: Sequence[str]) -> np.ndarray:
    return np.linspace(-0.24, 0.24, len(networks)) if len(networks) > 1 else np.zeros(1)


def _mark(axes: Axes, rows: pd.DataFrame, key: tuple, place: float, look: dict) -> None:
    if key not in rows.index:
        return
    row = rows.loc[key]
    arms = [[max(0, row["value"] - row["low"])], [max(0, row["high"] - row["value"])]]
    axes.errorbar([row["value"]], [place], xerr=arms, zorder=3, **look)


def _line(look: dict) -> dict:
    return {key: value for key, value in look.items() if key != "elinewidth"}


def blind_examples(examples: Mapping[str, Mapping]) -> Figure:
    """One lesion under the maps that know nothing of it, and under Grad-CAM.

    Args:
        examples: As `helpers.inspection.localization.examples` returns it.

    Returns:
        One row a field.
    """
    if not examples:
        return empty(NOTHING)
    columns = ("picture", "breast center", "usual place", "brightest tissue", "edges", "grad_cam")
    side = WIDTH / len(columns)
    figure = PictureFigure(figsize=(WIDTH, (side + 0.25) * len(examples) + 0.1), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.03, hspace=0, wspace=0)
    axes = figure.subplots(len(examples), len(columns), squeeze=False)
    for row, (field, shown) in zip(axes, examples.items(), strict=True):
        for axis, name in zip(row, columns, strict=True):
            show_picture(axis, shown["picture"] if name == "picture" else overlay(shown["picture"], shown[name]))
            outline(axis, shown["circle"])
            axis.set_title(FIELD_NAMES[field] if name == "picture" else map_name(name), fontsize=8.5, pad=3)
    what = f"One picture of each of {', '.join(examples)} with its lesion, and the maps that know nothing of it."
    return in_words(figure, what, "Where the lesion fills the middle, a map of the middle finds it without looking.")


def randomization(likeness: pd.DataFrame) -> Figure:
    """How like its own maps those of a network stay while its weights are shuffled, from the scores down.

    Args:
        likeness: Columns network, step, part, measure ("spearman" or "ssim"), value, low and high.

    Returns:
        One panel a network; 1 is the same map, 0 of the rank correlation is none.
    """
    if likeness.empty:
        return empty(NOTHING)
    networks = present(likeness["network"], NETWORK_NAMES)
    figure = Figure(figsize=(WIDTH, 3.5), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.35 / 3.5), wspace=0.03)
    axes = figure.subplots(1, len(networks), sharey=True, squeeze=False)[0]
    looks = {"spearman": ("rank correlation (Spearman)", "solid", "o"), "ssim": ("SSIM", (0, (4, 2)), "s")}
    for axis, network in zip(axes, networks, strict=True):
        own = likeness[likeness["network"] == network]
        for measure, (_, line, marker) in looks.items():
            rows = own[own["measure"] == measure].sort_values("step")
            look = {"color": NETWORK_COLORS[network], "linestyle": line, "marker": marker, "markersize": 4.5}
            steps, values = [0, *rows["step"]], [1.0, *rows["value"]]
            axis.plot(steps, values, **look)
            axis.fill_between(rows["step"], rows["low"], rows["high"], color=look["color"], alpha=0.13, linewidth=0)
        parts = own.drop_duplicates("step").sort_values("step")["part"]
        names = [fitting(part.removeprefix("convnext_tiny_"), 1.35) for part in parts]
        axis.set_xticks(range(len(parts) + 1), ["trained", *names], rotation=90)
        axis.axhline(0, color=MUTED, linewidth=0.8)
        axis.set_title(NETWORK_NAMES[network], loc="left", fontweight="bold")
    axes[0].set_ylabel("likeness to the trained map")
    lines = [Line2D([], [], color=INK, linestyle=x, marker=m, label=n, markersize=5) for n, x, m in looks.values()]
    top_legend(figure, lines)
    what = "How alike a map stays to the original while layer after layer of the network is made random, from the top."
    return in_words(figure, what, "A map that stays alike does not depend on what the network has learnt.")


def second_opinions(cases: Sequence[Mapping]) -> Figure:
    """Grad-CAM and occlusion of the same pictures.

    Args:
        cases: As `helpers.inspection.localization.opinions` returns them.

    Returns:
        Two cases a row: picture, Grad-CAM, occlusion each.
    """
    if not cases:
        return empty(NOTHING)
    columns = ("picture", "grad_cam", "occlusion")
    rows, side = -(-len(cases) // 2), WIDTH / 6
    height = rows * (side + 0.26) + 0.3
    figure = PictureFigure(figsize=(WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.25 / height), w_pad=0.02, h_pad=0.03, hspace=0, wspace=0)
    axes = figure.subplots(rows, 6, squeeze=False).reshape(-1, 3)
    for row, case in zip(axes, cases, strict=False):
        for axis, name in zip(row, columns, strict=True):
            show_picture(axis, case[name] if name == "picture" else overlay(case["picture"], case[name]))
            outline(axis, case["circle"])
            title = f"{NETWORK_NAMES[case['network']]}, {'hit' if case['hit'] else 'error'}"
            axis.set_title(title if name == "picture" else map_name(name), fontsize=8, pad=3)
    for axis in axes[len(cases) :].ravel():
        axis.set_axis_off()
    top_note(
        figure, "Blue circle: the lesion, not shown to the network. Colored: what speaks for the class that was called."
    )
    what = f"{len(cases)} malignant pictures with two maps each, Grad-CAM and occlusion, and the lesion's outline."
    return in_words(figure, what, "Where the two agree, the place matters to the network and not only to one method.")
