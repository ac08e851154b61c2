"""The latent-space explorer puts each picture where its coordinates say, and tells what the predictions say."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers.datasets.exams import LABELS
from helpers.evaluation.latent_space import chosen_layer, pca_curves
from helpers.explorers import latent_space as module
from helpers.figures.style import CLASS_COLORS, NETWORK_NAMES
from helpers.inspection.projections import LatentSpace

COUNT = 45
LAYERS = ("early", "late")


def space_of(seed: int, count: int = COUNT) -> LatentSpace:
    rng = np.random.default_rng(seed)
    labels = np.random.default_rng(0).choice(LABELS, count)
    test = pd.DataFrame(rng.dirichlet([1, 1, 1], count).astype("float32"), columns=LABELS)
    test = test.assign(image_id=[f"p{i:03d}" for i in range(count)], label=labels)
    values = {layer: rng.normal(size=(count, 8)) * rng.uniform(0.1, 3, 8) for layer in LAYERS}
    curves = pca_curves(values)
    components = {layer: rng.normal(size=(count, 3)).astype("float32") for layer in LAYERS}
    tsne = {dims: rng.normal(size=(count, dims)).astype("float32") for dims in (2, 3)}
    return LatentSpace(curves, chosen_layer(curves), np.zeros((count, 8)), components, tsne, test)


@pytest.fixture
def spaces() -> dict[str, LatentSpace]:
    return {"baseline_cnn": space_of(1), "icnt": space_of(2)}


@pytest.fixture
def pictures() -> np.ndarray:
    return np.repeat(np.arange(COUNT, dtype=np.uint8) * 5 + 20, 32 * 32).reshape(COUNT, 32, 32)


@pytest.fixture
def show(monkeypatch):
    kept = []
    monkeypatch.setattr(module, "explore", lambda *shown: kept.append(shown))

    def explorer(*arguments):
        module.latent_space(*arguments, seed=4)
        return kept[-1]

    return explorer


@pytest.fixture
def page(opened, show, spaces, pictures):
    shown = opened(show(spaces, pictures)[0])
    yield shown.page
    assert shown.complaints == []


def choose(page, **choices: str) -> None:
    for label, option in choices.items():
        page.get_by_label(label, exact=True).select_option(label=option)


def told(page) -> str:
    return page.locator(".explorer canvas + div").inner_text()


def picture(page) -> str:
    return told(page).split()[0]


def spots(page, points: np.ndarray, turn: float = 0, tilt: float = 0) -> np.ndarray:
    """Where the points lie in the canvas, by matrices; angles in degrees, for three columns only."""
    low, high = points.min(axis=0).astype(float), points.max(axis=0).astype(float)
    scaled = 2 * (points - low) / (high - low) - 1
    width, height = page.evaluate("(({clientWidth: w, clientHeight: h}) => [w, h])(document.querySelector('canvas'))")
    if points.shape[1] == 2:
        return np.array([width / 2, height / 2]) + scaled * (1, -1) * (width / 2 - 16, height / 2 - 16)
    a, b = np.deg2rad([turn, tilt])
    turned = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    tilted = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    seen = scaled @ (tilted @ turned).T
    return np.array([width / 2, height / 2]) + seen[:, :2] * (1, -1) * min(width, height) / 3.5


def alone(places: np.ndarray) -> int:
    """The point farthest from its neighbor, so that a mouse can tell it from others."""
    apart = np.linalg.norm(places[:, None] - places, axis=2) + np.diag(np.full(len(places), np.inf))
    return int(apart.min(axis=1).argmax())


def hover(page, place: np.ndarray) -> None:
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 1 + float(place[0]), box["y"] + 1 + float(place[1]))


def pixel(page, x: float, y: float) -> list[int]:
    script = """([x, y]) => {
        const canvas = document.querySelector("canvas"), dense = canvas.width / canvas.clientWidth;
        return [...canvas.getContext("2d").getImageData(x * dense, y * dense, 1, 1).data].slice(0, 3);
    }"""
    return page.evaluate(script, [float(x), float(y)])


def test_the_mouse_finds_each_picture_where_its_coordinates_say(page, spaces):
    for network, space in spaces.items():
        choose(page, Network=NETWORK_NAMES[network])
        clouds = {("principal components", layer): space.components[layer][:, :2] for layer in LAYERS}
        clouds["t-SNE (chosen layer)", space.layer] = space.tsne[2]
        for (projection, layer), points in clouds.items():
            choose(page, Projection=projection)
            choose(page, Layer=f"{layer} (chosen)" if layer == space.layer else layer)
            places = spots(page, points)
            found = alone(places)
            hover(page, places[found])
            assert picture(page) == f"p{found:03d}"


def test_the_thumbnail_is_the_picture_in_a_frame_of_its_class(page, spaces, pictures):
    space = spaces["baseline_cnn"]
    places = spots(page, space.pca[:, :2])
    found = int(np.abs(places - places.mean(axis=0)).sum(axis=1).argmin())
    hover(page, places[found])
    told_of = int(picture(page)[1:])
    x, y = places[told_of] + (18 + 48, 0)
    np.testing.assert_allclose(pixel(page, x, y), pictures[told_of, 0, 0], atol=4)
    color = CLASS_COLORS[space.test["label"][told_of]]
    assert pixel(page, places[told_of][0] + 18 - 2, y) == [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def test_the_keyboard_walks_through_all_pictures_and_tells_the_predictions_exactly(page, spaces):
    page.get_by_label("Layer").focus()
    page.keyboard.press("Tab")
    for network in spaces:
        choose(page, Network=NETWORK_NAMES[network])
        page.locator("canvas").focus()
        test, seen = spaces[network].test.set_index("image_id"), []
        for _ in range(COUNT):
            row = test.loc[picture(page)]
            called = row[list(LABELS)].astype(float).idxmax()
            wrongly = ", wrongly" if called != row["label"] else ""
            assert re.fullmatch(rf"\w+ is +{row['label']}, called +{called}{wrongly}. Probabilities: .*", told(page))
            values = page.locator(".explorer canvas + div data").evaluate_all("all => all.map((one) => one.value)")
            assert [float(value) for value in values] == [float(row[label]) for label in LABELS]
            seen.append(picture(page))
            page.keyboard.press("PageDown")
        assert sorted(seen) == sorted(test.index)


@pytest.mark.parametrize(("key", "axis", "sign"), [("Right", 0, 1), ("Left", 0, -1), ("Up", 1, 1), ("Down", 1, -1)])
def test_an_arrow_goes_on_to_its_side_until_the_last_picture_there(page, spaces, key, axis, sign):
    values = sign * spaces["baseline_cnn"].pca[:, axis]
    page.get_by_label("Layer").focus()
    page.keyboard.press("Tab")
    way = [int(picture(page)[1:])]
    for _ in range(COUNT):
        page.keyboard.press(f"Arrow{key}")
        way.append(int(picture(page)[1:]))
    steps = np.diff(values[way])
    assert (steps >= 0).all() and values[way[-1]] == values.max()
    assert steps[0] > 0 or values[way[0]] == values.max()


def test_in_three_dimensions_mouse_sliders_and_keys_turn_the_cloud(page, spaces):
    choose(page, Dimensions="three")
    page.get_by_label("Turn").fill("-75")
    page.get_by_label("Tilt").fill("40")
    points = spaces["baseline_cnn"].pca

    def found_at(turn: float, tilt: float) -> None:
        places = spots(page, points, turn, tilt)
        found = alone(places)
        hover(page, places[found])
        assert picture(page) == f"p{found:03d}"

    found_at(-75, 40)
    hover(page, np.array([200, 200]))
    page.mouse.down()
    hover(page, np.array([260, 180]))
    page.mouse.up()
    assert [page.get_by_label(name).input_value() for name in ("Turn", "Tilt")] == ["-45", "30"]
    found_at(-45, 30)
    page.locator("canvas").focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(f"Shift+{key}")
    found_at(-57, 24)


def test_a_finger_turns_the_cloud_and_finds_a_picture(opened, show, spaces, pictures):
    page = opened(show(spaces, pictures)[0], width=390, has_touch=True, is_mobile=True).page
    choose(page, Dimensions="three")
    page.locator("canvas").scroll_into_view_if_needed()
    box, touch = page.locator("canvas").bounding_box(), page.context.new_cdp_session(page)

    def swipe(start: tuple[float, float], end: tuple[float, float]) -> None:
        for step in range(6):
            x, y = (a + (b - a) * step / 5 for a, b in zip(start, end, strict=True))
            point = [{"x": box["x"] + x, "y": box["y"] + y}]
            touch.send(
                "Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": point}
            )
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    before = int(page.get_by_label("Turn").input_value())
    swipe((100, 200), (200, 204))
    turned = int(page.get_by_label("Turn").input_value())
    assert turned > before
    places = spots(page, spaces["baseline_cnn"].pca, turned, int(page.get_by_label("Tilt").input_value()))
    found = alone(places)
    page.touchscreen.tap(box["x"] + 1 + float(places[found][0]), box["y"] + 1 + float(places[found][1]))
    assert picture(page) == f"p{found:03d}"


def test_legend_and_summary_count_as_python_does(page, spaces):
    for network, space in spaces.items():
        choose(page, Network=NETWORK_NAMES[network])
        values = page.locator(".explorer .note").first.locator("data").all_inner_texts()
        counts = space.test["label"].value_counts()
        wrong = (space.test[list(LABELS)].idxmax(axis=1) != space.test["label"]).sum()
        assert [int(value) for value in values] == [*(counts[label] for label in LABELS), wrong]
        for dims, name in ((3, "three"), (2, "two")):
            choose(page, Dimensions=name)
            own = space.curves[(space.curves["layer"] == space.layer) & (space.curves["component"] == dims)]
            share = page.locator(".explorer data").last.get_attribute("value")
            assert float(share) == own["cumulative"].item()


def test_tsne_is_offered_of_the_chosen_layer_alone(page, spaces):
    chosen = spaces["baseline_cnn"].layer
    (other,) = set(LAYERS) - {chosen}
    choose(page, Layer=other)
    assert f"Layer {other}." in page.locator(".explorer").inner_text()
    choose(page, Projection="t-SNE (chosen layer)")
    assert page.get_by_label("Layer").input_value() == chosen
    assert page.locator("option:disabled").all_inner_texts() == [other]
    choose(page, Projection="principal components")
    assert page.locator("option:disabled").count() == 0


def test_too_many_pictures_are_drawn_from_and_the_page_says_so(show, monkeypatch):
    monkeypatch.setattr(module, "LIMIT", 20)
    space = space_of(3, count=33)
    explorer, *_ = show({"icnt": space}, np.zeros((33, 16, 16), np.uint8))
    assert "20 of the 33" in explorer.note
    ids = [image["id"] for image in explorer.images]
    assert len(set(ids)) == 20 and ids == sorted(ids)
    rows = [int(name[1:]) for name in ids]
    early = np.frombuffer(explorer.points, "<f4")[: 20 * 3].reshape(20, 3)
    np.testing.assert_array_equal(early, space.components["early"][rows])


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, show, spaces, pictures):
    shown = opened(show(spaces, pictures)[0], width=390)
    page = shown.page
    choose(page, Dimensions="three")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw("input[type=range]", [-100, -50, 0, 50, 100]) <= 50
