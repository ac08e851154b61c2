"""Agreement against scikit-learn, against the bootstrap's loop, and what must hold of any two readers."""

import numpy as np
import pandas as pd
import pytest
from blind_calls import calls, predictions
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, recall_score

from helpers.evaluation.agreement import SCORES, agreement, blind_scores, cohens_kappa, scores
from helpers.evaluation.intervals import bootstrap, interval, patient_weights
from helpers.evaluation.metrics import confusion_matrix

TABLES = st.lists(st.integers(0, 40), min_size=9, max_size=9).map(lambda counts: np.reshape(counts, (3, 3)))


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_those_of_scikit_learn(seed):
    labels, called, _ = calls(seed, 90)
    own = scores(confusion_matrix(labels, called))
    assert own["kappa"] == pytest.approx(cohen_kappa_score(labels, called), rel=1e-12)
    assert own["accuracy"] == accuracy_score(labels, called)
    assert own["sensitivity"] == recall_score(labels == 2, called == 2)
    assert own["specificity"] == recall_score(labels != 2, called != 2)


def test_intervals_are_those_of_a_loop_over_drawn_patients():
    labels, called, patients = calls(3, 60)
    weights, owner = patient_weights(patients, 150, seed=8)
    loop = bootstrap(lambda rows: cohen_kappa_score(labels[rows], called[rows]), patients, 150, seed=8)
    value, low, high = agreement(labels, called, owner, weights)["kappa"]
    assert value == pytest.approx(cohen_kappa_score(labels, called))
    np.testing.assert_allclose((low, high), interval(loop), rtol=1e-12)


@given(TABLES)
def test_kappa_is_the_same_for_both_readers_and_never_above_one(confusion):
    kappa = cohens_kappa(confusion)
    np.testing.assert_array_equal(kappa, cohens_kappa(confusion.T))
    assert np.isnan(kappa) or -1 <= kappa <= 1


@given(TABLES, st.permutations(range(3)))
def test_kappa_does_not_know_the_order_of_the_classes(confusion, order):
    np.testing.assert_array_equal(cohens_kappa(confusion), cohens_kappa(confusion[np.ix_(order, order)]))


def test_chance_and_full_agreement_are_the_scale():
    assert cohens_kappa(np.outer([2, 3, 5], [4, 1, 5])) == 0
    assert cohens_kappa(np.diag([2, 0, 5])) == 1


def test_one_class_for_all_has_a_kappa_of_zero_and_against_the_same_none():
    labels = np.repeat([0, 1, 2], 4)
    always = np.ones_like(labels)
    assert cohens_kappa(confusion_matrix(labels, always)) == 0
    assert np.isnan(cohens_kappa(confusion_matrix(always, always)))


@settings(deadline=None)
@given(st.integers(0, 2**31))
def test_without_a_malignant_picture_sensitivity_is_not_defined_and_the_rest_is(seed):
    labels, called, patients = calls(seed, 30)
    keep = labels != 2
    weights, owner = patient_weights(patients[keep], 50, seed=1)
    found = agreement(labels[keep], called[keep], owner, weights)
    assert np.isnan(found["sensitivity"]).all()
    assert np.isfinite(found["accuracy"]).all()


def test_each_network_is_scored_on_blind_pictures_only():
    table = predictions()
    other = table.assign(split="test", malignant=2.0)
    found = blind_scores(pd.concat([table, other]), 100, seed=5)
    pd.testing.assert_frame_equal(found, blind_scores(table, 100, seed=5))
    assert found["metric"].tolist() == [*SCORES, *SCORES]
    labels, called, patients = calls(1, 40)
    weights, owner = patient_weights(patients, 100, seed=5)
    own = found[found["network"] == "iiv3"][["value", "low", "high"]].to_numpy()
    np.testing.assert_array_equal(own, list(agreement(labels, called, owner, weights).values()))


def test_a_run_without_blind_pictures_has_an_empty_table():
    assert blind_scores(predictions().assign(split="test"), 100, seed=5).empty
