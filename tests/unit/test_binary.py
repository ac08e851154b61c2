"""Scores of a two-way call against scikit-learn, and differences on the same draws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from helpers.evaluation.binary import METRICS, compared, confusion
from helpers.evaluation.intervals import bootstrap


def made_up(seed: int, patients: int = 30) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    owner = rng.integers(0, patients, 90)
    table = pd.DataFrame({"patient_id": [f"p{k}" for k in owner], "label": rng.choice(["benign", "malignant"], 90)})
    truth = (table["label"] == "malignant").to_numpy()
    return table, np.clip(rng.normal(0.4 + 0.2 * truth, 0.25), 0, 1), np.round(rng.random(90), 1)


def by_scikit_learn(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    called = said >= 0.5
    found, quiet = reference.recall_score(truth, called), reference.recall_score(~truth, ~called)
    return {
        "sensitivity": found,
        "specificity": quiet,
        "f1": reference.f1_score(truth, called),
        "harmonic": 2 * found * quiet / (found + quiet),
        "accuracy": reference.accuracy_score(truth, called),
        "balanced": reference.balanced_accuracy_score(truth, called),
        "auc": reference.roc_auc_score(truth, said),
    }


@given(st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_scores_are_scikit_learns(seed):
    table, said, other = made_up(seed)
    found = compared(table, {"a": said, "b": other}, {}, 100, seed=1).set_index(["way", "metric"])["value"]
    truth = (table["label"] == "malignant").to_numpy()
    for way, values in (("a", said), ("b", other)):
        assert found[way].to_dict() == pytest.approx(by_scikit_learn(truth, values))


@pytest.mark.parametrize("metric", ["f1", "auc"])
def test_the_interval_of_a_difference_is_that_of_paired_draws(metric):
    table, said, other = made_up(5)
    truth = (table["label"] == "malignant").to_numpy()
    score = {"f1": lambda rows, said: reference.f1_score(truth[rows], said[rows] >= 0.5),
             "auc": lambda rows, said: reference.roc_auc_score(truth[rows], said[rows])}[metric]  # fmt: skip
    draws = bootstrap(lambda rows: score(rows, said) - score(rows, other), table["patient_id"], 50, seed=3)
    found = compared(table, {"a": said, "b": other}, {"gain": ("a", "b")}, 50, seed=3)
    row = found[(found["way"] == "gain") & (found["metric"] == metric)].iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])))


def test_a_way_minus_itself_is_nothing():
    table, said, _ = made_up(7)
    rows = compared(table, {"a": said}, {"none": ("a", "a")}, 100, seed=0).query("way == 'none'")
    assert (rows[["value", "low", "high"]] == 0).all(axis=None) and len(rows) == len(METRICS)


def test_always_benign_is_scored_as_document_c_prints_it():
    table, _, _ = made_up(2)
    rows = compared(table, {"benign": np.zeros(len(table))}, {}, 100, seed=0).set_index("metric")["value"]
    assert rows[["sensitivity", "specificity", "f1", "harmonic", "auc"]].tolist() == [0, 1, 0, 0, 0.5]


def test_a_share_that_no_draw_changes_has_an_interval_all_the_same():
    table, _, _ = made_up(2)
    rows = compared(table, {"benign": np.zeros(len(table))}, {}, 100, seed=0).set_index("metric")
    assert rows.loc["specificity", "low"] < 1 == rows.loc["specificity", "high"]
    assert rows.loc["balanced", ["value", "low", "high"]].tolist() == [0.5, 0.5, 0.5]


def test_one_class_alone_has_no_sensitivity():
    table = made_up(2)[0].assign(label="benign")
    rows = compared(table, {"all": np.ones(len(table))}, {}, 100, seed=0).set_index("metric")["value"]
    assert rows[["sensitivity", "harmonic", "auc"]].isna().all() and rows["specificity"] == 0


def test_calls_are_counted_in_the_order_of_the_classes():
    counts = confusion(["a", "b", "b"], ["b", "b", "b"], ["a", "b"])
    assert counts.to_numpy().tolist() == [[0, 1], [0, 2]]
