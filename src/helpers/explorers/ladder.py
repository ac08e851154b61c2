"""The ladder explorer: a chart that one climbs, the threshold of each fold, and the worst misses."""

import anywidget
import numpy as np
import pandas as pd
import traitlets

from helpers.evaluation.screening import METRICS, UNITS
from helpers.explorers.kit import FOLDER, STYLE, explore, packed, script, sprite
from helpers.figures.ladder import LOOKS, METRIC_NAMES, RUNG_NAMES, SIDE_NAMES, UNIT_NAMES
from helpers.figures.ladder_tables import score_table
from helpers.ladder.climb import Climbed
from helpers.ladder.results import OUT_OF_FOLD, SIDES, Results, auxiliary_of, ladder_of, worst_misses

MISSES = 8
"""Misses shown of each network."""
NUMBERS = ["value", "low", "high"]


class Ladder(anywidget.AnyWidget):
    """Shows what each rung reaches and adds; computes nothing, every number comes from Python.

    Attributes:
        networks: One entry a network: name, color and mark.
        rungs: Names, from the ground up.
        sides: Names of the two tests.
        units: Names: by picture, by breast.
        metrics: Names.
        scores: float64, (networks, rungs, sides, units, metrics, 3), in row order: value, low and high.
        gains: The same for what a rung adds to the one below; NaN on the ground.
        folds: How many folds there are.
        curves: float32, (networks, rungs, folds, 2, 101): F1 at each threshold on the fold that chooses, and on the one
            held out; NaN where a rung has none.
        chosen: float64, (networks, rungs, folds): the threshold.
        misses: One entry a network: its worst misses, each with title, said and rows of [target, table, head, sure].
        sheet: WebP, all misses' pictures as one, network by network.
        cut: Side and columns of the sheet.
    """

    _esm = script("ladder.js")
    _css = STYLE + (FOLDER / "ladder.css").read_text()
    networks = traitlets.List().tag(sync=True)
    rungs = traitlets.List().tag(sync=True)
    sides = traitlets.List().tag(sync=True)
    units = traitlets.List().tag(sync=True)
    metrics = traitlets.List().tag(sync=True)
    scores = traitlets.Bytes().tag(sync=True)
    gains = traitlets.Bytes().tag(sync=True)
    folds = traitlets.Int().tag(sync=True)
    curves = traitlets.Bytes().tag(sync=True)
    chosen = traitlets.Bytes().tag(sync=True)
    misses = traitlets.List().tag(sync=True)
    sheet = traitlets.Bytes().tag(sync=True)
    cut = traitlets.Dict().tag(sync=True)


def ladder(climbed: Climbed, found: Results) -> None:
    """Shows the explorer and its static twin, all scores of the pictures out of fold.

    Args:
        climbed: The climbed ladder.
        found: Its results.
    """
    rungs = ladder_of(climbed)
    curves, chosen = _curves(climbed.curves, rungs)
    misses, sheet, cut = _misses(climbed)
    explorer = Ladder(
        networks=[{"name": look["label"], "color": look["color"], "mark": look["marker"]} for look in LOOKS.values()],
        rungs=[RUNG_NAMES[rung] for rung in rungs],
        sides=[SIDE_NAMES[side] for side in SIDES],
        units=[UNIT_NAMES[unit] for unit in UNITS],
        metrics=[METRIC_NAMES[metric] for metric in METRICS],
        scores=_numbers(found.scores, rungs),
        gains=_numbers(found.gains, rungs),
        folds=chosen.shape[2],
        curves=packed(curves),
        chosen=packed(chosen, "float64"),
        misses=misses,
        sheet=sheet,
        cut=cut,
    )
    twin = score_table(found.scores, OUT_OF_FOLD, UNITS[0])
    explore(explorer, twin, "Every rung's scores by picture, out of fold, with 95 % intervals.")


def _numbers(table: pd.DataFrame, rungs: list[str]) -> bytes:
    axes = [list(LOOKS), rungs, list(SIDES), list(UNITS), list(METRICS)]
    columns = ["network", "rung", "side", "unit", "metric"]
    full = table.set_index(columns)[NUMBERS].reindex(pd.MultiIndex.from_product(axes))
    return packed(full.to_numpy(float), "float64")


def _curves(table: pd.DataFrame, rungs: list[str]) -> tuple[np.ndarray, np.ndarray]:
    folds = table["fold"].nunique()
    curves, chosen = (np.full((len(LOOKS), len(rungs), folds, *shape), np.nan) for shape in ((2, 101), ()))
    for (network, rung, fold), own in table.groupby(["network", "rung", "fold"]):
        # The rungs zero have no network, and stand at the foot of each.
        for place in [place for place, name in enumerate(LOOKS) if network in (name, "none")]:
            at = place, rungs.index(rung), fold
            curves[at] = own[["validation", "held"]].to_numpy().T
            chosen[at] = own["chosen"].iloc[0]
    return curves, chosen


def _misses(climbed: Climbed) -> tuple[list[list[dict]], bytes, dict]:
    each = {network: worst_misses(climbed, network, MISSES) for network in LOOKS}
    pictures = climbed.screened.pictures["cropped"]
    shown = [pictures[row] for table in each.values() for row in table["row"]]
    # A sheet of nothing would be no picture.
    sheet, cut = sprite(np.stack(shown or [np.zeros(pictures.shape[1:], np.uint8)]))
    return [[_miss(climbed, network, row) for row in each[network].itertuples()] for network in LOOKS], sheet, cut


def _miss(climbed: Climbed, network: str, miss: tuple) -> dict:
    overtaken = f"{miss.overtaken:.0%} of the pictures without cancer look more suspicious"
    return {
        "title": miss.image_id,
        "said": f"Probability {miss.probability:.3f}, threshold {miss.threshold:.2f}; {overtaken}.",
        "rows": [_head(row) for row in auxiliary_of(climbed, network, miss.image_id).itertuples()],
    }


def _head(row: tuple) -> list[str]:
    sure = "" if np.isnan(row.sure) else f"{row.sure:.0%}"
    return [row.Index.replace("_", " "), row.table or "missing", row.said, sure]
