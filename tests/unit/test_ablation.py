"""The grid: folds without a shared patient, equal starts, the same seed the same bits, and results that are kept."""

import numpy as np
import pandas as pd
import pytest

from helpers import ablation, cohort
from helpers import profile as profiles
from helpers.evaluation.effects import effects, single_runs
from helpers.heads import Trunk
from helpers.preparation import Cohort

GRID = "modules.seeds=2 modules.folds=2 modules.epochs=1 modules.fsl_lambdas=0.05 weights=none bootstrap_draws=100"
PATIENTS = 24


@pytest.fixture(scope="module")
def profile() -> profiles.Profile:
    return profiles.load("ci", f"{GRID} image_size=75")


@pytest.fixture(scope="module")
def pictures() -> Cohort:
    """Two pictures a patient, brighter by class; a blind patient of each class, and copies at the end."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.resize(["normal", "benign", "malignant"], PATIENTS), 2)
    exams = pd.DataFrame({"image_id": [f"p{i:02}" for i in range(2 * PATIENTS)], "label": labels})
    exams["patient_id"] = [f"patient{i // 2:02}" for i in range(2 * PATIENTS)]
    exams["split_patient_grouped"] = np.where(np.arange(2 * PATIENTS) < 6, "blind", "train")
    exams["copy_of"] = None
    exams = pd.concat([exams, exams[6:9].assign(image_id=["a~1", "b~1", "c~1"], copy_of=["p06", "p07", "p08"])])
    gray = 60 * pd.Categorical(exams["label"], ["normal", "benign", "malignant"]).codes
    noise = rng.integers(0, 120, (len(exams), 75, 75))
    return Cohort(exams.reset_index(drop=True), (noise + gray[:, None, None]).astype(np.uint8), (), True)


def test_folds_test_each_picture_once_and_no_patient_stands_on_two_sides(pictures):
    dealt = cohort.folds(pictures.exams, 3, 0.25, 1)
    tested = pd.concat([sides.index[sides == "test"].to_series() for sides in dealt])
    assert sorted(tested) == list(range(6, 2 * PATIENTS))
    for sides in dealt:
        own = pictures.exams.loc[sides.index].assign(side=sides)
        assert own.groupby("patient_id")["side"].nunique().max() == 1
        assert (pd.crosstab(own["side"], own["label"]) > 0).all().all()


def test_folds_do_not_depend_on_the_order_of_the_table(pictures):
    shuffled = pictures.exams.sample(frac=1, random_state=0)
    for sides, again in zip(*(cohort.folds(each, 2, 0.25, 1) for each in (pictures.exams, shuffled)), strict=True):
        pd.testing.assert_series_equal(sides, again, check_names=False)


def test_too_few_patients_for_the_folds_are_named(pictures):
    with pytest.raises(cohort.CohortError, match="7 patients, expected 12 or more"):
        cohort.folds(pictures.exams, 10, 0.25, 1)


@pytest.fixture(scope="module")
def trunk(profile, pictures, tmp_path_factory) -> Trunk:
    return Trunk("icnt", profile, pictures, tmp_path_factory.mktemp("activations"))


def trained(head, seed: int, loss: str = "fsl", strength: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    train, validation = np.arange(6, 36), np.arange(36, 48)
    history = head.fit(loss, strength, train, validation, seed)
    return history["val_loss"].to_numpy(), head.said(np.arange(6, 48))[0]


def test_the_same_seed_gives_the_same_bits_and_another_does_not(trunk, profile):
    head = trunk.head({"gagm": True, "sevector": True})
    first, other = head.starts
    losses, vectors = trained(head, first)
    trained(head, first, "center", 0.1)
    different, elsewhere = trained(head, other)
    assert not np.array_equal(losses, different) and not np.allclose(vectors, elsewhere)
    again, same = trained(head, first)
    np.testing.assert_array_equal(again, losses)
    np.testing.assert_array_equal(same, vectors)
    anew, fresh = trained(trunk.head({"gagm": True, "sevector": True}), first)
    np.testing.assert_array_equal(anew, losses)
    np.testing.assert_array_equal(fresh, vectors)


def test_every_loss_changes_what_is_learnt(trunk):
    head = trunk.head({"gagm": False, "sevector": False})
    seed = next(iter(head.starts))
    found = [
        trained(head, seed, *each)[1] for each in (("fsl", 0.0), ("fsl", 0.5), ("center", 0.5), ("contrastive", 0.5))
    ]
    for vectors in found[1:]:
        assert not np.allclose(vectors, found[0], atol=1e-3)


def test_heads_share_one_store_of_the_frozen_backbone(trunk):
    heads = [trunk.head(modules) for modules in ablation.HEADS]
    assert len(list(trunk.cache.folder.iterdir())) == 1
    assert [head.network.count_params() for head in heads] == sorted({head.network.count_params() for head in heads})
    for head, modules in zip(heads, ablation.HEADS, strict=True):
        assert head.inputs[0].shape == (2 * PATIENTS, 768 * (2 if modules["gagm"] else 1))


@pytest.mark.parametrize("gagm", [True, False])
def test_what_stands_behind_the_pooling_says_what_the_whole_network_says(trunk, profile, gagm):
    modules = {"gagm": gagm, "sevector": True}
    head = trunk.head(modules)
    whole = trunk.under(modules, profile.seed).predict_on_batch(trunk.pictures[..., None].astype("float32"))
    np.testing.assert_allclose(head.said(np.arange(2 * PATIENTS))[1], whole, atol=1e-5)


@pytest.fixture(scope="module")
def kept(profile, pictures, tmp_path_factory, trunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ablation, "CARRIERS", ("icnt",))
        folder = tmp_path_factory.mktemp("modules")
        yield ablation.ablated(profile, pictures, folder, trunk.cache.folder), folder


def test_each_cell_is_trained_once_a_fold_and_seed(kept, profile):
    runs = kept[0].runs
    assert len(ablation.cells(profile)) == 4 * 2 + 2
    assert runs.groupby(["gagm", "sevector", "loss", "strength"]).size().tolist() == [2 * 2 * 11] * 10
    assert kept[0].draws.shape == (len(runs), 100)
    assert runs["epochs"].eq(1).all()


def test_every_held_out_picture_is_told_once_a_cell_and_seed(kept):
    pictures = kept[0].pictures
    assert set(pictures["image_id"]) == {f"p{i:02}" for i in range(6, 48)}
    assert not pictures.duplicated(["image_id", "gagm", "sevector", "loss", "strength", "seed"]).any()
    np.testing.assert_allclose(pictures[["normal", "benign", "malignant"]].sum(axis=1), 1, atol=1e-5)


def test_points_lie_among_their_draws_and_make_effects(kept):
    runs, draws = kept[0].runs, kept[0].draws
    inside = (np.nanmin(draws, axis=1) <= runs["value"] + 0.05) & (runs["value"] - 0.05 <= np.nanmax(draws, axis=1))
    assert inside[runs["measure"] == "nearest_mean"].all()
    table = effects(runs, draws, seed=1)
    assert len(table) == 5 * 11
    assert len(single_runs(runs)) == 5 * 11 * 4


def test_a_stopped_grid_goes_on_where_it_was(kept, profile, pictures, trunk, tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "CARRIERS", ("icnt",))
    monkeypatch.setattr(ablation, "HEADS", ablation.HEADS[:2])
    monkeypatch.setattr(ablation, "Trunk", lambda *_: trunk)
    asked, head = [], trunk.head

    def stop_at_the_second(modules):
        asked.append(modules)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return head(modules)

    monkeypatch.setattr(trunk, "head", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        ablation.ablated(profile, pictures, tmp_path, trunk.cache.folder)
    again = ablation.ablated(profile, pictures, tmp_path, trunk.cache.folder)
    assert asked == [ablation.HEADS[0], ablation.HEADS[1], ablation.HEADS[1]]
    expected = kept[0].runs[~kept[0].runs["gagm"]]
    pd.testing.assert_frame_equal(again.runs, expected.reset_index(drop=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in kept[1].iterdir())


def test_what_was_trained_is_opened_and_not_trained_again(kept, profile, pictures, trunk, monkeypatch):
    def refuse(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(ablation, "Trunk", refuse)
    again = ablation.ablated(profile, pictures, kept[1], trunk.cache.folder)
    pd.testing.assert_frame_equal(again.runs, kept[0].runs)
    other = profiles.load("ci", f"{GRID} image_size=75 modules.center_lambda=0.3")
    with pytest.raises(AssertionError, match="trained again"):
        ablation.ablated(other, pictures, kept[1], trunk.cache.folder)
