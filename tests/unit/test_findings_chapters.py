"""What the chapters on modules and attention say is what was measured."""

import re

import made_up_results
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.evaluation import localization
from helpers.evaluation.effects import effects, single_runs
from helpers.evaluation.sanity import likeness
from helpers.findings import attention, modules


class Grid:
    runs, draws = made_up_results.grid()
    pictures = made_up_results.grid_pictures()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return effects(Grid.runs, Grid.draws, seed=1)


def test_the_grid_is_stated_as_the_profile_has_it():
    sentence = modules.grid_run(profiles.load("demo", "modules.seeds=4 modules.folds=5 icnt.weights=none"), Grid)
    assert f"{2 * 10 * 4 * 5} trainings" in sentence
    assert "λ = 0, 0.1" in sentence
    assert "60 pictures of 60 patients" in sentence
    assert "random features" in sentence
    assert "From 4 seeds one hardly knows" in sentence
    many = modules.grid_run(profiles.load("paper", "modules.seeds=5"), Grid)
    assert "random" not in many and "hardly knows" not in many


def test_only_what_survives_helped(table):
    sentence = modules.what_helped(table)
    assert f"Of {2 * 7 * 11} comparisons 22 survive the correction: 22 for the better, 0 for the worse" in sentence
    assert sentence.count("**center loss**") == 1
    assert "Without any effect that survives: GAGM, SEVector" in sentence
    nothing = modules.what_helped(table[table["effect"] != "center"])
    assert nothing.startswith("**Nothing did")


def test_harm_is_called_harm(table):
    worse = table.assign(value=-table["value"], low=-table["high"], high=-table["low"])
    sentence = modules.what_helped(worse)
    assert "0 for the better, 22 for the worse" in sentence
    assert "worse by 22 of 22" in sentence


def test_a_tighter_space_without_better_calls_is_said_to_be_that(table):
    assert "not yet a better classifier" not in modules.space_and_calls(table)
    only_space = table[table["measure"].isin(modules.SPACE)]
    assert "not yet a better classifier" in modules.space_and_calls(only_space)


def test_single_trainings_that_turn_the_sign_are_counted(table):
    singles = single_runs(Grid.runs)
    sentence = modules.one_training(table, singles)
    merged = singles.merge(table, on=["network", "scope", "measure", "effect"], suffixes=("", "_all"))
    share = (merged["value"] * merged["value_all"] < 0).mean()
    assert f"in {share:.0%} of the comparisons" in sentence


def test_the_pair_names_its_best_loss(table):
    assert "center loss" in modules.the_pair(table)
    assert "which survives" in modules.the_pair(table)
    without = table[table["effect"] != "center"]
    assert "does not survive" in modules.the_pair(without)


def test_collapsed_embeddings_are_counted():
    assert "No embedding of the 216 trainings" in modules.collapsed(Grid)

    class Fallen:
        runs = Grid.runs.copy()

    gone = (
        (Fallen.runs["measure"] == "davies_bouldin") & (Fallen.runs["strength"] == 0.1) & (Fallen.runs["loss"] == "fsl")
    )
    Fallen.runs.loc[gone & (Fallen.runs["scope"] == "all"), "value"] = float("nan")
    sentence = modules.collapsed(Fallen)
    assert "In 48 of 216 trainings" in sentence
    assert "FSL, λ = 0.1" in sentence


def test_the_level_is_set_against_guessing():
    sentence = modules.level(Grid, seed=1)
    assert re.search(r"ICNT from 0\.\d{3} to 0\.\d{3} and, for IIV3 from", sentence)
    assert "guessing reaches 0.3" in sentence


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return made_up_results.looks()


def means(scores: pd.DataFrame) -> pd.DataFrame:
    return localization.means(scores, 200, seed=1)


def test_lesions_and_hits_are_counted(scores):
    sentence = attention.lesions(scores)
    assert "40 pictures, of 20 patients" in sentence
    framed = scores[(scores["field"] == "framed") & (scores["map"] == "grad_cam")]
    for network, name in (("baseline_cnn", "Baseline CNN"), ("iiv3", "IIV3")):
        assert f"{name} {framed.loc[framed['network'] == network, 'hit'].sum()}" in sentence


def test_a_lesion_frame_is_owned_up_to_and_a_breast_frame_is_not(scores):
    framed = attention.frame(scores, means(scores), profiles.load("demo"))
    assert "cuts its pictures around the lesion" in framed
    assert "2 times as wide" in framed
    breast = attention.frame(scores, means(scores), profiles.load("mias"))
    assert "around the lesion" not in breast and "*breast*" in breast


@pytest.mark.parametrize(("gain", "verdict"), [(0.3, "above every blind map"), (-0.2, "below every blind map")])
def test_grad_cam_beats_the_blind_maps_only_where_it_does(gain, verdict):
    table = localization.advantages(made_up_results.looks(gain), draws=200, seed=1)
    sentence = attention.verdicts(table, "wide")
    assert sentence.count(verdict) == 9


def test_whole_breasts_have_no_wide_windows_and_the_page_says_that():
    table = localization.advantages(made_up_results.looks(0.3), draws=200, seed=1)
    assert "this run frames whole breasts" in attention.verdicts(table[table["field"] == "framed"], "wide")


def test_hits_and_errors_are_compared_where_there_are_both(scores):
    sentence = attention.hits_and_errors(means(scores), "framed")
    assert sentence.count("the intervals overlap") == 3
    only = means(scores[scores["hit"] | (scores["network"] != "icnt")])
    assert "ICNT has only hits" in attention.hits_and_errors(only, "framed")


def test_maps_that_outlive_the_weights_are_said_to_show_the_picture():
    table = likeness(made_up_results.randomized(), ["network", "step", "part"], ["spearman"], 200, seed=1)
    assert attention.randomization(table).count("comes from the picture") == 3
    gone = table.assign(low=table["low"].where(table["step"] < 5, -0.1))
    assert attention.randomization(gone).count("depend on what was learnt") == 3
    empty = table.assign(n=table["n"].where(table["step"] < 5, 0))
    assert attention.randomization(empty).count("no map shows any evidence") == 3


def test_a_second_opinion_is_paired(scores):
    table = localization.advantages(scores, draws=200, seed=1)
    sentence = attention.second_opinion(table)
    row = table[(table["map"] == "occlusion") & (table["outcome"] == "all") & (table["measure"] == "energy")].iloc[0]
    assert f"{row['value']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}]" in sentence


def test_agreement_names_each_network():
    table = made_up_results.randomized()[lambda rows: rows["step"] == 1]
    sentence = attention.agreement(likeness(table, ["network"], ["spearman"], 200, seed=1))
    assert "Baseline CNN 0." in sentence and "IIV3 0." in sentence and sentence.count("on 20 pictures") == 3


def test_without_lesions_every_sentence_says_so(scores):
    none = scores.head(0)
    empty = means(none)
    for sentence in (
        attention.lesions(none),
        attention.frame(none, empty, profiles.load("paper")),
        attention.verdicts(localization.advantages(none, draws=100, seed=1), "framed"),
        attention.hits_and_errors(empty, "framed"),
        attention.agreement(likeness(none.assign(spearman=0.0), ["network"], ["spearman"], 100, seed=1)),
        attention.second_opinion(localization.advantages(none, draws=100, seed=1)),
    ):
        assert "No lesion of this test has a known place" in sentence
