"""The figures of the chapters on choice and on rereading: all that they are given, legible, in one look."""

from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from simulated import NETWORKS, PROTOCOLS, of, predictions
from test_choice import COSTS

from helpers import profile as profiles
from helpers.evaluation import benefit, calibration, choice, comparisons, decisions, temperature
from helpers.figures import calibration as curves
from helpers.figures import choice as choices
from helpers.figures import decisions as figures
from helpers.figures import rereading, style
from helpers.rereading import FAILS, HOLDS, OPEN, reread
from helpers.rereading.beside import comparability

DRAWS = {"draws": 60, "seed": 0}
HEADINGS = ["patient-grouped", "as published (leaky)"]


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


@cache
def _before() -> pd.DataFrame:
    return predictions(60, overconfidence=2)


@cache
def _after() -> pd.DataFrame:
    return temperature.rescaled(_before(), temperature.temperatures(_before(), **DRAWS))


@cache
def _measured() -> dict[str, choice.Measured]:
    return {name: choice.measure(_after(), COSTS, name, **DRAWS) for name in PROTOCOLS}


def _reliability(event: str) -> Figure:
    return curves.reliability_curves(*(calibration.reliability(table) for table in (_before(), _after())), event)


def _calibration() -> Figure:
    return curves.calibration_scores(*(calibration.scores(table, **DRAWS) for table in (_before(), _after())))


def _choices() -> Figure:
    anyhow = {name: choice.any_weights(found, 200, seed=0) for name, found in _measured().items()}
    return choices.choices({name: choice.choose(found) for name, found in _measured().items()}, anyhow)


FIGURES = {
    "area_differences": lambda: figures.area_differences(comparisons.compared_areas(_before(), **DRAWS)),
    "reliability": lambda: _reliability("call"),
    "calibration": _calibration,
    "operating_points": lambda: figures.operating_points(decisions.operating_points(_after(), **DRAWS)),
    "carried": lambda: figures.carried_thresholds(decisions.carried_thresholds(_after(), 0.9, **DRAWS), 0.9),
    "decision_curves": lambda: figures.decision_curves(
        benefit.decision_curves(_after(), np.arange(0.05, 0.9, 0.05), **DRAWS)
    ),
    "costs": lambda: choices.costs(COSTS),
    "criteria": lambda: choices.criteria({name: choice.criteria_table(found) for name, found in _measured().items()}),
    "choices": _choices,
    "one_bit": rereading.one_bit,
    "f_scores": rereading.f_scores,
    "always_benign": rereading.always_benign,
    "normals_in_the_test": rereading.normals_in_the_test,
}
BY_PROTOCOL = [
    "area_differences",
    "calibration",
    "operating_points",
    "carried",
    "decision_curves",
    "criteria",
    "choices",
]


@cache
def _figure(name: str) -> Figure:
    return FIGURES[name]()


@cache
def _labels(name: str) -> list[tuple[str, Bbox]]:
    """What is written in a figure and where: the texts that drawing it reaches."""
    drawn, draw = [], Text.draw
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda self, renderer: (drawn.append(self), draw(self, renderer)))
        _figure(name).draw_without_rendering()
    written = {id(text): text for text in drawn if text.get_visible() and text.get_text().strip()}
    return [(text.get_text(), Text.get_window_extent(text)) for text in written.values()]


@pytest.mark.parametrize("name", FIGURES)
def test_no_two_labels_overlap_and_none_is_cut(name):
    page = _figure(name).bbox
    for text, box in _labels(name):
        assert min(box.x0, box.y0, page.x1 - box.x1, page.y1 - box.y1) > -1, text
    for (one, a), (other, b) in combinations(_labels(name), 2):
        across, along = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(across, along) < 1, (one, other)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_as_wide_as_the_text_column(name):
    assert _figure(name).get_figwidth() * 96 == pytest.approx(740, abs=1)


@pytest.mark.parametrize("name", BY_PROTOCOL)
def test_protocols_stand_side_by_side_the_grouped_first(name):
    titles = [axes.get_title(loc="left") for axes in _figure(name).axes]
    assert [title for title in titles if title] == HEADINGS


@pytest.mark.parametrize("name", [*BY_PROTOCOL, "reliability", "costs"])
def test_every_network_is_named(name):
    words = "\n".join(text for text, _ in _labels(name))
    assert all(style.NETWORK_NAMES[network] in words for network in NETWORKS)


def _marks(axes, name: str) -> np.ndarray:
    """Points of the value marks that carry a name."""
    bars = [bar.lines[0] for bar in axes.containers if bar.get_label() == name and hasattr(bar, "has_xerr")]
    return np.array([line.get_xydata()[0] for line in bars])


def test_reliability_curves_draw_each_bin():
    table = calibration.reliability(_after())
    axes = _figure("reliability").axes[1]
    own = of(table, network="icnt", protocol="patient_grouped", event="call")
    (bars,) = [bar for bar in axes.containers if bar.get_label() == "after"]
    np.testing.assert_allclose(bars.lines[0].get_xydata(), own[["predicted", "observed"]])


def test_differences_draw_each_pair_by_each_way():
    table = comparisons.compared_areas(_before(), **DRAWS)
    axes = _figure("area_differences").axes[3]
    for way in figures.WAYS:
        own = of(table, protocol="as_published", label="benign", way=way)
        assert _marks(axes, way)[:, 0] == pytest.approx(own["difference"].to_numpy())


def test_decision_curves_draw_networks_and_the_two_ways_without():
    table = benefit.decision_curves(_after(), np.arange(0.05, 0.9, 0.05), **DRAWS)
    axes = _figure("decision_curves").axes[0]
    drawn = {line.get_label(): line.get_ydata() for line in axes.lines}
    names = {**style.NETWORK_NAMES, "always": "always", "never": "never"}
    for way, label in names.items():
        np.testing.assert_allclose(drawn[label], of(table, protocol="patient_grouped", way=way)["value"])


def test_bars_of_a_choice_sum_to_all_draws():
    for axes in _figure("choices").axes:
        widths = np.array([bar.get_width() for bar in axes.patches]).reshape(len(choice.SCENARIOS) + 1, 3)
        np.testing.assert_allclose(widths.sum(axis=1), 1)


def test_weights_and_scales_are_tables():
    weights = choices.weight_table()
    assert weights.columns.tolist() == [scenario.name for scenario in choice.SCENARIOS]
    assert weights.loc["time a picture"].tolist() == ["", "0.15", "0.25", "0.20"]
    assert choices.scale_table().loc["time a picture"].tolist()[:2] == ["1,000 ms", "1 ms"]


def test_differences_and_parts_are_tables_in_words():
    table = comparisons.compared_f1(_before(), **DRAWS)
    shown = figures.difference_table(table)
    assert shown.loc[("patient-grouped", "Baseline CNN − ICNT"), "difference"] == f"{table['difference'].iloc[0]:+.3f}"
    parts = curves.parts_table(calibration.brier_parts(_before()))
    assert parts.index[0] == ("patient-grouped", "Baseline CNN")
    assert parts.shape == (6, 4)


def test_checks_are_summed_up_by_rule():
    table = rereading.summary()
    for document in "ABCD":
        verdicts = reread(document)["verdict"].value_counts()
        assert table.loc[document].sum().to_dict() == {v: verdicts.get(v, 0) for v in (FAILS, HOLDS, OPEN)}


@pytest.mark.parametrize("document", "ABCD")
def test_tables_of_a_document_have_ids_that_are_not_random(document):
    ours = pd.DataFrame(columns=["document", "table", "row", "column", "source", "value", "low", "high"])
    verdicts = comparability(profiles.load("demo"), ours)
    one, other = (
        [table.to_html() for table in rereading.tables_beside_ours(document, ours, verdicts)] for _ in range(2)
    )
    assert all("Not comparable: not computed for this chapter" in html for html in one)
    assert one == other and len(set(one)) == len(one)
    assert rereading.failures(document).to_html() == rereading.failures(document).to_html()
