"""The threshold explorer counts in the browser what evaluation/thresholds.py counts here."""

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.thresholds import Setting, decision
from helpers.explorers import threshold as module

NUMBERS = ["hits", "misses", "false_alarms", "rejections", "sensitivity", "specificity", "ppv", "npv", "harm"]


@pytest.fixture
def predictions() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    tables = []
    for network in ("baseline_cnn", "icnt"):
        for protocol, n in (("patient_grouped", 61), ("as_published", 83)):
            probabilities = rng.dirichlet([1, 1, 1], n).astype("float32")
            table = pd.DataFrame(probabilities, columns=["normal", "benign", "malignant"])
            labels = rng.choice(["normal", "benign", "malignant"], n)
            tables.append(table.assign(network=network, protocol=protocol, split="test", label=labels))
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def explorer(predictions, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda widget, *_: kept.append(widget))
    module.threshold(predictions)
    return kept[0]


def table(page) -> list[list[float]]:
    """One list a network, as the page's columns are."""
    rows = page.locator(".explorer tbody tr").all()
    cells = [[float(cell.get_attribute("value") or "nan") for cell in row.locator("data").all()] for row in rows]
    return [list(column) for column in zip(*cells, strict=True)]


def expected(predictions, protocol, setting) -> list[list[float]]:
    chosen = predictions[predictions["protocol"] == protocol]
    results = [decision(test, setting) for _, test in chosen.groupby("network", sort=False)]
    return [[float(result[name]) for name in NUMBERS] for result in results]


def test_its_numbers_are_those_of_python_exactly(opened, explorer, predictions):
    shown = opened(explorer)
    np.testing.assert_array_equal(table(shown.page), expected(predictions, "patient_grouped", Setting()))
    shown.page.get_by_label("Protocol").select_option("as_published")
    shown.page.get_by_label("Call malignant from").fill("0.31")
    shown.page.get_by_label("Prevalence of cancer").fill("0.042")
    shown.page.get_by_label("A miss is as bad").fill("75")
    np.testing.assert_array_equal(table(shown.page), expected(predictions, "as_published", Setting(0.31, 0.042, 75)))
    assert shown.complaints == []


def test_the_keyboard_alone_moves_it(opened, explorer, predictions):
    shown = opened(explorer)
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Tab")
    for _ in range(3):
        shown.page.keyboard.press("ArrowRight")
    assert shown.page.get_by_label("Call malignant from").input_value() == "0.53"
    np.testing.assert_array_equal(table(shown.page), expected(predictions, "patient_grouped", Setting(0.53)))


@pytest.mark.parametrize("edge", [0.0, 1.0])
def test_at_the_edges_what_is_not_defined_is_said_so(opened, explorer, predictions, edge):
    shown = opened(explorer)
    shown.page.get_by_label("Call malignant from").fill(str(edge))
    np.testing.assert_array_equal(table(shown.page), expected(predictions, "patient_grouped", Setting(edge)))


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, explorer):
    shown = opened(explorer, width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("input[type=range]", [0.1, 0.3, 0.5, 0.7, 0.9]) <= 50
