"""Areas and their covariance against double loops, scikit-learn and simulated data whose area is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from helpers.evaluation.delong import area_difference, area_interval, areas
from helpers.evaluation.intervals import interval, patient_weights, resampled_auc

SIMULATIONS = 1000
PATIENTS = 240


def pictures(seed: int, count: int = 60, digits: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two scores with ties, labels, and patients with one to four pictures, of one kind or of both."""
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.4
    scores = (rng.normal(size=(2, count)) + positive).round(digits)
    return scores, positive, rng.integers(0, count // 2, count)


def kernel(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """1 for each pair in the right order, one half for a tie: (networks, positives, negatives)."""
    above, below = scores[:, positive, None], scores[:, None, ~positive]
    return (above > below) + 0.5 * (above == below)


def delong_by_loops(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """DeLong, DeLong and Clarke-Pearson (1988), as printed: covariances of structural components."""
    pairs = kernel(scores, positive)
    of_positive, of_negative = pairs.mean(axis=2), pairs.mean(axis=1)
    return np.cov(of_positive) / of_positive.shape[1] + np.cov(of_negative) / of_negative.shape[1]


def obuchowski_by_loops(scores: np.ndarray, positive: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Obuchowski (1997), equations 4 to 6, patient by patient."""
    pairs = kernel(scores, positive)
    values, m, n = pairs.mean(axis=(1, 2)), positive.sum(), (~positive).sum()
    of_positive, of_negative = pairs.mean(axis=2), pairs.mean(axis=1)
    with_positive = len(set(patients[positive]))
    with_negative, everyone = len(set(patients[~positive])), len(set(patients))
    s10, s01, s11 = (np.zeros((len(scores), len(scores))) for _ in range(3))
    for patient in set(patients):
        own = patients == patient
        tens = (of_positive[:, own[positive]] - values[:, None]).sum(axis=1)
        ones = (of_negative[:, own[~positive]] - values[:, None]).sum(axis=1)
        s10 += np.outer(tens, tens) * with_positive / ((with_positive - 1) * m)
        s01 += np.outer(ones, ones) * with_negative / ((with_negative - 1) * n)
        s11 += np.outer(tens, ones) * everyone / (everyone - 1)
    return s10 / m + s01 / n + (s11 + s11.T) / (m * n)


@pytest.mark.parametrize("seed", range(5))
def test_areas_and_covariance_are_those_of_the_double_loop(seed):
    scores, positive, patients = pictures(seed)
    plain, grouped = areas(scores, positive), areas(scores, positive, patients)
    expected = [roc_auc_score(positive, each) for each in scores]
    np.testing.assert_allclose(plain.values, expected, rtol=1e-12)
    np.testing.assert_allclose(grouped.values, expected, rtol=1e-12)
    np.testing.assert_allclose(plain.covariance, delong_by_loops(scores, positive), rtol=1e-10)
    np.testing.assert_allclose(grouped.covariance, obuchowski_by_loops(scores, positive, patients), rtol=1e-10)


def test_with_one_picture_a_patient_the_two_are_one():
    scores, positive, _ = pictures(7)
    patients = np.random.default_rng(0).permutation(len(positive))
    grouped = areas(scores, positive, patients).covariance
    np.testing.assert_allclose(grouped, areas(scores, positive).covariance, rtol=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000))
def test_only_the_order_of_scores_counts(seed):
    scores, positive, patients = pictures(seed, count=30)
    if positive.all() or not positive.any():
        return
    one, other = areas(scores, positive, patients), areas(np.exp(3 * scores) - 5, positive, patients)
    turned = areas(-scores, ~positive, patients)
    for same in (other, turned):
        np.testing.assert_allclose(one.values, same.values, atol=1e-12)
        np.testing.assert_allclose(one.covariance, same.covariance, atol=1e-12)


def test_a_difference_has_the_variance_of_a_difference():
    scores, positive, _ = pictures(3)
    estimate, found = areas(scores, positive), area_difference(areas(scores, positive))
    variance = estimate.covariance[0, 0] + estimate.covariance[1, 1] - 2 * estimate.covariance[0, 1]
    assert found.value == pytest.approx(estimate.values[0] - estimate.values[1])
    assert found.high - found.low == pytest.approx(2 * 1.959964 * np.sqrt(variance), rel=1e-6)
    assert found.p == pytest.approx(2 * norm.cdf(-abs(found.value) / np.sqrt(variance)))
    back = area_difference(estimate, 1, 0)
    assert (back.value, back.low, back.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_a_network_does_not_differ_from_itself():
    scores, positive, _ = pictures(1)
    found = area_difference(areas(scores[[0, 0]], positive))
    assert (found.value, found.p) == (0, 1)


def test_a_perfect_area_has_no_interval_and_one_class_no_area():
    assert np.isnan(area_interval(areas(np.arange(6.0), np.arange(6) > 2))).all()
    with pytest.raises(ValueError, match="positive and negative"):
        areas(np.arange(3.0), np.ones(3, bool))


def simulated(seed: int, patients: int, views: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two networks on patients with several views; a score is network skill + patient + view, all normal."""
    rng = np.random.default_rng(seed)
    positive = np.repeat(np.arange(patients) % 2 == 0, views)
    owner = np.repeat(np.arange(patients), views)
    shared, own = rng.normal(size=patients)[owner], rng.normal(size=(2, patients))[:, owner]
    noise = rng.normal(size=(2, patients * views))
    return np.array([[1.6], [1.0]]) * positive + 0.7 * (shared + own) + 0.5 * noise, positive, owner


DEVIATION = np.sqrt(0.49 + 0.49 + 0.25)
TRUE_AREAS = norm.cdf(np.array([1.6, 1.0]) / (DEVIATION * np.sqrt(2)))
TRUE_DIFFERENCE = TRUE_AREAS[0] - TRUE_AREAS[1]


def coverage(patients: int, views: int, grouped: bool) -> tuple[float, float]:
    """How often the interval of an area, and of a difference, holds the truth."""
    one = both = 0
    for seed in range(SIMULATIONS):
        scores, positive, owner = simulated(seed, patients, views)
        estimate = areas(scores, positive, owner if grouped else None)
        low, high = area_interval(estimate)
        difference = area_difference(estimate)
        one += low <= TRUE_AREAS[0] <= high
        both += difference.low <= TRUE_DIFFERENCE <= difference.high
    return one / SIMULATIONS, both / SIMULATIONS


def test_delong_covers_the_truth_where_pictures_are_independent():
    assert coverage(PATIENTS, 1, grouped=False) == pytest.approx((0.95, 0.95), abs=0.02)


def test_grouped_intervals_cover_the_truth_where_patients_have_several_pictures():
    assert coverage(PATIENTS, 3, grouped=True) == pytest.approx((0.95, 0.95), abs=0.02)


def test_delong_falls_short_there():
    assert max(coverage(PATIENTS, 3, grouped=False)) < 0.9


def test_the_bootstrap_over_patients_covers_the_truth():
    covered = np.zeros(2)
    for seed in range(SIMULATIONS):
        scores, positive, owner = simulated(seed, PATIENTS, views=2)
        weights, owner = patient_weights(owner, 400, seed=seed)
        first, second = (resampled_auc(each, positive, owner, weights) for each in scores)
        for place, (drawn, truth) in enumerate(((first, TRUE_AREAS[0]), (first - second, TRUE_DIFFERENCE))):
            low, high = interval(drawn)
            covered[place] += low <= truth <= high
    np.testing.assert_allclose(covered / SIMULATIONS, 0.95, atol=0.02)
