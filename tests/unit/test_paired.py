"""Paired differences: against the loop, exact where the ways agree, and shorter than they would be unpaired."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from helpers.evaluation.intervals import bootstrap, interval, patient_weights
from helpers.evaluation.metrics import CLASSES
from helpers.evaluation.paired import METRICS, compared, compared_without_copies, recall_by

WAYS = ("as_published", "patient_grouped")


def said(seed: int, patients: int = 40, skill: tuple[float, float] = (2.0, 0.7), repetitions: int = 1) -> pd.DataFrame:
    """What a learner said of three pictures of each patient under both protocols; a patient is hard under both."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(rng.permutation(np.arange(patients) % 3), 3)
    owner = np.repeat(np.arange(patients), 3)
    tables = []
    for repetition in range(repetitions):
        for way, strength in zip(WAYS, skill, strict=True):
            hard = np.random.default_rng(seed).normal(size=patients)[owner]
            scores = rng.normal(size=(len(labels), 3))
            scores[np.arange(len(labels)), labels] += strength - hard
            odds = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            table = pd.DataFrame(odds, columns=list(CLASSES)).assign(
                image_id=[f"i{k}" for k in range(len(labels))],
                patient_id=[f"p{k}" for k in owner],
                label=np.array(CLASSES, dtype=object)[labels],
                protocol=way,
                repetition=repetition,
                learner="one",
            )
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def parts(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Labels and probabilities of each way."""
    groups = table.groupby("protocol")
    return {way: (own["label"].map(CLASSES.index).to_numpy(), own[list(CLASSES)].to_numpy()) for way, own in groups}


def of(table: pd.DataFrame, metric: str, **values) -> pd.Series:
    for column, value in values.items():
        table = table[table[column] == value]
    return table[table["metric"] == metric].iloc[0]


def test_scores_are_scikit_learns():
    table = said(0)
    scores, gaps = compared(table, "learner", "protocol", WAYS, 100, seed=0)
    for way, (labels, odds) in parts(table).items():
        called = odds.argmax(axis=1)
        assert of(scores, "f1_macro", protocol=way)["value"] == pytest.approx(f1_score(labels, called, average="macro"))
        assert of(scores, "accuracy", protocol=way)["value"] == pytest.approx((labels == called).mean())
        areas = [roc_auc_score(labels == k, odds[:, k]) for k in range(3)]
        assert of(scores, "auc_benign", protocol=way)["value"] == pytest.approx(areas[1])
        assert of(scores, "auc_mean", protocol=way)["value"] == pytest.approx(np.mean(areas))
    for metric in METRICS:
        first, second = (of(scores, metric, protocol=way)["value"] for way in WAYS)
        assert of(gaps, metric)["value"] == pytest.approx(first - second)


@pytest.mark.parametrize("metric", ["f1_macro", "auc_malignant"])
def test_the_interval_of_the_difference_is_the_loops(metric):
    table = said(1)
    _, gaps = compared(table, "learner", "protocol", WAYS, 300, seed=5)
    (a, p), (_, q) = (parts(table)[way] for way in WAYS)
    patients = table.loc[table["protocol"] == WAYS[0], "patient_id"]

    def score(rows, odds):
        if metric == "auc_malignant":
            return roc_auc_score(a[rows] == 2, odds[rows, 2])
        return f1_score(a[rows], odds[rows].argmax(axis=1), average="macro", zero_division=0)

    draws = bootstrap(lambda rows: score(rows, p) - score(rows, q), patients, 300, seed=5)
    row = of(gaps, metric)
    assert (row["low"], row["high"]) == pytest.approx(interval(draws), abs=1e-9)


def test_two_equal_ways_differ_by_nothing_at_all():
    table = said(2)
    first = table[table["protocol"] == WAYS[0]]
    both = pd.concat([first, first.assign(protocol=WAYS[1])])
    _, gaps = compared(both, "learner", "protocol", WAYS, 200, seed=0)
    assert (gaps[["value", "low", "high"]] == 0).all(axis=None)


def test_the_paired_interval_is_shorter_than_that_of_two_separate_draws():
    table = said(3, patients=90)
    scores, gaps = compared(table, "learner", "protocol", WAYS, 1000, seed=0)
    paired = of(gaps, "accuracy")
    # The length of the interval of a difference of independent scores is the root of the sum of squares.
    alone = np.hypot(*(np.ptp(of(scores, "accuracy", protocol=way)[["low", "high"]].to_numpy()) for way in WAYS))
    assert paired["high"] - paired["low"] < 0.9 * alone


def test_order_of_rows_and_the_other_learner_do_not_matter():
    table = pd.concat([said(4), said(5).assign(learner="other")])
    scores, gaps = compared(table, "learner", "protocol", WAYS, 100, seed=1)
    shuffled = table[table["learner"] == "one"].sample(frac=1, random_state=0)
    own_scores, own_gaps = compared(shuffled, "learner", "protocol", WAYS, 100, seed=1)
    pd.testing.assert_frame_equal(gaps[gaps["learner"] == "one"], own_gaps)
    pd.testing.assert_frame_equal(scores[scores["learner"] == "one"], own_scores)


def test_ways_that_test_different_pictures_share_the_draw_of_patients():
    table = said(6)
    keep = (table["protocol"] == WAYS[0]) == (table.index % 3 == 0)
    _, gaps = compared(table[keep], "learner", "protocol", WAYS, 200, seed=2)
    weights, owner = patient_weights(table[keep]["patient_id"], 200, seed=2)
    right = table[keep]["label"] == table[keep][list(CLASSES)].idxmax(axis=1)
    first = (table[keep]["protocol"] == WAYS[0]).to_numpy()
    rates = [
        (weights[:, owner[rows]] @ right.to_numpy()[rows]) / weights[:, owner[rows]].sum(axis=1)
        for rows in (first, ~first)
    ]
    row = of(gaps, "accuracy")
    assert (row["low"], row["high"]) == pytest.approx(interval(rates[0] - rates[1]))


def test_a_score_of_several_repetitions_is_their_mean_and_repetitions_are_drawn_too():
    table = said(7, repetitions=4)
    # One repetition that went wrong: only a bootstrap that draws repetitions knows that this may happen again.
    wrong = (table["repetition"] == 3) & (table["protocol"] == WAYS[0])
    table.loc[wrong, list(CLASSES)] = [0.0, 0.0, 1.0]
    scores, _ = compared(table, "learner", "protocol", WAYS, 2000, seed=0)
    each = [
        compared(own, "learner", "protocol", WAYS, 100, seed=0)[0].iloc[1]["value"]
        for _, own in table.groupby("repetition")
    ]
    row = of(scores, "accuracy", protocol=WAYS[0])
    assert row["value"] == pytest.approx(np.mean(each))
    assert row["low"] < np.mean(sorted(each)[:2]) + 0.05
    assert row["high"] > each[0] - 0.05


def test_what_was_tested_in_one_way_only_is_left_out():
    table = pd.concat([said(8), said(8).query(f"protocol == '{WAYS[0]}'").assign(learner="half")])
    scores, gaps = compared(table, "learner", "protocol", WAYS, 100, seed=0)
    assert set(scores["learner"]) == set(gaps["learner"]) == {"one"}
    scores, gaps = compared(table[table["learner"] == "half"], "learner", "protocol", WAYS, 100, seed=0)
    assert scores.empty and gaps.empty
    assert list(gaps) == ["learner", "metric", "value", "low", "high"]


def test_the_interval_covers_the_true_difference():
    # Calls that are right with a chance of each patient's own, by 0.3 more often the first way.
    covered = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        chance = rng.uniform(0.2, 0.6, 50)
        owner = np.repeat(np.arange(50), 4)
        tables = []
        for way, better in zip(WAYS, (0.3, 0.0), strict=True):
            right = rng.random(200) < chance[owner] + better
            odds = np.where(right[:, None], np.eye(3)[0], np.eye(3)[1])
            columns = dict(zip(CLASSES, odds.T, strict=True))
            tables.append(pd.DataFrame({"patient_id": owner, "label": "normal", "protocol": way, **columns}))
        table = pd.concat(tables).assign(image_id="i", learner="one")
        row = of(compared(table, "learner", "protocol", WAYS, 300, seed=seed)[1], "accuracy")
        covered += row["low"] <= 0.3 <= row["high"]
    # 0.95 within 3.5 standard errors of 200 simulations.
    assert 0.895 <= covered / 200 <= 0.995


def test_recall_within_groups_is_scikit_learns():
    table = said(9).assign(copies=lambda rows: rows.index % 4)
    recalls = recall_by(table, ["protocol", "copies"], 200, seed=0).set_index(["protocol", "copies"])
    assert len(recalls) == 8
    for key, own in table.groupby(["protocol", "copies"]):
        called = own[list(CLASSES)].idxmax(axis=1)
        row = recalls.loc[key]
        assert row["n"] == len(own)
        assert row["value"] == pytest.approx(recall_score(own["label"], called, average="macro"))
        assert row["low"] <= row["value"] <= row["high"]


def with_copies(table: pd.DataFrame) -> pd.DataFrame:
    """The first way's training holds none to five copies of a picture, and of some patients nothing at all."""
    number = table["image_id"].str[1:].astype(int)
    published = table["protocol"] == WAYS[0]
    copies = (number % 6).where(published, 0)
    relatives = (copies + (number // 3 % 4 > 0)).where(published, 0)
    return table.assign(copies=copies, relatives=relatives)


def test_what_is_left_out_is_left_out_of_both_protocols():
    table = with_copies(said(3, patients=60))
    found = compared_without_copies(table, "learner", WAYS, 50, seed=0)
    assert list(found["step"].unique()) == [5, 4, 3, 2, 1, 0, -1]
    shown = table[table["protocol"] == WAYS[0]]
    for step, rule in ((2, shown["copies"] <= 2), (0, shown["copies"] == 0), (-1, shown["relatives"] == 0)):
        kept = shown.loc[rule, "image_id"]
        own = found[(found["step"] == step) & (found["metric"] == "f1_macro")].set_index("protocol")
        assert (own["n"] == len(kept)).all()
        for way, (labels, odds) in parts(table[table["image_id"].isin(kept)]).items():
            expected = f1_score(labels, odds.argmax(axis=1), average="macro")
            assert own.loc[way, "value"] == pytest.approx(expected)
        ways = own.loc[list(WAYS), "value"]
        assert own.loc["difference", "value"] == pytest.approx(ways.iloc[0] - ways.iloc[1])


def test_a_step_that_leaves_a_class_empty_is_left_out():
    table = with_copies(said(3)).assign(relatives=1)
    assert -1 not in set(compared_without_copies(table, "learner", WAYS, 20, seed=0)["step"])


def test_no_more_steps_than_asked_and_both_ends_among_them():
    found = compared_without_copies(with_copies(said(3, patients=60)), "learner", WAYS, 20, most=4, seed=0)
    steps = list(found["step"].unique())
    assert len(steps) == 4 and steps[0] == 5 and steps[-2:] == [0, -1]
