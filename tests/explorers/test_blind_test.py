"""The blind test: read by keyboard and by mouse, kept in the browser, and compared exactly as Python compares."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pydata_sphinx_theme
import pytest

from helpers import profile as profiles
from helpers.evaluation.agreement import SCORES, agreement
from helpers.evaluation.intervals import patient_weights
from helpers.evaluation.metrics import CLASSES, confusion_matrix
from helpers.explorers.blind_test import BlindTest, reading
from helpers.paths import BOOK
from helpers.preparation import Cohort
from workflow import vendored

NETWORKS, PROTOCOLS = ("baseline_cnn", "icnt", "iiv3"), ("patient_grouped", "as_published")
SECONDS = {"baseline_cnn": 0.002, "icnt": 0.0748, "iiv3": 0.0489}
SURE = ["a guess", "probable", "certain"]
KEY = "mammobook/blind-test/ci/"
REFUSED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


def cohort_of(n: int, side: int = 32) -> Cohort:
    """Pictures of noise, two a patient; a malignant one has a lesion."""
    rng = np.random.default_rng(n)
    labels = rng.choice(CLASSES, n, p=[0.3, 0.4, 0.3])
    place = np.where(labels == "malignant", side / 2, np.nan)
    exams = pd.DataFrame({"label": labels, "framed_x": place, "framed_y": place, "framed_radius": place / 2})
    exams["image_id"] = [f"{label}, {i}" for i, label in enumerate(labels)]
    exams["patient_id"] = [f"p{i // 2}" for i in range(n)]
    return Cohort(exams, rng.integers(0, 256, (n, side, side), dtype=np.uint8), (), True)


def predictions_of(cohort: Cohort) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    tables = []
    for network in NETWORKS:
        for protocol in PROTOCOLS:
            table = cohort.exams[["image_id", "patient_id", "label"]].copy()
            table[list(CLASSES)] = rng.dirichlet([1, 1, 1], len(table)).astype("float32")
            tables.append(table.assign(network=network, protocol=protocol, split="blind"))
    return pd.concat(tables, ignore_index=True)


def explorer_of(n: int = 14, settings: str = "", side: int = 32) -> tuple[BlindTest, pd.DataFrame]:
    cohort = cohort_of(n, side)
    table = predictions_of(cohort)
    return reading(table, cohort, SECONDS, profiles.load("ci", settings)), table


def read_by_keyboard(page, calls: list[int], sure: list[int]) -> None:
    """Calls the next pictures; the slider stands at "probable" before each."""
    for call, level in zip(calls, sure, strict=True):
        page.keyboard.press(str(call + 1))
        if level != 1:
            page.keyboard.press("ArrowRight" if level == 2 else "ArrowLeft")
        page.keyboard.press("Enter")


def begin(page) -> None:
    """Focuses the button and presses it."""
    page.get_by_role("button", name="Begin").focus()
    page.keyboard.press("Enter")


def stored(page) -> dict:
    """What the browser keeps."""
    return json.loads(page.evaluate(f"Object.entries(localStorage).find(([key]) => key.startsWith('{KEY}'))[1]"))


def rows_of(page, caption: str) -> list[list[float]]:
    """The numbers of each row of a table."""
    rows = page.locator("table", has_text=caption).first.locator("tbody tr").all()
    return [[float(cell.get_attribute("value") or "nan") for cell in row.locator("data").all()] for row in rows]


def expected(
    widget: BlindTest, table: pd.DataFrame, protocol: str, calls: list[int], seconds: list[float]
) -> tuple[list, list]:
    """The rows of the score table and the confusion matrices, computed from the predictions alone."""
    read = [case["image_id"] for case in widget.cases[: len(calls)]]
    blind = table[table["protocol"] == protocol]
    one = blind.drop_duplicates("image_id").set_index("image_id")
    patients = one.loc[[case["image_id"] for case in widget.cases], "patient_id"]
    weights, owner = patient_weights(patients, 200, seed=2025)
    owner = owner[: len(calls)]
    truth = one.loc[read, "label"].map(CLASSES.index).to_numpy()
    networks = [blind[blind["network"] == name].set_index("image_id").loc[read, list(CLASSES)] for name in NETWORKS]
    readers = [np.array(calls), *(each.to_numpy().argmax(axis=1) for each in networks)]
    found = [agreement(truth, reader, owner, weights) for reader in readers]
    with_her = [agreement(readers[0], reader, owner, weights)["kappa"] for reader in readers[1:]]
    return [
        [float((truth == reader).sum()) for reader in readers],
        *([number for each in found for number in each[name]] for name in SCORES),
        [number for each in with_her for number in each],
        [float(np.median(seconds)), *SECONDS.values()],
    ], [confusion_matrix(truth, reader) for reader in readers]


def test_the_keyboard_alone_reads_all_and_the_scores_are_those_of_python_exactly(opened):
    widget, table = explorer_of()
    rng = np.random.default_rng(0)
    calls, sure = rng.integers(0, 3, 14).tolist(), rng.integers(0, 3, 14).tolist()
    shown = opened(widget)
    begin(shown.page)
    read_by_keyboard(shown.page, calls, sure)
    kept = stored(shown.page)
    assert kept["finished"]
    assert [(answer["call"], answer["sure"]) for answer in kept["answers"]] == list(zip(calls, sure, strict=True))
    seconds = [answer["seconds"] for answer in kept["answers"]]
    for protocol in PROTOCOLS:
        shown.page.get_by_label("Networks trained").select_option(protocol)
        scores, matrices = expected(widget, table, protocol, calls, seconds)
        for found, wanted in zip(rows_of(shown.page, "95 % interval"), scores, strict=True):
            np.testing.assert_array_equal(found, wanted)
        for name, wanted in zip(["You", "Baseline CNN", "ICNT", "IIV3"], matrices, strict=True):
            np.testing.assert_array_equal(rows_of(shown.page, f"{name}: rows the truth"), wanted)
    right = [CLASSES[call] == CLASSES[case["label"]] for call, case in zip(calls, widget.cases, strict=True)]
    for level, found in enumerate(rows_of(shown.page, "How sure you were")):
        chosen = [right[i] for i in range(14) if sure[i] == level]
        np.testing.assert_array_equal(found, [len(chosen), sum(chosen), np.mean(chosen) if chosen else np.nan])
    assert shown.complaints == []


def test_the_mouse_may_stop_after_enough_pictures_and_all_are_scored_on_those(opened):
    widget, table = explorer_of()
    calls = [2, 0, 1, 1, 2, 0, 0, 2, 1, 1]
    page = opened(widget).page
    page.get_by_role("button", name="Begin").click()
    for call in calls:
        assert page.get_by_role("button", name="Stop and see").is_disabled()
        page.get_by_role("button", name=CLASSES[call]).click()
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Stop and see").click()
    page.get_by_role("button", name="Yes, stop").click()
    page.get_by_role("heading", name="You read 10 of 14 pictures").wait_for()
    seconds = [answer["seconds"] for answer in stored(page)["answers"] if answer]
    scores, _ = expected(widget, table, "patient_grouped", calls, seconds)
    for found, wanted in zip(rows_of(page, "95 % interval"), scores, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_nothing_of_the_truth_is_told_before_the_end(opened):
    widget, _ = explorer_of()
    page = opened(widget).page
    begin(page)
    for case in widget.cases[:12]:
        told = page.locator(".explorer").evaluate("node => node.outerHTML")
        assert case["image_id"] not in told
        assert "outline" not in told
        assert "ruth" not in page.locator(".explorer").inner_text()
        read_by_keyboard(page, [0], [1])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    head = next(csv.reader(download.value.path().open(newline="")))
    assert head == ["picture", "call", "confidence", "seconds"]


def test_the_next_picture_is_another_and_each_is_as_stored(opened):
    widget, _ = explorer_of(12)
    cohort = cohort_of(12)
    page = opened(widget).page
    begin(page)
    for case in widget.cases[:3]:
        image = page.locator(".viewer img")
        image.evaluate("image => image.decode()")
        levels = image.evaluate(
            """image => {
                const canvas = Object.assign(document.createElement("canvas"), {width: 32, height: 32});
                const brush = canvas.getContext("2d");
                brush.drawImage(image, 0, 0);
                return [...brush.getImageData(0, 0, 32, 32).data].filter((_, i) => i % 4 === 0);
            }"""
        )
        row = cohort.exams.index[cohort.exams["image_id"] == case["image_id"]][0]
        np.testing.assert_array_equal(levels, cohort.pictures[row].ravel())
        read_by_keyboard(page, [0], [1])


def test_a_reading_goes_on_where_it_was_and_answers_of_another_book_do_not_mix(opened):
    widget, _ = explorer_of()
    page = opened(widget).page
    begin(page)
    read_by_keyboard(page, [2, 1, 0], [2, 1, 0])
    page.reload()
    page.get_by_role("button", name="Go on with picture 4 of 14").press("Enter")
    page.get_by_text("Picture 4 of 14").wait_for()
    read_by_keyboard(page, [1], [2])
    assert [answer and answer["call"] for answer in stored(page)["answers"][:5]] == [2, 1, 0, 1, None]
    other, _ = explorer_of(settings="seed=7")
    assert other.about["key"] != widget.about["key"]


@pytest.mark.parametrize("kept", ["{", "[]", '{"answers": [null]}', '{"answers": [7, 7], "finished": true}', "null"])
def test_what_is_not_an_answer_is_not_taken_for_one(opened, kept):
    widget, _ = explorer_of(12)
    shown = opened(widget)
    shown.page.evaluate("([key, text]) => localStorage.setItem(key, text)", [widget.about["key"], kept])
    shown.page.reload()
    begin(shown.page)
    read_by_keyboard(shown.page, [1], [1])
    assert stored(shown.page)["answers"][0]["call"] == 1
    assert shown.complaints == []


def test_a_browser_that_keeps_nothing_says_so_and_reads_on(opened):
    widget, _ = explorer_of(12)
    shown = opened(widget)
    shown.page.add_init_script(REFUSED)
    shown.page.reload()
    begin(shown.page)
    read_by_keyboard(shown.page, [0] * 6, [1] * 6)
    assert "keeps nothing for this page" in shown.page.locator(".explorer").inner_text()
    read_by_keyboard(shown.page, [0] * 6, [1] * 6)
    shown.page.get_by_role("heading", name="You read 12 of 12 pictures").wait_for()
    with shown.page.expect_download() as download:
        shown.page.get_by_role("button", name="Download").click()
    assert len(list(csv.reader(download.value.path().open(newline="")))) == 13
    assert shown.complaints == []


def test_the_download_holds_every_call_and_at_the_end_the_truth(opened):
    widget, table = explorer_of(12)
    calls = [0, 1, 2] * 4
    page = opened(widget).page
    begin(page)
    read_by_keyboard(page, calls, calls)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "blind-test-ci.csv"
    rows = list(csv.DictReader(download.value.path().open(newline="")))
    wide = table.assign(called=table[list(CLASSES)].idxmax(axis=1), reader=table["network"] + " " + table["protocol"])
    wide = wide.pivot(index="image_id", columns="reader", values="called")
    for i, (row, case) in enumerate(zip(rows, widget.cases, strict=True)):
        assert row["image_id"] == case["image_id"]
        assert (row["call"], row["confidence"], row["truth"]) == (
            CLASSES[calls[i]], SURE[calls[i]], CLASSES[case["label"]],
        )  # fmt: skip
        assert {name: row[name] for name in wide} == wide.loc[case["image_id"]].to_dict()
    assert [float(row["seconds"]) for row in rows] == [answer["seconds"] for answer in stored(page)["answers"]]


def test_answers_are_deleted_only_when_it_is_confirmed_by_keyboard_too(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    begin(page)
    read_by_keyboard(page, [0, 1], [1, 1])
    for way_back in ("Escape", "Enter"):  # Enter: the focus stands on "No"
        page.get_by_role("button", name="Delete my answers").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Delete 2 answers for good?").wait_for()
        page.keyboard.press(way_back)
        assert len([answer for answer in stored(page)["answers"] if answer]) == 2
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Begin with picture 1").wait_for()
    assert page.evaluate("localStorage.length") == 0


def test_one_may_go_back_and_call_again_and_the_times_add_up(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    begin(page)
    read_by_keyboard(page, [0], [2])
    before = stored(page)["answers"][0]["seconds"]
    page.get_by_role("button", name="Previous").press("Enter")
    assert page.get_by_role("button", name="normal").get_attribute("aria-pressed") == "true"
    assert page.get_by_label("How sure").input_value() == "2"
    page.wait_for_timeout(300)
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    answer = stored(page)["answers"][0]
    assert (answer["call"], answer["sure"]) == (2, 2)
    assert before + 0.29 <= answer["seconds"] < before + 10
    page.get_by_text("Picture 2 of 12").wait_for()


def test_a_key_does_what_the_control_under_it_does(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    begin(page)
    page.keyboard.press("Enter")  # nothing is called yet
    page.get_by_text("Picture 1 of 12").wait_for()
    page.get_by_role("button", name="benign").press("Enter")
    assert page.get_by_role("button", name="benign").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")  # a second time confirms it
    page.get_by_text("Picture 2 of 12").wait_for()
    page.get_by_label("Brightness").press("ArrowRight")
    assert page.get_by_label("How sure").input_value() == "1"
    assert page.get_by_label("Brightness").input_value() == "110"


def test_the_picture_is_turned_and_moved_by_keyboard_and_by_mouse(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    begin(page)
    sheet = page.locator(".sheet")
    look = "sheet => [sheet.style.transform, getComputedStyle(sheet.querySelector('img')).filter]"
    assert sheet.evaluate(look) == ["scale(1) translate(0%, 0%)", "brightness(1) contrast(1) invert(0)"]
    for key in ("ArrowUp", ".", ".", "+", "+", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.get_by_label("inverted").check()
    assert sheet.evaluate(look) == ["scale(2) translate(-6.25%, -6.25%)", "brightness(1.1) contrast(1.2) invert(1)"]
    box = page.locator(".glass").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 20 - box["width"], box["y"] + 20)
    page.mouse.up()
    assert sheet.evaluate(look)[0] == "scale(2) translate(-50%, -6.25%)"
    page.locator(".viewer").press("0")
    assert sheet.evaluate(look)[0] == "scale(1) translate(0%, 0%)"


def test_afterwards_each_picture_comes_with_the_truth_and_the_lesion(opened):
    widget, table = explorer_of(12)
    page = opened(widget).page
    begin(page)
    read_by_keyboard(page, [0] * 12, [1] * 12)
    for i, case in enumerate(widget.cases):
        rows = page.get_by_role("table").last.locator("tbody tr").all_inner_texts()
        assert CLASSES[case["label"]] in rows[0]
        assert ("right" if case["label"] == 0 else "wrong") in rows[1]
        own = table[(table["image_id"] == case["image_id"]) & (table["protocol"] == "patient_grouped")]
        assert all(called in row for called, row in zip(own[list(CLASSES)].idxmax(axis=1), rows[2:], strict=True))
        assert page.locator(".sheet .outline").count() == (case["circle"] is not None)
        if i < 11:
            page.locator(".viewer").press("ArrowRight")
    missed = [case for case in widget.cases if case["label"] == 2]
    page.get_by_label("Pictures", exact=True).select_option("missed")
    page.get_by_text(f"1 of {len(missed)}, picture").wait_for()
    page.get_by_label("outlined").uncheck()
    assert page.locator(".sheet .outline").count() == 0


def test_the_book_s_rules_for_figures_do_not_reach_the_picture(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("document.querySelector('main').className = 'bd-content bd-article cell_output'")
    theme = Path(pydata_sphinx_theme.__file__).parent.rglob("pydata-sphinx-theme.css")
    for style in [*theme, BOOK / "look" / "look.css"]:
        page.add_style_tag(path=style)
    begin(page)
    look = "node => {const style = getComputedStyle(node); return [style.padding, style.filter];}"
    assert page.locator(".viewer img").evaluate(look) == ["0px", "brightness(1) contrast(1) invert(0)"]
    assert page.locator(".calls .badge").first.evaluate(look)[0] == "0px"


def obstacles(page) -> list[str]:
    """What axe-core finds serious or critical in the explorer."""
    page.add_script_tag(path=vendored.FOLDER / "axe.min.js")
    found = page.evaluate("axe.run('.explorer')")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


def test_axe_finds_no_obstacle_on_any_of_its_screens(opened):
    widget, _ = explorer_of(12)
    page = opened(widget).page
    assert obstacles(page) == []
    begin(page)
    read_by_keyboard(page, [0], [1])
    page.get_by_role("button", name="Delete my answers").press("Enter")
    assert obstacles(page) == []
    page.keyboard.press("Escape")
    page.locator(".viewer").focus()
    read_by_keyboard(page, [0] * 11, [1] * 11)
    page.get_by_role("heading", name="You read").wait_for()
    assert obstacles(page) == []


def test_as_many_pictures_as_were_published_redraw_within_50_ms_and_fit_a_phone(opened):
    widget, _ = explorer_of(150, "bootstrap_draws=2000", side=80)
    shown = opened(widget, width=390)
    page = shown.page
    begin(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    read_by_keyboard(page, [0, 1, 2] * 50, [1] * 150)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    choices = page.locator("select").first.locator("option").evaluate_all("all => all.map((one) => one.value)")
    assert shown.redraw("select", [choices[1], choices[0]] * 2) <= 50
