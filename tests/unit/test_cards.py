"""A network's card says what its result files say."""

import json

import pandas as pd

from helpers.experiment import Trained
from helpers.paths import NetworkPaths
from helpers.preparation import Cohort
from helpers.profile import NetworkSettings
from workflow.cards import card


def trained(tmp_path) -> Trained:
    paths = NetworkPaths(tmp_path)
    measured = {"f1_macro": 0.61, "intervals": {"f1_macro": [0.52, 0.7]}, "n": 41, "n_patients": 17}
    paths.metrics.write_text(json.dumps({"patient_grouped": measured, "parameters": 1234567}))
    paths.latency.write_text(json.dumps({"milliseconds_a_picture": 7.5}))
    paths.model.write_bytes(b"\0" * 3 * 2**20)
    return Trained("iiv3", paths, ("patient_grouped",))


def test_each_number_is_the_result_files(tmp_path):
    exams = pd.DataFrame(
        {"copy_of": [None, "a", None], "split_patient_grouped": ["train", "train", "test"]}, index=range(3)
    )
    cohort = Cohort(exams, None, (), True)
    text = card(trained(tmp_path), NetworkSettings(weights="none"), cohort, "made from x")
    for fact in ("1,234,567", "3.0 MiB", "7.5 ms", "0.610, 95 % interval 0.520 to 0.700", "41 pictures of 17 patients"):
        assert fact in text
    assert "patient-grouped 2, of them 1 copies" in text
    assert "random weights" in text


def test_pretrained_weights_are_named(tmp_path):
    exams = pd.DataFrame({"copy_of": [None], "split_patient_grouped": ["train"]})
    text = card(trained(tmp_path), NetworkSettings(weights="imagenet"), Cohort(exams, None, (), True), "made from x")
    assert "imagenet weights" in text
