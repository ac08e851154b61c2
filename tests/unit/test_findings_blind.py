"""Sentences about the blind pictures say what the run's tables say."""

import numpy as np
import pandas as pd
import pytest
from blind_calls import predictions

from helpers.evaluation.agreement import blind_scores
from helpers.figures import scores, tables
from helpers.findings import blind


def exams(blind_patient: str) -> pd.DataFrame:
    table = pd.DataFrame({"image_id": ["a", "b", "c", "d"], "patient_id": ["1", "1", "2", blind_patient]})
    splits = ["train", "test", "test", "blind"]
    return table.assign(copy_of=None, split_patient_grouped=splits, split_as_published=splits)


def test_blind_patients_are_looked_for_in_training():
    assert "None of these patients" in blind.set_apart(exams("3"), ["patient_grouped", "as_published"])
    sentence = blind.set_apart(exams("1"), ["patient_grouped", "as_published"])
    assert "not all unseen" in sentence
    assert "1 under the published protocol" in sentence


def test_the_classes_are_not_counted_before_the_reading():
    labeled = exams("3").assign(label=["normal", "benign", "benign", "malignant"])
    assert "malignant" not in blind.set_apart(labeled, ["patient_grouped"])


def test_a_network_that_calls_all_the_same_is_named():
    table = predictions()
    assert "kappa is 0" not in blind.classes(table)
    same = table.assign(normal=np.where(table["network"] == "icnt", 1.0, table["normal"]))
    same.loc[same["network"] == "icnt", ["benign", "malignant"]] = 0.0
    sentence = blind.classes(same)
    assert "patient-grouped protocol ICNT calls each of them normal; its kappa is 0" in sentence
    assert "IIV3" not in sentence


def test_networks_that_call_all_the_same_are_named_together():
    same = predictions().assign(protocol="patient_grouped", normal=1.0, benign=0.0, malignant=0.0)
    assert "protocol ICNT and IIV3 call each of them normal; their kappa is 0" in blind.classes(same)


@pytest.mark.parametrize(("test", "verdict"), [(0.99, "above"), (0.01, "below")])
def test_a_promise_is_set_against_the_interval(test, verdict):
    class Network:
        metrics = {"patient_grouped": {"accuracy": test}, "as_published": {"accuracy": 0.5}}

    found = blind_scores(predictions(), 100, seed=1)
    lines = blind.kept_promise({"icnt": Network(), "iiv3": Network()}, found).splitlines()
    assert lines[0].endswith(f"lies {verdict}.")
    assert lines[1].startswith("- IIV3, published protocol: accuracy 0.500 on its test")


def test_phantoms_measure_even_less():
    assert "nothing about a radiologist" in blind.toy_reading(False)
    assert "phantoms" not in blind.toy_reading(False)
    assert "even less" in blind.toy_reading(True)


def test_the_table_and_the_figure_hold_every_network_or_none():
    found = blind_scores(predictions(), 100, seed=1)
    html = tables.blind(found).to_html()
    accuracy = found[found["metric"] == "accuracy"]["value"]
    assert all(f"{value:.3f}" in html for value in accuracy)
    assert len(scores.intervals(found, "kappa", chance=0.0).axes) == 2
    tables.blind(found.head(0)).to_html()
    assert scores.intervals(found.head(0), "kappa").axes
