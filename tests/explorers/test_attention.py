"""The attention explorer draws what figures/attention.py draws, and tells what the predictions say."""

import cv2
import numpy as np
import pytest

from helpers.datasets.exams import LABELS
from helpers.evaluation.cases import Case
from helpers.explorers import attention as module
from helpers.figures.attention import overlay
from helpers.figures.style import NETWORK_NAMES

SIDE, CELLS = 48, {"baseline_cnn": (7, 5), "iiv3": (5, 6)}


def cases_of(seed: int, cells: tuple[int, int], calls: str) -> list[Case]:
    rng, pictures = np.random.default_rng(seed), np.random.default_rng(0)
    cases = []
    for i, called in enumerate(calls):
        called = LABELS["nbm".index(called)]
        chances = np.sort(rng.dirichlet([1, 1, 1])).astype("float32")
        chances[[LABELS.index(called), 2]] = chances[[2, LABELS.index(called)]]
        blurred = cv2.GaussianBlur(pictures.integers(0, 256, (SIDE, SIDE), dtype=np.uint8), (0, 0), 3)
        own = rng.random(cells).astype("float32") ** 2 * (0 if i == 2 else 1)
        other = own if called == "malignant" else rng.random(cells).astype("float32") ** 2
        circle = (20.0 + i, 25.5, 7.0) if i != 1 else (np.nan,) * 3
        chance = float(chances.max())
        cases.append(
            Case(blurred, own, other, "malignant", called, chance, f"p{i}", circle, None, tuple(map(float, chances)))
        )
    return cases


@pytest.fixture
def networks() -> dict[str, list[Case]]:
    return {"baseline_cnn": cases_of(1, CELLS["baseline_cnn"], "mmnbm"), "iiv3": cases_of(2, CELLS["iiv3"], "mmmmm")}


@pytest.fixture
def explorer(networks, monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda *shown: kept.append(shown))
    module.attention(networks, malignant=9)
    return kept[0][0]


@pytest.fixture
def page(opened, explorer):
    shown = opened(explorer)
    yield shown.page
    assert shown.complaints == []


def choose(page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def drawn(page) -> np.ndarray:
    script = """() => {
        const canvas = document.querySelector("canvas");
        return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
    }"""
    return np.reshape(page.evaluate(script), (SIDE, SIDE, 4))[..., :3]


def stored(explorer, i: int) -> np.ndarray:
    """A picture as the page has it: WebP loses a little."""
    sheet = cv2.imdecode(np.frombuffer(explorer.pictures, np.uint8), cv2.IMREAD_GRAYSCALE)
    row, column = SIDE * (i // explorer.tiles["columns"]), SIDE * (i % explorer.tiles["columns"])
    return sheet[row : row + SIDE, column : column + SIDE]


@pytest.mark.parametrize(("explained", "field"), [("called", "called_map"), ("true", "true_map")])
def test_it_draws_what_the_figures_draw(page, explorer, networks, explained, field):
    choose(page, "Evidence for", f"the class that {'was called' if explained == 'called' else 'is true'}")
    for network, cases in networks.items():
        choose(page, "Network", NETWORK_NAMES[network])
        for i, case in enumerate(cases):
            choose(page, "Picture", f"p{i}, called {case.called}")
            picture = stored(explorer, i)
            assert np.abs(picture.astype(int) - case.picture).mean() < 4
            wanted = overlay(picture, getattr(case, field)).astype(int)
            assert np.abs(drawn(page) - wanted).max() <= 3
            about = case.called if explained == "called" else case.label
            assert page.locator("canvas").first.get_attribute("aria-label") == f"p{i}, with the evidence for {about}"


def test_opacity_fades_the_map_and_the_outline_comes_and_goes(page, explorer, networks):
    page.get_by_label("Opacity").fill("0")
    assert np.abs(drawn(page) - stored(explorer, 0)[..., None].astype(int)).max() <= 2
    circle = page.locator(".explorer svg[viewBox='0 0 48 48'] circle")
    assert [float(circle.first.get_attribute(name)) for name in ("cx", "cy", "r")] == [20.5, 26, 7]
    page.get_by_label("outline of the lesion").uncheck()
    assert circle.count() == 0
    page.get_by_label("outline of the lesion").check()
    page.get_by_role("button", name="Next").click()
    assert circle.count() == 0 and "Where the lesion lies is not known." in page.locator(".explorer").inner_text()


def test_probabilities_are_those_of_the_predictions_exactly(page, networks):
    for network, cases in networks.items():
        choose(page, "Network", NETWORK_NAMES[network])
        for i, case in enumerate(cases):
            choose(page, "Picture", f"p{i}, called {case.called}")
            values = page.locator("tbody data").evaluate_all("all => all.map((one) => Number(one.value))")
            assert values == list(case.probabilities)
            rows = page.locator("tbody th").all_inner_texts()
            words = (
                {"malignant": "true", case.called: "called"}
                if case.called != "malignant"
                else {"malignant": "true and called"}
            )
            assert [row.split("\n")[-1].strip() for row in rows] == [words.get(label, "") for label in LABELS]


def test_a_filter_leaves_hits_or_critical_errors(page, networks):
    options = page.get_by_label("Picture", exact=True).locator("option")
    for kind, right in (("hits: called malignant", True), ("critical errors: called normal or benign", False)):
        choose(page, "Show", kind)
        own = [(f"p{i}", case.called) for i, case in enumerate(networks["baseline_cnn"])]
        wanted = [f"{name}, called {called}" for name, called in own if (called == "malignant") == right]
        assert options.all_inner_texts() == wanted
        page.get_by_role("button", name="Previous").click()
        assert page.get_by_label("Picture", exact=True).locator("option:checked").inner_text() == wanted[-1]
    choose(page, "Network", "IIV3")
    assert "IIV3 has no such picture here." in page.locator(".explorer").inner_text()
    assert not page.locator("canvas").first.is_visible()
    choose(page, "Show", "all malignant")
    assert options.count() == 5 and page.locator("canvas").first.is_visible()


def test_a_map_without_evidence_and_a_right_call_are_said_so(page, networks):
    text = page.locator(".explorer")
    assert "one and the same map" in text.inner_text() and "no positive evidence" not in text.inner_text()
    choose(page, "Picture", "p2, called normal")
    assert "There is no positive evidence for normal." in text.inner_text()
    choose(page, "Evidence for", "the class that is true")
    assert "Evidence for malignant, enlarged from 7 x 5 cells." in text.inner_text()
    assert "no positive evidence" not in text.inner_text()
    assert "Here are 5 of the 9 malignant test pictures" in text.inner_text()


def test_the_keyboard_alone_moves_it(page):
    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    press("Tab", "ArrowDown")
    assert page.get_by_label("Network").locator("option:checked").inner_text() == "IIV3"
    press("Tab", "Tab", "ArrowDown", "Tab", "Tab", "Enter")
    assert page.locator("caption").inner_text() == "Probabilities of p2"
    press("Tab", "ArrowDown")
    assert page.get_by_label("Evidence for", exact=True).locator("option:checked").inner_text().endswith("is true")
    press("Tab", "ArrowRight", "Tab", "Space")
    assert page.get_by_label("Opacity").input_value() == "75"
    assert not page.get_by_label("outline of the lesion").is_checked()


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, explorer):
    shown = opened(explorer, width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("input[type=range]", [10, 30, 50, 70, 90]) <= 50
