"""The tables of three chapters as intervals explorers: leakage, the modules, and what the maps find."""

import numpy as np
import pandas as pd

from helpers.evaluation.effects import LEVEL
from helpers.evaluation.localization import BASELINES, MEASURES, OUTCOMES
from helpers.explorers.intervals import Choice, intervals
from helpers.figures.leakage import LEARNER_NAMES, METRIC_NAMES, PLUM, TEAL
from helpers.figures.localization import FIELD_NAMES, MAP_NAMES, MEASURE_NAMES
from helpers.figures.modules import MEASURE_NAMES as GRID_MEASURES
from helpers.figures.modules import effect_name
from helpers.figures.panels import present
from helpers.figures.style import INK, NETWORK_NAMES, PROTOCOL_LABELS

FIELDS = {**FIELD_NAMES, "occluded": "as framed, those with occlusion"}
SCOPES = {"all": "all three classes", "pair": "malignant and benign alone"}
WAYS = {
    "as_published": {"color": PLUM, "mark": "s"},
    "patient_grouped": {"color": TEAL, "mark": "o"},
    "difference": {"color": INK, "mark": "^"},
}


def without_copies(table: pd.DataFrame) -> None:
    """Shows what both protocols reach while the test pictures with copies in training are left out.

    Args:
        table: From `helpers.evaluation.paired.compared_without_copies`, by "learner".
    """
    steps = table["step"].unique()
    intervals(
        table,
        "What is left of the difference between the protocols",
        [
            Choice("learner", "Learner", _named(table["learner"], LEARNER_NAMES)),
            Choice("metric", "Metric", _named(table["metric"], METRIC_NAMES)),
            Choice("step", "Test pictures that count", {step: _kept(step, steps.max()) for step in steps}, slides=True),
        ],
        Choice("protocol", "protocol", {**PROTOCOL_LABELS, "difference": "difference"}),
        axis="metric",
        looks=WAYS,
    )


def _named(values: pd.Series, names: dict[str, str]) -> dict[str, str]:
    return {name: names[name] for name in present(values, names)}


def _kept(step: int, highest: int) -> str:
    if step == highest:
        return "all"
    words = {0: "no copy in training", -1: "nor any picture of the patient"}
    return words.get(step, f"at most {step} cop{'y' if step == 1 else 'ies'} in training")


def module_effects(effects: pd.DataFrame) -> None:
    """Shows what each module and each loss changes, a network, a scope and a measure at a time.

    Args:
        effects: From `helpers.evaluation.effects.effects`; those that survive the correction get a full mark.
    """
    intervals(
        effects.assign(firm=effects["p_holm"] < LEVEL),
        "What each part changes; a full mark survives the correction",
        [
            Choice("network", "Network", _named(effects["network"], NETWORK_NAMES)),
            Choice("scope", "Classes", SCOPES),
            Choice("measure", "Measure", {name: GRID_MEASURES[name] for name in effects["measure"].unique()}),
        ],
        Choice("effect", "part", {name: effect_name(name) for name in effects["effect"].unique()}),
        axis="measure",
    )


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
            Choice("network", "Network", _named(means["network"], NETWORK_NAMES)),
            Choice("field", "Window", _named(means["field"], FIELDS)),
            Choice("outcome", "Pictures", _named(means["outcome"], outcomes)),
            Choice("measure", "Measure", {name: MEASURE_NAMES[name] for name in MEASURES}),
        ],
        Choice("map", "map", _named(means["map"], maps)),
        axis="measure",
        looks=dict.fromkeys(MAP_NAMES, {"color": INK, "mark": "s"}),
        counted="lesions",
    )
