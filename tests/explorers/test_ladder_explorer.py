"""The ladder explorer shows the results' numbers, is climbed by mouse and keys, and names the worst misses."""

import numpy as np
import pytest
from made_up_ladder import climbed, quick, where

from helpers.evaluation.screening import METRICS
from helpers.explorers import ladder as module
from helpers.figures.ladder import LOOKS, METRIC_NAMES, RUNG_NAMES, SIDE_NAMES, UNIT_NAMES
from helpers.ladder.results import auxiliary_of, ladder_of, results, worst_misses

RUNGS = list(RUNG_NAMES)


@pytest.fixture(scope="module")
def climb(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        return climbed(tmp_path_factory.mktemp("ladder") / "explored")


@pytest.fixture(scope="module")
def found(climb):
    return results(climb, 50, seed=2)


@pytest.fixture(scope="module")
def explorer(climb, found):
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "explore", lambda *shown: kept.append(shown))
        module.ladder(climb, found)
    return kept[0]


def choose(page, label: str, name: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=name)


def told(page) -> list[float]:
    return [float(each.get_attribute("value")) for each in page.locator(".explorer > .note[aria-live] data").all()]


def numbers(table, **values) -> list[float]:
    return where(table, **values)[["value", "low", "high"]].iloc[0].tolist()


def test_its_numbers_are_the_results_exactly(opened, explorer, found, climb):
    page = (shown := opened(explorer[0])).page
    for network, metric, side, unit, rung in (
        ("cnn", "f1", "out_of_fold", "image", "auxiliary"),
        ("vit", "average_precision", "test", "breast", "roi_crop"),
        ("vit", "auc", "out_of_fold", "breast", "metadata"),
    ):
        choose(page, "Network", LOOKS[network]["label"])
        choose(page, "Metric", METRIC_NAMES[metric])
        choose(page, "Tested", SIDE_NAMES[side])
        choose(page, "Counted", UNIT_NAMES[unit])
        page.locator(".rung").nth(RUNGS.index(rung)).click()
        same = {"network": network, "metric": metric, "side": side, "unit": unit, "rung": rung}
        assert told(page) == numbers(found.scores, **same) + numbers(found.gains, **same)
    assert page.locator(".rung").count() == len(ladder_of(climb))
    assert shown.complaints == []


def test_it_is_climbed_with_the_arrow_keys(opened, explorer):
    page = opened(explorer[0]).page
    top = page.locator('.rung[aria-checked="true"]')
    assert top.get_attribute("aria-label").startswith(RUNG_NAMES[RUNGS[-1]])
    top.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator('.rung[aria-checked="true"]').get_attribute("aria-label").startswith(RUNG_NAMES[RUNGS[-2]])
    page.keyboard.press("Home")
    assert page.locator('.rung[aria-checked="true"]').get_attribute("aria-label").startswith(RUNG_NAMES[RUNGS[0]])
    assert "no threshold changes" in page.locator(".panels").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-checked')") == "true"


def test_each_folds_threshold_is_the_one_chosen(opened, explorer, climb):
    page = opened(explorer[0]).page
    choose(page, "Network", LOOKS["vit"]["label"])
    own = where(climb.curves, network="vit", rung="auxiliary")
    at = own[(own["threshold"] - own["chosen"]).abs() < 1e-9].sort_values("fold")
    rows = page.locator(".panels tbody tr").all()
    cells = np.array([[float(cell.get_attribute("value")) for cell in row.locator("data").all()] for row in rows])
    np.testing.assert_array_equal(cells[:, 0], at["chosen"])
    np.testing.assert_allclose(cells[:, 1:], at[["validation", "held"]].to_numpy(), rtol=1e-6)


def test_the_worst_misses_stand_there_with_what_the_heads_say(opened, explorer, climb):
    page = opened(explorer[0]).page
    for network in LOOKS:
        choose(page, "Network", LOOKS[network]["label"])
        worst = worst_misses(climb, network, module.MISSES)
        assert page.locator(".misses button").count() == len(worst)
        place = len(worst) - 1
        page.locator(".misses button").nth(place).click()
        image_id = worst["image_id"].iloc[place]
        assert page.get_by_text(f"{image_id}. Probability").is_visible()
        heads = auxiliary_of(climb, network, image_id)
        rows = page.locator('[aria-label^="What the heads"] tbody tr').all_inner_texts()
        said = [row.split("\t")[:3] for row in rows]
        assert [each[2] for each in said] == heads["said"].tolist()
        assert [each[1] for each in said] == [value or "missing" for value in heads["table"]]


def test_a_miss_is_drawn_as_the_network_saw_it(opened, explorer, climb):
    page = opened(explorer[0]).page
    data = "document.querySelector('.misses canvas').getContext('2d').getImageData(0, 0, 32, 32).data"
    page.wait_for_function(f"{data}.some((value, i) => i % 4 === 0 && value > 0)")
    drawn = np.array(page.evaluate(f"Array.from({data})")).reshape(32, 32, 4)[..., 0]
    row = worst_misses(climb, "cnn", 1)["row"].iloc[0]
    assert np.abs(drawn - climb.screened.pictures["cropped"][row].astype(int)).mean() < 12


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, explorer):
    shown = opened(explorer[0], width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("select", ["vit", "cnn", "vit", "cnn"]) <= 50


def test_the_twin_holds_every_metric_and_says_what_it_is(explorer):
    _, twin, caption = explorer
    assert list(twin.data) == [METRIC_NAMES[metric] for metric in METRICS] and "out of fold" in caption
