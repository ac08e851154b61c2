"""Rules for document D, each from its printed values alone."""

from helpers.published import valvano
from helpers.rereading.check import Check, equal, implies
from helpers.rereading.ranges import computed, exactly, printed

DECIMALS = 4
"""Decimals of its accuracies, printed as percentages with two."""


def sum_of_the_split() -> list[Check]:
    """Training, validation and test add up to all mammograms."""
    total = valvano.splits()["mammograms"].sum()
    claim = "training + validation + test = all"
    return [equal("text, counts", claim, exactly(total), exactly(valvano.MAMMOGRAMS), f"{valvano.MAMMOGRAMS}")]


def always_background() -> list[Check]:
    """Where so few patches are positive, calling all of them background is as accurate; that share is not printed."""
    return [
        implies(
            f"text, results, {network}",
            "share of positive patches at which calling all background is as accurate",
            computed(lambda accuracy: 1 - accuracy, printed(accuracy, DECIMALS)),
            f"accuracy {accuracy:.2%}; the share of positive patches is not",
        )
        for network, accuracy in valvano.accuracies()["accuracy"].items()
    ]


RULES = (sum_of_the_split, always_background)
