"""What lies outside the training pictures: distances against scikit-learn's, and the share of false alarms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf

from helpers.evaluation.outside import LEVEL, cloud, familiar, joined, place


def features(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    mixing = np.random.default_rng(d).normal(size=(d, d)) * np.linspace(2, 0.1, d)
    return rng.normal(size=(n, d)) @ mixing + 3


@pytest.mark.parametrize(("n", "d"), [(200, 12), (30, 80), (50, 50)])
def test_distances_are_those_of_scikit_learns_ledoit_wolf(n, d):
    rng = np.random.default_rng(0)
    train, other = features(rng, n, d), features(rng, 25, d) + 1
    expected = np.sqrt(LedoitWolf().fit(train).mahalanobis(other))
    np.testing.assert_allclose(cloud(train).distances(other), expected, rtol=1e-8)


def test_a_layer_that_is_silent_on_all_training_pictures_calls_everything_else_far():
    silent = cloud(np.zeros((20, 4)))
    np.testing.assert_array_equal(silent.distances(np.zeros((2, 4))), 0)
    assert silent.distances(np.ones((1, 4)))[0] > 1000


def test_held_out_pictures_lie_at_about_one():
    rng = np.random.default_rng(1)
    known = familiar([features(rng, 300, 8), features(rng, 300, 40)], [features(rng, 80, 8), features(rng, 80, 40)])
    assert np.median(known.held_out) == pytest.approx(1, abs=0.1)


def test_a_picture_that_one_layer_does_not_know_is_far():
    rng = np.random.default_rng(2)
    known = familiar([features(rng, 300, 8), features(rng, 300, 40)], [features(rng, 80, 8), features(rng, 80, 40)])
    odd = [features(rng, 1, 8) + 40, features(rng, 1, 40)]
    assert place(known.distances(odd)[0], known.held_out).outside


def test_of_the_same_population_few_are_called_outside():
    rng = np.random.default_rng(3)
    known = familiar([features(rng, 400, 20)], [features(rng, 199, 20)])
    distances = known.distances([features(rng, 4000, 20)])
    share = np.mean([place(distance, known.held_out).outside for distance in distances])
    # Given the 199, the share varies around the level with a standard deviation of about .015.
    assert share == pytest.approx(LEVEL, abs=0.05)


@given(held_out=st.lists(st.floats(0, 9), min_size=1, max_size=300), distance=st.floats(0, 9))
@settings(deadline=None)
def test_the_rule_is_the_conformal_p_value(held_out, distance):
    found = place(distance, np.array(held_out))
    p = (1 + sum(each >= distance for each in held_out)) / (len(held_out) + 1)
    assert found.outside == (p <= max(LEVEL, 1 / (len(held_out) + 1)))
    assert found.nearer == pytest.approx(np.mean(np.array(held_out) < distance))


def test_one_network_of_three_decides_nothing():
    np.testing.assert_array_equal(joined([np.array([1.0, 9]), np.array([1.2, 1]), np.array([5, 1.1])]), [1.2, 1.1])
