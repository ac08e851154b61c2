"""The threshold explorer: what a decision costs, where cancer is rare or common."""

import anywidget
import pandas as pd
import traitlets

from helpers.evaluation.thresholds import MALIGNANT, Setting, decisions
from helpers.explorers.kit import LOOK, STYLE, explore, packed, script
from helpers.figures.style import NETWORK_NAMES, PROTOCOL_LABELS

COLUMNS = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "ppv": "positive predictive value",
    "npv": "negative predictive value",
    "harm": "harm of 1,000 pictures",
}


START = Setting()


class Threshold(anywidget.AnyWidget):
    """Moves a threshold, a prevalence and the price of a miss; counts again from the stored probabilities.

    Attributes:
        tests: One entry a network and protocol: network, protocol, n; in the order of the bytes.
        malignant: float32, the probability of malignant, test after test.
        ill: uint8, whether the picture is malignant, test after test.
        setting: Where the sliders stand at first.
    """

    _esm = script("threshold.js")
    _css = STYLE
    look = traitlets.Dict(LOOK).tag(sync=True)
    tests = traitlets.List().tag(sync=True)
    malignant = traitlets.Bytes().tag(sync=True)
    ill = traitlets.Bytes().tag(sync=True)
    setting = traitlets.Dict().tag(sync=True)


def threshold(predictions: pd.DataFrame, setting: Setting = START) -> None:
    """Shows the explorer and its static twin.

    Args:
        predictions: All networks' predictions: network, protocol, split, label, malignant; the test rows are used.
        setting: Where the sliders stand at first.
    """
    test = predictions[predictions["split"] == "test"]
    groups = test.groupby(["network", "protocol"], sort=False)
    explorer = Threshold(
        tests=[{"network": network, "protocol": protocol, "n": len(rows)} for (network, protocol), rows in groups],
        malignant=b"".join(packed(rows[MALIGNANT]) for _, rows in groups),
        ill=b"".join(packed(rows["label"] == MALIGNANT, "uint8") for _, rows in groups),
        setting=vars(setting),
    )
    caption = (
        f"Malignant is called from a probability of {setting.threshold:g}; prevalence {setting.prevalence:.1%}; a miss "
        f"is counted as {setting.miss_cost:g} false alarms."
    )
    explore(explorer, _twin(decisions(test, setting)), caption)


def _twin(table: pd.DataFrame) -> pd.DataFrame:
    named = table.assign(network=table["network"].map(NETWORK_NAMES), protocol=table["protocol"].map(PROTOCOL_LABELS))
    columns = ["hits", "misses", "false_alarms", "rejections", *COLUMNS]
    shown = named.set_index(["network", "protocol"])[columns]
    return shown.rename(columns=COLUMNS | {"false_alarms": "false alarms"}).round(3)
