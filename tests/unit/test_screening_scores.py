"""The measures of screening, against scikit-learn and loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from helpers.evaluation import screening
from helpers.evaluation.intervals import bootstrap, interval


def predictions(n: int = 400, seed: int = 0, levels: int = 40) -> pd.DataFrame:
    """Two views of each of n / 2 breasts, few with cancer, with many equal probabilities."""
    rng = np.random.default_rng(seed)
    breasts = np.arange(n) // 2
    cancer = (rng.random(n) < 0.12)[breasts]
    said = np.round((rng.beta(2, 5, n) + 0.2 * cancer).clip(0, 1) * levels) / levels
    sides = np.where(breasts % 2, "L", "R")
    patients = [f"p{breast // 2}" for breast in breasts]
    return pd.DataFrame({"patient_id": patients, "laterality": sides, "cancer": cancer, "probability": said,
                         "threshold": 0.4, "view": np.where(np.arange(n) % 2, "CC", "MLO")})  # fmt: skip


def one(table: pd.DataFrame) -> dict[str, float]:
    return {metric: value[0] for metric, value in screening.scores(table, np.ones((len(table), 1))).items()}


def by_hand(table: pd.DataFrame) -> dict[str, float]:
    truth, said = table["cancer"].to_numpy(bool), table["probability"].to_numpy()
    called = said >= table["threshold"].to_numpy()
    hits = sum(p for p, t in zip(said, truth, strict=True) if t)
    alarms = sum(p for p, t in zip(said, truth, strict=True) if not t)
    recall, precision = hits / truth.sum(), hits / (hits + alarms)
    sensitivities = [(said[truth] >= t).mean() for t in np.unique(said) if (said[~truth] < t).mean() >= 0.9]
    return {
        "f1": reference.f1_score(truth, called, zero_division=0),
        "recall": reference.recall_score(truth, called),
        "precision": reference.precision_score(truth, called, zero_division=0),
        "accuracy": reference.accuracy_score(truth, called),
        "probabilistic_f1": 2 * recall * precision / (recall + precision),
        "average_precision": reference.average_precision_score(truth, said),
        "auc": reference.roc_auc_score(truth, said),
        "sensitivity_at_specificity": max([0.0, *sensitivities]),
    }


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([1, 3, 10, 1000]), threshold=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_each_measure_is_that_of_an_independent_computation(seed, levels, threshold):
    table = predictions(120, seed, levels).assign(threshold=threshold)
    if table["cancer"].nunique() == 2:
        assert one(table) == pytest.approx(by_hand(table), abs=1e-12)


def test_a_weight_of_two_is_the_picture_twice():
    table = predictions(80, 3)
    weights = np.random.default_rng(1).integers(0, 4, (len(table), 3)).astype(float)
    found = screening.scores(table, weights)
    for draw in range(3):
        repeated = table.loc[np.repeat(table.index, weights[:, draw].astype(int))]
        assert {metric: value[draw] for metric, value in found.items()} == pytest.approx(by_hand(repeated), abs=1e-12)


def test_calling_nothing_is_an_f1_of_zero_and_all_equal_is_chance():
    table = predictions().assign(probability=0.0, threshold=0.5)
    found, share = one(table), table["cancer"].mean()
    assert (found["f1"], found["precision"], found["recall"]) == (0, 0, 0)
    assert found["accuracy"] == pytest.approx(1 - share) and found["auc"] == 0.5
    assert found["average_precision"] == pytest.approx(share) and found["sensitivity_at_specificity"] == 0


@pytest.mark.filterwarnings("error")
def test_without_cancers_what_needs_them_is_not_defined():
    found = one(predictions().assign(cancer=False))
    undefined = {metric for metric, value in found.items() if np.isnan(value)}
    assert undefined == {"recall", "probabilistic_f1", *screening.BY_RANK}


def test_views_are_merged_by_breast():
    table = predictions(200, 5)
    merged = screening.of_breasts(table)
    assert len(merged) == 100
    for row in merged.itertuples():
        own = table[(table["patient_id"] == row.patient_id) & (table["laterality"] == row.laterality)]
        assert row.probability == pytest.approx(own["probability"].mean()) and row.cancer == own["cancer"].any()


def test_the_threshold_is_the_best_of_a_hundred_and_one():
    table = predictions(300, 7, 1000)
    truth, said = table["cancer"].to_numpy(), table["probability"].to_numpy()
    grid = np.arange(101) / 100
    by_grid = [reference.f1_score(truth, said >= t, zero_division=0) for t in grid]
    np.testing.assert_allclose(screening.f1_curve(truth, said), by_grid)
    assert screening.best_threshold(truth, said) == pytest.approx(grid[int(np.argmax(by_grid))])
    assert (screening.f1_curve(np.zeros(4, bool), np.full(4, 0.5)) == 0).all()


def test_intervals_are_those_of_the_slow_bootstrap_over_patients():
    table = predictions(160, 2)
    found, _ = screening.measured(table.assign(rung="plain"), ["rung"], 100, seed=4)
    assert set(zip(found["unit"], found["metric"], strict=True)) == {
        (unit, metric) for unit in screening.UNITS for metric in screening.METRICS
    }
    merged = screening.of_breasts(table)
    for unit, cases in (("image", table), ("breast", merged)):
        for metric in ("f1", "average_precision", "auc"):
            own = found[(found["unit"] == unit) & (found["metric"] == metric)].iloc[0]
            slow = bootstrap(lambda rows, cases=cases, metric=metric: one(cases.iloc[rows])[metric],
                             cases["patient_id"], 100, seed=4)  # fmt: skip
            assert (own["low"], own["high"]) == pytest.approx(interval(slow), abs=1e-12)
            assert own["value"] == pytest.approx(by_hand(cases)[metric])


def test_a_difference_is_taken_within_each_draw():
    low, high = predictions(200, 6), predictions(200, 6)
    high["probability"] = (high["probability"] + 0.3 * high["cancer"]).clip(0, 1)
    table = pd.concat([low.assign(rung="a", side="x"), high.assign(rung="b", side="x")])
    found, drawn = screening.measured(table, ["rung", "side"], 100, seed=1)
    gaps = screening.differences(found, drawn, [("b", "a"), ("c", "a")], "rung")
    assert len(gaps) == len(screening.METRICS) * 2 and set(gaps["against"]) == {"a"}
    own = gaps[(gaps["unit"] == "image") & (gaps["metric"] == "auc")].iloc[0]
    first, second = (found.index[(found["rung"] == rung) & (found["unit"] == "image") & (found["metric"] == "auc")][0]
                     for rung in "ba")  # fmt: skip
    assert (own["low"], own["high"]) == pytest.approx(interval(drawn[first] - drawn[second]))
    assert own["value"] == pytest.approx(found["value"][first] - found["value"][second])
    assert 0 < own["low"] <= own["high"]
    same = screening.differences(found, drawn, [("a", "a")], "rung")
    assert (same[["value", "low", "high"]] == 0).all(axis=None)
