"""What the chapter on document C says and draws is what was played."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers import profile as profiles
from helpers.datasets.exams import LABELS
from helpers.explorers import separation as explorer
from helpers.figures import roi as figures
from helpers.figures import style
from helpers.findings import roi as findings
from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import CESM, VINDR
from helpers.rereading.yoshitsugu import one_bit_rule
from helpers.roi import cohorts, results
from helpers.roi.learners import NETWORKS
from helpers.roi.play import Played
from helpers.roi.separation import WAYS, Way

DRAWS = 100


def made_up(folder, knows: float = 0.0, localizes: bool = True, count: int = 240) -> Played:
    """A play whose networks call everything benign unseparated, and separated say the flag, and `knows` of the label.

    Args:
        folder: Where its tables go.
        knows: What a picture's label adds to the separated networks' probability.
        localizes: Whether places of lesions are known.
        count: Pictures of a cohort.
    """
    rng, tables = np.random.default_rng(4), {name: [] for name in ("pictures", "predictions", "found", "abnormal")}
    for cohort, levels in ((VINDR, (0.0, 0.5, 1.0)), (CESM, (0.0,))):
        rates = cohorts.published(cohort)
        labels = rng.choice(["normal", "benign", "malignant"], count, p=[0.1, 0.9 - 0.5, 0.5])
        table = pd.DataFrame({"image_id": [f"i{k}" for k in range(count)], "label": labels, "row": range(count)})
        table["patient_id"], table["fold"] = [f"p{k // 2}" for k in range(count)], np.arange(count) // 2 % 3
        table["view"] = np.array(["LCC", "LMLO", "RCC", "RMLO"])[np.arange(count) % 4]
        bright = knows * (labels == "malignant")
        for level in levels:
            table["flag"] = cohorts.drawn(table, rates.melted(level), 1)
            tables["pictures"].append(table.assign(cohort=cohort, level=level))
            for network in NETWORKS:
                own = {"cohort": cohort, "level": level, "network": network, "image_id": table["image_id"]}
                for way in WAYS:
                    if way.separated:
                        says = {"masked": np.clip(0.8 - knows + 2 * bright, 0, 1), "unmasked": 0.2 + bright}
                    elif level:
                        continue
                    else:
                        says = {"masked": 0.1, "unmasked": 0.1}
                    tables["predictions"].append(pd.DataFrame({**own, **says, **vars(way)}))
        found = pd.DataFrame({"cohort": cohort, "image_id": table["image_id"], "score": rng.random(count)})
        found["found"], found["hit"] = found["score"] > 0.5, pd.array([True, None] * (count // 2), dtype="boolean")
        tables["found"].append(found if localizes else found.head(0))
        for network in NETWORKS:
            calls = {"image_id": table["image_id"], "abnormal": (labels != "normal") * 0.9}
            tables["abnormal"].append(pd.DataFrame({"cohort": cohort, "network": network, **calls}))
    for name, parts in tables.items():
        pd.concat(parts, ignore_index=True).to_parquet(folder / f"{name}.parquet")
    columns = ["cohort", "network", "fold", "rate", "loss", "chosen"]
    pd.DataFrame([(VINDR, "swin", 0, 0.001, 0.5, True)], columns=columns).to_parquet(folder / "choices.parquet")
    return Played(folder)


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Played:
    return made_up(tmp_path_factory.mktemp("roi"))


@pytest.fixture(scope="module")
def gains(played) -> pd.DataFrame:
    return results.all_gains(played, DRAWS, 0)


@pytest.fixture(scope="module")
def melting(played) -> pd.DataFrame:
    return results.melting(played, DRAWS, 0)


def of(table: pd.DataFrame, way: str, metric: str = "balanced", **other: object) -> pd.Series:
    for column, value in {"way": way, "metric": metric, "network": "swin", **other}.items():
        table = table[table[column] == value]
    return table.iloc[0]


def test_networks_that_only_say_the_flag_gain_what_the_bit_gains(gains):
    for apart in (False, True):
        own = {"cohort": VINDR, "apart": apart}
        assert of(gains, "without", **own)["value"] == 0.5
        assert of(gains, "gain", **own)["value"] == pytest.approx(of(gains, "bit_gain", **own)["value"])
        assert of(gains, "left", **own)[["value", "low", "high"]].tolist() == [0, 0, 0]
    assert of(gains, "gain", cohort=VINDR)["low"] > 0.3
    assert abs(of(gains, "gain", cohort=CESM)["value"]) < 0.05
    assert "**The gain is the bit's" in findings.gain(gains[gains["apart"]])
    assert "No interval of a gain" in findings.gain(gains[(gains["cohort"] == CESM) & gains["apart"]])


def test_networks_that_see_more_are_given_their_due(tmp_path):
    table = results.all_gains(made_up(tmp_path, knows=0.4), DRAWS, 0)
    own = table[~table["apart"] & (table["cohort"] == VINDR)]
    assert of(own, "left")["low"] > 0
    assert "3 of 3 networks add something to the bit" in findings.gain(own)


def test_the_gain_melts_with_the_flag(melting):
    values = [of(melting, "gain", level=level)["value"] for level in (0.0, 0.5, 1.0)]
    assert values[0] > values[1] > values[2] and abs(values[2]) < 0.1
    first, last = (f"{values[end]:+.2f}" for end in (0, 2))
    assert f"Swin: from {first}" in findings.melted(melting) and f"to {last}" in findings.melted(melting)


def test_published_gains_are_restated_over_the_bit():
    bits = {name: one_bit_rule(name) for name in yoshitsugu.DATA_NAMES}
    table = results.restated(bits)
    row = table.loc[VINDR, "Swin", "accuracy"]
    assert (row["gain"], row["gain over the bit"]) == pytest.approx((0.02, 0.87 - (952 + 4790) / 6594))
    row = table.loc[CESM, "ConvNeXtV2", "balanced"]
    assert row["gain over the bit"] == pytest.approx((0.74 + 0.61) / 2 - (326 / 331 + 9 / 331) / 2)
    assert figures.restated(table).loc[("VinDr", "Swin", "accuracy"), "gain"] == "+0.02"
    assert "0.96" in findings.published_bit() and "0.93 and 0.87" in findings.published_bit()


def test_the_system_is_measured_on_all_pictures(played):
    truth, called = results.three_calls(played, VINDR, "swin", "with")
    table = played.table(VINDR)
    assert (truth == table["label"]).all()
    expected = np.where(table["label"] == "normal", "normal", np.where(table["flag"], "malignant", "benign"))
    assert (called == expected).all()
    own = results.systems(played, VINDR, DRAWS, 0)
    malignant = (table["label"] == "malignant").to_numpy()
    called = called == "malignant"
    assert of(own, "with", "sensitivity")["value"] == pytest.approx(called[malignant].mean())
    assert of(own, "with", "specificity")["value"] == pytest.approx((~called[~malignant]).mean())
    assert of(own, "gain")["value"] == pytest.approx(of(own, "predicted")["value"] - of(own, "without")["value"])
    said = findings.system(own)
    assert f"{of(own, 'predicted')['value']:.2f}" in said and "with the predicted one" in said


def test_a_set_without_known_places_has_no_predicted_flag(tmp_path):
    blind = made_up(tmp_path, localizes=False)
    own = results.systems(blind, VINDR, DRAWS, 0)
    assert "predicted" not in set(own["way"])
    assert findings.system(own).startswith("Without a localizer")
    assert "no lesion" in findings.localized(pd.DataFrame(), (0, 0)).lower()


def test_the_localizer_is_scored_against_the_true_flag(played):
    scores = results.localizer_scores(played, VINDR, DRAWS, 0)
    flag = played.table(VINDR)["flag"].to_numpy()
    found = played.found[played.found["cohort"] == VINDR]["found"].to_numpy()
    assert scores.set_index("metric")["value"]["sensitivity"] == pytest.approx(found[flag].mean())
    hit, of_all = results.hits(played, VINDR)
    assert hit == of_all == flag[::2].sum()
    assert "not told from chance" in findings.localized(scores, (hit, of_all))
    better = scores.assign(low=0.7)
    assert "better than by chance" in findings.localized(better, (hit, of_all))


def test_groups_that_could_not_be_trained_are_counted():
    index = pd.MultiIndex.from_product([["with mask", "without mask"], ["LCC"]], names=["side", "view"])
    sizes = pd.DataFrame({"benign": 3.5, "malignant": 2.0, "folds": 3, "trained": [3, 1]}, index)
    assert findings.fallbacks(sizes).startswith("1 of 2 groups")
    assert findings.fallbacks(sizes.assign(trained=3)) == "Every group could be trained in every fold."
    assert figures.sizes({VINDR: sizes})["trained in"].tolist() == ["3 of 3", "1 of 3"]


def test_cohorts_and_choices_are_told(played):
    said = findings.cohorts(profiles.load("demo"), played)
    pair = (played.table(VINDR)["label"] != "normal").sum()
    assert f"**VinDr-like flag**: {pair} benign and malignant" in said
    assert "one learning rate" in findings.chosen(played.choices.head(0))
    assert "Swin 0.001 (1 times)" in findings.chosen(played.choices)


def figure(name: str, played, gains, melting) -> Figure:
    return {
        "rates": lambda: figures.rates(results.flag_rates(played)),
        "gains": lambda: figures.gains(gains[gains["apart"]]),
        "melting": lambda: figures.melting(melting),
        "confusions": lambda: figures.confusions(
            {name: results.three_calls(played, VINDR, name, "with") for name in NETWORKS}, LABELS
        ),
        "examples": lambda: figures.examples(played.table(VINDR), np.zeros((240, 16, 16), np.uint8)),
    }[name]()


@pytest.mark.parametrize("name", ["rates", "gains", "melting", "confusions", "examples"])
def test_each_figure_says_in_words_what_it_shows_and_fits_the_column(name, played, gains, melting):
    drawn = figure(name, played, gains, melting)
    assert drawn.get_figwidth() * 96 == pytest.approx(740, abs=1)
    assert len(drawn.get_label()) > 40


def test_the_gains_stand_at_their_values(gains):
    own = gains[gains["apart"] & (gains["metric"] == "balanced")]
    left, right, *_ = figures.gains(own).axes
    for axes, ways in ((left, figures.LOOKS), (right, figures.GAIN_LOOKS)):
        marks = sorted(float(bars.lines[0].get_xdata()[0]) for bars in axes.containers)
        expected = own[(own["cohort"] == VINDR) & own["way"].isin(ways)]["value"]
        assert marks == pytest.approx(sorted(expected))


def test_ways_are_told_apart_by_marks_too():
    for looks in (figures.LOOKS, figures.GAIN_LOOKS):
        assert len({look["marker"] for look in looks.values()}) == len(looks)


def test_the_table_has_every_way_and_its_interval(gains):
    own = gains[gains["apart"] & (gains["cohort"] == VINDR)]
    table, row = figures.score_table(own).data, of(own, "with", "f1")
    assert len(table) == 3 * 7
    assert table.loc[("Swin", "with separation"), "F1"] == f"{row['value']:.2f}\n[{row['low']:.2f}, {row['high']:.2f}]"


def test_the_explorer_holds_every_probability_and_number(played, melting, monkeypatch):
    kept = []
    monkeypatch.setattr(explorer, "explore", lambda *shown: kept.append(shown))
    explorer.separation(played, melting)
    widget, twin, caption = kept[0]
    pair = played.table(VINDR)["label"] != "normal"
    separated = np.frombuffer(widget.separated, "<f4").reshape(3, 3, pair.sum())
    expected = np.where(played.table(VINDR, 0.5)["flag"], 0.8, 0.2)[pair]
    np.testing.assert_allclose(separated[1, 1], expected, rtol=1e-6)
    numbers = np.frombuffer(widget.numbers, "<f8").reshape(3, 3, len(explorer.METRICS), 6, 3)
    row = of(melting, "gain", "harmonic", level=1.0)
    assert numbers[0, 2, 1, 3].tolist() == row[["value", "low", "high"]].tolist()
    assert widget.views == ["LCC", "RCC", "LMLO", "RMLO"]
    assert "Swin" in caption and len(twin) == 6
    json.dumps(widget.levels)


def test_a_way_that_does_not_separate_is_the_same_at_each_level(played):
    first, last = (played.said(VINDR, "swin", Way(False, False), level) for level in (0.0, 1.0))
    assert first.equals(last)
