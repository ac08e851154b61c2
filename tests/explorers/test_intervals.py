"""The intervals explorer shows the table's numbers, whatever is chosen."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.explorers import intervals as module
from helpers.explorers.intervals import Choice

NETWORKS, STEPS = {"icnt": "ICNT", "iiv3": "IIV3"}, {3: "all", 1: "some", 0: "few"}
PARTS = {"gagm": "GAGM", "sevector": "SEVector", "<b>": "<b>bold</b>"}
CHOICES = [Choice("network", "Network", NETWORKS), Choice("step", "What counts", STEPS, slides=True)]


@pytest.fixture
def table() -> pd.DataFrame:
    rng, rows = np.random.default_rng(3), product(NETWORKS, STEPS, PARTS)
    found = pd.DataFrame(rows, columns=["network", "step", "part"])
    values = rng.normal(size=len(found))
    found = found.assign(value=values, low=values - rng.random(len(found)), high=values + rng.random(len(found)))
    found = found.assign(n=found["step"] * 100, firm=rng.random(len(found)) < 0.5)
    # Not every combination was measured.
    return found.sample(frac=1, random_state=0).drop(index=[4])


@pytest.fixture
def explorer(table, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda *shown: kept.append(shown))
    module.intervals(table, "A table of parts", CHOICES, Choice("part", "part", PARTS), axis="network")
    return kept[0]


def numbers(page) -> np.ndarray:
    rows = page.locator(".explorer tbody tr").all()
    return np.array(
        [[float(cell.get_attribute("value") or "nan") for cell in row.locator("data").all()] for row in rows]
    )


def expected(table, network, step) -> np.ndarray:
    own = table[(table["network"] == network) & (table["step"] == step)].set_index("part")
    return own.reindex(list(PARTS))[["value", "low", "high"]].to_numpy()


def test_its_numbers_are_the_tables_exactly(opened, explorer, table):
    page = (shown := opened(explorer[0])).page
    for network, (place, step) in product(NETWORKS, enumerate(STEPS)):
        page.get_by_label("Network").select_option(label=NETWORKS[network])
        page.get_by_label("What counts").fill(str(place))
        np.testing.assert_array_equal(numbers(page), expected(table, network, step))
        assert f"{NETWORKS[network]}; {STEPS[step]}: {100 * step} pictures." in page.locator(".note").inner_text()
    assert shown.complaints == []


def test_what_was_not_measured_is_said_so_and_has_no_mark(opened, explorer, table):
    page = opened(explorer[0]).page
    assert page.locator(".explorer svg circle").count() == 3
    page.get_by_label("What counts").fill("1")
    assert page.locator("tbody tr", has_text="not defined").count() == 1
    assert page.locator(".explorer svg circle").count() == 2


def test_a_mark_is_full_where_the_table_says_firm(opened, explorer, table):
    page = opened(explorer[0]).page
    own = table[(table["network"] == "icnt") & (table["step"] == 3)].set_index("part").loc[list(PARTS), "firm"]
    fills = [mark.get_attribute("fill") for mark in page.locator(".explorer svg circle").all()]
    assert [fill != "#ffffff" for fill in fills] == own.tolist()


def test_the_keyboard_alone_moves_it(opened, explorer, table):
    page = opened(explorer[0]).page
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    np.testing.assert_array_equal(numbers(page), expected(table, "iiv3", 0))


def test_names_are_text_and_a_phone_holds_it(opened, explorer):
    page = opened(explorer[0], width=390).page
    assert page.locator("tbody th", has_text="<b>bold</b>").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_axis_stays_where_it_is_while_a_slider_moves(opened, explorer):
    page = opened(explorer[0]).page
    ticks = page.locator(".explorer svg text[text-anchor=middle]")
    before = ticks.all_inner_texts()
    page.get_by_label("What counts").fill("2")
    assert ticks.all_inner_texts() == before


def test_the_twin_is_the_first_choice(explorer, table):
    _, twin, caption = explorer
    np.testing.assert_array_equal(twin.to_numpy(float), expected(table, "icnt", 3).round(3))
    assert "network: ICNT, what counts: all" in caption


def test_a_combination_that_stands_there_twice_is_refused(table):
    with pytest.raises(ValueError, match="expected each combination of network, step, part once"):
        module.intervals(pd.concat([table, table]), "Twice", CHOICES, Choice("part", "part", PARTS), axis="network")
