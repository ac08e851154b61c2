"""What the front page shows: the two protocols' difference, on the same draws of patients."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from helpers.datasets.exams import LABELS
from helpers.figures.front import two_protocols
from helpers.findings import networks
from workflow.front import gaps


def predictions(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    tables = []
    for protocol, skill in (("patient_grouped", 0.3), ("as_published", 2.5)):
        labels = rng.choice(LABELS, 90)
        scores = rng.random((90, 3)) + skill * (labels[:, None] == np.array(LABELS))
        table = pd.DataFrame(scores / scores.sum(axis=1, keepdims=True), columns=LABELS)
        patients = [f"p{number % 30}" for number in range(90)]
        tables.append(table.assign(label=labels, patient_id=patients, protocol=protocol))
    rows = pd.concat(tables, ignore_index=True).assign(network="icnt", split="test")
    rows["image_id"] = [f"i{number}" for number in range(len(rows))]
    return pd.concat([rows, rows.assign(split="train", label="normal")], ignore_index=True)


def macro_f1(test: pd.DataFrame) -> float:
    return f1_score(test["label"], test[list(LABELS)].idxmax(axis=1), average="macro", labels=LABELS)


def test_the_difference_is_that_of_the_two_tests():
    test = predictions().query("split == 'test'")
    wanted = macro_f1(test.query("protocol == 'as_published'")) - macro_f1(test.query("protocol == 'patient_grouped'"))
    (row,) = gaps(predictions(), 200, seed=1).itertuples()
    assert row.network == "icnt" and row.value == pytest.approx(wanted)


def test_its_interval_is_that_of_a_loop_over_draws_of_patients():
    test = predictions().query("split == 'test'")
    groups = {way: dict(list(own.groupby("patient_id"))) for way, own in test.groupby("protocol")}
    names = sorted(test["patient_id"].unique())
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(300):
        drawn = rng.choice(names, len(names))
        published, grouped = (
            macro_f1(pd.concat([groups[way][name] for name in drawn])) for way in ("as_published", "patient_grouped")
        )
        differences.append(published - grouped)
    (row,) = gaps(predictions(), 4000, seed=1).itertuples()
    assert (row.low, row.high) == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.035)


@pytest.fixture
def found() -> pd.DataFrame:
    rows = [("baseline_cnn", 0.2, 0.1, 0.3), ("icnt", 0.1, -0.1, 0.2), ("iiv3", -0.2, -0.3, -0.1)]
    return pd.DataFrame(rows, columns=["network", "value", "low", "high"])


def test_the_sentence_says_of_each_network_what_its_interval_says(found):
    text = networks.leakage_added(found)
    assert "the baseline CNN scores higher under the published protocol" in text
    assert "IIV3 scores lower under it" in text
    assert "ICNT may score either way" in text
    assert "higher" not in networks.leakage_added(found.assign(low=-1.0, high=1.0))


def test_the_picture_says_the_same_in_words(found):
    scores = pd.DataFrame(
        [
            (name, way, "f1_macro", 0.5, 0.4, 0.6)
            for name in found["network"]
            for way in ("patient_grouped", "as_published")
        ],
        columns=["network", "protocol", "metric", "value", "low", "high"],
    )
    figure = two_protocols(scores, found, 0.33)
    assert "Baseline CNN +0.20 [+0.10, +0.30]" in figure.get_label()
    left, right = figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["Baseline CNN", "ICNT", "IIV3"]
    assert [text.get_text() for text in right.texts] == [
        "+0.20  [+0.10, +0.30]",
        "+0.10  [−0.10, +0.20]",
        "−0.20  [−0.30, −0.10]",
    ]
