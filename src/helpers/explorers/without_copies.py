"""The explorer of the chapter on leakage: both protocols while pictures with copies in training are left out."""

import pandas as pd

from helpers.explorers.intervals import Choice, intervals, named
from helpers.figures.leakage import LEARNER_NAMES, METRIC_NAMES, PLUM, TEAL
from helpers.figures.style import INK, PROTOCOL_LABELS

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
            Choice("learner", "Learner", named(table["learner"], LEARNER_NAMES)),
            Choice("metric", "Metric", named(table["metric"], METRIC_NAMES)),
            Choice("step", "Test pictures that count", {step: _kept(step, steps.max()) for step in steps}, slides=True),
        ],
        Choice("protocol", "protocol", {**PROTOCOL_LABELS, "difference": "difference"}),
        axis="metric",
        looks=WAYS,
    )


def _kept(step: int, highest: int) -> str:
    if step == highest:
        return "all"
    words = {0: "no copy in training", -1: "nor any picture of the patient"}
    return words.get(step, f"at most {step} cop{'y' if step == 1 else 'ies'} in training")
