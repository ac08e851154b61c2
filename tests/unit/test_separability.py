"""Compactness and separability against scikit-learn and loops; weights against pictures that stand several times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.metrics import davies_bouldin_score, f1_score, recall_score, roc_auc_score, silhouette_score
from sklearn.neighbors import NearestCentroid

from helpers.evaluation.separability import MEASURES, SCOPES, compactness, measured, nearest_mean


def clouds(seed: int = 0, n: int = 60, classes: int = 3, apart: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), np.arange(classes), rng.integers(0, classes, n - 2 * classes)])
    return rng.normal(size=(n, 5)) + apart * labels[:, None], labels


def ones(n: int) -> np.ndarray:
    return np.ones((n, 1))


def fisher(values: np.ndarray, labels: np.ndarray) -> float:
    common, between, within = values.mean(axis=0), 0.0, 0.0
    for c in np.unique(labels):
        own = values[labels == c]
        between += len(own) * ((own.mean(axis=0) - common) ** 2).sum()
        within += sum(((value - own.mean(axis=0)) ** 2).sum() for value in own)
    return between / within


REFERENCE = {"fisher": fisher, "silhouette": silhouette_score, "davies_bouldin": davies_bouldin_score}


@pytest.mark.parametrize("measure", REFERENCE)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), classes=st.integers(2, 4), apart=st.floats(0, 5))
def test_each_measure_is_that_of_an_independent_computation(measure, seed, classes, apart):
    values, labels = clouds(seed, classes=classes, apart=apart)
    found = compactness(values, labels, ones(len(labels)))[measure]
    assert found == pytest.approx([REFERENCE[measure](values, labels)], rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("measure", REFERENCE)
def test_a_picture_that_weighs_twice_is_two_pictures(measure):
    values, labels = clouds()
    weights = np.random.default_rng(1).integers(0, 4, (60, 300)).astype(float)
    found = compactness(values, labels, weights)[measure]
    for draw in (0, 17, 299):
        rows = np.repeat(np.arange(60), weights[:, draw].astype(int))
        assert found[draw] == pytest.approx(REFERENCE[measure](values[rows], labels[rows]), rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(0.01, 100))
def test_no_measure_changes_when_the_space_is_scaled_turned_or_moved(seed, scale):
    values, labels = clouds(seed)
    moved = scale * values @ ortho_group.rvs(5, random_state=seed) + 3 * scale
    before, after = (compactness(each, labels, ones(60)) for each in (values, moved))
    for measure in REFERENCE:
        assert after[measure] == pytest.approx(before[measure], rel=1e-6, abs=1e-9)


def test_tighter_and_farther_classes_are_better_by_every_measure():
    near, far = (compactness(*clouds(apart=apart), ones(60)) for apart in (0.5, 4))
    assert far["fisher"] > near["fisher"]
    assert far["silhouette"] > near["silhouette"]
    assert far["davies_bouldin"] < near["davies_bouldin"]


def test_single_precision_is_enough():
    values, labels = clouds()
    weights = np.random.default_rng(1).integers(0, 3, (60, 20)).astype(float)
    single, double = (compactness(values, labels, weights.astype(kind)) for kind in ("float32", "float64"))
    for measure in REFERENCE:
        assert single[measure].dtype == np.float32
        np.testing.assert_allclose(single[measure], double[measure], rtol=1e-3, atol=1e-4)


def test_one_point_for_all_separates_nothing():
    found = compactness(np.ones((6, 4)), np.arange(6) % 3, ones(6))
    assert (found["fisher"], found["silhouette"]) == (0, 0)
    assert np.isnan(found["davies_bouldin"])


def test_a_draw_without_a_class_defines_nothing():
    values, labels = clouds()
    found = compactness(values, labels, np.stack([labels != 2, np.ones(60)], axis=1).astype(float))
    for measure in REFERENCE:
        assert np.isnan(found[measure]).tolist() == [True, False]


def test_the_nearest_class_mean_is_scikit_learns():
    (values, labels), (others, _) = clouds(0), clouds(1)
    expected = NearestCentroid().fit(values, labels).predict(others)
    np.testing.assert_array_equal(nearest_mean(values, labels, others), expected)
    pair = labels > 0
    expected = NearestCentroid().fit(values[pair], labels[pair]).predict(others)
    np.testing.assert_array_equal(nearest_mean(values, labels, others, SCOPES["pair"]), expected)


def test_all_measures_of_both_scopes():
    values, labels = clouds()
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.ones(3) + 2 * np.eye(3)[labels].mean(), 60) + 0.4 * np.eye(3)[labels]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    nearest = {scope: nearest_mean(values, labels, values, names) for scope, names in SCOPES.items()}
    found = measured(values, labels, probabilities, nearest, ones(60))
    assert set(found) == {(scope, name) for scope, names in MEASURES.items() for name in names}

    called, pair = probabilities.argmax(axis=1), labels > 0
    odds = probabilities[pair, 2] / probabilities[pair, 1:].sum(axis=1)
    expected = {
        ("all", "f1_macro"): f1_score(labels, called, average="macro"),
        ("all", "recall_malignant"): recall_score(labels, called, average=None)[2],
        ("all", "nearest_mean"): (nearest["all"] == labels).mean(),
        ("all", "silhouette"): silhouette_score(values, labels),
        ("pair", "silhouette"): silhouette_score(values[pair], labels[pair]),
        ("pair", "nearest_mean"): (nearest["pair"] == labels)[pair].mean(),
        ("pair", "auc"): roc_auc_score(labels[pair] == 2, odds),
    }
    for key, value in expected.items():
        assert found[key] == pytest.approx([value], rel=1e-6), key
