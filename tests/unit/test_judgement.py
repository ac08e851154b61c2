"""What networks say of one more picture, and whether they know its kind."""

import os

import cv2
import numpy as np
import pytest
from given_files import color_photo, ct_slice
from small_run import SIZE, SPLITS, SmallRun, window

from helpers import training
from helpers.imaging.framing import frame_lesion
from helpers.inspection import familiarity
from helpers.inspection.familiarity import familiar_of
from helpers.inspection.judgement import place_among, readers


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return SmallRun(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def able(run):
    return readers(run.networks, run.cohort)


def place(able, picture):
    return place_among([reader.opinion(picture) for reader in able], able)


def framed(gray: np.ndarray, seed: int = 0) -> np.ndarray:
    return frame_lesion(gray, SIZE, None, 0.475, np.random.default_rng(seed)).picture


def test_probabilities_are_those_that_the_network_predicts(run, able):
    expected = training.predict(run.networks["baseline_cnn"].model, run.cohort.pictures[:5])
    found = [able[0].opinion(picture).probabilities for picture in run.cohort.pictures[:5]]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_there_is_a_map_for_each_class(able):
    maps = able[0].opinion(window(500)).maps
    assert maps.shape[0] == 3 and maps.min() >= 0 and maps.max() <= 1
    assert not np.array_equal(maps[0], maps[2])


def test_pictures_of_the_same_kind_are_mostly_inside(able):
    outside = [place(able, window(1000 + seed)).outside for seed in range(24)]
    assert np.mean(outside) <= 0.2


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_outside(able, seed):
    noise = np.random.default_rng(seed).integers(0, 256, (400, 300), dtype=np.uint8)
    assert place(able, framed(noise, seed)).outside
    assert place(able, cv2.resize(noise, (SIZE, SIZE))).outside


@pytest.mark.parametrize("seed", range(3))
def test_a_slice_of_a_ct_is_outside(able, seed):
    assert place(able, framed(ct_slice(seed), seed)).outside


@pytest.mark.parametrize("seed", range(3))
def test_a_photo_in_gray_is_outside(able, seed):
    photo = cv2.cvtColor(color_photo(), cv2.COLOR_BGR2GRAY)
    for x in range(20, 300, 40):
        cv2.rectangle(photo, (x, 90), (x + 12, 200), 30 + x // 2, cv2.FILLED)
    assert place(able, framed(photo, seed)).outside


def test_what_was_trained_on_is_looked_at_once_and_again_after_training(run, monkeypatch):
    trained = run.networks["baseline_cnn"]
    first, looked = familiar_of(trained, run.cohort), []
    seen = familiarity.activations
    monkeypatch.setattr(familiarity, "activations", lambda *asked: looked.append(len(asked[2])) or seen(*asked))
    assert familiar_of(trained, run.cohort).held_out.tolist() == first.held_out.tolist()
    assert looked == []
    later = trained.paths.familiar.stat().st_mtime + 5
    os.utime(trained.paths.model, (later, later))
    np.testing.assert_allclose(familiar_of(trained, run.cohort).held_out, first.held_out, rtol=1e-4)
    assert looked == [SPLITS["train"] + SPLITS["validation"]]


def test_augmented_copies_are_not_looked_at(run):
    cohort = run.cohort
    copied = cohort.exams.assign(copy_of=["p0" if i % 2 else None for i in range(len(cohort.exams))])
    rows = familiarity._rows(run.networks["baseline_cnn"], type(cohort)(copied, cohort.pictures, (), True), "train")
    assert rows.tolist() == list(range(0, SPLITS["train"], 2))
