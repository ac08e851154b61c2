"""The figures of the chapter on microcalcifications draw what they are given and say it in words."""

import made_up_films
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.calcifications.experiment import FILTER, VARIANTS
from helpers.calcifications.films import Film
from helpers.calcifications.inference import NOTHING, Outlined, Variant
from helpers.evaluation import froc, pixels
from helpers.figures import calcifications as figures
from helpers.figures import calcified_films, style
from helpers.findings import calcifications as told
from helpers.published import valvano

RATES = np.linspace(0, 2, 9)


@pytest.fixture(scope="module", autouse=True)
def _look() -> None:
    style.use_style()


@pytest.fixture(scope="module")
def played():
    return made_up_films.made_up()


@pytest.fixture(scope="module")
def curves(played) -> pd.DataFrame:
    return froc.curves(played.found("test"), played.pictures("test"), RATES, 100, seed=1)


@pytest.fixture(scope="module")
def areas(played) -> pd.DataFrame:
    return froc.compared(played.found("test"), played.pictures("test"), FILTER, draws=100, seed=1)


def film(cluster: bool = True) -> Film:
    rng = np.random.default_rng(0)
    picture = rng.integers(60, 120, (260, 300), dtype=np.uint8)
    calcifications = np.zeros(picture.shape, bool)
    calcifications[120:124, 150:155] = cluster
    hull = np.zeros_like(calcifications)
    hull[110:140, 140:170] = cluster
    return Film("P1-L-CC", "P1", "test", picture, np.ones_like(hull), calcifications, hull)


def said(reached: bool) -> Outlined:
    logits = np.full((260, 300), NOTHING, np.float32)
    if reached:
        logits[100:160, 130:190] = -3
        logits[121:124, 150:156] = 4
    return Outlined(np.random.default_rng(0).normal(size=(58, 68)).astype(np.float32), logits)


def test_every_figure_says_in_words_what_it_shows(played, curves, areas):
    counts = played.counts("test")
    thresholds = dict.fromkeys(played.methods, made_up_films.THRESHOLD)
    scored = pixels.scored(counts, thresholds, played.pictures("test")["patient_id"], 50, seed=1)
    rings = pixels.shares(played.positions, ["variant", "network", "distance"], 50, seed=1)
    drawn = [
        figures.froc(curves, "29 same"),
        figures.areas(areas),
        figures.pixel_measures(scored),
        figures.pixel_curves({name: pixels.upward(own.sum(axis=0)) for name, own in counts.items()}, "29 same"),
        figures.positions(rings),
        calcified_films.clusters([film(), film()], [0.3, 0.15]),
        calcified_films.outlined(film(), said(True), Variant(29, "same"), 0.0),
        calcified_films.outlined(film(cluster=False), said(False), Variant(29, "same"), 0.0),
        figures.real(None, 50, 1),
    ]
    for figure in drawn:
        assert isinstance(figure, Figure) and len(figure.get_label()) > 20
        assert figure.get_figwidth() == style.WIDTH


def test_areas_and_gains_stand_at_their_values(areas):
    left, right = figures.areas(areas).axes
    values = [[float(bars.lines[0].get_xdata()[0]) for bars in axes.containers] for axes in (left, right)]
    assert values[0] == pytest.approx(areas["value"].tolist())
    assert values[1] == pytest.approx(areas.loc[areas["method"] != FILTER, "gain"].tolist())
    assert [text.get_text() for text in left.get_yticklabels()] == [
        figures.method_name(name) for name in areas["method"]
    ]


def test_a_padding_is_told_by_its_mark_and_not_by_color_alone():
    looks = list(figures.LOOKS.values())
    assert len({look["marker"] for look in looks}) == len({look["color"] for look in looks}) == 3


def test_the_curve_of_the_best_and_of_the_filter_have_their_band(curves):
    (axes,) = figures.froc(curves, "29 same").axes
    assert len(axes.collections) == 2
    assert len([line for line in axes.lines if len(line.get_xdata()) == len(RATES)]) == len(VARIANTS) + 1


def test_published_accuracies_stand_below_ours(played):
    found = pixels.shares(played.accuracy, ["variant", "network"], 50, seed=1)
    table = figures.accuracies(found, told.background(played), "29 same")
    printed = valvano.accuracies()["accuracy"]
    assert table.iloc[-1].tolist()[::2] == [f"{printed[name]:.4f}" for name in ("Detector", "Segmentator")]
    assert len(table) == len(VARIANTS) + 1 and "29 px, same (best here)" in table.index
    own = found[(found["variant"] == "39 valid") & (found["network"] == "segmentator")]["value"].iloc[0]
    assert table.loc["39 px, valid", "Segmentator: accuracy"].startswith(f"{own:.4f} [")


def test_the_outline_counts_its_pixels_in_words():
    words = calcified_films.outlined(film(), said(True), Variant(29, "same"), 0.0).get_label()
    assert "15 of 20 pixels of calcification are outlined" in words


def test_a_window_around_a_cluster_stays_in_the_film():
    rows, columns = calcified_films.around(film())
    assert (rows.stop - rows.start, columns.stop - columns.start) == (220, 220)
    assert rows.start >= 0 and columns.start >= 0 and rows.stop <= 260 and columns.stop <= 300
