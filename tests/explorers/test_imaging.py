"""The imaging explorer shows the pictures and sentences that Python made, step by step."""

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers import datasets
from helpers.explorers import imaging as module
from helpers.findings.framing import lesion_note, spread, told
from helpers.imaging import store
from helpers.inspection.ways import Way, way

SIZE = 40
PIXELS = """async (image) => {
    const picture = new Image();
    picture.src = image.getAttribute("href");
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, picture.width, picture.height);
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]);
}"""


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> list[Way]:
    data = datasets.load("phantom", patients=10, seed=5, normal_share=0.3, height=280)
    path = tmp_path_factory.mktemp("store") / "pictures.npy"
    pictures, exams, _ = store.frame_dataset(data, "lesion", SIZE, 5, path)
    firsts = exams.groupby("label", sort=False).head(1).sort_values("label", ascending=False)
    return [way(data, exam, "lesion", pictures[place]) for place, exam in firsts.iterrows()]


def made(ways) -> tuple[module.Imaging, Figure, str]:
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "explore", lambda *shown: kept.append(shown))
        module.imaging(ways)
    return kept[0]


def outlines(page) -> list[str]:
    return page.locator(".stage [data-outline]").evaluate_all("(all) => all.map((one) => one.dataset.outline)")


def assert_told(page, each: Way, number: int) -> None:
    step, words = each.steps[number], page.locator(".words").inner_text()
    title, kept, lost = told(each, step)
    assert f"{number + 1} of {len(each.steps)}: {title}" in words
    assert f"Kept: {kept}" in words and f"Lost: {lost}" in words and lesion_note(each) in words
    levels = step.picture[step.picture > 0].astype(float)
    shown = [float(number.get_attribute("value")) for number in page.locator(".words data").all()[:2]]
    assert shown == [step.picture[step.picture > 0].mean(), spread(step.picture)]
    assert shown == pytest.approx([levels.mean(), levels.std()])


def test_each_step_is_told_in_its_own_numbers(opened, followed):
    shown = opened(made(followed)[0])
    for place, each in enumerate(followed):
        shown.page.get_by_label("Picture", exact=True).select_option(str(place))
        for number in range(len(each.steps)):
            shown.page.locator(".steps button").nth(number).click()
            assert_told(shown.page, each, number)
    assert shown.complaints == []


def test_small_pictures_reach_the_page_pixel_by_pixel(opened, followed):
    page = opened(made(followed)[0]).page
    page.get_by_label("Picture", exact=True).select_option("1")
    for number in (3, 4, 5):
        page.locator(".steps button").nth(number).click()
        picture = followed[1].steps[number].picture
        pixels = page.locator(".stage image").evaluate(PIXELS)
        np.testing.assert_array_equal(np.reshape(pixels, picture.shape), picture)
        assert page.locator(".stage image").get_attribute("class") == "exact"
    page.locator(".steps button").first.click()
    assert page.locator(".stage image").get_attribute("class") is None


def test_arrow_keys_alone_walk_through_the_steps(opened, followed):
    page = opened(made(followed)[0]).page
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for key, number in (
        ("ArrowRight", 1),
        ("End", 5),
        ("ArrowRight", 5),
        ("ArrowLeft", 4),
        ("Home", 0),
        ("ArrowLeft", 0),
    ):
        page.keyboard.press(key)
        assert_told(page, followed[1], number)
        pressed = [button.get_attribute("aria-pressed") for button in page.locator(".steps button").all()]
        assert pressed == [str(i == number).lower() for i in range(6)]
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert outlines(page) == []


def test_outlines_lie_where_python_put_them_and_the_lesions_can_be_hidden(opened, followed):
    page = opened(made(followed)[0]).page
    page.get_by_label("Picture", exact=True).select_option("2")
    for number, wanted in enumerate((["lesion"], ["breast", "lesion"], ["box", "lesion"], *[["lesion"]] * 3)):
        page.locator(".steps button").nth(number).click()
        assert outlines(page) == wanted
        points = page.locator("[data-outline=lesion]").get_attribute("points").split()
        points = np.array([point.split(",") for point in points], float)
        np.testing.assert_allclose(points - 0.5, followed[2].steps[number].lesion, atol=0.051)
    page.get_by_label("outline of the lesion").uncheck()
    assert outlines(page) == []
    page.locator(".steps button").nth(2).click()
    box = page.locator("[data-outline=box]")
    assert [float(box.get_attribute(name)) for name in ("x", "y", "width", "height")] == [
        *(followed[2].box.x, followed[2].box.y, followed[2].box.width, followed[2].box.height)
    ]


def test_a_picture_without_a_lesion_has_no_outline_to_show(opened, followed):
    page = opened(made(followed)[0]).page
    assert page.get_by_label("outline of the lesion").is_disabled()
    assert "no lesion" in page.locator(".words").inner_text()
    page.get_by_label("Picture", exact=True).select_option("1")
    assert page.get_by_label("outline of the lesion").is_enabled()


def test_a_found_breast_is_outlined_within_its_picture(followed):
    for each in followed:
        _, step, *_ = made([each])[0].cases[0]["steps"]
        (outline,) = [np.array(piece) for piece in step["breast"]]
        inside = each.found[outline[:, 1], outline[:, 0]]
        assert inside.all() and len(outline) > 8


def test_a_picture_that_comes_twice_is_kept_once_and_large_ones_are_reduced(followed):
    widget, twin, caption = made(followed)
    numbers = [[step["picture"] for step in case["steps"]] for case in widget.cases]
    assert numbers[0] == [0, 0, 1, 2, 3, 4] and len(widget.bounds) == 5 * len(followed) + 1
    assert widget.bounds[-1] == len(widget.pictures) < 60_000 * len(followed)
    large = np.random.default_rng(1).integers(0, 256, (1000, 500), dtype=np.uint8)
    reduced = cv2.imdecode(np.frombuffer(module.encoded(large), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert reduced.shape == (420, 210)
    assert len(twin.axes) == 3 * 6 and caption.endswith("known.")


def test_it_redraws_within_50_ms_and_fits_a_phone(opened, followed):
    shown = opened(made(followed)[0], width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.redraw(".steps button") <= 50
