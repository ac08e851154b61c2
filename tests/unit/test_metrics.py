"""The published columns against scikit-learn, Keras and arithmetic done by hand."""

import json
from functools import partial

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from helpers.datasets.exams import LABELS
from helpers.evaluation import metrics
from helpers.evaluation.cases import Case, among, calls, confident_hits, critical_errors, worth_seeing
from helpers.evaluation.intervals import bootstrap, interval


def table(pictures: int, seed: int, split: str = "test", patients: int | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, pictures)
    probabilities = rng.dirichlet([1, 1, 1], pictures) + 0.4 * np.eye(3)[labels]
    rows = pd.DataFrame(probabilities / probabilities.sum(axis=1, keepdims=True), columns=list(LABELS))
    rows["label"] = np.array(LABELS)[labels]
    rows["image_id"] = [f"{split}-{number}" for number in range(pictures)]
    rows["patient_id"] = [f"patient {number}" for number in rng.integers(0, patients or pictures, pictures)]
    return rows.assign(protocol="patient_grouped", split=split)


def reference_columns(rows: pd.DataFrame) -> dict[str, float]:
    labels, called = rows["label"], rows[list(LABELS)].idxmax(axis=1)
    scores = reference.precision_recall_fscore_support(labels, called, labels=list(LABELS), zero_division=0)
    recalls, f1s = scores[1], scores[2]
    given_to_truth = rows[list(LABELS)].to_numpy()[np.arange(len(rows)), labels.map(LABELS.index)]
    return {
        "accuracy": (labels == called).mean(),
        "loss": -np.log(given_to_truth).mean(),
        "f1_macro": reference.f1_score(labels, called, labels=list(LABELS), average="macro", zero_division=0),
        "f1_std": np.sqrt(((f1s - f1s.mean()) ** 2).sum() / 3),
        "recall_min": min(recalls),
        "recall_std": np.sqrt(((recalls - recalls.mean()) ** 2).sum() / 3),
        "f1_mean": f1s.mean(),
        "rec_mean": recalls.mean(),
        "rec_std": np.sqrt(((recalls - recalls.mean()) ** 2).sum() / 3),
    }


def reference_metrics(test: pd.DataFrame, of_train: dict[str, float]) -> dict[str, float]:
    of_test = reference_columns(test)
    return of_test | {
        "overfit_acc": of_train["accuracy"] - of_test["accuracy"],
        "overfit_f1": of_train["f1_macro"] - of_test["f1_macro"],
        "overfit_loss": of_test["loss"] - of_train["loss"],
    }


def both_splits(**options) -> pd.DataFrame:
    return pd.concat([table(90, 1, "train"), table(60, 2, patients=25)], ignore_index=True).assign(**options)


def test_classes_are_the_labels_of_the_exam_table():
    assert metrics.CLASSES == LABELS


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_class_scores_are_scikit_learns(pairs):
    labels, called = np.array(pairs).T
    confusion = metrics.confusion_matrix(labels, called)
    expected = reference.precision_recall_fscore_support(labels, called, labels=[0, 1, 2], zero_division=0)
    np.testing.assert_array_equal(confusion, reference.confusion_matrix(labels, called, labels=[0, 1, 2]))
    np.testing.assert_allclose(metrics.class_scores(confusion), expected[:3])


def test_class_report_holds_scores_and_numbers_of_pictures():
    labels, probabilities = metrics.labels_and_probabilities(table(50, 3))
    expected = reference.classification_report(
        labels, probabilities.argmax(axis=1), labels=[0, 1, 2], target_names=LABELS, output_dict=True, zero_division=0
    )
    for row in metrics.class_report(labels, probabilities).to_dict("records"):
        of_class = expected[row["label"]]
        assert [row["precision"], row["recall"], row["f1"], row["n"]] == pytest.approx(list(of_class.values()))


def test_loss_is_keras_cross_entropy_even_for_certain_or_unscaled_probabilities():
    probabilities = np.array([[1, 0, 0], [1, 0, 0], [0.2, 0.5, 0.3], [0.2, 0.2, 0.2], [1e-9, 0.5, 0.5]])
    labels = np.array([0, 1, 2, 1, 0])
    expected = keras.losses.categorical_crossentropy(keras.utils.to_categorical(labels, 3), probabilities)
    ours = metrics.cross_entropy(labels, probabilities)
    np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(expected), rtol=1e-5, atol=1e-6)
    assert ours[:2] == pytest.approx([1e-7, -np.log(1e-7)], rel=1e-6)


def test_auc_and_roc_curves_agree_with_scikit_learn():
    labels, probabilities = metrics.labels_and_probabilities(table(80, 4).round(dict.fromkeys(LABELS, 1)))
    areas, curves = metrics.auc(labels, probabilities), metrics.roc_curves(labels, probabilities)
    for index, name in enumerate(LABELS):
        expected = reference.roc_auc_score(labels == index, probabilities[:, index])
        curve = curves[curves["label"] == name]
        assert areas[name] == pytest.approx(expected, abs=1e-6)
        assert np.trapezoid(curve["sensitivity"], curve["false_positive_rate"]) == pytest.approx(expected)


def test_network_metrics_match_an_independent_computation():
    predictions = both_splits()
    train, test = reference_columns(predictions[:90]), predictions[90:]
    ours = metrics.network_metrics(predictions, draws=20, seed=0)
    expected = reference_metrics(test, train)
    assert {key: ours[key] for key in expected} == pytest.approx(expected, abs=1e-6)
    assert set(ours) == {*expected, "intervals", "auc", "n", "n_patients"}
    assert set(ours["intervals"]) == {*expected, "auc"}
    assert (ours["n"], ours["n_patients"]) == (60, test["patient_id"].nunique())


def test_every_interval_is_that_of_the_slow_loop_over_the_same_draws():
    predictions = both_splits()
    train, test = reference_columns(predictions[:90]), predictions[90:]
    ours = metrics.network_metrics(predictions, draws=40, seed=5)["intervals"]
    rounds = []
    bootstrap(lambda rows: rounds.append(reference_metrics(test.iloc[rows], train)), test["patient_id"], 40, seed=5)
    for key, values in pd.DataFrame(rounds).items():
        assert ours[key] == pytest.approx(interval(values.to_numpy()), abs=1e-6), key

    def area(rows: np.ndarray, name: str) -> float:
        return reference.roc_auc_score(test["label"].iloc[rows] == name, test[name].iloc[rows])

    for name in LABELS:
        draws = bootstrap(partial(area, name=name), test["patient_id"], 40, seed=5)
        assert ours["auc"][name] == pytest.approx(interval(draws), abs=1e-6), name


def test_metrics_are_the_same_text_from_run_to_run_and_for_any_order_of_rows():
    predictions = both_splits()
    shuffled = predictions.sample(frac=1, random_state=0)
    texts = [json.dumps(metrics.network_metrics(rows, 50, seed=1)) for rows in (predictions, predictions, shuffled)]
    assert texts[0] == texts[1] == texts[2]
    assert texts[0] != json.dumps(metrics.network_metrics(predictions, 50, seed=2))


def test_an_absent_class_has_no_auc_and_counts_with_zero():
    rows = both_splits()
    rows = rows[(rows["split"] == "train") | (rows["label"] != "normal")]
    ours = metrics.network_metrics(rows, draws=20, seed=0)
    test = rows[rows["split"] == "test"]
    assert ours["auc"]["normal"] is None and ours["intervals"]["auc"]["normal"] is None
    assert ours["auc"]["malignant"] is not None
    assert ours["recall_min"] == 0
    assert ours["f1_macro"] == pytest.approx(reference_columns(test)["f1_macro"], abs=1e-6)
    assert set(metrics.roc_curves(*metrics.labels_and_probabilities(test))["label"]) == {"benign", "malignant"}
    json.dumps(ours, allow_nan=False)


def test_a_test_set_of_one_class_still_has_metrics():
    rows = both_splits()
    rows = rows[(rows["split"] == "train") | (rows["label"] == "benign")]
    ours = metrics.network_metrics(rows, draws=20, seed=0)
    assert ours["auc"] == dict.fromkeys(LABELS)
    assert metrics.roc_curves(*metrics.labels_and_probabilities(rows[rows["split"] == "test"])).empty


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "test"}, "'train' and 'test', got \\['test'\\]"),
        ({"protocol": [*["as_published"] * 90, *["patient_grouped"] * 60]}, "one protocol"),
        ({"label": "cyst"}, "test-0: expected a label out of"),
        ({"benign": np.nan}, "test-0: expected numbers"),
    ],
)
def test_unusable_predictions_are_refused_by_name(change, message):
    with pytest.raises(ValueError, match=message):
        metrics.network_metrics(both_splits(**change), draws=5, seed=0)


def test_chance_is_the_best_way_of_guessing():
    balanced, skewed = np.repeat([0, 1, 2], 2000), np.repeat([0, 1, 2], [50, 1900, 50])
    levels = metrics.chance_levels(balanced, draws=200, seed=0)
    assert levels["majority"] == pytest.approx(2 * 1 / 3 / (1 + 1 / 3) / 3)
    assert levels["uniform"] == pytest.approx(1 / 3, abs=0.002)
    assert metrics.chance_levels(skewed, draws=200, seed=0)["majority"] == pytest.approx(2 * 0.95 / 1.95 / 3)
    for labels in (balanced, skewed):
        assert metrics.chance_f1(labels, 200, seed=0) == max(metrics.chance_levels(labels, 200, seed=0).values())


def test_simulated_guessing_matches_guesses_made_picture_by_picture():
    labels = np.repeat([0, 1, 2], [10, 25, 5])
    rng = np.random.default_rng(1)
    rounds = [
        reference.f1_score(labels, rng.choice(3, 40, p=[0.25, 0.625, 0.125]), average="macro", zero_division=0)
        for _ in range(200)
    ]
    ours = metrics.chance_levels(labels, draws=5000, seed=2)["frequency"]
    assert ours == pytest.approx(np.mean(rounds), abs=4 * np.std(rounds) / np.sqrt(200))


def test_cases_are_malignant_sorted_by_certainty_and_split_by_the_call():
    rows = pd.DataFrame(
        [
            ("a", "malignant", 0.1, 0.2, 0.7),
            ("b", "malignant", 0.0, 0.1, 0.9),
            ("c", "malignant", 0.6, 0.3, 0.1),
            ("d", "malignant", 0.1, 0.8, 0.1),
            ("e", "benign", 0.0, 0.0, 1.0),
            ("f", "malignant", 0.2, 0.1, 0.7),
        ],
        columns=["image_id", "label", *LABELS],
    )
    hits, errors = confident_hits(rows, 2), critical_errors(rows, 5)
    assert hits["image_id"].tolist() == ["b", "a"]
    assert errors["image_id"].tolist() == ["d", "c"]
    assert errors["called"].tolist() == ["benign", "normal"]
    assert errors["confidence"].tolist() == [0.8, 0.6]


def test_no_case_is_an_empty_table_with_all_columns():
    rows = table(20, 6)
    for none in (rows[rows["label"] == "benign"], rows[:0]):
        for cases in (confident_hits(none, 3), critical_errors(none, 3)):
            assert cases.empty and list(cases) == [*rows.columns, "called", "confidence"]


def test_networks_choose_the_pictures_to_look_at_in_turn():
    one = table(60, 3)
    other = one.assign(**dict(zip(LABELS, one[["malignant", "normal", "benign"]].to_numpy().T, strict=True)))
    tests = {"one": one, "other": other}
    queues = [
        kind(test, 99)["image_id"].tolist() for test in tests.values() for kind in (confident_hits, critical_errors)
    ]
    chosen = worth_seeing(tests, 9)
    firsts = list(dict.fromkeys(queue[0] for queue in queues))
    assert len(set(chosen)) == 9 and chosen[: len(firsts)] == firsts
    assert {name for queue in queues for name in queue[:2]} <= set(chosen)
    everyone = worth_seeing(tests, 999)
    assert sorted(everyone) == sorted(one.loc[one["label"] == "malignant", "image_id"])
    assert everyone[:9] == chosen
    called = calls(one, chosen)
    assert called["image_id"].tolist() == chosen
    assert (called["confidence"] == called[list(LABELS)].max(axis=1)).all()


def test_cases_are_found_again_by_their_pictures():
    cases = [
        Case(np.zeros((2, 2)), np.zeros((1, 1)), np.zeros((1, 1)), "malignant", "benign", 0.5, name) for name in "abc"
    ]
    assert among(cases, pd.DataFrame({"image_id": ["c", "a"]})) == [cases[2], cases[0]]
    assert among(cases, pd.DataFrame({"image_id": []})) == []
