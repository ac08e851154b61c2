"""Differences between networks on the same patients, and the correction for many of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import NETWORKS, of, predictions
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from helpers.datasets.exams import LABELS
from helpers.evaluation import comparisons
from helpers.evaluation.intervals import bootstrap, interval, patient_weights
from helpers.evaluation.metrics import labels_and_probabilities
from helpers.evaluation.rows import aligned

DRAWS = {"draws": 200, "seed": 3}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return predictions(40, seed=5)


def holm_step_by_step(p_values: list[float]) -> list[float]:
    """As Holm (1979) puts it: test the smallest at level / n, the next at level / (n - 1), until one is kept."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for step, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, p_values[place] * (len(p_values) - step))
        adjusted[place] = min(1.0, largest)
    return adjusted


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_the_step_down_procedure(p_values):
    assert comparisons.holm(np.array(p_values)) == pytest.approx(holm_step_by_step(p_values))


def test_a_comparison_that_could_not_be_made_counts_for_nothing():
    adjusted = comparisons.holm(np.array([0.01, np.nan, 0.03]))
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.03])
    assert np.isnan(adjusted[1])


def test_holm_keeps_false_findings_rare():
    rng = np.random.default_rng(0)
    found = [(comparisons.holm(rng.random(9)) < 0.05).any() for _ in range(2000)]
    alone = [(rng.random(9) < 0.05).any() for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.05, abs=0.02)
    assert np.mean(alone) > 0.3


def test_scores_of_each_draw_are_scikit_learns(table):
    rows = of(table, network="icnt", protocol="patient_grouped", split="test")
    labels, probabilities = labels_and_probabilities(rows)
    weights, owner = patient_weights(rows["patient_id"], **DRAWS)
    called = probabilities.argmax(axis=1)
    options = {"labels": [0, 1, 2], "zero_division": 0}

    def drawn(score, average):
        return bootstrap(
            lambda at: score(labels[at], called[at], average=average, **options), rows["patient_id"], **DRAWS
        )

    f1 = comparisons.macro_f1(labels, probabilities, owner, weights)
    np.testing.assert_allclose(f1, drawn(f1_score, "macro"), rtol=1e-12)
    recall = comparisons.recalls(labels, probabilities, owner, weights)
    np.testing.assert_allclose(recall.mean(axis=1), drawn(recall_score, "macro"), rtol=1e-12)


def test_differences_are_paired_by_patient(table):
    found = comparisons.compared_f1(table, **DRAWS)
    row = of(found, protocol="patient_grouped", first="baseline_cnn", second="iiv3").iloc[0]
    first, second = (
        of(table, network=name, protocol="patient_grouped", split="test") for name in ("baseline_cnn", "iiv3")
    )
    scores = [rows[list(LABELS)].idxmax(axis=1).to_numpy() for rows in (first, second)]
    truth = first["label"].to_numpy()

    def difference(at):
        options = {"average": "macro", "labels": list(LABELS), "zero_division": 0}
        return np.subtract(*(f1_score(truth[at], called[at], **options) for called in scores))

    assert row["difference"] == pytest.approx(difference(np.arange(len(truth))))
    assert (row["low"], row["high"]) == pytest.approx(interval(bootstrap(difference, first["patient_id"], **DRAWS)))


def test_pairing_narrows_the_interval_of_networks_that_err_alike(table):
    rows = of(table, network="icnt", protocol="patient_grouped", split="test")
    labels, probabilities = labels_and_probabilities(rows)
    weights, owner = patient_weights(rows["patient_id"], **DRAWS)
    nearly = np.where(np.arange(len(rows))[:, None] < 4, np.roll(probabilities, 1, axis=1), probabilities)
    one, other = (comparisons.macro_f1(labels, each, owner, weights) for each in (probabilities, nearly))
    paired = comparisons.paired_difference(0.0, one - other)
    unpaired = comparisons.paired_difference(0.0, one - np.roll(other, 1))
    assert paired.high - paired.low < 0.5 * (unpaired.high - unpaired.low)


def test_areas_are_compared_for_each_class_and_pair_by_three_ways(table):
    found = comparisons.compared_areas(table, **DRAWS)
    assert len(found) == 2 * 3 * 3 * 3
    row = of(found, protocol="as_published", label="benign", first="icnt", second="iiv3")
    assert row["way"].tolist() == ["DeLong", "Obuchowski", "bootstrap"]
    tests = [of(table, network=name, protocol="as_published", split="test") for name in ("icnt", "iiv3")]
    expected = np.subtract(*(roc_auc_score(rows["label"] == "benign", rows["benign"]) for rows in tests))
    assert row["difference"].to_numpy() == pytest.approx(expected)
    assert (found["p_holm"] >= found["p"]).all()
    # The three agree on data where each is right to a few percent of a width.
    widths = (found["high"] - found["low"]).groupby(found["way"]).mean()
    assert widths["bootstrap"] == pytest.approx(widths["Obuchowski"], rel=0.1)


def test_a_class_that_is_absent_is_not_compared(table):
    rows = table[table["label"] != "normal"]
    assert set(comparisons.compared_areas(rows, **DRAWS)["label"]) == {"benign", "malignant"}


def test_the_order_of_rows_is_immaterial(table):
    shuffled = table.sample(frac=1, random_state=0)
    key = ["protocol", "first", "second"]
    pairs = {frozenset(pair) for pair in comparisons.compared_f1(shuffled, **DRAWS)[["first", "second"]].to_numpy()}
    assert pairs == {
        frozenset(pair) for pair in comparisons.compared_f1(table, **DRAWS)[["first", "second"]].to_numpy()
    }
    ordered = pd.concat([of(shuffled, network=name) for name in NETWORKS])
    one, other = (comparisons.compared_f1(rows, **DRAWS).sort_values(key) for rows in (ordered, table))
    np.testing.assert_allclose(one[["difference", "low", "high"]], other[["difference", "low", "high"]])


def test_networks_with_other_pictures_are_not_compared(table):
    rows = table[(table["network"] != "icnt") | ~table["image_id"].str.endswith("-7")]
    with pytest.raises(ValueError, match="icnt has others"):
        aligned(rows, "patient_grouped")


def test_a_p_value_counts_draws_beyond_zero():
    draws = np.r_[np.full(95, 1.0), np.full(4, -1.0), np.nan]
    assert comparisons.paired_difference(0.9, draws).p == pytest.approx(2 * 5 / 100)
    assert comparisons.paired_difference(0.0, np.zeros(9)).p == 1
