"""What the chapter on the ladder draws and says is what its results are, whichever way they turned out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up_ladder import climbed, profile, quick, where

from helpers.figures import ladder as figures
from helpers.figures import ladder_tables as tables
from helpers.figures import style
from helpers.figures.ladder import LOOKS, METRIC_NAMES, RUNG_NAMES
from helpers.findings import ladder as told
from helpers.ladder.results import head_agreement, ladder_of, results
from helpers.published import bassi
from helpers.published.bassi import AUXILIARY_TARGETS

COLUMNS = ["network", "rung", "against", "side", "unit", "metric", "value", "low", "high"]


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


@pytest.fixture(scope="module")
def climb(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        return climbed(tmp_path_factory.mktemp("ladder") / "pages")


@pytest.fixture(scope="module")
def found(climb):
    return results(climb, 100, seed=2)


def marks(axes) -> list[float]:
    return [value for bars in axes.containers for value in bars.lines[0].get_xdata()]


def test_the_climb_draws_each_rung_of_each_network_the_ground_at_the_bottom(climb, found):
    figure = figures.climb(found.scores, "average_precision")
    own = found.scores.query("metric == 'average_precision' and unit == 'image'")
    for axes, side in zip(figure.axes, ("out_of_fold", "test"), strict=True):
        expected = own[own["side"] == side].set_index(["network", "rung"])["value"]
        order = [(network, rung) for network in LOOKS for rung in ladder_of(climb)]
        assert marks(axes) == pytest.approx(expected.loc[order].tolist())
        assert axes.get_ylim()[0] < axes.get_ylim()[1]
    # The panels share their axis, and the first one tells it.
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(RUNG_NAMES.values())
    top = own.query("side == 'out_of_fold' and rung == 'auxiliary' and network == 'cnn'").iloc[0]
    assert f"{top['value']:.3f}, interval {top['low']:.3f} to {top['high']:.3f}" in figure.get_label()


def test_gains_are_drawn_with_zero_and_named_where_they_are_clear(found):
    table = found.gains.assign(low=-0.1, high=0.1)
    clear = (table["rung"] == "roi_crop") & (table["network"] == "vit") & (table["metric"] == "f1")
    figure = figures.gains(table.assign(low=np.where(clear, 0.05, -0.1)))
    assert "Wholly above zero: + ROI crop (ViT (DeiT III), F1)." in figure.get_label()
    for axes, metric in zip(figure.axes, ("f1", "average_precision"), strict=True):
        own = where(table, metric=metric, side="out_of_fold", unit="image")
        assert sorted(marks(axes)) == pytest.approx(sorted(own["value"]))
        assert 0 in [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert "Wholly above zero: none." in figures.gains(table).get_label()


def test_thresholds_are_marked_where_they_were_chosen(climb):
    figure = figures.thresholds(climb.curves, "auxiliary")
    assert len(figure.axes) == 4
    own = climb.curves.query("rung == 'auxiliary' and network == 'cnn'")
    chosen = own.drop_duplicates("fold")["chosen"].tolist()
    found = [line.get_xdata()[0] for line in figure.axes[1].lines if len(line.get_xdata()) == 1]
    assert found == pytest.approx(chosen)
    assert f"{min(chosen):.2f} to {max(chosen):.2f}" in figure.get_label()


def test_left_out_targets_are_drawn_and_none_is_a_sentence(found):
    axes = figures.left_out(found.left_out).axes
    own = found.left_out.query("unit == 'image' and metric == 'f1'").set_index("left_out")["value"]
    assert marks(axes[0]) == pytest.approx(own.loc[list(AUXILIARY_TARGETS)].tolist())
    assert "No auxiliary target" in figures.left_out(found.left_out.head(0)).get_label()


def test_pictures_are_shown_in_three_ways(climb):
    figure = figures.framings(climb.screened, seed=1, count=4)
    shown = [axes.images[0].get_array() for axes in figure.axes]
    places = [np.flatnonzero((climb.screened.pictures["resized"] == picture).all(axis=(1, 2))) for picture in shown[:4]]
    assert [bool(climb.screened.table["cancer"].iloc[place[0]]) for place in places] == [True, True, False, False]
    for place, cropped in zip(places, shown[4:8], strict=True):
        np.testing.assert_array_equal(climb.screened.pictures["cropped"][place[0]], cropped)


def test_every_figure_says_in_words_what_it_shows(climb, found):
    drawn = [figures.climb(found.scores, "f1"), figures.gains(found.gains), figures.left_out(found.left_out),
             figures.thresholds(climb.curves, "threshold"), figures.framings(climb.screened, 1)]  # fmt: skip
    assert all(len(figure.get_label()) > 40 for figure in drawn)
    assert len({figure.get_label() for figure in drawn}) == len(drawn)


def test_the_score_table_has_every_number(climb, found):
    table = tables.score_table(found.scores, "test", "breast").data
    assert len(table) == 2 * len(ladder_of(climb)) and list(table) == list(METRIC_NAMES.values())
    row = found.scores.query(
        "network == 'vit' and rung == 'plain' and side == 'test' and unit == 'breast' and metric == 'f1'"
    )
    value, low, high = row[["value", "low", "high"]].to_numpy()[0]
    assert table.loc[("ViT (DeiT III)", "resized original"), "F1"] == f"{value:.3f}\n[{low:.2f}, {high:.2f}]"


def test_the_heads_are_told_in_shares_and_years(climb):
    table = tables.heads(head_agreement(climb))
    assert table.loc["age", "the head agrees"].endswith("years off") and table.loc["view", "the head agrees"].endswith(
        "%"
    )
    assert len(table) == len(AUXILIARY_TARGETS)


def test_what_was_set_aside_is_counted_and_named():
    problems = pd.DataFrame({"image_id": ["a", "b", "c"], "problem": ["damaged", "damaged", "no window"]})
    table = tables.set_aside(problems)
    assert table.loc["damaged"].tolist() == [2, "a, b"] and len(table) == 2
    assert tables.set_aside(problems[:0]) is None


def test_ours_stand_under_the_printed_rows_and_contradictions_are_marked(found):
    ours = tables.of_document_b(found.scores)
    assert set(ours["row"]) >= {", ".join(row) for row in bassi.ROWS}
    value = ours.query("row == '+ ROI crop, CNN' and column == 'cv_f1'")["value"].item()
    own = found.scores.query(
        "network == 'cnn' and rung == 'roi_crop' and unit == 'image' and metric == 'f1'"
    ).set_index("side")
    assert value == own.loc["out_of_fold", "value"]
    assert ours.query("row == '+ ROI crop, CNN' and column == 'f1'")["value"].item() == own.loc["test", "value"]
    page = tables.beside_published(found.scores).to_html()
    assert f"+ auxiliary prediction, CNN {tables.DISAGREES}{tables.BELOW}" in page
    assert f"resized original, CNN {tables.BELOW}" in page and "0.314" in page
    # its first transformer is as accurate as calling all benign, which rounding leaves open
    assert f"resized original, ViT {tables.BELOW}" not in page


def steps(value: float, low: float, high: float) -> pd.DataFrame:
    rows = [
        ("cnn", "roi_crop", "weighted_loss", "out_of_fold", "image", metric, value, low, high) for metric in told.JUDGED
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.2, 0.1, 0.3), "**helps**"),
        ((-0.2, -0.3, -0.1), "**harms**"),
        ((0.0, -0.1, 0.1), "nothing is shown"),
    ],
)
def test_a_rung_is_said_to_help_where_its_interval_lies_above_zero(found, ends, words):
    sentence = told.helping(replace(found, gains=steps(*ends)))
    assert sentence.startswith("- *+ ROI crop*, CNN (SE-ResNeXt): ") and words in sentence
    assert f"F1 {ends[0]:+.3f} [{ends[1]:.3f}, {ends[2]:.3f}]" in sentence
    counts = told.summary(replace(found, gains=steps(*ends)))
    assert ("1 of 1 steps help" in counts) == (ends[1] > 0) and ("1 harms" in counts) == (ends[2] < 0)


def test_a_rung_that_helps_by_one_measure_and_harms_by_another_is_neither(found):
    mixed = pd.concat([steps(0.2, 0.1, 0.3).head(1), steps(-0.2, -0.3, -0.1).tail(2)])
    assert "helps by one measure and harms by another" in told.helping(replace(found, gains=mixed))


def test_the_rungs_zero_and_the_top_are_told_with_their_numbers(found):
    area = found.scores.query(
        "rung == 'metadata' and metric == 'auc' and side == 'out_of_fold' and unit == 'image'"
    ).iloc[0]
    assert f"{area['value']:.3f} [{area['low']:.3f}, {area['high']:.3f}]" in told.zeros(found)
    for low, words in ((0.4, "no more than chance"), (0.6, "more than chance: ")):
        assert words.removesuffix(": ") in told.zeros(replace(found, scores=found.scores.assign(low=low)))
    assert "has learnt something" in told.seen(replace(found, scores=found.scores.assign(low=0.6)))
    assert "cannot be told from guessing" in told.seen(replace(found, scores=found.scores.assign(low=0.4, high=0.6)))
    assert "worse than guessing" in told.seen(replace(found, scores=found.scores.assign(low=0.3, high=0.4)))


def test_targets_that_are_missed_are_named(found):
    table = found.left_out.assign(low=-0.1, high=0.1)
    assert "none is clearly missed" in told.left_out(replace(found, left_out=table))
    worse = table.assign(high=np.where(table["left_out"] == "BIRADS", -0.01, 0.1))
    assert "falls clearly without *BIRADS*" in told.left_out(replace(found, left_out=worse))
    assert "rises without *view*" in told.left_out(
        replace(found, left_out=table.assign(low=np.where(table["left_out"] == "view", 0.01, -0.1)))
    )
    assert "No auxiliary target" in told.left_out(replace(found, left_out=table.head(0)))


def test_the_cohort_is_told_and_phantoms_are_said_to_be_phantoms(climb):
    settings = profile().ladder
    table = climb.screened.table
    sentence = told.cohort(settings, climb.screened)
    assert f"**{len(table):,} pictures** of {table['patient_id'].nunique():,} patients" in sentence
    assert f"{int(table['cancer'].sum())} of them" in sentence and "phantoms" in sentence
    assert "phantoms" not in told.cohort(settings, replace(climb.screened, synthetic=False))
    assert told.set_aside(climb.screened) == "No picture had to be set aside."
    test = climb.predictions.drop_duplicates("image_id").query("side == 'test'")
    assert f"{len(test):,} pictures of {test['patient_id'].nunique()} patients" in told.dealing(climb)


def test_thresholds_are_told_with_what_they_lose(climb):
    sentence = told.thresholds(climb)
    top = climb.curves.query("rung == 'auxiliary' and network == 'cnn'").drop_duplicates("fold")
    assert f"from {top['chosen'].min():.2f} to {top['chosen'].max():.2f}" in sentence


def test_what_differs_from_the_document_is_said():
    assert "phantoms" in told.comparable(profile().ladder) and "small ones" in told.comparable(profile().ladder)
    alike = profile().ladder.model_copy(update={"data": "rsna", "networks": "published", "weights": "imagenet"})
    assert "Data, networks and starting weights are the document's" in told.comparable(alike)
