"""Profiles: read, overridden, refused with one line that names the nearest valid value."""

import pytest

from helpers import profile as profiles
from helpers.profile import ProfileError


@pytest.mark.parametrize("name", ["ci", "demo", "mias", "paper"])
def test_shipped_profiles_are_valid(name):
    assert profiles.load(name).name == name


def test_every_key_of_a_profile_carries_a_comment():
    for name in profiles.names():
        lines = (profiles.FOLDER / f"{name}.yaml").read_text().splitlines()
        keys = [line for line in lines if line.strip() and not line.startswith("#")]
        assert [line for line in keys if "#" not in line] == [], name


def test_paper_has_the_published_settings():
    paper = profiles.load("paper")
    icnt = paper.network("icnt")
    assert (paper.blind, paper.test_share, paper.normal_share) == (150, 0.2, 0.331)
    assert (icnt.weights, icnt.unfrozen_layers, icnt.learning_rate, icnt.optimizer) == ("imagenet", 20, 1e-4, "adam")
    assert icnt.plateau_patience == 5


def test_an_override_goes_to_every_network():
    profile = profiles.load("demo", "epochs=1")
    assert {profile.network(name).epochs for name in profiles.NETWORKS} == {1}


def test_an_override_goes_to_one_network():
    profile = profiles.load("demo", "icnt.epochs=1")
    assert profile.icnt.epochs == 1
    assert profile.iiv3.epochs == profiles.load("demo").iiv3.epochs


def test_a_networks_own_override_wins_over_a_later_shared_one_only_when_it_comes_later():
    assert profiles.load("demo", "epochs=2 icnt.epochs=3").icnt.epochs == 3
    assert profiles.load("demo", "icnt.epochs=3 epochs=2").icnt.epochs == 2


def test_scientific_notation_is_a_number():
    assert profiles.load("demo", "learning_rate=1e-5").icnt.learning_rate == 1e-5


def test_protocols_may_be_separated_by_commas():
    assert profiles.load("ci", "protocols=as_published").protocols == ("as_published",)
    assert profiles.load("ci", "protocols=as_published,patient_grouped").protocols == (
        "as_published",
        "patient_grouped",
    )


def test_a_chapters_own_values_are_overridden_by_its_name():
    profile = profiles.load("demo", "modules.folds=5 modules.fsl_lambdas=0.1,0.2 attention.cells=4")
    assert (profile.modules.folds, profile.modules.fsl_lambdas, profile.attention.cells) == (5, (0.1, 0.2), 4)
    assert profiles.load("demo", "modules.fsl_lambdas=0.5").modules.fsl_lambdas == (0.5,)
    assert profile.data_settings() == profiles.load("demo").data_settings()


def test_the_grid_depends_on_how_its_networks_are_built_and_not_on_how_long_they_train():
    plain = profiles.load("demo").grid_settings()
    assert profiles.load("demo", "icnt.epochs=1 baseline_cnn.dropout=0.1").grid_settings() == plain
    for settings in ("icnt.dropout=0.1", "modules.seeds=4", "bootstrap_draws=100"):
        assert profiles.load("demo", settings).grid_settings() != plain


@pytest.mark.parametrize(
    ("name", "settings", "nearest"),
    [
        ("dmeo", "", "demo"),
        ("demo", "epoch=1", "epochs"),
        ("demo", "icnt.epoch=1", "icnt.epochs"),
        ("demo", "inct.epochs=1", "icnt.epochs"),
        ("demo", "leakage.epoch=1", "leakage.epochs"),
        ("demo", "calcifications.cluster=9", "calcifications.clusters"),
        ("demo", "framing=lesoin", "lesion"),
        ("demo", "data=phantoms", "phantom"),
        ("demo", "weights=imagnet", "imagenet"),
        ("demo", "protocols=patient_group", "patient_grouped"),
        ("demo", "optimizer=adamm", "adam"),
        ("demo", "modules.fold=2", "modules.folds"),
    ],
)
def test_a_wrong_word_stops_with_one_line_that_names_the_nearest(name, settings, nearest):
    with pytest.raises(ProfileError) as error:
        profiles.load(name, settings)
    assert repr(nearest) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "settings",
    ["epochs=0", "epochs=many", "learning_rate=nan", "learning_rate=-1", "test_share=1", "epochs", "=1", "seed="],
)
def test_a_wrong_value_stops_with_one_line_that_names_the_key(settings):
    with pytest.raises(ProfileError) as error:
        profiles.load("demo", settings)
    assert settings.split("=")[0] in str(error.value)
    assert "\n" not in str(error.value)


def test_weights_that_are_a_file_are_taken(tmp_path):
    file = tmp_path / "mine.weights.h5"
    file.touch()
    assert profiles.load("demo", f"weights={file}").icnt.weights == str(file)


def test_a_networks_setting_does_not_touch_what_the_pictures_depend_on():
    plain = profiles.load("demo").data_settings()
    assert profiles.load("demo", "icnt.epochs=1 bootstrap_draws=100").data_settings() == plain
    assert profiles.load("demo", "image_size=96").data_settings() != plain


def test_a_chapters_settings_are_its_own():
    changed = profiles.load("demo", "leakage.copies=2 leakage.epochs=3")
    assert (changed.leakage.copies, changed.leakage.epochs) == (2, 3)
    assert changed.data_settings() == profiles.load("demo").data_settings()
    assert profiles.load("demo", "epochs=1").leakage == profiles.load("demo").leakage


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("schema: 0\n", "the profile is older"),
        (f"schema: {profiles.SCHEMA + 1}\n", "of a later one: update this checkout"),
        ("", f"expected a line `schema: {profiles.SCHEMA}`"),
        ("schema: one\n", "schema is 'one'"),
    ],
)
def test_a_profile_of_another_schema_is_refused_before_its_keys_are_read(tmp_path, monkeypatch, line, words):
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    (tmp_path / "mine.yaml").write_text(f"{line}data: phantom\na_key_of_another_time: 3\n")
    with pytest.raises(ProfileError, match="^profile mine: ") as refused:
        profiles.load("mine")
    assert words in str(refused.value) and "a_key" not in str(refused.value)
    assert "\n" not in str(refused.value)
