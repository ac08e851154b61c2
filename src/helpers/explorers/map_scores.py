"""The explorer of the chapter on attention: how well each map finds the lesion, beside maps that know nothing."""

import numpy as np
import pandas as pd

from helpers.evaluation.localization import BASELINES, MEASURES, OUTCOMES
from helpers.explorers.intervals import Choice, intervals, named
from helpers.figures.localization import FIELD_NAMES, MAP_NAMES, MEASURE_NAMES
from helpers.figures.style import INK, NETWORK_NAMES

FIELDS = {**FIELD_NAMES, "occluded": "as framed, those with occlusion"}


def map_scores(means: pd.DataFrame) -> None:
    """Shows how well each map finds the lesion, a network, a field, an outcome and a measure at a time.

    Args:
        means: From `helpers.evaluation.localization.means`; nothing is shown where it has no row.
    """
    if means.empty:
        return
    maps = {name: MAP_NAMES.get(name, name) for name in [*MAP_NAMES, *BASELINES]}
    outcomes = {name: name for name in reversed(OUTCOMES)}
    intervals(
        means.assign(firm=np.isin(means["map"], [*MAP_NAMES])),
        "How well each map finds the lesion; hollow marks know nothing of it",
        [
            Choice("network", "Network", named(means["network"], NETWORK_NAMES)),
            Choice("field", "Window", named(means["field"], FIELDS)),
            Choice("outcome", "Pictures", named(means["outcome"], outcomes)),
            Choice("measure", "Measure", {name: MEASURE_NAMES[name] for name in MEASURES}),
        ],
        Choice("map", "map", named(means["map"], maps)),
        axis="measure",
        looks=dict.fromkeys(MAP_NAMES, {"color": INK, "mark": "s"}),
        counted="lesions",
    )
