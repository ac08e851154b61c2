"""Leakage on mini-MIAS: the audit finds what is planted, and the published protocol flatters the network."""

from pathlib import Path

import numpy as np
import pytest

from helpers import leakage
from helpers import profile as profiles
from helpers.audit import audit, duplicate_pairs, planted_copies
from helpers.datasets.signature import signatures
from helpers.evaluation import paired
from helpers.paths import RunPaths
from helpers.preparation import Cohort, prepared

WAYS = ("as_published", "patient_grouped")
SETTINGS = "weights=none leakage.folds=3 leakage.epochs=10"


@pytest.fixture(scope="module")
def profile() -> profiles.Profile:
    return profiles.load("mias", SETTINGS)


@pytest.fixture(scope="module")
def cohort(profile, mini_mias_archive: Path, tmp_path_factory) -> Cohort:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAMMOBOOK_CACHE", str(tmp_path_factory.mktemp("cache")))
        return prepared(profile, str(mini_mias_archive), RunPaths("mias", tmp_path_factory.mktemp("build")))


def test_planted_copies_are_all_found_and_no_other_pair_is_flagged(cohort):
    exams, pictures = cohort.exams, cohort.pictures
    check = planted_copies(pictures, exams["patient_id"], seed=1)
    assert check == {"planted": len(exams), "found": len(exams), "same_patient": 0, "other_patient": 0}
    assert len(duplicate_pairs(signatures(pictures))) == 0


def test_published_splits_share_patients_and_no_picture(cohort):
    found = signatures(cohort.pictures)
    grouped, published = (audit(cohort.exams, name, found).loc["test"] for name in reversed(WAYS))
    assert grouped["shared_patient"] == grouped["near_duplicate"] == published["near_duplicate"] == 0
    assert published["shared_patient_share"] > 0.3


def test_the_published_protocol_flatters_the_network_and_the_paired_interval_excludes_zero(profile, cohort):
    predictions = leakage.play(profile, leakage.collected(profile, cohort))
    scores, gaps = paired.compared(predictions, "learner", "protocol", WAYS, 500, seed=1)
    gap = gaps[gaps["metric"] == "f1_macro"].set_index("learner")
    assert gap.loc["baseline_cnn", "low"] > 0
    assert gap.loc["copy_only", "low"] > 0.5
    grouped = scores[(scores["protocol"] == "patient_grouped") & (scores["metric"] == "auc_malignant")]
    # Above it, others' figures for patients kept apart say, one should look for a leak.
    assert (grouped["value"] < 0.95).all()


def test_the_rendering_of_the_films_tells_no_class_and_a_planted_one_does(profile, cohort):
    judged, _ = leakage.rendered(profile, cohort)
    scores, _ = paired.compared(judged, "learner", "rendering", ("planted", "as it is"), 300, seed=1)
    normal = scores[scores["metric"] == "auc_normal"].set_index("rendering")
    assert normal.loc["planted", "low"] > 0.97
    assert normal.loc["as it is", "low"] < 0.5 < normal.loc["as it is", "high"]
    assert np.isfinite(scores["value"]).all()
