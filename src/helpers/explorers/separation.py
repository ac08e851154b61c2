"""The separation explorer: four views as panels, separation on and off, and a flag that tells less and less."""

import anywidget
import numpy as np
import pandas as pd
import traitlets

from helpers.explorers.kit import LOOK, STYLE, explore, packed, script
from helpers.figures.panels import present
from helpers.figures.roi import GAIN_LOOKS, LOOKS, METRIC_NAMES, ROI_NETWORKS
from helpers.published.yoshitsugu import VINDR
from helpers.roi.cohorts import PAIR
from helpers.roi.play import MELTING, Played
from helpers.roi.separation import Way, merged

WAYS = ("without", "with", "bit")
ROWS = (*WAYS, *GAIN_LOOKS)
METRICS = ("balanced", "harmonic", "f1", "sensitivity", "specificity", "accuracy")
MARKS = {"without": "o", "with": "s", "bit": "^", "gain": "s", "bit_gain": "^", "left": "o"}


class Separation(anywidget.AnyWidget):
    """Shows each picture's malignant probability and what separation gains; computes nothing.

    Attributes:
        networks: Names for a reader, in the order of the bytes.
        levels: How far the flag is melted at each stop of the slider: rates of malignant and of benign pictures.
        views: Names of the panels.
        classes: Benign and malignant.
        view: uint8, (pictures,), places in `views`.
        label: uint8, (pictures,), places in `classes`.
        flag: uint8, (levels, pictures).
        without: float32, (networks, pictures), without separation.
        separated: float32, (networks, levels, pictures).
        metrics: Names for a reader, in the order of the bytes.
        rows: One entry a way or difference: name, color and mark; the first three are ways.
        numbers: float64, (networks, levels, metrics, rows, 3): value, low and high.
    """

    _esm = script("separation.js")
    _css = STYLE
    look = traitlets.Dict(LOOK).tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    levels = traitlets.List().tag(sync=True)
    views = traitlets.List().tag(sync=True)
    classes = traitlets.List(list(PAIR)).tag(sync=True)
    view = traitlets.Bytes().tag(sync=True)
    label = traitlets.Bytes().tag(sync=True)
    flag = traitlets.Bytes().tag(sync=True)
    without = traitlets.Bytes().tag(sync=True)
    separated = traitlets.Bytes().tag(sync=True)
    metrics = traitlets.List([METRIC_NAMES[name] for name in METRICS]).tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    numbers = traitlets.Bytes().tag(sync=True)


def separation(played: Played, melting: pd.DataFrame) -> None:
    """Shows the explorer and its static twin, the gains at the first stop.

    Args:
        played: What every network said.
        melting: Of `helpers.roi.results.melting`.
    """
    networks, levels = present(melting["network"], ROI_NETWORKS), sorted(melting["level"].unique())
    pair = played.table(VINDR)["label"].isin(PAIR).to_numpy()
    tables = [played.table(VINDR, level)[pair] for level in levels]
    views = sorted(tables[0]["view"].unique(), key=lambda name: (name[1:], name))
    order = pd.MultiIndex.from_product([networks, levels, METRICS, ROWS])
    own = melting.set_index(["network", "level", "metric", "way"]).loc[order, ["value", "low", "high"]]
    explorer = Separation(
        networks=[ROI_NETWORKS[name] for name in networks],
        levels=[_rates(table) for table in tables],
        views=views,
        view=packed(tables[0]["view"].map(views.index), "uint8"),
        label=packed(tables[0]["label"].map(PAIR.index), "uint8"),
        flag=packed(np.stack([table["flag"] for table in tables]), "uint8"),
        without=packed([_said(played, name, Way(False, MELTING.apart), 0.0)[pair] for name in networks]),
        separated=packed([[_said(played, name, MELTING, level)[pair] for level in levels] for name in networks]),
        rows=[{"name": _name(name), "color": _look(name)["color"], "mark": MARKS[name]} for name in ROWS],
        numbers=packed(own, "float64"),
    )
    first = own.head(len(ROWS)).droplevel([0, 1, 2]).round(3).rename(index=_name).rename_axis("way")
    caption = f"{ROI_NETWORKS[networks[0]]}, VinDr's flag: {METRIC_NAMES[METRICS[0]]}, with 95 % intervals."
    explore(explorer, first, caption)


def _said(played: Played, network: str, way: Way, level: float) -> np.ndarray:
    return merged(played.said(VINDR, network, way, level), played.table(VINDR, level)["flag"])


def _rates(table: pd.DataFrame) -> dict[str, float]:
    return table.groupby("label")["flag"].mean().to_dict()


def _look(name: str) -> dict:
    return {**LOOKS, **GAIN_LOOKS}[name]


def _name(name: str) -> str:
    return _look(name)["label"]
