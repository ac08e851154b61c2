"""Sentences that depend on results say what the results are."""

import numpy as np
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.findings import data, networks
from helpers.preparation import Cohort

MEASURED = {"f1_macro": 0.95, "n": 9, "n_patients": 9}


def predictions(labels, called):
    names = ["normal", "benign", "malignant"]
    probabilities = pd.DataFrame(0.1 + 0.7 * np.eye(3)[[names.index(name) for name in called]], columns=names)
    return probabilities.assign(label=labels, image_id=[f"p{i}" for i in range(len(labels))])


def a_cohort(synthetic):
    exams = pd.DataFrame({"image_id": ["a", "b", "a~1"], "patient_id": ["1", "2", "1"], "copy_of": [None, None, "a"]})
    return Cohort(exams, np.zeros((3, 8, 8), np.uint8), (), synthetic)


def test_a_run_without_critical_errors_says_so():
    test = predictions(["malignant", "benign"], ["malignant", "normal"])
    sentence = networks.critical_errors(test, test.head(0))
    assert "no critical error" in sentence
    assert "1 malignant" in sentence


def test_critical_errors_are_counted_by_what_they_were_called():
    test = predictions(["malignant"] * 4, ["normal", "benign", "benign", "malignant"])
    sentence = networks.critical_errors(test, test.head(3))
    assert "Of 4 malignant test pictures, 3 were missed" in sentence
    assert "2 called benign" in sentence
    assert "1 called normal" in sentence


def test_the_front_page_counts_originals_and_patients_only():
    sentence = data.made_from(profiles.load("demo"), a_cohort(synthetic=True))
    assert "2 pictures of 2 patients" in sentence
    assert "They show no patient" in sentence


def test_real_mammograms_carry_no_phantom_warning():
    assert "They show no patient" not in data.made_from(profiles.load("mias"), a_cohort(synthetic=False))


def test_networks_that_learnt_from_phantoms_never_saw_a_mammogram():
    assert "never seen a mammogram" in data.of_an_own_picture(profiles.load("demo"), a_cohort(synthetic=True))
    real = data.of_an_own_picture(profiles.load("mias"), a_cohort(synthetic=False))
    assert "2 pictures of 2 patients" in real and "never seen" not in real


def test_without_pretrained_weights_the_page_says_what_they_would_change():
    sentence = networks.weights("icnt", profiles.load("demo"))
    assert "No pretrained weights" in sentence
    assert "weights=imagenet" in sentence
    assert "ImageNet weights" in networks.weights("icnt", profiles.load("paper"))


def test_other_pictures_are_not_called_a_replication():
    assert "Not a replication" in networks.comparability(profiles.load("demo"), a_cohort(synthetic=True))
    assert "can be compared" in networks.comparability(profiles.load("paper"), a_cohort(synthetic=False))


VERDICTS = [
    (0.9, 1.0, "lies wholly above it"),
    (0.1, 1.0, "cannot tell the network from guessing"),
    (0.1, 0.2, "guessing does better"),
]


@pytest.mark.parametrize(("low", "high", "verdict"), VERDICTS)
def test_an_interval_is_called_what_it_is_beside_guessing(low, high, verdict):
    class Network:
        name, protocols = "icnt", ("patient_grouped",)
        metrics = {"patient_grouped": MEASURED | {"intervals": {"f1_macro": [low, high]}}}

        def test(self, protocol):
            return predictions(["normal", "benign", "malignant"] * 3, ["normal"] * 9).assign(patient_id="1")

    assert verdict in networks.against_chance(Network(), profiles.load("ci"))


def test_nothing_to_note_is_said_in_a_sentence():
    assert data.bullets([]).startswith("Nothing was dropped")
    assert data.bullets(["a", "b"]) == "- a\n- b"
