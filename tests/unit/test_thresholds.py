"""A threshold's counts and rates against scikit-learn, and what must hold of any prevalence and cost."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from helpers.evaluation.thresholds import Setting, decision


def table(seed=3, n=200) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"label": rng.choice(["normal", "benign", "malignant"], n), "malignant": rng.random(n)})


def test_counts_and_rates_are_those_of_scikit_learn():
    test = table()
    ill, called = test["label"] == "malignant", test["malignant"] >= 0.37
    own = decision(test, Setting(threshold=0.37, prevalence=ill.mean()))
    (rejections, false_alarms), (misses, hits) = confusion_matrix(ill, called)
    assert (own["hits"], own["misses"]) == (hits, misses)
    assert (own["false_alarms"], own["rejections"]) == (false_alarms, rejections)
    np.testing.assert_allclose(own["sensitivity"], recall_score(ill, called))
    # At the test's own prevalence the predictive values are what the test itself shows.
    np.testing.assert_allclose(own["ppv"], precision_score(ill, called))
    np.testing.assert_allclose(own["npv"], precision_score(~ill, ~called))


def test_a_thousand_drawn_pictures_cost_what_the_harm_says():
    test, setting = table(), Setting(threshold=0.6, prevalence=0.05, miss_cost=30)
    ill, called = test["label"] == "malignant", test["malignant"] >= 0.6
    misses = 1000 * 0.05 * np.mean(~called[ill])
    alarms = 1000 * 0.95 * np.mean(called[~ill])
    np.testing.assert_allclose(decision(test, setting)["harm"], 30 * misses + alarms)


@given(st.floats(0.001, 0.6), st.floats(0, 1))
def test_a_rarer_disease_makes_a_call_worth_less(prevalence, threshold):
    rare = decision(table(), Setting(threshold, prevalence / 2))
    common = decision(table(), Setting(threshold, prevalence))
    assert np.isnan(rare["ppv"]) or rare["ppv"] <= common["ppv"] + 1e-12
    assert np.isnan(rare["npv"]) or rare["npv"] >= common["npv"] - 1e-12


def test_what_nobody_was_called_has_no_predictive_value():
    assert np.isnan(decision(table(), Setting(threshold=2.0))["ppv"])
