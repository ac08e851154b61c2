"""The numbers of a made book, computed again from predictions.parquet by scikit-learn alone."""

import json

import pandas as pd
import pytest
from sklearn import metrics as reference

from helpers.paths import RunPaths
from helpers.profile import NETWORKS

LABELS = ["normal", "benign", "malignant"]


@pytest.fixture(scope="module")
def paths(ci_book) -> RunPaths:
    return RunPaths("ci", ci_book.root / "build")


def columns(rows: pd.DataFrame) -> dict[str, float]:
    labels, called = rows["label"], rows[LABELS].idxmax(axis=1)
    report = reference.classification_report(labels, called, labels=LABELS, output_dict=True, zero_division=0)
    recalls, f1s = (pd.Series([report[label][key] for label in LABELS]) for key in ("recall", "f1-score"))
    # Keras clips a probability of zero, or its loss would have no end.
    probabilities = rows[LABELS].astype(float).div(rows[LABELS].astype(float).sum(axis=1), axis=0).clip(1e-7, 1 - 1e-7)
    return {
        "accuracy": reference.accuracy_score(labels, called),
        "loss": reference.log_loss(labels.map(LABELS.index), probabilities, labels=[0, 1, 2]),
        "f1_macro": reference.f1_score(labels, called, labels=LABELS, average="macro", zero_division=0),
        "f1_mean": f1s.mean(),
        "f1_std": f1s.std(ddof=0),
        "recall_min": recalls.min(),
        "recall_std": recalls.std(ddof=0),
        "rec_mean": recalls.mean(),
        "rec_std": recalls.std(ddof=0),
    }


@pytest.mark.filterwarnings("ignore:The y_prob values")
@pytest.mark.parametrize("protocol", ["patient_grouped", "as_published"])
@pytest.mark.parametrize("network", NETWORKS)
def test_metrics_are_scikit_learns(paths, network, protocol):
    found = json.loads(paths.network(network).metrics.read_text())[protocol]
    rows = pd.read_parquet(paths.network(network).predictions)
    rows = rows[rows["protocol"] == protocol]
    test, train = (rows[rows["split"] == split] for split in ("test", "train"))
    expected, trained = columns(test), columns(train)
    expected["overfit_acc"] = trained["accuracy"] - expected["accuracy"]
    expected["overfit_f1"] = trained["f1_macro"] - expected["f1_macro"]
    expected["overfit_loss"] = expected["loss"] - trained["loss"]
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=2e-6)
    areas = {label: reference.roc_auc_score(test["label"] == label, test[label]) for label in LABELS}
    assert found["auc"] == pytest.approx(areas, abs=1e-6)
    assert (found["n"], found["n_patients"]) == (len(test), test["patient_id"].nunique())
