"""Thresholds and net benefit against scikit-learn's ROC curve, counting by hand, and Bayes' rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import of, predictions
from sklearn.metrics import roc_curve

from helpers.evaluation import benefit, decisions
from helpers.evaluation.intervals import bootstrap, interval, patient_weights, share_interval, wilson

DRAWS = {"draws": 150, "seed": 2}
PICTURES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=30)


def from_roc(scores: np.ndarray, positive: np.ndarray, specificity: float) -> float:
    if positive.all() or not positive.any():
        return np.nan
    false_positives, sensitivity, _ = roc_curve(positive, scores, drop_intermediate=False)
    return sensitivity[false_positives <= 1 - specificity + 1e-9].max()


@settings(deadline=None)
@given(PICTURES, st.sampled_from([0.5, 0.8, 0.9, 1.0]))
def test_sensitivity_is_read_off_the_roc_curve(pictures, specificity):
    scores, positive = np.array([s for s, _ in pictures], float), np.array([p for _, p in pictures])
    everyone = np.arange(len(scores)), np.ones((1, len(scores)))
    (found,) = decisions.sensitivity_at(scores, positive, *everyone, specificity)
    assert found == pytest.approx(from_roc(scores, positive, specificity), nan_ok=True)
    (turned,) = decisions.specificity_at(scores, positive, *everyone, specificity)
    assert turned == pytest.approx(from_roc(-scores, ~positive, specificity), nan_ok=True)


def test_each_draw_chooses_its_own_threshold():
    rows = of(predictions(40), network="icnt", protocol="patient_grouped", split="test")
    scores, positive = decisions.malignant(rows)
    weights, owner = patient_weights(rows["patient_id"], **DRAWS)
    loop = bootstrap(lambda at: from_roc(scores[at], positive[at], 0.9), rows["patient_id"], **DRAWS)
    np.testing.assert_allclose(decisions.sensitivity_at(scores, positive, owner, weights, 0.9), loop)


@settings(deadline=None)
@given(PICTURES, st.sampled_from([0.5, 0.8, 0.95]))
def test_a_threshold_keeps_the_specificity_it_was_set_for_and_the_next_score_would_not(pictures, specificity):
    scores, positive = np.array([s for s, _ in pictures], float), np.array([p for _, p in pictures])
    if positive.all() or not positive.any():
        return
    threshold = decisions.threshold_for(scores, positive, specificity)
    assert (scores[~positive] < threshold).mean() >= specificity - 1e-9
    lower = scores[scores < threshold]
    if lower.size:
        assert (scores[~positive] < lower.max()).mean() < specificity


def test_a_carried_threshold_is_set_on_validation_and_counted_on_the_test():
    table = predictions(50)
    found = decisions.carried_thresholds(table, 0.8, **DRAWS)
    row = of(found, network="iiv3", protocol="as_published").set_index("metric")
    validation, test = (
        of(table, network="iiv3", protocol="as_published", split=each) for each in ("validation", "test")
    )
    threshold = decisions.threshold_for(*decisions.malignant(validation), 0.8)
    called, malignant = test["malignant"] >= threshold, test["label"] == "malignant"
    assert row["threshold"].tolist() == [threshold, threshold]
    assert row.loc["sensitivity", "value"] == pytest.approx(called[malignant].mean())
    assert row.loc["specificity", "value"] == pytest.approx((~called)[~malignant].mean())
    loop = bootstrap(lambda at: called[at][malignant[at]].mean(), test["patient_id"], **DRAWS)
    assert tuple(row.loc["sensitivity", ["low", "high"]]) == pytest.approx(interval(loop))


def test_operating_points_hold_both_questions_of_each_network():
    found = decisions.operating_points(predictions(40), 0.85, **DRAWS)
    assert len(found) == 2 * 6
    assert set(found["at"]) == {0.85}
    assert ((found["low"] <= found["value"] + 1e-12) & (found["value"] <= found["high"] + 1e-12)).all()


def test_a_share_without_a_miss_is_not_called_certain():
    assert share_interval(np.ones(100), 1.0, 12) == pytest.approx(wilson(1.0, 12))
    assert share_interval(np.array([0.5, 1.0]), 0.8, 12) == pytest.approx(interval(np.array([0.5, 1.0])))
    assert np.isnan(share_interval(np.array([np.nan]), np.nan, 0)).all()


def test_probabilities_are_carried_over_by_bayes():
    # Of 1,000 pictures 500 are malignant; a finding is in 400 of these and in 100 others: 0.8. At 1 in 50 malignant
    # it is in 16 of 20 and in 196 of 980.
    assert benefit.at_prevalence(np.array([0.8]), 0.5, 0.02)[0] == pytest.approx(16 / (16 + 196))
    grid = np.linspace(0, 1, 11)
    np.testing.assert_allclose(benefit.at_prevalence(benefit.at_prevalence(grid, 0.4, 0.02), 0.02, 0.4), grid)


def test_net_benefit_is_counted_by_hand():
    probability, positive = np.array([0.9, 0.6, 0.4, 0.2, 0.1]), np.array([True, True, False, True, False])
    everyone = np.arange(5), np.ones((1, 5))
    found = benefit.net_benefit(probability, positive, np.array([0.3, 0.5]), 0.6, *everyone)[0]
    # From 0.3 on: two of three found, one of two alarmed, at odds 3 to 7.
    assert found == pytest.approx([2 / 3 * 0.6 - 1 / 2 * 0.4 * 3 / 7, 2 / 3 * 0.6])


def test_acting_always_is_a_network_that_is_always_sure():
    rows = predictions(40)
    rows[["normal", "benign", "malignant"]] = [0.0, 0.0, 1.0]
    thresholds = np.array([0.1, 0.4, 0.7])
    curves = benefit.decision_curves(rows, thresholds, **DRAWS)
    for protocol in ("patient_grouped", "as_published"):
        own = of(curves, protocol=protocol)
        np.testing.assert_allclose(of(own, way="icnt")["value"], of(own, way="always")["value"])
        assert (of(own, way="never")["value"] == 0).all()
        assert len(own) == 3 * 5


def test_decision_curves_are_net_benefits_at_the_share_of_the_test():
    rows = predictions(40)
    thresholds = np.array([0.2, 0.5])
    own = of(benefit.decision_curves(rows, thresholds, **DRAWS), protocol="patient_grouped", way="iiv3")
    test = of(rows, network="iiv3", protocol="patient_grouped", split="test")
    malignant = test["label"] == "malignant"
    for row in own.itertuples():
        called = test["malignant"] >= row.threshold
        odds = row.threshold / (1 - row.threshold)
        assert row.value == pytest.approx((called & malignant).mean() - odds * (called & ~malignant).mean())
        assert row.low <= row.value <= row.high


def test_where_cancer_is_rare_the_best_is_to_find_all_of_it():
    rows = predictions(60)
    curves = benefit.decision_curves(rows, np.array([0.01, 0.05]), 0.02, **DRAWS)
    assert curves["value"].max() <= 0.02
    always = of(curves, protocol="patient_grouped", way="always")["value"]
    assert always.tolist() == pytest.approx([0.02 - 0.98 * 0.01 / 0.99, 0.02 - 0.98 * 0.05 / 0.95])
