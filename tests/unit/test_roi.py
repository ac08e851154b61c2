"""Document C's protocol: who is in a group, what it may not see, and what the flag tells."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import profile as profiles
from helpers.cohort import CohortError
from helpers.preparation import Cohort
from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import CESM, VINDR
from helpers.rereading.yoshitsugu import one_bit_rule
from helpers.roi import cohorts, play, separation, splits
from helpers.roi.learners import Learner, regressed
from helpers.roi.localizing import drawn_maps, localized
from helpers.roi.separation import WAYS, Way

VIEWS = [(side, view) for side in "LR" for view in ("CC", "MLO")]


def exams(patients: int = 60, seed: int = 0) -> pd.DataFrame:
    """Each patient with four pictures: one breast benign or malignant, the other normal or of the same class."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(patients):
        label, both = rng.choice(["normal", "benign", "malignant"], p=[0.2, 0.4, 0.4]), rng.random() < 0.3
        for side, view in VIEWS:
            own = label if side == "L" or both else "normal"
            rows.append((f"p{number}-{side}{view}", f"p{number}", side, view, own))
    table = pd.DataFrame(rows, columns=["image_id", "patient_id", "laterality", "view", "label"])
    lesion = np.where(table["label"] == "normal", np.nan, 8.0)
    framed = {"framed_x": lesion * 2, "framed_y": lesion, "framed_radius": lesion}
    return table.assign(copy_of=None, split_patient_grouped="train", lesion_radius=lesion, **framed)


def cohort_table(seed: int = 0, data: str = VINDR, folds: int = 3) -> pd.DataFrame:
    rates = cohorts.published(data)
    table = cohorts.composed(exams(seed=seed), rates.prevalence, 10_000, folds, seed)
    return table.assign(flag=cohorts.drawn(table, rates, seed))


class Spy:
    """Learns nothing, and remembers what it was shown and asked."""

    def __init__(self) -> None:
        self.calls = []

    def __call__(self, train, predict, fold):
        self.calls.append((train, predict, fold))
        return np.full(len(predict), 0.25)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_no_groups_model_predicts_a_picture_of_its_own_training_patients(way, seed):
    table, spy = cohort_table(seed), Spy()
    separation.played(table, way, spy, smallest=1)
    assert spy.calls
    for train, predict, fold in spy.calls:
        assert not set(table["patient_id"].iloc[train]) & set(table["patient_id"].iloc[predict])
        assert (table["fold"].iloc[predict] == fold).all() and (table["fold"].iloc[train] != fold).all()
        assert table["label"].iloc[train].isin(["benign", "malignant"]).all()


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_each_picture_is_predicted_once_as_either_kind_and_the_groups_are_pure(way):
    table, spy = cohort_table(), Spy()
    said = separation.played(table, way, spy, smallest=1)
    assert said.notna().all(axis=None)
    seen = np.concatenate([predict for _, predict, _ in spy.calls])
    assert pd.Series(seen).value_counts().max() <= (2 if way.separated else 1)
    for train, predict, _ in spy.calls:
        assert table["flag"].iloc[train].nunique() == 1 or not way.separated
        assert table["view"].iloc[np.r_[train, predict]].nunique() == 1 or not way.apart


def test_merging_takes_what_each_pictures_own_group_says():
    said = pd.DataFrame({"masked": [0.9, 0.8, 0.7], "unmasked": [0.1, 0.2, 0.3]})
    assert separation.merged(said, pd.Series([True, False, True])).tolist() == [0.9, 0.2, 0.7]


def test_groups_too_small_to_train_say_their_share_of_malignant_pictures():
    table, spy = cohort_table(), Spy()
    said = separation.played(table, Way(True, True), spy, smallest=10**6)
    assert spy.calls == []
    for group in separation.groups(table, Way(True, True)):
        labels = table["label"].iloc[group.train]
        column = "masked" if group.side == "with mask" else "unmasked"
        if len(labels):
            assert (said[column].iloc[group.predict] == (labels == "malignant").mean()).all()


def test_a_group_without_any_picture_says_what_the_others_share():
    table = cohort_table().assign(flag=False)
    said = separation.played(table, Way(True, False), Spy(), smallest=1)
    for fold, own in table.groupby("fold"):
        learnt = table[(table["fold"] != fold) & (table["label"] != "normal")]
        assert said.loc[own.index, "masked"].unique() == pytest.approx([(learnt["label"] == "malignant").mean()])


def test_the_sizes_of_groups_add_up_to_the_cohort():
    table = cohort_table()
    for way in WAYS:
        sizes = separation.group_sizes(table, way, smallest=4)
        expected = 2 / 3 * table["label"].isin(["benign", "malignant"]).sum()
        assert sizes[["benign", "malignant"]].to_numpy().sum() == pytest.approx(expected)
        assert (sizes["folds"] == 3).all() and (sizes["trained"] <= 3).all()


@pytest.mark.parametrize("data", [VINDR, CESM])
def test_the_published_rates_are_those_of_the_tables(data):
    rates, bit = cohorts.published(data), one_bit_rule(data)
    assert rates.malignant == pytest.approx(bit["sensitivity"])
    assert 1 - rates.benign == pytest.approx(bit["specificity"])
    whole = yoshitsugu.masks(data)["total"]
    assert rates.prevalence == pytest.approx(whole["malignant"] / whole["total"])


@pytest.mark.parametrize("count", [3, 20, 500])
@pytest.mark.parametrize("data", [VINDR, CESM])
def test_flags_come_up_as_often_as_published(data, count):
    rates = cohorts.published(data)
    table = pd.DataFrame({"label": ["benign", "malignant", "normal"] * count})
    flags = cohorts.drawn(table, rates, 1).groupby(table["label"]).sum()
    assert flags.to_dict() == {
        "benign": pytest.approx(rates.benign * count, abs=0.5),
        "malignant": pytest.approx(rates.malignant * count, abs=0.5),
        "normal": 0,
    }


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_melting_flag_tells_less_and_less_and_is_as_frequent(first, second):
    rates = cohorts.published(VINDR)
    one, other = (rates.melted(level) for level in sorted((first, second)))
    assert one.malignant - one.benign >= other.malignant - other.benign - 1e-12
    share = [each.prevalence * each.malignant + (1 - each.prevalence) * each.benign for each in (rates, one, other)]
    assert share == pytest.approx([share[0]] * 3)
    assert rates.melted(1).malignant == pytest.approx(rates.melted(1).benign)


def test_few_flags_change_while_it_melts():
    table, rates = pd.DataFrame({"label": ["benign", "malignant"] * 500}), cohorts.published(VINDR)
    before, after = (cohorts.drawn(table, rates.melted(level), 1) for level in (0.2, 0.3))
    malignant = table["label"] == "malignant"
    assert not (~before & after)[malignant].any() and not (before & ~after)[~malignant].any()


@pytest.mark.parametrize("data", [VINDR, CESM])
def test_a_cohort_has_the_published_prevalence_of_whole_patients(data):
    source, rates = exams(600), cohorts.published(data)
    table = cohorts.composed(source, rates.prevalence, 10_000, 3, 0)
    pair = table[table["label"] != "normal"]
    assert (pair["label"] == "malignant").mean() == pytest.approx(rates.prevalence, abs=0.01)
    whole = source[source["patient_id"].isin(table["patient_id"])]
    assert set(whole["image_id"]) == set(table["image_id"])
    assert (table.groupby("patient_id")["fold"].nunique() == 1).all()
    assert (source["image_id"][table["row"]].to_numpy() == table["image_id"]).all()


def test_a_cohort_is_as_small_as_asked_and_leaves_blind_pictures_and_copies_out():
    source = exams(200)
    source.loc[source["patient_id"] == "p7", "split_patient_grouped"] = "blind"
    source.loc[source["patient_id"] == "p8", "copy_of"] = "p9"
    table = cohorts.composed(source, 0.5, 60, 3, 0)
    assert 56 <= (table["label"] != "normal").sum() <= 68
    assert not set(table["patient_id"]) & {"p7", "p8"}


def test_a_class_with_too_few_patients_is_named():
    few = exams(60).query("label != 'malignant' or patient_id in ['p1', 'p2']")
    with pytest.raises(CohortError, match="malignant: . patients, expected 5"):
        cohorts.composed(few, None, 100, 5, 0)


def test_the_bit_and_the_view_alone_say_what_the_bit_says():
    table = cohort_table(3)
    said = regressed(table)
    flagged = said[table["flag"].to_numpy()].min(), said[~table["flag"].to_numpy()].max()
    assert flagged[0] > flagged[1]


def test_the_regression_never_sees_the_fold_it_predicts():
    table = cohort_table(3)
    held = table["fold"] == 0
    other = table.assign(label=table["label"].mask(held & (table["label"] != "normal"), "benign"))
    np.testing.assert_array_equal(regressed(table)[held], regressed(other)[held])


@pytest.mark.parametrize("seed", range(5))
def test_ten_to_one_leaks_by_picture_and_not_by_patient(seed):
    table = splits.ten_to_one(exams(200, seed), seed)
    shared = splits.shared(table)
    assert shared.loc["by_patient", "shared_patient"] == 0 < shared.loc["by_picture", "shared_patient"]
    counts = table.groupby("label")[["by_picture", "by_patient"]].agg(lambda side: (side == "test").mean())
    assert ((counts > 0.09) & (counts < 0.13)).all(axis=None)


def test_ten_to_one_gives_the_published_test_of_cdd_cesm():
    counts = yoshitsugu.splits(CESM)
    table = pd.DataFrame({"label": np.repeat(["benign", "malignant"], counts["total"][["benign", "malignant"]])})
    table = table.assign(image_id=[f"i{k:04d}" for k in table.index], patient_id=[f"p{k // 4}" for k in table.index])
    tested = splits.ten_to_one(table, 0).query("by_picture == 'test'")["label"].value_counts()
    assert tested.to_dict() == counts["testing"][["benign", "malignant"]].to_dict()


def small_profile(**other: object) -> profiles.Profile:
    own = profiles.RoiSettings(image_size=32, epochs=1, batch_size=8, folds=2, levels=2, smallest=2, at_most=40)
    return profiles.load("ci").model_copy(update={"roi": own.model_copy(update=other)})


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    table, rng = exams(30), np.random.default_rng(0)
    pictures = rng.integers(0, 60, (len(table), 32, 32), dtype=np.uint8)
    pictures[(table["label"] == "malignant").to_numpy(), 2:14, 10:22] += 180
    pictures[(table["label"] == "benign").to_numpy(), 2:14, 10:22] += 90
    return Cohort(table, pictures, (), False)


def test_a_learner_starts_anew_each_time_and_tells_a_bright_patch(cohort):
    labels = cohort.exams["label"]
    rows = np.flatnonzero(labels != "normal")
    learner = Learner("baseline_cnn", small_profile(epochs=8, learning_rates=(3e-3,)).roi, 1)
    learner.shown(cohort.pictures, labels == "malignant")
    first = learner(rows[::2], rows[1::2], 0)
    learner(rows[1:9], rows[:4], 1)
    again = learner(rows[::2], rows[1::2], 0)
    np.testing.assert_allclose(first, again, atol=1e-6)
    truth = (labels == "malignant").to_numpy()[rows[1::2]]
    assert first[truth].mean() > first[~truth].mean() + 0.1


def test_the_learning_rate_is_chosen_among_the_training_patients(cohort, monkeypatch):
    table = cohorts.composed(cohort.exams, None, 1000, 2, 0)
    learner, seen = object.__new__(Learner), []
    learner.settings, learner.seed = small_profile(learning_rates=(0.1, 0.2)).roi, 0
    learner.network = type("Fake", (), {"targets": np.eye(2)[(table["label"] == "malignant").astype(int)]})()

    def after(train, predict, rate, fold):
        seen.append((fold, train, predict))
        truth = learner.network.targets[predict, 1]
        return np.abs(truth - rate)

    monkeypatch.setattr(learner, "_after", after)
    choices = learner.choose(table)
    assert choices[choices["chosen"]]["rate"].tolist() == [0.1, 0.1] and learner.rates == {0: 0.1, 1: 0.1}
    for fold, train, predict in seen:
        assert not (table["fold"].iloc[np.r_[train, predict]] == fold).any()
        assert not set(table["patient_id"].iloc[train]) & set(table["patient_id"].iloc[predict])


def test_the_localizer_finds_bright_patches_of_patients_it_has_not_seen():
    rng, places = np.random.default_rng(0), np.random.default_rng(1).integers(8, 40, (60, 2))
    pictures, lesions = rng.integers(0, 80, (60, 48, 48), dtype=np.uint8), np.full((60, 3), np.nan)
    for number, (x, y) in enumerate(places[:30]):
        pictures[number, y - 5 : y + 6, x - 5 : x + 6] = 230
        lesions[number] = x, y, 6
    table = pd.DataFrame({"flag": np.arange(60) < 30, "fold": np.arange(60) % 2})
    found = localized(table, pictures, lesions, small_profile(epochs=8).roi, 0)
    assert (found["found"] == table["flag"]).mean() > 0.85
    assert found["hit"].dropna().mean() > 0.7 and found["hit"].isna().sum() == 30


def test_a_lesion_is_drawn_on_the_cells_it_holds():
    maps = drawn_maps(np.array([[9.5, 21.5, 6.0], [np.nan] * 3]), 32)
    assert maps.shape == (2, 8, 8) and maps[1].sum() == 0
    assert maps[0, 5, 2] == 1 and maps[0].sum() == 9
    rows, columns = np.nonzero(maps[0])
    assert (rows.mean(), columns.mean()) == (5, 2)


@pytest.fixture
def quick(monkeypatch):
    """The whole play with networks that learn nothing: what they are has tests of its own."""

    class Guess:
        def __init__(self, name, settings, seed):
            pass

        def shown(self, pictures, positive):
            assert len(pictures) == len(positive)

        def choose(self, table):
            return pd.DataFrame({"fold": [0], "rate": [0.1], "loss": [0.5], "chosen": [True]})

        def __call__(self, train, predict, fold):
            return np.linspace(0, 1, len(predict))

    def looked_for(table, pictures, lesions, settings, seed):
        assert len(table) == len(pictures) == len(lesions)
        return pd.DataFrame({"score": 0.5, "found": table["flag"], "hit": pd.array([True] * len(table), "boolean")})

    monkeypatch.setattr(play, "Learner", Guess)
    monkeypatch.setattr(play, "localized", looked_for)


def test_the_play_is_kept_and_opened_again(quick, cohort, tmp_path, monkeypatch):
    profile = small_profile()
    first = play.play(profile, cohort, tmp_path)
    assert first.cohorts == [VINDR, CESM, cohorts.ANNOTATED]
    for name in first.cohorts:
        table = first.table(name)
        for network in play.NETWORKS:
            for way in WAYS:
                assert len(first.said(name, network, way)) == len(table)
        assert set(first.found.query("cohort == @name")["image_id"]) == set(table["image_id"])
        assert len(first.abnormal.query("cohort == @name")) == len(play.NETWORKS) * len(table)
    assert not first.table(VINDR, 1.0)["flag"].equals(first.table(VINDR)["flag"])
    monkeypatch.setattr(play, "_played", None)
    assert play.play(profile, cohort, tmp_path).pictures.equals(first.pictures)
    with pytest.raises(TypeError):
        play.play(small_profile(epochs=2), cohort, tmp_path)


def test_without_any_known_place_nothing_is_localized(quick, cohort, tmp_path):
    blank = replace(cohort, exams=cohort.exams.assign(framed_x=np.nan, framed_y=np.nan, framed_radius=np.nan))
    assert play.play(small_profile(), blank, tmp_path).found.empty


def test_flags_of_the_set_itself_are_its_circles(cohort):
    table = cohorts.composed(cohort.exams, None, 1000, 2, 0)
    assert cohorts.annotated(table, cohort.exams).equals(table["label"] != "normal")


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 50))
def test_however_dealt_no_patient_is_in_two_folds(folds, seed):
    table = cohort_table(seed, CESM, folds)
    assert (table.groupby("patient_id")["fold"].nunique() == 1).all()
