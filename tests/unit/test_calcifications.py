"""The chapter's films, patches and measures; a small experiment that is played once and opened after."""

import numpy as np
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.calcifications import experiment, sampling, training
from helpers.calcifications.baseline import Filter, response
from helpers.calcifications.films import CLUSTER, Film, drawn, film_of, listed
from helpers.calcifications.inference import Pair, Variant, suspicion_map
from helpers.calcifications.measuring import filter_places, gate_of, named, on_patches, reduced
from helpers.evaluation.froc import is_hit
from helpers.networks.patches import REACH, STRIDE, detector, segmentator
from helpers.paths import RunPaths

SETTINGS = "calcifications.clusters=6 calcifications.height=256 calcifications.detector_patches=64 "
SETTINGS += "calcifications.segmentator_patches=64 calcifications.test_patches=64 calcifications.epochs=1"


@pytest.fixture(scope="module")
def profile() -> profiles.Profile:
    return profiles.load("ci", SETTINGS)


@pytest.fixture(scope="module")
def films(profile) -> list[Film]:
    return drawn(listed(profile))


def made_up(number: int = 0, grains: int = 12, shape: tuple[int, int] = (300, 240)) -> Film:
    """A smooth breast, and in it a cluster of bright grains two pixels wide."""
    rng = np.random.default_rng(number)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    picture = (90 + 30 * np.sin(rows / 40) + 20 * np.cos(columns / 30)).astype(np.uint8)
    calcifications = np.zeros(shape, bool)
    for row, column in rng.integers(150, 190, (grains, 2)):
        calcifications[row : row + 2, column - 60 : column - 58] = True
    picture[calcifications] += 60
    hull = np.zeros(shape, bool)
    hull[150:192, 90:132] = grains > 0
    return Film(f"f{number}", f"p{number}", "train", picture, np.ones(shape, bool), calcifications, hull)


def test_no_patient_stands_on_two_sides_and_both_kinds_are_as_many(profile):
    table = listed(profile)
    assert table.groupby("patient_id")["split"].nunique().eq(1).all()
    assert table.groupby("patient_id")["visible"].nunique().eq(1).all()
    patients = table.groupby("cluster")["patient_id"].nunique()
    assert patients.tolist() == [6, 6]
    assert "calcification_coarse" not in set(table["abnormality"])
    assert set(table.loc[table["cluster"], "abnormality"]) == {CLUSTER}
    sides = table.drop_duplicates("patient_id").groupby(["cluster", "split"]).size().unstack()
    assert sides.loc[True].equals(sides.loc[False]) and sides.min().min() >= 1
    pd.testing.assert_frame_equal(table, listed(profile))


def test_clusters_keep_a_share_of_their_contrast_within_the_limits(profile):
    kept = profile.calcifications
    visible = listed(profile)["visible"]
    assert visible.between(kept.faintest, kept.boldest).all() and visible.nunique() > 6
    with pytest.raises(profiles.ProfileError, match="expected at most boldest"):
        profiles.load("ci", "calcifications.faintest=0.9")


def test_less_contrast_changes_the_cluster_and_nothing_else(profile):
    from dataclasses import replace

    from helpers.datasets.phantom import picture

    recipe = listed(profile).query("cluster")["recipe"].iloc[0]
    bold, faint, none = (picture.read(replace(recipe, visible=share)).astype(int) for share in (1.0, 0.2, 1e-9))
    hull, grains = picture.masks(recipe)
    assert (bold[grains] - none[grains]).mean() > 3 * (faint[grains] - none[grains]).mean() > 0
    apart = bold != none
    rows, columns = np.nonzero(hull)
    # The machine's blur carries the lesion's site a little further than its hull.
    site = np.hypot(*(np.argwhere(apart).T - np.array([[rows.mean()], [columns.mean()]])))
    assert site.max() < 0.16 * recipe.height
    assert (picture.read(recipe) == picture.read(replace(recipe))).all()


def test_films_are_cut_to_the_breast_and_know_their_cluster(films):
    for film in films:
        assert film.picture.shape == film.breast.shape == film.calcifications.shape == film.hull.shape
        assert (
            (film.picture[~film.breast] == 0).all() and film.breast.any(axis=0).all() and film.breast.any(axis=1).all()
        )
        assert film.cluster == film.hull.any()
        assert not (film.calcifications & ~film.hull).any()


def test_labels_and_borders_are_black():
    gray = np.full((400, 320), 4, np.uint8)
    gray[60:340, :180] = 120
    gray[20:40, 260:310], gray[:, 316:] = 250, 245
    film = film_of("a", "b", "test", gray)
    assert film.picture.max() <= 120 and not film.cluster and film.picture.shape[1] < 200


def test_patches_are_balanced_and_their_labels_true():
    films = [made_up(0), made_up(1), made_up(2, grains=0)]
    patches = sampling.sampled(films, 29, 120, np.random.default_rng(1))
    assert patches.pictures.shape == patches.masks.shape == (120, 29, 29)
    assert patches.positive.sum() == 60 and patches.positive[:60].all()
    assert set(patches.films[:60]) == {0, 1} and set(patches.films[60:]) == {0, 1, 2}
    # A grain is brighter than what surrounds it, so labels lie on their picture, however a patch was turned.
    for picture, mask in zip(patches.pictures[:60], patches.masks[:60], strict=True):
        assert picture[mask].mean() > picture[~mask].mean() + 20
    again = sampling.sampled(films, 29, 120, np.random.default_rng(1))
    np.testing.assert_array_equal(patches.pictures, again.pictures)


def test_calcifications_lie_anywhere_in_a_patch():
    patches = sampling.sampled([made_up(0)], 49, 600, np.random.default_rng(0))
    where = patches.masks.mean(axis=0)
    quarters = [where[:24, :24], where[:24, 25:], where[25:, :24], where[25:, 25:]]
    assert min(part.mean() for part in quarters) > 0.5 * max(part.mean() for part in quarters)


def test_hard_negatives_take_the_place_of_drawn_ones():
    films = [made_up(0), made_up(1, grains=0)]
    hard = [(1, 0, 0), (1, 5, 7)]
    patches = sampling.sampled(films, 29, 40, np.random.default_rng(0), hard)
    for place, (number, row, column) in enumerate(hard, start=20):
        wanted = films[number].picture[row : row + 29, column : column + 29]
        turned = [np.rot90(one, k) for one in (wanted, wanted[:, ::-1]) for k in range(4)]
        assert any((patches.pictures[place] == one).all() for one in turned)


def test_what_cannot_be_sampled_is_said():
    with pytest.raises(ValueError, match="expected films with a cluster"):
        sampling.sampled([made_up(0, grains=0)], 29, 10, np.random.default_rng(0))
    with pytest.raises(ValueError, match="f0: expected at least 49 x 49 pixels for a patch, got 300 x 40"):
        sampling.sampled([made_up(0, shape=(300, 40), grains=0)], 49, 10, np.random.default_rng(0))


@pytest.mark.parametrize("side", [29, 49])
def test_places_without_calcification_are_those_of_a_slow_search(side):
    film = made_up(3)
    free = sampling.without_calcification(film, side)
    assert free.shape == (300 - side + 1, 240 - side + 1)
    for row, column in np.random.default_rng(0).integers(0, 190, (200, 2)):
        assert free[row, column] == (not film.calcifications[row : row + side, column : column + side].any())


def test_both_classes_weigh_the_same_up_to_a_limit():
    targets = np.zeros((10, 10), bool)
    targets[0, :20] = targets[1] = True
    weights = training.class_weights(targets)
    assert weights[targets].sum() == pytest.approx(weights[~targets].sum())
    rare = np.zeros((100, 100), bool)
    rare[0, 0] = True
    assert training.class_weights(rare).max() == training.MOST_WEIGHT
    assert (training.class_weights(np.zeros((3, 3), bool)) == 1).all()


def test_hard_negatives_are_the_most_suspect_places_without_calcification():
    film, variant = made_up(0), Variant(29, "valid")
    network = detector(29, "valid", seed=4)
    places = training.hard_negatives(network, variant, [film], 6, np.random.default_rng(0))
    suspicion = suspicion_map(network, variant, film.picture)
    free = sampling.without_calcification(film, 29)
    assert len(places) == len(set(places)) == 6
    assert all(free[row, column] for _, row, column in places)
    values = [suspicion[row // STRIDE, column // STRIDE] for _, row, column in places]
    assert values[0] == suspicion[free[::STRIDE, ::STRIDE]].max() and values == sorted(values, reverse=True)


def test_the_gate_lets_the_wanted_share_of_clusters_through():
    films = [made_up(number) for number in range(5)]
    pair = Pair(Variant(29, "same"), detector(29, "same", seed=2), None)
    gate = gate_of(pair, films, 0.8)
    through = 0
    for film in films:
        holds = ~sampling.without_calcification(film, 29)[::STRIDE, ::STRIDE]
        through += (suspicion_map(pair.detector, pair.variant, film.picture)[holds] >= gate).any()
    assert through / len(films) >= 0.8


def test_the_filter_finds_a_cluster_and_not_the_edge_of_the_breast():
    film, one = made_up(0), Filter(1.0, 4.0, 24)
    found = filter_places(one, response(film, one.scale), 1024)
    assert is_hit(found.head(1), film.hull, 12).all()
    assert named(found, film, 1024)["hit"].iloc[0]
    half = np.zeros_like(film.breast)
    half[:, :120] = True
    cut = Film("f", "p", "test", film.picture * half, half, film.calcifications, film.hull)
    # Black lies beyond column 120, by far the strongest step of the picture.
    assert (response(cut, one.scale)[:, 116:] == 0).all()


def test_means_over_cells_are_those_of_numpy():
    marks = np.random.default_rng(0).random((37, 50)).astype(np.float32)
    assert reduced(marks).shape == (9, 12)
    assert reduced(marks)[3, 5] == pytest.approx(marks[12:16, 20:24].mean())


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_accuracy_on_patches_is_that_of_a_slow_count(padding):
    films, variant = [made_up(0), made_up(1), made_up(2, grains=0)], Variant(29, padding)
    pair = Pair(variant, detector(29, padding, seed=1), segmentator(29, padding, seed=1))
    accuracy, positions = on_patches(pair, films, 60, seed=3)
    patches = sampling.sampled(films, 29, 60, np.random.default_rng((3, 29, 1)))
    stack = patches.pictures[..., None].astype(np.float32)
    called = np.array(pair.detector(stack, training=False))[:, 0, 0, 0] >= 0
    marked = np.array(pair.segmentator(stack, training=False))[..., 0] >= 0
    edge = REACH if padding == "valid" else 0
    truth = patches.masks[:, edge : 29 - edge, edge : 29 - edge]
    by = accuracy.groupby("network")[["hits", "of"]].sum()
    assert by.loc["detector"].tolist() == [(called == patches.positive).sum(), 60]
    assert by.loc["segmentator"].tolist() == [(marked == truth).sum(), truth.size]
    rings = positions[positions["network"] == "segmentator"]
    assert rings["of"].sum() == truth.sum() and rings["hits"].sum() == (marked & truth).sum()
    assert rings["distance"].max() <= 14 - edge
    assert positions.loc[positions["network"] == "detector", "of"].sum() == 30


@pytest.fixture(scope="module")
def small(profile, tmp_path_factory):
    """The experiment with one variant of the six."""
    paths = RunPaths("ci", tmp_path_factory.mktemp("build"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "VARIANTS", (Variant(29, "valid"),))
        yield experiment.played(profile, paths), paths


def test_the_experiment_measures_validation_and_test_of_every_method(small):
    played, _ = small
    assert played.methods == ["29 valid", "filter"] and played.best() == Variant(29, "valid")
    assert set(played.candidates["image_id"]) <= set(played.measured["image_id"])
    test = played.pictures("test")
    assert {name: len(own) for name, own in played.counts("test").items()} == dict.fromkeys(played.methods, len(test))
    assert played.measured["split"].isin(["validation", "test"]).all()
    assert played.seconds.loc["both", "sliding"] > played.seconds.loc["both", "whole"] > 0
    truth = played.counts("test")["filter"][:, 1].sum(axis=1)
    assert ((truth > 0) == test["cluster"]).all()
    # Whatever the gate let through, pixels are counted in the breast alone, and the same ones for all methods.
    totals = [own.sum(axis=(1, 2)) for own in played.histograms.values()]
    np.testing.assert_array_equal(*totals)


def test_it_is_opened_and_not_played_again_until_its_settings_change(small, profile, monkeypatch):
    played, paths = small
    monkeypatch.setattr(experiment, "VARIANTS", (Variant(29, "valid"),))
    monkeypatch.setattr(experiment, "_play", lambda *_: pytest.fail("played again"))
    again = experiment.played(profile, paths)
    pd.testing.assert_frame_equal(again.candidates, played.candidates)
    longer = profiles.load("ci", f"{SETTINGS} calcifications.epochs=2")
    with pytest.raises(pytest.fail.Exception, match="played again"):
        experiment.played(longer, paths)
