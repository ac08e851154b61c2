"""FROC curves, candidates and pixel measures against thresholds tried one by one and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from helpers.evaluation import froc, pixels
from helpers.evaluation.intervals import bootstrap, patient_weights


def made_up(seed: int, patients: int = 9, ties: bool = False) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Candidates and pictures: some clusters have several hits, some none, some pictures nothing at all."""
    rng = np.random.default_rng(seed)
    pictures = pd.DataFrame({"image_id": [f"p{i}" for i in range(2 * patients)]})
    pictures["patient_id"] = [f"patient {i // 2}" for i in range(2 * patients)]
    pictures["cluster"] = rng.random(2 * patients) < 0.6
    pictures.loc[0, "cluster"] = True
    rows = []
    for name, cluster in zip(pictures["image_id"], pictures["cluster"], strict=True):
        for _ in range(rng.integers(0, 6)):
            rows.append((name, rng.random(), bool(cluster and rng.random() < 0.4)))
    found = pd.DataFrame(rows, columns=["image_id", "score", "hit"])
    return (found.round(1) if ties else found), pictures


def points(found: pd.DataFrame, pictures: pd.DataFrame) -> list[tuple[float, float]]:
    """False positives a picture and sensitivity at every threshold, counted."""
    result = [(0.0, 0.0)]
    for threshold in np.unique(found["score"])[::-1]:
        called = found[found["score"] >= threshold]
        rate = (~called["hit"]).sum() / len(pictures)
        sensitivity = called.loc[called["hit"], "image_id"].nunique() / pictures["cluster"].sum()
        result.append((rate, sensitivity))
    return result


def at(curve: list[tuple[float, float]], rate: float) -> float:
    return max(sensitivity for own, sensitivity in curve if own <= rate + 1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_sensitivity_is_that_of_thresholds_tried_one_by_one(seed, ties):
    found, pictures = made_up(seed, ties=ties)
    weights, owner = np.ones((1, pictures["patient_id"].nunique())), pd.factorize(pictures["patient_id"])[0]
    before = froc.alarms(found, pictures, weights, owner)
    rates, curve = np.arange(0, 40) / len(pictures), points(found, pictures)
    mine = froc.sensitivities(before, np.ones_like(before), rates)[:, 0]
    np.testing.assert_allclose(mine, [at(curve, rate) for rate in rates])
    # The curve is a step at multiples of one picture's share, so its mean up to 2 is that of its steps.
    steps = np.arange(2 * len(pictures)) / len(pictures)
    area = froc.areas(before, np.ones_like(before), 2.0)[0]
    assert area == pytest.approx(np.mean([at(curve, rate) for rate in steps]))


def test_draws_are_those_of_repeated_pictures():
    found, pictures = made_up(3)
    weights, owner = patient_weights(pictures["patient_id"], 20, seed=5)
    ill = pictures["cluster"].to_numpy()
    fast = froc.areas(froc.alarms(found, pictures, weights, owner), weights.T[owner[ill]])

    def slow(chosen: np.ndarray) -> float:
        copies = [pictures.iloc[[i]].assign(image_id=f"{k}") for k, i in enumerate(chosen)]
        names = enumerate(pictures.loc[chosen, "image_id"])
        again = [found[found["image_id"] == name].assign(image_id=f"{k}") for k, name in names]
        drawn, places = pd.concat(copies, ignore_index=True), pd.concat(again)
        one = np.zeros(len(drawn), int)
        before = froc.alarms(places, drawn, np.ones((1, 1)), one)
        return froc.areas(before, np.ones_like(before))[0] if len(before) else np.nan

    np.testing.assert_allclose(fast, bootstrap(slow, pictures["patient_id"], 20, seed=5))


def test_a_method_that_is_better_everywhere_has_an_interval_above_zero_and_itself_none():
    found, pictures = made_up(11, patients=30)
    better = found.assign(score=np.where(found["hit"], found["score"] + 1, found["score"]))
    table = froc.compared({"base": found, "better": better}, pictures, "base", draws=300, seed=1).set_index("method")
    assert table.loc["better", "gain_low"] > 0
    assert table.loc["base", ["gain", "gain_low", "gain_high"]].eq(0).all()
    assert table["low"].le(table["value"]).all() and table["value"].le(table["high"]).all()
    curve = froc.curves({"base": found}, pictures, np.array([0.0, 1.0, 50.0]), draws=100, seed=1)
    reached = found.loc[found["hit"], "image_id"].nunique() / pictures["cluster"].sum()
    assert curve["value"].iloc[-1] == pytest.approx(reached) and curve["value"].is_monotonic_increasing


def test_without_a_candidate_nothing_is_found():
    _, pictures = made_up(1)
    nothing = pd.DataFrame(columns=["image_id", "score", "hit"]).astype({"score": float, "hit": bool})
    table = froc.compared({"none": nothing}, pictures, "none", draws=100, seed=1)
    assert table.loc[0, "value"] == 0


def test_candidates_are_the_highest_places_far_enough_apart():
    scores = np.zeros((60, 80))
    scores[10, 12], scores[14, 16], scores[40, 70], scores[59, 0] = 0.9, 0.8, 0.5, 0.2
    found = froc.candidates(scores, 10)
    assert found[["row", "column"]].to_numpy().tolist() == [[10, 12], [40, 70], [59, 0]]
    assert found["score"].tolist() == pytest.approx([0.9, 0.5, 0.2])
    assert len(froc.candidates(scores, 2)) == 4 and len(froc.candidates(scores, 2, most=1)) == 1
    assert froc.candidates(np.zeros((20, 20)), 3).empty
    plateau = np.zeros((20, 20))
    plateau[5:9, 5:9] = 0.3
    assert len(froc.candidates(plateau, 2)) == 1


def test_a_cluster_scores_higher_than_one_bright_speck():
    scores = np.zeros((101, 101))
    scores[20, 20] = 1.0
    for row, column in [(70, 70), (76, 74), (68, 79), (75, 66)]:
        scores[row, column] = 0.5
    found = froc.cluster_score(scores, 12)
    assert found[72, 72] > found[20, 20] > 0
    inside = np.hypot(*np.mgrid[-50:51, -50:51]) <= 12
    assert found[72, 72] == pytest.approx(2 / inside.sum(), rel=0.15)


def test_a_hit_lies_in_the_truth_or_just_beside_it():
    truth = np.zeros((50, 50), bool)
    truth[20:30, 20:30] = True
    places = pd.DataFrame({"row": [25, 25, 25, 17], "column": [25, 33, 40, 17]})
    assert froc.is_hit(places, truth, 5).tolist() == [True, True, False, True]
    assert not froc.is_hit(places, np.zeros_like(truth), 5).any()


@pytest.fixture
def scored() -> tuple[list[np.ndarray], list[np.ndarray]]:
    rng = np.random.default_rng(2)
    truths = [rng.random((30, 40)) < share for share in (0.02, 0.1, 0.0, 0.05)]
    return [rng.normal(3 * truth, 2).astype(np.float32) for truth in truths], truths


def histograms(scores, truths) -> np.ndarray:
    everywhere = np.ones_like(truths[0])
    return np.stack(
        [pixels.histogram(pixels.quantized(s, -8, 10), t, everywhere) for s, t in zip(scores, truths, strict=True)]
    )


def test_pixel_measures_are_those_of_scikit_learn(scored):
    levels = np.concatenate([pixels.quantized(each, -8, 10).ravel() for each in scored[0]])
    truth, counts = np.concatenate([each.ravel() for each in scored[1]]), histograms(*scored).sum(axis=0)
    assert pixels.roc_area(counts) == pytest.approx(roc_auc_score(truth, levels))
    assert pixels.average_precision(counts) == pytest.approx(average_precision_score(truth, levels))
    for threshold in (60, 130, 200):
        assert pixels.dice(counts, threshold) == pytest.approx(f1_score(truth, levels >= threshold))
    best = pixels.best_threshold(counts)
    assert max(f1_score(truth, levels >= k) for k in range(1, 256)) == pytest.approx(f1_score(truth, levels >= best))
    # 8 bits cost next to nothing against the scores themselves.
    exact = roc_auc_score(truth, np.concatenate([each.ravel() for each in scored[0]]))
    assert pixels.roc_area(counts) == pytest.approx(exact, abs=1e-3)


def test_their_intervals_are_those_of_repeated_pictures(scored):
    counts, patients = histograms(*scored), pd.Series(["a", "a", "b", "c"])
    table = pixels.scored({"m": counts}, {"m": 128}, patients, 60, seed=4).set_index("measure")
    slow = bootstrap(lambda chosen: float(pixels.dice(counts[chosen].sum(axis=0), 128)), patients, 60, seed=4)
    assert table.loc["dice", ["low", "high"]].tolist() == pytest.approx(np.nanquantile(slow, [0.025, 0.975]))


def test_8_bits_keep_the_order_and_0_for_what_was_not_asked():
    scores = np.array([-np.inf, -100, -8, 0, 1, 10, 99], np.float32)
    assert pixels.quantized(scores, -8, 10).tolist() == [0, 1, 1, 114, 128, 255, 255]


def test_shares_are_sums_over_patients_and_leave_empty_groups_out():
    table = pd.DataFrame(
        [("x", "a", 3, 4), ("x", "a", 1, 4), ("x", "b", 8, 8), ("y", "a", 0, 0)],
        columns=["method", "patient_id", "hits", "of"],
    )
    found = pixels.shares(table, ["method"], 400, seed=0)
    assert found["method"].tolist() == ["x"] and found["value"].tolist() == [12 / 16]
    assert found["low"].iloc[0] == 0.5 and found["high"].iloc[0] == 1.0
