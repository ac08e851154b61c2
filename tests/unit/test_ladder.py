"""The ladder: who trains on what, what no training may see, and what each rung says."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
from made_up_ladder import QuickLearner, climbed, made, profile, quick, where, with_table
from sklearn.metrics import f1_score

from helpers import profile as profiles
from helpers.cohort import CohortError
from helpers.evaluation.screening import THRESHOLDS, UNITS
from helpers.imaging.augmentation import altered, auto_contrast
from helpers.ladder import climb as module
from helpers.ladder import zeros
from helpers.ladder.climb import climb
from helpers.ladder.dealing import TEST, dealt, sides
from helpers.ladder.results import auxiliary_of, head_agreement, ladder_of, results, worst_misses
from helpers.ladder.rungs import ZEROS, Training, rungs
from helpers.ladder.targets import as_words, targets
from helpers.ladder.trainings import Trainer
from helpers.networks.screening import MAIN, NAMES
from helpers.paths import RunPaths
from helpers.profile import ProfileError
from helpers.published.bassi import AUXILIARY_TARGETS

ALL = Training(frozenset({"weighted_loss", "roi_crop", "augmentation", "auxiliary"}))
FEW = "ladder.rungs=threshold,auxiliary ladder.left_out_folds=0"
"""A short ladder, for what holds on any."""
KEY = ["network", "rung", "side", "fold", "image_id"]


@pytest.fixture(scope="module")
def pictures():
    return made()


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        return climbed(tmp_path_factory.mktemp("ladder") / "one")


@pytest.fixture
def quickly(monkeypatch):
    quick(monkeypatch)


def parts(tmp_path, name: str = "parts"):
    (tmp_path / name).mkdir()
    return tmp_path / name


def test_rungs_add_one_switch_each_and_can_be_left_out_or_moved():
    names = [rung.name for rung in rungs(profiles.load("ci").ladder.rungs)]
    assert names == ["plain", "weighted_loss", "roi_crop", "threshold", "augmentation", "auxiliary"]
    fewer = rungs(profile("ladder.rungs=auxiliary,roi_crop").ladder.rungs)
    assert [rung.switches for rung in fewer] == [set(), {"auxiliary"}, {"auxiliary", "roi_crop"}]
    with pytest.raises(ProfileError, match="each rung can be climbed once"):
        profile("ladder.rungs=roi_crop,roi_crop")


def test_rungs_that_differ_in_the_threshold_alone_share_a_training():
    by_name = {rung.name: rung.training for rung in rungs(profile().ladder.rungs)}
    assert by_name["threshold"] == by_name["roi_crop"]
    assert len(set(by_name.values())) == len(by_name) - 1
    assert len({training.name for training in by_name.values()}) == len(by_name) - 1


def test_patients_stand_on_one_side_and_every_side_has_cancer(pictures):
    fold = dealt(pictures.table, folds=3, test_parts=4, seed=1)
    assert pictures.table.assign(fold=fold).groupby("patient_id")["fold"].nunique().max() == 1
    assert (pictures.table.assign(fold=fold).groupby("fold")["cancer"].sum() > 0).all()
    assert 0.15 < (fold == TEST).mean() < 0.35
    for number in range(3):
        own = sides(fold, number)
        rows = np.concatenate([own.train, own.validation, own.held])
        assert len(set(rows)) == len(rows) == (fold != TEST).sum()
        assert (fold[own.held] == number).all() and (fold[own.validation] == (number + 1) % 3).all()


def test_too_few_cancers_are_refused(pictures):
    with pytest.raises(CohortError, match="expected 60 or more"):
        dealt(pictures.table, folds=30, test_parts=30, seed=1)


def test_each_picture_is_judged_once_out_of_fold_or_on_the_test(ladder):
    said, table = ladder.predictions, ladder.screened.table
    assert not said.duplicated(["network", "rung", "image_id"]).any()
    counts = said.groupby(["network", "rung"]).size()
    assert set(counts) == {len(table)}
    assert set(counts.index) == {("none", zero) for zero in ZEROS} | {
        (network, rung.name) for network in NAMES for rung in ladder.rungs
    }
    known = table.set_index("image_id").loc[said["image_id"]]
    for column in ("patient_id", "laterality", "view", "cancer"):
        assert (known[column].to_numpy() == said[column].to_numpy()).all()


def test_thresholds_are_one_half_below_the_rung_that_chooses_them(ladder):
    said = ladder.predictions[ladder.predictions["side"] == "out_of_fold"]
    each = said.groupby(["network", "rung"])["threshold"].agg(["nunique", "max"])
    for rung in ("plain", "weighted_loss", "roi_crop"):
        assert (each.xs(rung, level="rung") == [1, 0.5]).all(axis=None)
    for rung in ("threshold", "augmentation", "auxiliary"):
        chosen = ladder.curves[ladder.curves["rung"] == rung].drop_duplicates(["network", "fold"])
        for row in chosen.itertuples():
            own = said[(said["network"] == row.network) & (said["rung"] == rung) & (said["fold"] == row.fold)]
            assert set(own["threshold"]) == {row.chosen}


def test_the_threshold_is_the_best_on_the_next_fold(ladder):
    said = ladder.predictions
    scanned = ladder.curves[ladder.curves["rung"].isin(["threshold", "augmentation", "auxiliary"])]
    for _, curve in scanned.groupby(["network", "rung", "fold"]):
        assert curve["validation"].max() == curve.set_index("threshold")["validation"].loc[curve["chosen"].iloc[0]]
    own = said[(said["network"] == "cnn") & (said["rung"] == "threshold") & (said["fold"] == 0)]
    curve = ladder.curves.query("network == 'cnn' and rung == 'threshold' and fold == 0")["held"].to_numpy()
    by_hand = [f1_score(own["cancer"], own["probability"] >= t, zero_division=0) for t in THRESHOLDS]
    np.testing.assert_allclose(curve, by_hand)


def test_the_threshold_never_sees_the_fold_that_is_held_out_nor_the_test(quickly, pictures, tmp_path, monkeypatch):
    fold = dealt(pictures.table, 3, 4, profile().seed)
    monkeypatch.setattr(module, "dealt", lambda *_: fold)
    before = climb(profile(FEW), pictures, parts(tmp_path, "before"))
    rng, cancer = np.random.default_rng(5), pictures.table["cancer"].to_numpy(bool).copy()
    for side in (fold == 0, fold == TEST):
        cancer[side] = rng.permutation(cancer[side])
    after = climb(profile(FEW), with_table(pictures, cancer=pd.array(cancer, "boolean")), parts(tmp_path, "after"))
    one, other = (each["predictions"].set_index(KEY) for each in (before, after))
    held = one.index.get_level_values("fold") == 0
    assert (one.loc[held, "cancer"] != other.loc[held, "cancer"]).any()
    pd.testing.assert_frame_equal(
        one.loc[held, ["probability", "threshold"]], other.loc[held, ["probability", "threshold"]]
    )
    # the other folds train on fold 0 or choose by it, so a change there shows that the test above can fail
    others = (one.index.get_level_values("fold") > 0) & (one.index.get_level_values("network") != "none")
    assert (one.loc[others, "threshold"] != other.loc[others, "threshold"]).any()


def test_permuted_labels_of_the_test_change_nothing_but_the_labels(quickly, pictures, tmp_path, monkeypatch):
    fold = dealt(pictures.table, 3, 4, profile().seed)
    monkeypatch.setattr(module, "dealt", lambda *_: fold)
    cancer = pictures.table["cancer"].to_numpy(bool).copy()
    cancer[fold == TEST] = np.random.default_rng(6).permutation(cancer[fold == TEST])
    before = climb(profile(FEW), pictures, parts(tmp_path, "before"))
    after = climb(profile(FEW), with_table(pictures, cancer=pd.array(cancer, "boolean")), parts(tmp_path, "after"))
    assert (before["predictions"]["cancer"] != after["predictions"]["cancer"]).any()
    for name in ("predictions", "curves", "auxiliary"):
        one, other = (each[name].drop(columns="cancer", errors="ignore") for each in (before, after))
        pd.testing.assert_frame_equal(one, other)


def test_the_answer_planted_in_biopsy_moves_no_score(pictures, tmp_path):
    """Real networks: with the answer in `biopsy` of every picture that is judged, each says the same to the bit."""
    settings = profile("ladder.epochs=1 ladder.batch_size=64 ladder.patients=90").ladder
    fold = dealt(pictures.table, 3, 4, 1)
    own = sides(fold, 0)
    judged = np.setdiff1d(np.arange(len(fold)), own.train)
    biopsy = pictures.table["biopsy"].copy()
    biopsy.iloc[judged] = pictures.table["cancer"].iloc[judged]
    planted = with_table(pictures, biopsy=biopsy)
    assert (planted.table["biopsy"] != pictures.table["biopsy"]).any()
    for network in NAMES:
        first, second = trainers = [
            Trainer(network, each, targets(each.table), fold, settings, 1, parts(tmp_path, f"{network}{number}"))
            for number, each in enumerate((pictures, planted))
        ]
        # Compiled once; each training starts afresh.
        vars(second)["_learner"] = first._learner
        said = [trainer.said(ALL, own) for trainer in trainers]
        for side in ("validation", "held", "test"):
            np.testing.assert_array_equal(said[0][side], said[1][side])
        assert len(np.unique(said[0]["test"])) > 10


def test_the_answer_planted_in_biopsy_everywhere_moves_nothing_below_the_auxiliary_rung(quickly, pictures, tmp_path):
    planted = with_table(pictures, biopsy=pictures.table["cancer"], invasive=pictures.table["cancer"])
    before, after = (climb(profile(FEW), each, parts(tmp_path, name))["predictions"].set_index(KEY)
                     for name, each in (("before", pictures), ("after", planted)))  # fmt: skip
    auxiliary = before.index.get_level_values("rung") == "auxiliary"
    pd.testing.assert_frame_equal(before[~auxiliary], after[~auxiliary])
    # as a target it is learnt from, which this test would see
    assert (before.loc[auxiliary, "probability"] != after.loc[auxiliary, "probability"]).any()


def test_no_picture_is_trained_on_that_is_judged(monkeypatch, pictures, tmp_path):
    seen = []
    monkeypatch.setattr(Trainer, "_learner", property(lambda self: QuickLearner(self.targets.heads, seen)))
    table = climb(profile(FEW), pictures, parts(tmp_path))["predictions"]
    own = table[(table["network"] == "cnn") & (table["rung"] == "plain")]
    patients = pictures.table["patient_id"].to_numpy()
    for number in range(3):
        train = set(patients[seen[number]["train"]])
        assert not train & set(own.loc[own["fold"].isin([number, TEST]), "patient_id"])


def test_a_missing_value_and_a_head_that_is_off_count_nothing(pictures):
    table, encoded = pictures.table, targets(pictures.table)
    settings = profile(
        "'ladder.auxiliary_weights={biopsy: 0.7}' ladder.auxiliary_weight=0.2 ladder.cancer_weight=9"
    ).ladder
    worth = encoded.worth(ALL, settings)
    assert (worth["density"] == np.where(table["density"].isna(), 0, np.float32(0.2))).all()
    assert set(worth["biopsy"]) == {np.float32(0.7)} and set(worth["view"]) == {np.float32(0.2)}
    assert (worth[MAIN] == np.where(table["cancer"], 9, 1)).all()
    off = encoded.worth(Training(frozenset()), settings)
    assert all((off[name] == 0).all() for name in AUXILIARY_TARGETS) and (off[MAIN] == 1).all()
    out = encoded.worth(replace(ALL, left_out="age"), settings)
    assert (out["age"] == 0).all() and (out["view"] > 0).all()


def test_targets_are_the_tables_values(pictures):
    table, encoded = pictures.table, targets(pictures.table)
    assert set(encoded.heads) == set(AUXILIARY_TARGETS) and MAIN not in encoded.heads
    for name in AUXILIARY_TARGETS:
        words, _ = encoded.said(name, encoded.values[name])
        known = encoded.known[name]
        assert (words[known] == as_words(table[name]).to_numpy()[known]).all()
        if encoded.heads[name][1] == "softmax":
            assert (encoded.values[name][known].sum(axis=1) == 1).all()
            assert (encoded.values[name][~known] == 0).all()


def test_a_weight_for_a_head_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(ProfileError, match=r"no head \['biopsie'\]; valid: site_id"):
        module.climbed(profile("'ladder.auxiliary_weights={biopsie: 1}'"), RunPaths("ci", tmp_path))


def test_the_rungs_zero_see_no_picture(pictures):
    table, rows = pictures.table, np.arange(40)
    assert (zeros.said("always_benign", table, rows, rows) == 0).all()
    train = np.arange(40, len(table))
    said = zeros.said("metadata", table, train, rows)
    other = table.assign(biopsy=table["cancer"], BIRADS="0", view="CC", laterality="L")
    np.testing.assert_array_equal(said, zeros.said("metadata", other, train, rows))
    older = table.assign(age=table["age"].where(~table["cancer"].astype(bool), 110.0))
    assert np.ptp(zeros.said("metadata", older, train, rows)) > np.ptp(said)


def test_a_ladder_that_was_stopped_goes_on_and_one_that_was_climbed_is_opened(quickly, tmp_path, monkeypatch):
    own, paths = profile(f"{FEW} ladder.patients=70"), RunPaths("ci", tmp_path)
    done, every = [], Trainer._trained

    def stopped(self, training, own_sides):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(training.name)
        return every(self, training, own_sides)

    monkeypatch.setattr(Trainer, "_trained", stopped)
    with pytest.raises(KeyboardInterrupt):
        module.climbed(own, paths)
    first = list(done)
    done.clear()
    monkeypatch.setattr(Trainer, "_trained", lambda *given: done.append(given[1].name) or every(*given))
    climbed_once = module.climbed(own, paths)
    assert len(first) + len(done) == 2 * 2 * 3
    assert json.loads(paths.of_ladder()[-1].read_text())["seed"] == own.seed and not (paths.ladder / "parts").exists()
    done.clear()
    pd.testing.assert_frame_equal(module.climbed(own, paths).predictions, climbed_once.predictions)
    assert done == []
    module.climbed(profile(f"{FEW} ladder.patients=70 ladder.epochs=3"), paths)
    assert len(done) == 2 * 2 * 3


def test_results_hold_every_rung_of_every_network(ladder):
    found = results(ladder, 100, seed=1)
    names = ladder_of(ladder)
    assert set(found.scores["rung"]) == set(names)
    assert found.scores.groupby(["network", "rung", "side", "unit"]).size().nunique() == 1
    steps = found.gains.drop_duplicates(["rung", "against"])
    assert list(zip(steps["against"], steps["rung"], strict=True)) == list(zip(names, names[1:], strict=False))
    assert set(found.left_out["left_out"]) == set(AUXILIARY_TARGETS) and set(found.left_out["unit"]) == set(UNITS)
    same = {"network": "vit", "side": "test", "unit": "breast", "metric": "auc"}
    values = where(found.scores, **same).set_index("rung")["value"]
    row = where(found.gains, rung="roi_crop", **same)
    assert row["value"].item() == pytest.approx(values["roi_crop"] - values["weighted_loss"])
    ranks = where(found.gains, rung="threshold", side="out_of_fold", metric="average_precision")
    assert (ranks["value"] == 0).all()


def test_the_worst_misses_are_cancers_below_the_threshold_worst_first(ladder):
    worst = worst_misses(ladder, "cnn", 5)
    table = ladder.screened.table.loc[worst["row"]]
    assert table["cancer"].all() and (table["image_id"].to_numpy() == worst["image_id"].to_numpy()).all()
    assert (worst["probability"] < worst["threshold"]).all() and worst["overtaken"].is_monotonic_decreasing
    assert not table.duplicated(["patient_id", "laterality"]).any()
    one = worst.iloc[0]
    said = ladder.predictions.query("network == 'cnn' and rung == 'auxiliary' and fold == @one.fold and not cancer")
    assert one["overtaken"] == pytest.approx((said["probability"] > one["probability"]).mean())
    heads = auxiliary_of(ladder, "cnn", one["image_id"])
    assert list(heads.index) == list(AUXILIARY_TARGETS)
    assert heads.loc["view", "table"] == table["view"].iloc[0] and heads.loc["biopsy", "table"] == "yes"


def test_agreement_of_the_heads_is_a_share_of_what_is_known(ladder):
    found = head_agreement(ladder)
    table = ladder.screened.table
    assert (found["known"] == table[list(found.index)].notna().sum()).all()
    own = ladder.auxiliary.query("network == 'cnn' and target == 'view'").set_index("image_id")["said"]
    truth = table.set_index("image_id")["view"].loc[own.index]
    assert found.loc["view", "agrees"] == pytest.approx((own == truth).mean())
    assert found.loc["view", "most_frequent"] == pytest.approx(truth.value_counts(normalize=True).max())


def test_alterations_are_slight_and_stay_black_beyond_the_breast():
    picture = np.zeros((64, 64), np.uint8)
    cv2.circle(picture, (28, 32), 22, 120, cv2.FILLED)
    cv2.circle(picture, (28, 24), 5, 200, cv2.FILLED)
    copies = [altered(picture, np.random.default_rng(seed)) for seed in range(60)]
    assert all(copy.shape == picture.shape and copy.dtype == np.uint8 for copy in copies)
    areas = [(copy > 40).sum() / (picture > 40).sum() for copy in copies]
    assert min(areas) > 0.9 and max(areas) < 1.6
    assert len({copy.tobytes() for copy in copies}) == 60
    flipped = [copy[:, :20].sum() < copy[:, -20:].sum() for copy in copies]
    assert 0.25 < np.mean(flipped) < 0.75
    np.testing.assert_array_equal(altered(picture, np.random.default_rng(7)), copies[7])


def test_auto_contrast_fills_the_range_and_leaves_black_black():
    rng = np.random.default_rng(0)
    picture = np.where(np.arange(64) < 40, rng.integers(80, 140, (64, 64)), 0).astype(np.uint8)
    stretched = auto_contrast(picture)
    assert (stretched[:, 40:] == 0).all() and stretched.max() == 255 and stretched[:, :40].min() <= 3
    assert (auto_contrast(np.zeros((8, 8), np.uint8)) == 0).all()
    np.testing.assert_array_equal(auto_contrast(np.full((8, 8), 9, np.uint8)), 9)
