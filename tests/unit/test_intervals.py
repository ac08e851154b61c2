"""The bootstrap over patients: against the loop, against theory, and where it matters that patients are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from helpers.evaluation.intervals import (
    bootstrap,
    interval,
    patient_weights,
    resampled_auc,
    resampled_sums,
    weighted_auc,
)


def test_each_draw_holds_as_many_patients_as_there_are():
    weights, owner = patient_weights(["b", "a", "b", "c"], 300, seed=0)
    assert owner.tolist() == [1, 0, 1, 2]
    assert weights.shape == (300, 3)
    assert (weights.sum(axis=1) == 3).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=4 * np.sqrt(2 / 3 / 300))


def test_pictures_of_a_patient_come_and_go_together():
    patients = np.repeat(["a", "b", "c"], 4)

    def together(rows):
        counts = np.bincount(rows, minlength=12).reshape(3, 4)
        return (counts == counts[:, :1]).all()

    assert bootstrap(together, patients, 50, seed=0).all()


def test_resampled_sums_are_the_loops_exactly():
    rng = np.random.default_rng(0)
    values, patients = rng.integers(0, 9, (70, 2)), rng.integers(0, 20, 70)
    weights, owner = patient_weights(patients, 100, seed=3)
    loop = bootstrap(lambda rows: values[rows, 1].sum(), patients, 100, seed=3)
    np.testing.assert_array_equal(resampled_sums(values, owner, weights)[:, 1], loop)


def test_resampled_auc_is_the_loops_with_ties_and_in_blocks():
    rng = np.random.default_rng(1)
    positive = rng.random(80) < 0.4
    scores, patients = (rng.random(80) + 0.3 * positive).round(1), rng.integers(0, 30, 80)
    weights, owner = patient_weights(patients, 300, seed=4)
    loop = bootstrap(lambda rows: roc_auc_score(positive[rows], scores[rows]), patients, 300, seed=4)
    np.testing.assert_allclose(resampled_auc(scores, positive, owner, weights), loop, rtol=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 3)), min_size=1, max_size=25))
def test_weighted_auc_counts_pairs_in_order(pictures):
    scores, positive, weights = (np.array(column) for column in zip(*pictures, strict=True))
    higher = (scores[:, None] > scores) + 0.5 * (scores[:, None] == scores)
    pairs = np.outer(weights * positive, weights * ~positive)
    area = weighted_auc(scores, positive, weights[:, None].astype(float))[0]
    if pairs.sum():
        assert area == pytest.approx((pairs * higher).sum() / pairs.sum())
    else:
        assert np.isnan(area)


def test_undefined_draws_are_left_out_of_the_interval():
    assert interval(np.array([np.nan, 0.5, 0.5, np.nan])) == (0.5, 0.5)
    assert interval(np.array([np.nan, np.nan])) is None
    assert interval(np.arange(101.0), level=0.9) == pytest.approx((5, 95))


def clustered(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """60 patients of four pictures; a patient's pictures are all called right (70 %) or all called wrong."""
    right = np.random.default_rng(seed).random(60) < 0.7
    return np.repeat(right, 4), np.repeat(np.arange(60), 4)


def share_covered(by_patient: bool) -> float:
    covered = 0
    for seed in range(200):
        right, patients = clustered(seed)
        weights, owner = patient_weights(patients if by_patient else np.arange(240), 400, seed=seed)
        low, high = interval(resampled_sums(right[:, None], owner, weights)[:, 0] / 240)
        covered += low <= 0.7 <= high
    return covered / 200


def test_intervals_cover_the_truth_when_patients_are_drawn_and_fall_short_when_pictures_are():
    # 0.95 +- 3.5 standard errors of 200 simulations, and about 0.67 for intervals half as wide as they should be
    assert 0.895 <= share_covered(by_patient=True) <= 0.995
    assert share_covered(by_patient=False) < 0.8
