"""Calibration scores against loops, scikit-learn and SciPy, and on probabilities that are right by construction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from simulated import of, predictions
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from helpers.datasets.exams import LABELS
from helpers.evaluation import calibration
from helpers.evaluation.intervals import bootstrap, interval, patient_weights, wilson
from helpers.evaluation.metrics import labels_and_probabilities

DRAWS = {"draws": 100, "seed": 1}


def a_test(seed: int = 0, **options):
    rows = of(predictions(50, seed=seed, **options), network="iiv3", protocol="patient_grouped", split="test")
    return rows, *labels_and_probabilities(rows)


def error_by_loop(predicted: np.ndarray, happened: np.ndarray, edges: np.ndarray) -> float:
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        own = (predicted >= low) & (predicted < high)
        if own.any():
            total += own.mean() * abs(predicted[own].mean() - happened[own].mean())
    return total


@pytest.mark.parametrize("name", calibration.EVENTS)
def test_the_error_is_the_loops_over_bins_of_equal_width(name):
    _, labels, probabilities = a_test()
    predicted, happened = calibration.event(labels, probabilities, name)
    bins = calibration.bins_of(predicted, calibration.WIDTH, 10)
    everyone = np.arange(len(bins)), np.ones((1, len(bins)))
    expected = error_by_loop(predicted, happened, np.r_[np.linspace(0, 1, 11)[:-1], np.inf])
    assert calibration.resampled_error(predicted, happened, bins, *everyone)[0] == pytest.approx(expected)


def test_the_error_of_each_draw_is_the_loops():
    rows, labels, probabilities = a_test()
    predicted, happened = calibration.event(labels, probabilities, "malignant")
    bins = calibration.bins_of(predicted)
    weights, owner = patient_weights(rows["patient_id"], **DRAWS)

    def error(at):
        return sum(
            (bins[at] == b).mean() * abs((predicted - happened)[at][bins[at] == b].mean()) for b in set(bins[at])
        )

    expected = bootstrap(error, rows["patient_id"], **DRAWS)
    np.testing.assert_allclose(calibration.resampled_error(predicted, happened, bins, owner, weights), expected)


def test_bins_of_equal_mass_hold_equal_numbers_and_ties_stay_together():
    rng = np.random.default_rng(0)
    assert np.bincount(calibration.bins_of(rng.random(100), count=5)).tolist() == [20] * 5
    ties = np.repeat([0.2, 0.5], 50)
    assert all(len(set(calibration.bins_of(ties, count=7)[part])) == 1 for part in (slice(0, 50), slice(50, 100)))


def test_few_pictures_make_few_bins():
    assert [calibration.bins_of(np.linspace(0, 1, n)).max() + 1 for n in (8, 60, 1000)] == [2, 4, calibration.BINS]


def test_reliability_curves_are_scikit_learns():
    rows = predictions(80)
    curve = calibration.reliability(rows, calibration.WIDTH, 10)
    own = of(curve, network="icnt", protocol="as_published", event="malignant")
    table = of(rows, network="icnt", protocol="as_published", split="test")
    observed, predicted = calibration_curve(table["label"] == "malignant", table["malignant"], n_bins=10)
    np.testing.assert_allclose(own[["predicted", "observed"]], np.column_stack([predicted, observed]))
    assert own["n"].sum() == len(table)
    assert ((own["low"] <= own["observed"]) & (own["observed"] <= own["high"])).all()


@given(st.integers(0, 40), st.integers(1, 40), st.floats(0.5, 0.99))
def test_wilson_is_scipys(hits, misses, level):
    n = hits + misses
    expected = binomtest(hits, n).proportion_ci(level, method="wilson")
    assert wilson(hits / n, n, level) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_intervals_of_a_bin_count_patients():
    rows = predictions(40, views=4)
    curve = calibration.reliability(rows, count=3)
    row = curve.iloc[0]
    assert row["n_patients"] < row["n"]
    assert (row["low"], row["high"]) == pytest.approx(wilson(row["observed"], row["n_patients"]))


def test_scores_are_scikit_learns_with_intervals_of_the_loop():
    rows, labels, probabilities = a_test(overconfidence=2)
    found = calibration.scores(rows, **DRAWS).set_index("metric")
    assert found.loc["brier", "value"] == pytest.approx(
        brier_score_loss(labels, probabilities, labels=[0, 1, 2], scale_by_half=False)
    )
    assert found.loc["log_loss", "value"] == pytest.approx(log_loss(labels, probabilities), rel=1e-5)
    each = calibration.brier(labels, probabilities)
    expected = interval(bootstrap(lambda at: each[at].mean(), rows["patient_id"], **DRAWS))
    assert tuple(found.loc["brier", ["low", "high"]]) == pytest.approx(expected)
    assert found.loc[["brier", "log_loss"], "chance"].isna().all()


def test_right_probabilities_show_what_chance_gives_and_others_show_more():
    right, wrong = [], []
    for seed in range(15):
        rows = predictions(80, views=1, seed=seed)
        own = of(rows, network="baseline_cnn", split="test")
        sure = of(predictions(80, views=1, seed=seed, overconfidence=4), network="baseline_cnn", split="test")
        for tables, found in ((own, right), (sure, wrong)):
            scores = of(calibration.scores(tables, 100, seed=seed), metric="error, call")
            found.append((scores["value"] - scores["chance"]).mean())
    assert np.mean(right) == pytest.approx(0, abs=0.015)
    assert np.mean(wrong) > 0.05


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=40))
def test_the_brier_score_falls_apart_exactly(pairs):
    predicted, happened = np.array([p / 4 for p, _ in pairs]), np.array([h for _, h in pairs])
    off, apart, unsure = calibration._parts(predicted, happened)
    assert off - apart + unsure == pytest.approx(brier_score_loss(happened, predicted, labels=[False, True]))
    assert min(off, apart, unsure) >= -1e-12
    assert unsure == pytest.approx(happened.mean() * (1 - happened.mean()))


def test_parts_tell_miscalibration_from_discrimination():
    happened = np.repeat([False, True], 50)
    sharp, timid = np.where(happened, 1.0, 0.0), np.where(happened, 0.6, 0.4)
    assert calibration._parts(sharp, happened) == pytest.approx((0, 0.25, 0.25))
    assert calibration._parts(timid, happened) == pytest.approx((0.16, 0.25, 0.25))


def test_parts_of_the_classes_add_up_to_the_score():
    rows = predictions(60)
    found = calibration.brier_parts(rows)
    for row in found.itertuples():
        own = of(rows, network=row.network, protocol=row.protocol, split="test")
        assert row.brier == pytest.approx(calibration.brier(*labels_and_probabilities(own)).mean())
    assert len(found) == 6
    assert set(LABELS) <= set(rows)
