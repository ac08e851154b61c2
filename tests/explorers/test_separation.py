"""The separation explorer shows what was played, panel by panel and stop by stop."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from test_roi_results import made_up  # noqa: E402

from helpers.explorers import separation as module  # noqa: E402
from helpers.published.yoshitsugu import VINDR  # noqa: E402
from helpers.roi import results  # noqa: E402

LEVELS = (0.0, 0.5, 1.0)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    return made_up(tmp_path_factory.mktemp("roi"))


@pytest.fixture(scope="module")
def melting(played):
    return results.melting(played, 100, 0)


@pytest.fixture
def explorer(played, melting, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda widget, *_: kept.append(widget))
    module.separation(played, melting)
    return kept[0]


def numbers(page) -> np.ndarray:
    rows = page.locator(".explorer tbody tr").all()
    return np.array([[float(cell.get_attribute("value")) for cell in row.locator("data").all()] for row in rows])


def expected(melting, network: str, level: float, metric: str) -> np.ndarray:
    own = melting[(melting["network"] == network) & (melting["level"] == level) & (melting["metric"] == metric)]
    return own.set_index("way").loc[list(module.ROWS), ["value", "low", "high"]].to_numpy()


def test_its_numbers_are_the_tables_at_every_stop(opened, explorer, melting):
    page = (shown := opened(explorer)).page
    for stop, level in enumerate(LEVELS):
        page.get_by_label("The flag").fill(str(stop))
        np.testing.assert_allclose(numbers(page), expected(melting, "swin", level, "balanced"), rtol=1e-12)
    page.get_by_label("Network").select_option(label="Baseline CNN")
    page.get_by_label("Metric").select_option(label="F1")
    np.testing.assert_allclose(numbers(page), expected(melting, "baseline_cnn", 1.0, "f1"), rtol=1e-12)
    assert shown.complaints == []


def test_four_panels_hold_each_picture_full_where_it_has_a_mask(opened, explorer, played):
    page = opened(explorer).page
    table = played.table(VINDR).query("label != 'normal'")
    panels = page.locator(".explorer .side svg")
    assert panels.count() == 4
    for at, view in enumerate(explorer.views):
        own = table[table["view"] == view]
        marks = panels.nth(at).locator("rect, polygon")
        assert marks.count() == len(own)
        full = [mark.get_attribute("fill") != "#ffffff" for mark in marks.all()]
        assert full == own["flag"].tolist()


def test_trained_together_the_pictures_stand_where_the_network_put_them(opened, explorer):
    page = opened(explorer).page
    page.get_by_label("Pictures with and without a mask").select_option(label="trained together")
    places = {
        round(float(mark.get_attribute("x")) + float(mark.get_attribute("width")) / 2, 3)
        for mark in page.locator(".explorer .side svg rect").all()
    }
    assert places == {round(76 + 0.1 * (290 - 76), 3)}


def test_the_rates_of_the_flag_are_told_and_meet_at_the_end(opened, explorer, played):
    page = opened(explorer).page
    page.get_by_label("The flag").fill("2")
    shares = played.table(VINDR, 1.0).groupby("label")["flag"].mean()
    note = page.locator(".note").inner_text()
    assert f"{100 * shares['malignant']:.0f} % of the malignant" in note
    assert f"{100 * shares['benign']:.0f} % of the benign" in note
    assert page.locator("output").inner_text() == "tells nothing"


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, explorer):
    shown = opened(explorer, width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("input[type=range]", [1, 0, 2, 1]) <= 50
