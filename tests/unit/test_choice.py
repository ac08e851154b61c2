"""Criteria, weights and the network they choose."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import NETWORKS, of, predictions

from helpers.evaluation import choice
from helpers.evaluation.decisions import operating_points

DRAWS = {"draws": 120, "seed": 6}
COSTS = pd.DataFrame(
    [(2.0, 3.0, 0.5, 1e5), (75.0, 140.0, 114.0, 3e7), (49.0, 120.0, 100.0, 2e7)],
    index=pd.Index(NETWORKS, name="network"),
    columns=["latency", "memory", "size", "parameters"],
)


@pytest.fixture(scope="module")
def measured() -> choice.Measured:
    return choice.measure(predictions(60), COSTS, "patient_grouped", **DRAWS)


def made(worths: list[list[float]], spread: float = 0.0) -> choice.Measured:
    """Networks whose criteria all have one worth, with or without doubt about it."""
    values = np.array([[_value(criterion, worth) for criterion in choice.CRITERIA] for worth in np.ravel(worths)])
    names = pd.Index(NETWORKS[: len(values)], name="network")
    doubt = np.random.default_rng(0).normal(0, spread, (*values.shape, 300))
    draws = values[..., None] + doubt * np.array([not c.logarithmic for c in choice.CRITERIA])[:, None]
    return choice.Measured(pd.DataFrame(values, names, [c.name for c in choice.CRITERIA]), draws)


def _value(criterion: choice.Criterion, worth: float) -> float:
    if criterion.logarithmic:
        return criterion.worst * (criterion.best / criterion.worst) ** worth
    return criterion.worst + worth * (criterion.best - criterion.worst)


@pytest.mark.parametrize("scenario", choice.SCENARIOS, ids=lambda scenario: scenario.name)
def test_weights_sum_to_one_and_name_criteria(scenario):
    assert sum(scenario.weights.values()) == pytest.approx(1)
    assert min(scenario.weights.values()) > 0
    assert set(scenario.weights) <= {criterion.name for criterion in choice.CRITERIA}
    with pytest.raises(TypeError):
        scenario.weights["latency"] = 1


def test_the_four_tasks_are_the_documents():
    from helpers.published import dahes

    assert [scenario.name for scenario in choice.SCENARIOS] == list(dahes.RECOMMENDED)


@given(st.sampled_from(choice.CRITERIA), st.floats(0, 1))
def test_worth_runs_from_worst_to_best(criterion, worth):
    assert criterion.worth(_value(criterion, worth)) == pytest.approx(worth, abs=1e-9)
    assert (criterion.worth(criterion.worst), criterion.worth(criterion.best)) == (0, 1)


def test_beyond_the_ends_nothing_is_gained_or_lost():
    latency = next(criterion for criterion in choice.CRITERIA if criterion.name == "latency")
    assert latency.worth(np.array([0.1, 5000])).tolist() == [1, 0]
    assert latency.worth(np.sqrt(latency.best * latency.worst)) == pytest.approx(0.5)


def test_criteria_are_measured_on_the_test_with_draws_that_networks_share(measured):
    points = operating_points(predictions(60), **DRAWS)
    for network in NETWORKS:
        for metric in ("sensitivity", "specificity"):
            expected = of(points, network=network, protocol="patient_grouped", metric=metric)["value"].iloc[0]
            assert measured.values.loc[network, metric] == pytest.approx(expected)
        assert measured.values.loc[network, list(choice.COSTS)].tolist() == COSTS.loc[network].tolist()
    costly = [criterion.name in choice.COSTS for criterion in choice.CRITERIA]
    assert np.ptp(measured.draws[:, costly], axis=2).max() == 0
    assert np.ptp(measured.draws[:, np.logical_not(costly)], axis=2).min() > 0


def test_a_network_that_is_better_in_everything_is_always_chosen():
    found = choice.choose(made([0.3, 0.9, 0.5]))
    assert found.loc[found["chosen"], "network"].tolist() == ["icnt"] * len(choice.SCENARIOS)
    assert found.loc[found["chosen"], "wins"].tolist() == [1] * len(choice.SCENARIOS)
    np.testing.assert_allclose(found["worth"], [0.3, 0.9, 0.5] * len(choice.SCENARIOS))
    assert choice.any_weights(made([0.3, 0.9, 0.5]), 100, seed=0).tolist() == [0, 1, 0]


def test_equals_share_what_neither_wins():
    found = choice.choose(made([0.4, 0.4]))
    np.testing.assert_allclose(found["wins"], 0.5)


def test_doubt_about_criteria_becomes_doubt_about_the_choice():
    found = choice.choose(made([0.48, 0.55], spread=0.1))
    first = of(found, scenario="first diagnosis")
    assert first["wins"].sum() == pytest.approx(1)
    assert 0.55 < first["wins"].max() < 0.95
    assert (first["low"] < first["worth"]).all() and (first["worth"] < first["high"]).all()


def test_weights_decide():
    measured = made([0.5, 0.5])
    names = [criterion.name for criterion in choice.CRITERIA]
    measured.values.loc["baseline_cnn", "latency"] = 1.0
    measured.values.loc["icnt", "sensitivity"] = 1.0
    draws = np.repeat(measured.values.to_numpy()[..., None], 5, axis=2)
    found = choice.choose(choice.Measured(measured.values, draws))
    chosen = found[found["chosen"]].set_index("scenario")["network"]
    assert chosen["first diagnosis"] == "icnt"
    assert chosen["research"] == "baseline_cnn"
    shares = choice.any_weights(choice.Measured(measured.values, draws), 4000, seed=1)
    assert shares.tolist() == pytest.approx([0.5, 0.5], abs=0.05)
    assert names.index("latency") > names.index("sensitivity")


def test_tables_for_explorers_hold_all_that_a_choice_is_made_from(measured):
    criteria, weights = choice.criteria_table(measured), choice.weights_of()
    worths = criteria.pivot(index="network", columns="criterion", values="worth").loc[list(NETWORKS), list(weights)]
    by_hand = (weights @ worths.T).stack()
    found = choice.choose(measured).set_index(["scenario", "network"])["worth"]
    np.testing.assert_allclose(by_hand.loc[found.index], found)
    assert (criteria["low"] <= criteria["high"]).all()


def test_a_draw_that_leaves_a_criterion_undefined_is_left_out():
    measured = made([0.3, 0.9])
    measured.draws[0, 0, :10] = np.nan
    found = choice.choose(measured)
    assert found.loc[found["chosen"], "wins"].tolist() == [1] * len(choice.SCENARIOS)
