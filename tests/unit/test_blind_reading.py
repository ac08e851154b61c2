"""What the blind test's page is given: the order, the pictures as exact as they may be, and who they belong to."""

import cv2
import numpy as np
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.evaluation.metrics import CLASSES
from helpers.explorers import blind_test as module
from helpers.preparation import Cohort

PROFILE = profiles.load("ci")


def cohort_of(n: int = 24, side: int = 16, noise: int = 256) -> Cohort:
    rng = np.random.default_rng(1)
    exams = pd.DataFrame({"label": np.repeat(CLASSES, n // 3)})
    exams["image_id"] = [f"{label}-{i:03}" for i, label in enumerate(exams["label"])]
    exams["patient_id"] = [f"p{i // 2}" for i in range(n)]
    place = np.where(exams["label"] == "normal", np.nan, 5.0)
    exams = exams.assign(framed_x=place, framed_y=place, framed_radius=place)
    return Cohort(exams, rng.integers(0, noise, (n, side, side), dtype=np.uint8), (), False)


def blind_of(cohort: Cohort) -> pd.DataFrame:
    tables = []
    for seed, network in enumerate(("icnt", "iiv3")):
        table = cohort.exams[["image_id", "patient_id", "label"]].copy()
        table[list(CLASSES)] = np.random.default_rng(seed).dirichlet([1, 1, 1], len(table))
        tables.append(table.assign(network=network, protocol="patient_grouped", split="blind"))
    return pd.concat([tables[0], tables[1][::-1]], ignore_index=True)


def reading(cohort: Cohort, profile=PROFILE) -> module.BlindTest:
    return module.reading(blind_of(cohort), cohort, {"icnt": 0.1, "iiv3": 0.2}, profile)


def pictures_of(widget: module.BlindTest) -> np.ndarray:
    ends = np.cumsum(widget.lengths)
    files = [widget.pictures[end - length : end] for end, length in zip(ends, widget.lengths, strict=True)]
    return np.stack([cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_GRAYSCALE) for file in files])


def test_the_order_says_nothing_of_the_class_and_is_the_seeds():
    widget = reading(cohort_of())
    labels = [case["label"] for case in widget.cases]
    assert sorted(labels) == [0] * 8 + [1] * 8 + [2] * 8
    assert sum(first != second for first, second in zip(labels, labels[1:], strict=False)) > 8
    assert widget.cases == reading(cohort_of()).cases
    assert widget.cases != reading(cohort_of(), profiles.load("ci", "seed=3")).cases


def test_each_case_has_its_own_picture_label_lesion_and_calls():
    cohort = cohort_of()
    widget, exams = reading(cohort), cohort.exams.set_index("image_id")
    blind = blind_of(cohort)
    own = {name: table.set_index("image_id")[list(CLASSES)] for name, table in blind.groupby("network")}
    probabilities = np.frombuffer(widget.probabilities, "float32").reshape(2, 24, 3)
    for i, (case, picture) in enumerate(zip(widget.cases, pictures_of(widget), strict=True)):
        exam = exams.loc[case["image_id"]]
        np.testing.assert_array_equal(picture, cohort.pictures[exams.index.get_loc(case["image_id"])])
        assert CLASSES[case["label"]] == exam["label"]
        assert case["circle"] == (None if exam["label"] == "normal" else [5.0, 5.0, 5.0])
        for k, name in enumerate(("icnt", "iiv3")):
            np.testing.assert_array_equal(probabilities[k, i], own[name].loc[case["image_id"]].astype("float32"))


def test_pictures_of_a_patient_are_drawn_together():
    cohort = cohort_of()
    widget = reading(cohort)
    patients = cohort.exams.set_index("image_id").loc[[case["image_id"] for case in widget.cases], "patient_id"]
    columns = pd.Series([case["patient"] for case in widget.cases], index=patients.to_numpy())
    assert (columns.groupby(level=0).nunique() == 1).all()
    assert columns.nunique() == patients.nunique() == widget.about["patients"]
    weights = np.frombuffer(widget.weights, np.uint8).reshape(PROFILE.bootstrap_draws, -1)
    assert (weights.sum(axis=1) == widget.about["patients"]).all()


def test_within_the_budget_no_gray_level_is_lost_and_the_page_says_so(monkeypatch):
    assert "the same gray levels" in reading(cohort_of()).about["stored"]
    monkeypatch.setattr(module, "BUDGET", 6_000)
    widget = reading(cohort_of())
    assert len(widget.pictures) <= 6_000
    assert len(widget.cases) == 24
    off = np.abs(pictures_of(widget).astype(int) - np.stack([_pixels(case) for case in widget.cases]))
    assert off.any()
    assert f"off by {off.mean():.1f} of 255 on average, by {off.max()} at most" in widget.about["stored"]


def _pixels(case: dict) -> np.ndarray:
    cohort = cohort_of()
    return cohort.pictures[cohort.exams.index[cohort.exams["image_id"] == case["image_id"]][0]].astype(int)


def test_where_even_the_coarsest_are_too_many_the_first_are_read(monkeypatch):
    whole = reading(cohort_of())
    monkeypatch.setattr(module, "BUDGET", 1_000)
    widget = reading(cohort_of())
    assert 1 <= len(widget.cases) < 24
    assert widget.cases == whole.cases[: len(widget.cases)]
    assert len(widget.pictures) <= 1_000
    assert f"Of 24 pictures the page holds {len(widget.cases)}" in widget.about["stored"]


def test_answers_belong_to_these_pictures_in_this_order():
    key = reading(cohort_of()).about["key"]
    assert key == reading(cohort_of()).about["key"]
    others = [
        reading(cohort_of(noise=255)),
        reading(cohort_of(), profiles.load("ci", "seed=3")),
        reading(cohort_of(21)),
    ]
    assert key not in [other.about["key"] for other in others]


def test_networks_that_saw_other_pictures_are_refused_by_name():
    cohort = cohort_of()
    blind = blind_of(cohort)
    lost = blind[(blind["network"] == "icnt") | (blind["image_id"] != "benign-009")]
    with pytest.raises(ValueError, match="iiv3, patient_grouped: .*benign-009 is missing"):
        module.reading(lost, cohort, {"icnt": 0.1, "iiv3": 0.2}, PROFILE)


def test_a_run_without_blind_pictures_says_so(monkeypatch):
    class Run:
        predictions = blind_of(cohort_of()).assign(split="test")

    shown = []
    monkeypatch.setattr(module, "display", shown.append)
    module.blind_test(Run())
    assert "no picture apart" in shown[0].data
