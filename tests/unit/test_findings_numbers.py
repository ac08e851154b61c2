"""Sentences of the chapters on choice and on rereading say what the results are."""

import pandas as pd
import pytest
from simulated import of, predictions

from helpers.evaluation import choice, comparisons
from helpers.evaluation.temperature import HOTTEST
from helpers.findings import choice as told
from helpers.findings import rereading
from helpers.rereading import beside

CLAIM = "patient_grouped"


def test_the_cases_behind_a_test_are_counted():
    rows = predictions(50)
    test = of(rows, network="icnt", protocol=CLAIM, split="test")
    malignant = test[test["label"] == "malignant"]
    sentence = told.cases(rows).splitlines()[0]
    assert f"{len(test)} test pictures of 50 patients" in sentence
    assert f"{len(malignant)} of them malignant, of {malignant['patient_id'].nunique()} patients" in sentence


def test_comparisons_are_counted_before_and_after_correction():
    rows = predictions(50)
    areas, f1 = comparisons.compared_areas(rows, 60, seed=0), comparisons.compared_f1(rows, 60, seed=0)
    areas["p"], areas["p_holm"], f1["p"], f1["p_holm"] = 0.04, 0.2, 0.01, 0.03
    first = told.differences(areas, f1).splitlines()[0]
    assert "of 9 differences of areas, 9 have p below 0.05 taken alone and 0 after correction" in first
    assert first.endswith("of 3 differences of macro F1, 3 and 3.")


def test_wider_intervals_are_called_wider():
    table = pd.DataFrame({"way": ["DeLong", "Obuchowski", "bootstrap"], "low": [0.0, 0, 0], "high": [1.0, 1.25, 1.1]})
    sentence = told.patients_matter(table)
    assert "25% wider than DeLong's" in sentence and "the bootstrap's are 10% wider" in sentence
    assert "narrower" in told.patients_matter(table.assign(high=[1.0, 0.5, 1]))


@pytest.mark.parametrize(
    ("fitted", "words"),
    [((2.0, 1.5, 3.0), "too sure"), ((0.5, 0.3, 0.9), "not sure enough"), ((1.1, 0.8, 1.4), "not clearly")],
)
def test_a_temperature_says_which_way_a_network_errs(fitted, words):
    columns = ["network", "protocol", "temperature", "low", "high", "n", "n_patients"]
    sentence = told.temperatures(pd.DataFrame([("icnt", CLAIM, *fitted, 80, 40)], columns=columns), CLAIM)
    assert words in sentence and "40 validation patients" in sentence
    assert "search ends" not in sentence
    ends = pd.DataFrame([("icnt", CLAIM, HOTTEST, 4.0, HOTTEST, 80, 40)], columns=columns)
    assert "where the search ends" in told.temperatures(ends, CLAIM)


@pytest.mark.parametrize(("low", "word"), [(0.8, "contains"), (0.92, "misses")])
def test_a_threshold_that_travels_badly_is_said_to(low, word):
    row = ("iiv3", CLAIM, 0.4, "specificity", 0.95, low, 0.99)
    table = pd.DataFrame([row], columns=["network", "protocol", "threshold", "metric", "value", "low", "high"])
    assert f"interval {word}" in told.carried(table, 0.9, CLAIM)


def curves(low: list[float]) -> pd.DataFrame:
    thresholds = [0.1, 0.2, 0.3]
    ways = {"icnt": (0.4, low), "always": (0.1, [None] * 3), "never": (0.0, [None] * 3)}
    tables = [
        pd.DataFrame({"threshold": thresholds, "value": value, "low": ends, "way": way})
        for way, (value, ends) in ways.items()
    ]
    return pd.concat([table.astype({"low": float}) for table in tables]).assign(protocol=CLAIM)


def test_benefit_is_claimed_only_where_the_whole_interval_is_above_both_ways():
    assert "at 67% of the thresholds, from 0.20 to 0.30" in told.benefit(curves([0.05, 0.2, 0.2]), CLAIM)
    assert "at no threshold" in told.benefit(curves([0.05, 0.1, 0.0]), CLAIM)


@pytest.mark.parametrize(("wins", "words"), [(0.99, "this test settles"), (0.6, "might have chosen otherwise")])
def test_a_choice_is_called_settled_only_where_draws_agree(wins, words):
    rows = [
        (scenario.name, network, worth, 0.3, 0.9, worth == 0.8, share)
        for scenario in choice.SCENARIOS
        for network, worth, share in (("icnt", 0.8, wins), ("iiv3", 0.7, 1 - wins))
    ]
    table = pd.DataFrame(rows, columns=["scenario", "network", "worth", "low", "high", "chosen", "wins"])
    sentences = told.chosen(table).splitlines()
    assert len(sentences) == 4
    assert all("ICNT" in sentence and words in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("lows", "words"),
    [
        ({"icnt": 0.2, "iiv3": 0.3}, "None of these networks is shown to be better than guessing"),
        ({"icnt": 0.5, "iiv3": 0.3}, "by their whole interval: ICNT. Of IIV3 that is not shown"),
        ({"icnt": 0.5, "iiv3": 0.6}, "by their whole interval: ICNT and IIV3."),
    ],
)
def test_a_choice_among_networks_that_know_nothing_is_said_to_be_one(lows, words):
    rows = [
        (name, protocol, "f1_macro", low, 0.9) for name, low in lows.items() for protocol in (CLAIM, "as_published")
    ]
    scores = pd.DataFrame(rows, columns=["network", "protocol", "metric", "low", "high"])
    scores.loc[scores["protocol"] != CLAIM, "low"] = 0.8
    assert words in told.worth_choosing(scores, 0.33, CLAIM)


def test_tasks_are_given_with_their_reason_and_the_documents_network():
    first, *others = told.tasks().splitlines()
    assert first.startswith("- **first diagnosis**") and first.endswith("takes IIV3.")
    assert len(others) == 3 and all("the baseline CNN or ICNT" in other for other in others)


def test_the_rereading_is_summed_up_from_the_printed_values():
    overview = rereading.overview()
    assert overview.count("checks") == 4
    assert "2,026 originals raised to 33.1%" in rereading.copies()
    assert "12,171 pictures, 6 of each original" in rereading.copies()
    assert "Of the 7 rows of Table 3, 0 beat that, 6 fall short of it, and 1 cannot" in rereading.without_looking()
    assert "0.96, 0.85, 0.87" in rereading.the_bit()
    assert "0.69 to 0.71 as F1" in rereading.the_bit()


def test_tables_without_ours_are_counted_as_such():
    index = pd.MultiIndex.from_tuples([("A", "Table 1"), ("B", "Table 1")], names=["document", "table"])
    table = pd.DataFrame({"comparable": ["yes", "no"], "why": ["the same", f"{beside.MISSING}; others"]}, index=index)
    sentence = rereading.joined(table)
    assert "Of 2 printed tables, 1 have ours beside them, and 1 may be compared" in sentence
    assert f"document B without ours are {beside.MISSING}" in sentence
    assert beside.MISSING not in rereading.joined(table.iloc[:1])
