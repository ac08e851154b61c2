"""Both protocols played out on a small collection of phantoms."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers import leakage
from helpers import profile as profiles
from helpers.cohort import PROTOCOLS
from helpers.datasets import phantom
from helpers.evaluation import paired
from helpers.imaging.framing import Circle, frame_lesion
from helpers.paths import RunPaths
from helpers.preparation import Cohort

PROBES = ("copy_only", "source_only")
SETTINGS = "leakage.copies=4 leakage.folds=3 leakage.epochs=1 leakage.image_size=32 bootstrap_draws=100"
SIZE = 80


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    dataset, rng = phantom.load(patients=40, seed=2, normal_share=0.35, height=256), np.random.default_rng(1)
    frames = []
    for row in dataset.exams.itertuples():
        lesion = None if row.label == "normal" else Circle(row.lesion_x, row.lesion_y, row.lesion_radius)
        frames.append(frame_lesion(dataset.read(row.image_id), SIZE, lesion, 0.5, rng))
    places = [(f.lesion.x, f.lesion.y, f.lesion.radius) if f.lesion else (np.nan,) * 3 for f in frames]
    framed = pd.DataFrame(places, columns=["framed_x", "framed_y", "framed_radius"])
    exams = pd.concat([dataset.exams, framed], axis=1).assign(copy_of=None, split_as_published="train")
    return Cohort(exams, np.stack([frame.picture for frame in frames]), (), True)


@pytest.fixture(scope="module")
def profile() -> profiles.Profile:
    return profiles.load("ci", SETTINGS)


@pytest.fixture(scope="module")
def collection(profile, cohort) -> leakage.Collection:
    return leakage.collected(profile, cohort)


@pytest.fixture
def probes_only(monkeypatch):
    """The probes learn in no time; the network has a test of its own."""
    every = leakage._learners
    cheap = {"baseline_cnn": None}
    monkeypatch.setattr(
        leakage, "_learners", lambda *args: {name: fn for name, fn in every(*args).items() if name not in cheap}
    )


@pytest.fixture
def predictions(probes_only, profile, collection) -> pd.DataFrame:
    return leakage.play(profile, collection)


def test_each_picture_is_tested_once_by_each_learner_under_each_protocol(predictions, collection):
    counts = predictions.groupby(["learner", "protocol"])["image_id"].agg(["size", "nunique"])
    assert set(counts.index) == {(learner, protocol) for learner in PROBES for protocol in PROTOCOLS}
    assert (counts == len(collection.table)).all(axis=None)
    np.testing.assert_allclose(predictions[["normal", "benign", "malignant"]].sum(axis=1), 1)


def test_labels_and_patients_are_those_of_the_pictures(predictions, collection):
    known = collection.table.set_index("image_id").loc[predictions["image_id"]]
    for column in ("label", "patient_id"):
        assert (known[column].to_numpy() == predictions[column].to_numpy()).all()


def test_only_the_published_protocol_trains_on_siblings(predictions):
    seen = predictions.groupby("protocol")[["copies", "relatives"]].max()
    assert (seen.loc["patient_grouped"] == 0).all()
    assert (seen.loc["as_published"] > 0).all()


def test_the_copy_probe_knows_each_picture_that_has_a_copy_and_no_other(predictions):
    own = predictions[predictions["learner"] == "copy_only"]
    called = own[["normal", "benign", "malignant"]].idxmax(axis=1)
    assert (called == own["label"])[own["copies"] > 0].all()
    certain = own[["normal", "benign", "malignant"]].max(axis=1) == 1
    assert (certain == (own["copies"] > 0)).all()


def test_the_paired_difference_of_the_copy_probe_excludes_zero(predictions):
    ways = ("as_published", "patient_grouped")
    _, gaps = paired.compared(predictions, "learner", "protocol", ways, 200, seed=0)
    row = gaps[(gaps["learner"] == "copy_only") & (gaps["metric"] == "f1_macro")].iloc[0]
    assert 0.2 < row["low"] < row["value"] < row["high"]


def test_the_same_seed_plays_alike_and_another_does_not(probes_only, profile, cohort, collection, predictions):
    pd.testing.assert_frame_equal(leakage.play(profile, leakage.collected(profile, cohort)), predictions)
    other = profiles.load("ci", f"{SETTINGS} seed=7")
    again = leakage.play(other, leakage.collected(other, cohort))
    both = predictions.merge(again, on=["learner", "protocol", "image_id"])
    assert len(both) == len(predictions)
    assert (both["fold_x"] != both["fold_y"]).mean() > 0.3
    assert (both["normal_x"] != both["normal_y"]).mean() > 0.3


def test_two_seeds_of_the_network_differ_and_the_same_seed_does_not(profile, collection):
    rows = {"train": np.arange(0, 64), "validation": np.arange(64, 96), "test": np.arange(96, 128)}
    learn = leakage._learners(profile, collection)["baseline_cnn"]
    one, same, other = (learn(rows, seed) for seed in (1, 1, 2))
    assert one.shape == (32, 3)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-4


def test_repetitions_have_folds_of_their_own(probes_only, collection):
    table = leakage.play(profiles.load("ci", f"{SETTINGS} leakage.repetitions=2"), collection)
    folds = table[table["learner"] == "copy_only"].pivot(
        index=["protocol", "image_id"], columns="repetition", values="fold"
    )
    assert folds.shape[1] == 2
    assert (folds[0] != folds[1]).groupby("protocol").mean().min() > 0.3


def test_what_was_played_is_opened_and_played_again_when_a_setting_changes(
    probes_only, profile, collection, tmp_path, monkeypatch
):
    paths = RunPaths("ci", tmp_path)
    first = leakage.played(profile, collection, paths)
    plays = []
    real = leakage.play
    monkeypatch.setattr(leakage, "play", lambda *args: plays.append(1) or real(*args))
    pd.testing.assert_frame_equal(leakage.played(profile, collection, paths), first)
    assert plays == []
    leakage.played(profiles.load("ci", f"{SETTINGS} leakage.repetitions=2"), collection, paths)
    assert plays == [1]


def test_distances_are_those_of_every_test_picture_and_near_only_as_published(profile, collection):
    near = leakage.distances(profile, collection)
    assert (near.groupby("protocol")["row"].nunique() == len(collection.table)).all()
    same = collection.sources[near["row"]] == collection.sources[near["nearest"]]
    shares = pd.Series(same).groupby(near["protocol"]).mean()
    assert shares["patient_grouped"] == 0
    assert shares["as_published"] > 0.7


def test_the_pictures_shown_are_of_different_patients_and_the_same_for_both_protocols(profile, collection):
    shown = leakage.most_alike(collection, leakage.distances(profile, collection), 5, seed=0)
    (one, near), (other, far) = shown["as_published"], shown["patient_grouped"]
    np.testing.assert_array_equal(one, other)
    assert one.shape == near.shape == far.shape == (5, 32, 32)
    assert len({picture.tobytes() for picture in one}) == 5


def test_of_whole_breasts_a_window_around_the_lesion_is_copied(profile, cohort):
    whole = leakage.collected(profile, cohort)
    cut = leakage.collected(profiles.load("ci", f"{SETTINGS} framing=breast leakage.window=0.4"), cohort)
    lesion = int(np.flatnonzero(cohort.exams["framed_x"].notna())[0])
    x, y = cohort.exams.loc[lesion, ["framed_x", "framed_y"]].astype(float).round().astype(int)
    place = int(np.flatnonzero((cut.table["row"] == lesion) & (cut.table["number"] == 0))[0])
    inside = cohort.pictures[lesion][max(y - 14, 0) : y + 14, max(x - 14, 0) : x + 14]
    assert cut.pictures[place].mean() == pytest.approx(inside.mean(), abs=12)
    assert not np.array_equal(whole.pictures[place], cut.pictures[place])


def test_where_pictures_are_copies_already_their_signature_tells_the_source(cohort):
    doubled = pd.concat([cohort.exams, cohort.exams.assign(image_id="again-" + cohort.exams["image_id"])])
    twice = replace(
        cohort,
        exams=doubled.reset_index(drop=True),
        pictures=np.concatenate([cohort.pictures, np.rot90(cohort.pictures, axes=(1, 2))]),
    )
    made = leakage.collected(profiles.load("ci", f"{SETTINGS} leakage.copies=1"), twice)
    count = len(cohort.exams)
    assert len(made.table) == 2 * count
    assert (made.sources[:count] == made.sources[count:]).all()
    assert len(set(made.sources)) == count


def test_the_source_probe_exposes_thumbnails_and_does_not_accuse_the_pictures_as_they_are(profile, cohort):
    table, (pictures, planted, labels) = leakage.rendered(profile, cohort)
    normal = labels == "normal"
    np.testing.assert_array_equal(pictures[~normal], planted[~normal])
    assert (pictures[normal] != planted[normal]).any(axis=(1, 2)).all()
    scores, _ = paired.compared(table, "learner", "rendering", ("planted", "as it is"), 200, seed=0)
    areas = scores[scores["metric"] == "auc_normal"].set_index("rendering")
    assert areas.loc["planted", "low"] > 0.9
    assert areas.loc["as it is", "low"] < 0.5 < areas.loc["as it is", "high"]
