"""Temperatures against a numerical search, and recovered where they are known."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import softmax
from simulated import of, predictions
from sklearn.metrics import log_loss

from helpers.datasets.exams import LABELS
from helpers.evaluation import temperature
from helpers.evaluation.intervals import patient_weights
from helpers.evaluation.metrics import labels_and_probabilities

DRAWS = {"draws": 60, "seed": 4}


def validation(overconfidence: float = 1.0, seed: int = 0):
    rows = predictions(80, seed=seed, overconfidence=overconfidence)
    own = of(rows, network="icnt", protocol="patient_grouped", split="validation")
    return own, *labels_and_probabilities(own)


def searched(labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray) -> float:
    scores = np.log(probabilities)

    def loss(log_temperature):
        return log_loss(
            labels, softmax(scores / np.exp(log_temperature), axis=1), sample_weight=weights, labels=[0, 1, 2]
        )

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20]), method="bounded", options={"xatol": 1e-9}).x))


@pytest.mark.parametrize("overconfidence", [0.4, 1, 5])
def test_the_temperature_is_that_of_a_numerical_search(overconfidence):
    rows, labels, probabilities = validation(overconfidence)
    weights, owner = patient_weights(rows["patient_id"], **DRAWS)
    found = temperature.best_temperatures(labels, probabilities, owner, weights)
    for draw in (0, 17, 59):
        assert found[draw] == pytest.approx(searched(labels, probabilities, weights[draw][owner]), rel=1e-4)


def test_a_known_overconfidence_is_taken_back():
    labels, scores = [], []
    rng = np.random.default_rng(0)
    for _ in range(4000):
        own = rng.normal(0, 2, 3)
        scores.append(own)
        labels.append(rng.choice(3, p=softmax(own)))
    found = temperature.best_temperatures(
        np.array(labels), softmax(3 * np.array(scores), axis=1), np.arange(4000), np.ones((1, 4000))
    )
    assert found[0] == pytest.approx(3, rel=0.05)


def test_scaling_changes_how_sure_a_call_is_and_no_call():
    _, labels, probabilities = validation()
    cold, hot = temperature.scaled(probabilities, 0.5), temperature.scaled(probabilities, 2)
    for each in (cold, hot):
        np.testing.assert_array_equal(np.argsort(each, axis=1), np.argsort(probabilities, axis=1))
        np.testing.assert_allclose(each.sum(axis=1), 1)
    assert (cold.max(axis=1) >= probabilities.max(axis=1)).all()
    assert (hot.max(axis=1) <= probabilities.max(axis=1)).all()
    np.testing.assert_allclose(temperature.scaled(probabilities, 1), probabilities, atol=1e-12)


def test_a_probability_of_zero_does_no_harm():
    found = temperature.scaled(np.array([[1.0, 0.0, 0.0]]), 2)
    assert np.isfinite(found).all()
    assert found[0, 0] == pytest.approx(1)


@pytest.mark.parametrize(("labels", "end"), [([0, 1, 2], temperature.COLDEST), ([1, 2, 0], temperature.HOTTEST)])
def test_the_search_ends_where_all_is_right_or_all_is_wrong(labels, end):
    probabilities = 0.1 + 0.7 * np.eye(3)
    found = temperature.best_temperatures(np.array(labels), probabilities, np.arange(3), np.ones((1, 3)))
    assert found[0] == pytest.approx(end)


def test_each_network_and_protocol_gets_its_own_from_validation_pictures_alone():
    rows = predictions(40, overconfidence=3)
    fitted = temperature.temperatures(rows, **DRAWS)
    assert fitted[["network", "protocol"]].drop_duplicates().shape == (6, 2)
    assert (fitted["low"] <= fitted["temperature"]).all() and (fitted["temperature"] <= fitted["high"]).all()
    tests = rows["split"] == "test"
    spoiled = rows.copy()
    spoiled.loc[tests, list(LABELS)] = 1 / 3
    np.testing.assert_array_equal(temperature.temperatures(spoiled, **DRAWS)["temperature"], fitted["temperature"])


def test_rescaled_tables_keep_their_rows_and_lose_their_overconfidence():
    rows = predictions(80, overconfidence=4)
    fitted = temperature.temperatures(rows, **DRAWS)
    after = temperature.rescaled(rows, fitted)
    assert after.drop(columns=list(LABELS)).equals(rows.drop(columns=list(LABELS)))
    own = fitted.set_index(["network", "protocol"])["temperature"]["iiv3", "as_published"]
    key = {"network": "iiv3", "protocol": "as_published", "split": "test"}
    expected = temperature.scaled(of(rows, **key)[list(LABELS)].to_numpy(), own)
    np.testing.assert_allclose(of(after, **key)[list(LABELS)], expected)
    losses = [log_loss(*labels_and_probabilities(of(table, **key)), labels=[0, 1, 2]) for table in (rows, after)]
    assert losses[1] < losses[0]
