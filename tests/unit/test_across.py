"""Means and intervals over folds and seeds, against trainings repeated one by one as often as they are drawn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.evaluation import across


def trainings(folds: int, seeds: int, rng: int = 1, **what) -> pd.DataFrame:
    values = np.random.default_rng(rng).uniform(size=(folds, seeds))
    rows = [(fold, seed, values[fold, seed]) for fold in range(folds) for seed in range(seeds)]
    named = {"network": "icnt", "ablation": "plain", "protocol": "patient_grouped", "metric": "f1_macro"} | what
    return pd.DataFrame(rows, columns=["fold", "seed", "value"]).assign(**named)


def looped(runs: pd.DataFrame, draws: int, seed: int) -> tuple[float, float, float]:
    folds, seeds = sorted(runs["fold"].unique()), sorted(runs["seed"].unique())
    of_fold, of_seed = across.drawn((len(folds), len(seeds)), draws, seed=seed)
    means = []
    for draw in range(draws):
        drawn = []
        for row in runs.itertuples():
            times = of_fold[draw, folds.index(row.fold)] * of_seed[draw, seeds.index(row.seed)]
            drawn += [row.value] * int(times)
        means += [np.mean(drawn)] if drawn else []
    return np.mean(runs["value"]), *np.percentile(means, [2.5, 97.5])


@pytest.mark.parametrize("missing", [0, 1, 7])
def test_intervals_are_those_of_repeated_trainings(missing):
    runs = trainings(4, 3).drop(index=np.random.default_rng(2).permutation(12)[:missing])
    assert across.mean_interval(runs, 300, seed=5) == pytest.approx(looped(runs, 300, 5))


def test_each_draw_has_as_many_folds_and_seeds_as_there_are():
    of_fold, of_seed = across.drawn((5, 3), 200, seed=1)
    assert (of_fold.sum(axis=1) == 5).all() and (of_seed.sum(axis=1) == 3).all()
    assert of_fold.mean(axis=0) == pytest.approx(np.ones(5), abs=0.2)


@settings(max_examples=30, deadline=None)
@given(st.floats(-5, 5), st.floats(0.1, 9))
def test_an_interval_moves_and_stretches_with_the_values(moved, stretched):
    runs = trainings(3, 4)
    before = across.mean_interval(runs, 200, seed=3)
    after = across.mean_interval(runs.assign(value=moved + stretched * runs["value"]), 200, seed=3)
    assert after == pytest.approx([moved + stretched * each for each in before])


def test_one_training_has_no_interval():
    value, low, high = across.mean_interval(trainings(1, 1), 100, seed=1)
    assert not np.isnan(value) and np.isnan([low, high]).all()


def test_the_summary_tells_folds_from_seeds():
    runs = trainings(4, 3).assign(value=lambda table: 10.0 * table["fold"] + 0.1 * table["seed"])
    row = across.summary(runs, 100, seed=1).iloc[0]
    assert row["over_folds"] == pytest.approx(np.std([0, 10, 20, 30], ddof=1))
    assert row["over_seeds"] == pytest.approx(0.1)
    assert row["trainings"] == 12


def test_a_value_that_is_not_defined_is_left_out():
    runs = trainings(3, 3)
    holed = runs.assign(value=runs["value"].where(runs["fold"] > 0))
    assert across.summary(holed, 100, seed=1).equals(across.summary(runs[runs["fold"] > 0], 100, seed=1))


def test_changes_are_paired_by_fold_and_seed():
    plain = trainings(4, 3)
    long = plain.assign(ablation="long", value=plain["value"] + 0.25).iloc[1:]
    other = trainings(4, 3, rng=9, protocol="as_published", ablation="long")
    table = across.differences(pd.concat([plain, long, other]), "plain", 200, seed=1)
    assert len(table) == 1
    row = table.iloc[0]
    assert (row["ablation"], row["trainings"]) == ("long", 11)
    assert [row["value"], row["low"], row["high"]] == pytest.approx([0.25] * 3)


def test_with_many_folds_most_intervals_hold_the_mean():
    rng, held = np.random.default_rng(4), 0
    for _ in range(120):
        values = rng.normal(size=(20, 1)) + 0.3 * rng.normal(size=(1, 8)) + 0.3 * rng.normal(size=(20, 8))
        table = pd.DataFrame(values).stack().rename_axis(["fold", "seed"]).rename("value").reset_index()
        _, low, high = across.mean_interval(table, 300, seed=2)
        held += low <= 0 <= high
    assert held / 120 >= 0.88
