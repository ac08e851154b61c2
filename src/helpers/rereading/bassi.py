"""Rules for document B, each from its printed values alone."""

from collections.abc import Iterator

import pandas as pd

from helpers.published import bassi
from helpers.rereading.check import Check, equal, exceeds, implies, listed
from helpers.rereading.ranges import computed, exactly, printed, share

DECIMALS = 3
"""Decimals of its Table 3 and of its text."""


def best_f1() -> list[Check]:
    """The text names the F1 of the best model, which Table 3 prints too."""
    best = bassi.table_3()["f1"].max()
    in_text, in_table = printed(bassi.BEST_F1_IN_TEXT, DECIMALS), printed(best, DECIMALS)
    return [
        equal("section 6", "best F1 in the text = best F1 in Table 3", in_table, in_text, f"{bassi.BEST_F1_IN_TEXT}")
    ]


def sums_of_table_1() -> list[Check]:
    """Classes add up to all, and training and test to the full set."""
    table, sides, kinds = bassi.table_1(), ["training", "test"], ["malignant", "benign"]
    sums = [
        *((column, "malignant + benign = all", table.loc[kinds, column].sum(), "all", column) for column in table),
        *((row, "training + test = full", table.loc[row, sides].sum(), row, "full") for row in table.index),
    ]
    checks = [
        equal(f"Table 1, {line}", claim, exactly(total), exactly(table.loc[row, column]), f"{table.loc[row, column]:,}")
        for line, claim, total, row, column in sums
    ]
    claim, total = "training + test = images in the text", exactly(table.loc["all", sides].sum())
    return [*checks, equal("section 4", claim, total, exactly(bassi.IMAGES), f"{bassi.IMAGES:,}")]


def share_of_cancer() -> list[Check]:
    """Table 2 prints a share for "Cancer" that is the share of pictures without."""
    shown = bassi.table_2().loc["cancer", "percent"]
    percent = exactly(100 * bassi.CANCER_IMAGES / bassi.IMAGES)
    without = computed(lambda value: 100 - value, percent)
    return [
        equal("Table 2", "cancer, %, as printed", percent, printed(shown, 2), f"{shown}"),
        equal("Table 2", "cancer, %, read as no cancer", without, printed(shown, 2), f"{shown}"),
    ]


def f1_of_each_row() -> list[Check]:
    """F1 is the harmonic mean of recall and precision."""
    return [
        equal(
            _place(row),
            "F1 = 2 recall x precision / (recall + precision)",
            computed(_harmonic, share(values["recall"], DECIMALS), share(values["precision"], DECIMALS)),
            share(values["f1"], DECIMALS),
            f"{values['f1']:.3f}",
        )
        for row, values in _rows()
    ]


def always_benign() -> list[Check]:
    """To call every picture benign needs no network; its accuracy is the share of benign pictures in the test."""
    test = bassi.table_1()["test"]
    bar = exactly(test["benign"] / test["all"])
    return [
        exceeds(_place(row), "accuracy above that of calling all benign", share(values["accuracy"], DECIMALS),
                f"{values['accuracy']:.3f}", bar)
        for row, values in _rows()
    ]  # fmt: skip


def auxiliary_targets() -> list[Check]:
    """Targets may be known only afterwards, inputs may not; and they should be where the text says they are listed."""
    targets, shown = set(bassi.AUXILIARY_TARGETS), f"{len(bassi.AUXILIARY_TARGETS)} features"
    after = targets & set(bassi.KNOWN_AFTER_THE_READING)
    return [
        listed("section 5.6", "no auxiliary variable is known only after the diagnosis", after, shown),
        listed(
            "section 5.3.3",
            "all auxiliary variables are listed in Table 2",
            targets - set(bassi.TABLE_2_VARIABLES),
            shown,
        ),
    ]


def patients_across_the_split() -> list[Check]:
    """A split of pictures, and not of patients, leaves nearly every test picture a sibling in training.

    All other pictures of its patient would have to fall into the test too, which has one part in five.
    """
    siblings = bassi.VIEWS_A_PATIENT - 1
    least = exactly(1 - (bassi.TEST_PARTS / bassi.PARTS) ** siblings)
    claim = "least share of test pictures with their patient in training, if split by picture"
    return [implies("section 4", claim, least, "4:1; by patient or by picture is not said")]


RULES = (
    best_f1,
    sums_of_table_1,
    share_of_cancer,
    f1_of_each_row,
    always_benign,
    auxiliary_targets,
    patients_across_the_split,
)


def _rows() -> Iterator[tuple[tuple[str, str], pd.Series]]:
    return bassi.table_3().iterrows()


def _place(row: tuple[str, str]) -> str:
    return f"Table 3, {row[0]}, {row[1]}"


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second) if first + second else 0.0
