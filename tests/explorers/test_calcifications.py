"""The calcifications explorer shows Python's numbers, its films to the pixel, and the truth only when asked."""

import cv2
import numpy as np
import pandas as pd
import pytest

from helpers.calcifications.films import Film
from helpers.evaluation import froc
from helpers.explorers import calcifications as module
from helpers.explorers.calcifications import steps_of

HEIGHT, WIDTH = 260, 180
NAMES = ["P1-L-CC", "P2-R-MLO", "P3-L-CC", "P4-R-CC"]


def film(number: int) -> Film:
    rng = np.random.default_rng(number)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8), (0, 0), 3)
    calcifications = np.zeros((HEIGHT, WIDTH), bool)
    if number % 2 == 0:
        calcifications[100:106, 60:66] = calcifications[120:124, 80:84] = True
    breast = np.ones_like(calcifications)
    return Film(NAMES[number], NAMES[number][:2], "test", picture, breast, calcifications, calcifications)


@pytest.fixture
def found() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    rows = []
    for number, name in enumerate(NAMES):
        for score in rng.random(7).round(3):
            hit = number % 2 == 0 and rng.random() < 0.4
            rows.append((name, int(rng.integers(HEIGHT)), int(rng.integers(WIDTH)), score, hit))
    return pd.DataFrame(rows, columns=["image_id", "row", "column", "score", "hit"])


@pytest.fixture
def pictures() -> pd.DataFrame:
    cluster = [number % 2 == 0 for number in range(len(NAMES))]
    return pd.DataFrame({"image_id": NAMES, "patient_id": NAMES, "cluster": cluster})


@pytest.fixture
def explorer(found, pictures, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda *shown: kept.append(shown))
    films = [film(number) for number in (0, 1, 2)]
    module.calcifications([(one, np.roll(one.calcifications, 2)) for one in films], found, pictures)
    return kept[0]


@pytest.fixture
def page(opened, explorer):
    shown = opened(explorer[0])
    shown.page.wait_for_selector(f'.glass[data-loaded="{NAMES[0]}"]')
    yield shown.page
    assert shown.complaints == []


def values(page) -> list[float]:
    return [float(cell.get_attribute("value")) for cell in page.locator(".facts data").all()]


def expected(found, steps, at, name, truth) -> list[float]:
    step = steps.iloc[at]
    own = found[(found["image_id"] == name) & (found["score"] >= step["threshold"])]
    hits = int(own["hit"].sum())
    whole = [step["threshold"], 100 * step["sensitivity"], step["false_positives"]]
    return [*whole, len(own), *([hits, len(own) - hits] if truth else [])]


def test_steps_are_points_of_the_froc_curve(found, pictures):
    steps = steps_of(found, pictures)
    before = froc.alarms(found, pictures, np.ones((1, len(pictures))), np.arange(len(pictures)))
    at = steps["false_positives"].to_numpy()
    # Of steps with equally many false positives the last one is the curve.
    last = steps.groupby("false_positives")["sensitivity"].transform("max")
    np.testing.assert_allclose(last, froc.sensitivities(before, np.ones_like(before), at)[:, 0])
    assert steps["threshold"].is_monotonic_decreasing and at.max() <= froc.LIMIT
    for step in steps.itertuples():
        called = found[found["score"] >= step.threshold]
        assert step.false_positives == (~called["hit"]).sum() / len(pictures)


def test_its_numbers_are_those_of_python_exactly(page, found, pictures):
    steps = steps_of(found, pictures)
    page.get_by_label("truth", exact=True).check()
    for place, name in enumerate(NAMES[:3]):
        page.get_by_label("Film", exact=True).select_option(str(place))
        for at in (0, len(steps) // 2, len(steps) - 1):
            page.get_by_label("Threshold").fill(str(at))
            wanted = expected(found, steps, at, name, truth=True)
            assert values(page) == wanted and page.locator(".candidate").count() == wanted[3]


def test_the_truth_is_off_at_first_and_then_tells_hits_from_false_ones(page, found, pictures):
    steps = steps_of(found, pictures)
    page.get_by_label("Threshold").fill(str(len(steps) - 1))
    assert page.locator(".candidate rect").count() == 0 and page.locator("canvas").nth(1).is_hidden()
    assert values(page) == expected(found, steps, len(steps) - 1, NAMES[0], truth=False)
    page.get_by_label("truth", exact=True).check()
    *_, hits, false = expected(found, steps, len(steps) - 1, NAMES[0], truth=True)
    assert page.locator(".candidate:has(circle)").count() == hits
    assert page.locator(".candidate:has(rect)").count() == false
    assert page.locator("canvas").nth(1).is_visible()
    page.get_by_label("truth", exact=True).uncheck()
    assert page.locator("canvas").nth(1).is_hidden()


def layer(page, place: int) -> np.ndarray:
    script = """(canvas) => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]"""
    return np.reshape(page.locator("canvas").nth(place).evaluate(script), (HEIGHT, WIDTH, 4))


def test_film_truth_and_outline_lie_on_each_other_to_the_pixel(page):
    one = film(0)
    assert np.abs(layer(page, 0)[..., 0].astype(int) - one.picture).mean() < 3
    for place, mask in ((1, one.calcifications), (2, np.roll(one.calcifications, 2))):
        inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        np.testing.assert_array_equal(layer(page, place)[..., 3] > 0, mask & ~inner)


def scale(page) -> float:
    return page.locator(".sheet").evaluate(
        "node => node.getBoundingClientRect() && new DOMMatrix(getComputedStyle(node).transform).a"
    )


def shift(page) -> tuple[float, float]:
    return tuple(
        page.locator(".sheet").evaluate(
            "n => { const m = new DOMMatrix(getComputedStyle(n).transform); return [m.e, m.f]; }"
        )
    )


def test_mouse_and_keyboard_zoom_and_move(page):
    first = scale(page)
    page.locator(".glass").focus()
    for _ in range(3):
        page.keyboard.press("+")
    assert scale(page) == pytest.approx(4 * first, rel=1e-4)
    assert page.get_by_label("Zoom", exact=True).input_value() == "4"
    before = shift(page)
    page.keyboard.press("ArrowRight")
    assert shift(page)[0] == pytest.approx(before[0] - 60, abs=1)
    box, before = page.locator(".glass").bounding_box(), shift(page)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 80)
    page.mouse.up()
    assert shift(page) == pytest.approx((before[0] + 30, before[1] - 20), abs=1)
    page.get_by_role("button", name="To the strongest place").click()
    assert scale(page) == pytest.approx(6 * first, rel=1e-4)


def test_the_keyboard_alone_moves_the_threshold_and_a_click_on_the_curve_too(page, found, pictures):
    steps, at = steps_of(found, pictures), int(page.get_by_label("Threshold").input_value())
    page.get_by_label("Threshold").focus()
    page.keyboard.press("ArrowRight")
    assert values(page)[:3] == expected(found, steps, at + 1, NAMES[0], truth=False)[:3]
    before = page.locator("circle.here").get_attribute("cx")
    page.keyboard.press("End")
    assert float(page.locator("circle.here").get_attribute("cx")) > float(before)
    page.locator(".facts svg").click(position={"x": 47, "y": 100})
    assert values(page)[2] == 0


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, explorer):
    shown = opened(explorer[0], width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("input[type=range]", [0, 3, 6, 9, 4]) <= 50


def test_the_twin_is_a_table_of_the_same_steps(explorer, found, pictures):
    _, twin, caption = explorer
    steps = steps_of(found, pictures).round(3).set_index("threshold")
    pd.testing.assert_frame_equal(twin, steps.loc[twin.index])
    assert "thresholds" in caption
