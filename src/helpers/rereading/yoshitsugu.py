"""Rules for document C, each from its printed values alone."""

from collections.abc import Iterator

import pandas as pd

from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import CESM, DATA_NAMES, VINDR, WITH
from helpers.rereading.check import Check, equal, exceeds
from helpers.rereading.ranges import Range, computed, exactly, share

DECIMALS = 2
"""Decimals of its Tables 5 to 8."""
TABLE_OF = {(VINDR, "Swin"): 5, (VINDR, "ConvNeXtV2"): 6, (CESM, "Swin"): 7, (CESM, "ConvNeXtV2"): 8}


ABOVE_THE_BIT = "above that of the rule: malignant if a mask exists"


def sums_of_tables() -> list[Check]:
    """Rows and columns of Tables 1 to 4 add up."""
    checks = []
    for table in yoshitsugu.tables()[:4]:
        values = table.values
        for column in values:
            checks.append(
                _sum(table.name, column, values.loc[["malignant", "benign"], column].sum(), values.loc["total", column])
            )
        for row in values.index:
            checks.append(_sum(table.name, row, values.loc[row].iloc[:2].sum(), values.loc[row, "total"]))
    return checks


def f_is_the_harmonic_mean_of_sensitivity_and_specificity() -> list[Check]:
    """What the F-score column holds: it agrees in every row."""
    claim = "F-score = harmonic mean of sensitivity and specificity"
    return [_f_score(place, claim, harmonic_mean(values), values) for place, _, values in _results()]


def f_is_f1() -> list[Check]:
    """What an F-score is: the harmonic mean of sensitivity and precision, which needs the class counts of the test."""
    claim = "F-score = F1, with the class counts of the test"
    return [_f_score(place, claim, f1(data, values), values) for place, data, values in _results()]


def accuracy_of_each_row() -> list[Check]:
    """Accuracy is the mean of sensitivity and specificity, weighted by the classes of the test."""
    checks = []
    for place, data, values in _results():
        test = yoshitsugu.splits(data)["testing"]
        accuracy = computed(
            lambda found, spared, test=test: (found * test["malignant"] + spared * test["benign"]) / test["total"],
            _of(values, "sensitivity"), _of(values, "specificity"),
        )  # fmt: skip
        claim = "accuracy = sensitivity and specificity, weighted by the classes of the test"
        checks.append(equal(place, claim, accuracy, _of(values, "accuracy"), f"{values['accuracy']:.2f}"))
    return checks


def always_benign() -> list[Check]:
    """To call every picture benign needs no network; its accuracy is the share of benign pictures in the test."""
    checks = []
    for place, data, values in _results():
        test = yoshitsugu.splits(data)["testing"]
        bar, claim = exactly(test["benign"] / test["total"]), "accuracy above that of calling all benign"
        checks.append(exceeds(place, claim, _of(values, "accuracy"), f"{values['accuracy']:.2f}", bar))
    return checks


def one_bit() -> list[Check]:
    """The rule "malignant if a mask exists" looks at no pixel; what does a network that is told the bit add to it?"""
    checks = []
    for place, data, values in _results(WITH):
        bit, shown = one_bit_rule(data), f"{values['accuracy']:.2f}"
        checks.append(
            exceeds(place, f"accuracy {ABOVE_THE_BIT}", _of(values, "accuracy"), shown, exactly(bit["accuracy"]))
        )
        both = computed(_mean, _of(values, "sensitivity"), _of(values, "specificity"))
        shown = f"{values['sensitivity']:.2f} and {values['specificity']:.2f}"
        bar = exactly(_mean(bit["sensitivity"], bit["specificity"]))
        checks.append(exceeds(place, f"mean of sensitivity and specificity {ABOVE_THE_BIT}", both, shown, bar))
    return checks


RULES = (
    sums_of_tables,
    f_is_the_harmonic_mean_of_sensitivity_and_specificity,
    f_is_f1,
    accuracy_of_each_row,
    always_benign,
    one_bit,
)


def one_bit_rule(data: str) -> pd.Series:
    """What "malignant if an ROI mask exists" scores on all pictures of a data set.

    Args:
        data: `VINDR` or `CESM`.

    Returns:
        Series with sensitivity, specificity and accuracy.
    """
    masks = yoshitsugu.masks(data)
    found, spared = masks.loc["malignant", "with ROIs"], masks.loc["benign", "without ROIs"]
    totals = masks["total"]
    return pd.Series(
        {
            "sensitivity": found / totals["malignant"],
            "specificity": spared / totals["benign"],
            "accuracy": (found + spared) / totals["total"],
        }
    )


def harmonic_mean(values: pd.Series) -> Range:
    """The harmonic mean of sensitivity and specificity that a row's rounding allows."""
    return computed(_harmonic, _of(values, "sensitivity"), _of(values, "specificity"))


def f1(data: str, values: pd.Series) -> Range:
    """The F1 that a row's sensitivity and specificity, and the test's class counts, allow."""
    test = yoshitsugu.splits(data)["testing"]
    return computed(
        lambda found, spared: _harmonic_of_counts(found * test["malignant"], spared, test),
        _of(values, "sensitivity"), _of(values, "specificity"),
    )  # fmt: skip


def _harmonic_of_counts(hits: float, spared: float, test: pd.Series) -> float:
    alarms, missed = (1 - spared) * test["benign"], test["malignant"] - hits
    return 2 * hits / (2 * hits + alarms + missed)


def _mean(first: float, second: float) -> float:
    return (first + second) / 2


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second)


def _results(way: str | None = None) -> Iterator[tuple[str, str, pd.Series]]:
    """Where a column of Tables 5 to 8 stands, its data set, and its values."""
    for (data, model, each), values in yoshitsugu.all_results().iterrows():
        if way in (None, each):
            yield f"Table {TABLE_OF[data, model]}, {DATA_NAMES[data]}, {model}, {each}", data, values


def _of(values: pd.Series, metric: str) -> Range:
    """The values that round to what is printed."""
    return share(values[metric], DECIMALS)


def _f_score(place: str, claim: str, computed: Range, values: pd.Series) -> Check:
    return equal(place, claim, computed, _of(values, "f_score"), f"{values['f_score']:.2f}")


def _sum(table: str, line: str, ours: int, theirs: int) -> Check:
    return equal(f"{table}, {line}", "parts add up to the total", exactly(ours), exactly(theirs), f"{theirs:,}")
