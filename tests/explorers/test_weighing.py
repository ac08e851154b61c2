"""The weighing explorer weighs in the browser as evaluation/choice.py weighs here."""

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.choice import COSTS, CRITERIA, Measured, Scenario, choose
from helpers.explorers import weighing as module

NETWORKS = ["baseline_cnn", "icnt", "iiv3"]
NAMES = [criterion.name for criterion in CRITERIA]
COSTLY = [place for place, name in enumerate(NAMES) if name in COSTS]


def made_up(seed: int) -> Measured:
    """Values within the scales; costs that no draw changes; two networks that tie in some draws, and some undefined."""
    rng = np.random.default_rng(seed)
    ends = np.array([[criterion.worst, criterion.best] for criterion in CRITERIA])
    draws = ends[:, :1] + rng.random((3, len(CRITERIA), 300)) * (ends[:, 1:] - ends[:, :1])
    draws[1, :, ::7] = draws[0, :, ::7]
    draws[2, 0, 5] = np.nan
    draws[:, COSTLY] = draws[:, COSTLY, :1]
    return Measured(pd.DataFrame(draws[..., 0], index=pd.Index(NETWORKS, name="network"), columns=NAMES), draws)


@pytest.fixture
def measured() -> dict[str, Measured]:
    return {"patient_grouped": made_up(1), "as_published": made_up(2)}


@pytest.fixture
def explorer(measured, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda widget, *_: kept.append(widget))
    module.weighing(measured)
    return kept[0]


def numbers(page) -> np.ndarray:
    rows = page.locator(".explorer tbody tr").all()
    return np.array([[float(cell.get_attribute("value")) for cell in row.locator("data").all()] for row in rows])


def expected(measured: Measured, **weights: float) -> np.ndarray:
    total = sum(weights.values())
    own = Scenario("own", "", {name: weight / total for name, weight in weights.items()})
    table = choose(measured, (own,))
    return np.column_stack([table["worth"], 100 * table["wins"]])


def test_a_task_gives_what_python_gives(opened, explorer, measured):
    page = (shown := opened(explorer)).page
    for protocol, found in measured.items():
        page.get_by_label("Protocol").select_option(protocol)
        table = choose(found)
        for scenario in table["scenario"].unique():
            page.get_by_role("button", name=scenario).click()
            own = table[table["scenario"] == scenario]
            np.testing.assert_allclose(numbers(page), np.column_stack([own["worth"], 100 * own["wins"]]), rtol=1e-12)
    assert shown.complaints == []


def test_weights_of_ones_own_give_what_python_gives_by_keys_alone(opened, explorer, measured):
    page = opened(explorer).page
    for _ in range(6):
        page.keyboard.press("Tab")
    page.keyboard.press("End")
    weights = {"sensitivity": 1.0, "specificity": 0.15, "equity": 0.15, "calibration": 0.2}
    np.testing.assert_allclose(numbers(page), expected(measured["patient_grouped"], **weights), rtol=1e-12)
    assert page.get_by_text("Your own weights.").is_visible()
    assert page.locator("button[aria-pressed=true]").count() == 0


def test_no_weight_at_all_is_asked_for_one(opened, explorer):
    page = opened(explorer, width=390).page
    for slider in page.get_by_role("slider").all():
        slider.fill("0")
    assert page.get_by_text("Give at least one criterion a weight.").is_visible()
    assert page.locator("tbody", has_text="not defined").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_redraws_within_50_ms(opened, explorer):
    assert opened(explorer).redraw("input[type=range]", [10, 30, 50, 70, 90]) <= 50
