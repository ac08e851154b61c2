"""The explorer of the chapter on the modules: what each part changes, a measure at a time."""

import pandas as pd

from helpers.evaluation.effects import LEVEL
from helpers.explorers.intervals import Choice, intervals, named
from helpers.figures.modules import MEASURE_NAMES, effect_name
from helpers.figures.style import NETWORK_NAMES

SCOPES = {"all": "all three classes", "pair": "malignant and benign alone"}


def module_effects(effects: pd.DataFrame) -> None:
    """Shows what each module and each loss changes, a network, a scope and a measure at a time.

    Args:
        effects: From `helpers.evaluation.effects.effects`; those that survive the correction get a full mark.
    """
    intervals(
        effects.assign(firm=effects["p_holm"] < LEVEL),
        "What each part changes; a full mark survives the correction",
        [
            Choice("network", "Network", named(effects["network"], NETWORK_NAMES)),
            Choice("scope", "Classes", SCOPES),
            Choice("measure", "Measure", {name: MEASURE_NAMES[name] for name in effects["measure"].unique()}),
        ],
        Choice("effect", "part", {name: effect_name(name) for name in effects["effect"].unique()}),
        axis="measure",
    )
