"""What a decision threshold does: calls, rates, predictive values at a prevalence, and expected harm."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

MALIGNANT = "malignant"


@dataclass(frozen=True)
class Setting:
    """What the reader chooses.

    Attributes:
        threshold: Malignant is called where its probability is at least this.
        prevalence: Share of malignant pictures where the network would be used.
        miss_cost: Harm of a missed cancer, in units of the harm of one false alarm.
    """

    threshold: float = 0.5
    prevalence: float = 0.007
    miss_cost: float = 20.0


def decision(test: pd.DataFrame, setting: Setting) -> dict[str, float]:
    """What a network's test says of one threshold: malignant against the rest.

    Predictive values and harm are those at the prevalence given, not at the test's own: with sensitivity s,
    specificity c and prevalence p, the positive predictive value is ps / (ps + (1 - p)(1 - c)), the negative one
    (1 - p)c / ((1 - p)c + p(1 - s)), and the harm of 1,000 pictures 1000 (p (1 - s) m + (1 - p)(1 - c)), a miss being
    m times as bad as a false alarm (Bayes; Pauker and Kassirer 1980).

    Args:
        test: Predictions of one network, protocol and split: label and malignant.
        setting: Threshold, prevalence and cost.

    Returns:
        hits, misses, false_alarms, rejections (counts); sensitivity, specificity, ppv, npv; harm. What has nothing
        below the line is NaN.
    """
    ill = test["label"].to_numpy() == MALIGNANT
    called = test[MALIGNANT].to_numpy().astype(np.float64) >= setting.threshold
    hits, misses = int((ill & called).sum()), int((ill & ~called).sum())
    false_alarms, rejections = int((~ill & called).sum()), int((~ill & ~called).sum())
    sensitivity, specificity = _ratio(hits, hits + misses), _ratio(rejections, rejections + false_alarms)
    p = setting.prevalence
    true_positive, false_positive = p * sensitivity, (1 - p) * (1 - specificity)
    true_negative, false_negative = (1 - p) * specificity, p * (1 - sensitivity)
    return {
        "hits": hits,
        "misses": misses,
        "false_alarms": false_alarms,
        "rejections": rejections,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "ppv": _ratio(true_positive, true_positive + false_positive),
        "npv": _ratio(true_negative, true_negative + false_negative),
        "harm": 1000 * (false_negative * setting.miss_cost + false_positive),
    }


def decisions(predictions: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """`decision` of each network and protocol.

    Args:
        predictions: Test predictions of several networks: network, protocol, label, malignant.
        setting: Threshold, prevalence and cost.

    Returns:
        DataFrame with the columns network and protocol, those of `decision`, and the setting's own.
    """
    rows = [
        {"network": network, "protocol": protocol, **decision(test, setting), **asdict(setting)}
        for (network, protocol), test in predictions.groupby(["network", "protocol"], sort=False)
    ]
    return pd.DataFrame(rows)


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")
