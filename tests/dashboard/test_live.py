"""The dashboard as a reader has it: a real Voila behind a real browser, on the networks of a real run."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from given_files import color_photo, ct_slice, dicom_file, encoded
from playwright.sync_api import Browser, Page, expect

from helpers.datasets import load

START, OPEN, ANSWER = 240, 120_000, 120_000
"""Seconds until Voila stands; milliseconds until a page does, and until the networks have answered."""
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]+)")
NAME = "jane_doe_1951"


@dataclass
class Live:
    """A running dashboard.

    Attributes:
        port: Where it listens.
        token: What opens it.
        home: All that its processes take for their own folders; also holds what they print.
        process: The server.
    """

    port: int
    token: str
    home: Path
    process: subprocess.Popen


@pytest.fixture(scope="module")
def live(ci_book, tmp_path_factory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("home")
    own = dict.fromkeys(("HOME", "TMPDIR", "OPENCV_TEMP_PATH", "XDG_RUNTIME_DIR"), str(home))
    environment = {**ci_book.environment, **own, "BROWSER": "true"}
    log = home / "printed.txt"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "workflow.dashboard", "--profile", "ci"],
            cwd=ci_book.root, env=environment, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield Live(*listening(process, log), home, process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def listening(process: subprocess.Popen, log: Path) -> tuple[int, str]:
    """Waits until the server answers; returns its port and its token."""
    for _ in range(5 * START):
        found = ADDRESS.search(log.read_text())
        if found and not socket.socket().connect_ex(("127.0.0.1", int(found[1]))):
            return int(found[1]), found[2]
        if process.poll() is not None:
            break
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
    pytest.fail(f"the dashboard did not start: {log.read_text()[-3000:]}")


@dataclass
class Opened:
    """The page for an own picture.

    Attributes:
        page: Playwright's page.
        folder: Where files to give lie.
        complaints: What the browser found wrong, and what left this machine.
    """

    page: Page
    folder: Path
    complaints: list[str] = field(default_factory=list)

    def give(self, name: str, content: bytes) -> None:
        """Chooses a file as a reader does."""
        (self.folder / name).write_bytes(content)
        self.page.get_by_label("A mammogram").set_input_files(self.folder / name)

    def refusal(self) -> str:
        """What the page says of a file that it does not take."""
        problem = self.page.locator(".problem")
        problem.wait_for(timeout=ANSWER)
        return problem.inner_text()

    def judged(self) -> None:
        """Waits for the networks."""
        expect(self.page.locator(".own [role=status]")).to_have_text("Done.", timeout=ANSWER)


@pytest.fixture(scope="module")
def opened(live: Live, chromium: Browser, tmp_path_factory) -> Iterator[Opened]:
    context = chromium.new_context(viewport={"width": 1000, "height": 900})
    result = Opened(context.new_page(), tmp_path_factory.mktemp("given"))
    watch(result.page, f"http://127.0.0.1:{live.port}/", result.complaints)
    result.page.goto(f"http://127.0.0.1:{live.port}/?token={live.token}")
    result.page.get_by_role("link", name="Your own picture").click()
    result.page.locator(".own").wait_for(timeout=OPEN)
    yield result
    context.close()


def watch(page: Page, home: str, complaints: list[str]) -> None:
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.on("request", lambda request: complaints.append(request.url) if leaves(request.url, home) else None)
    page.on("websocket", lambda opened: complaints.append(opened.url) if leaves(opened.url, home) else None)


def leaves(url: str, home: str) -> bool:
    return not url.replace("ws://", "http://").startswith((home, "blob:", "data:"))


@pytest.fixture(scope="module")
def phantom() -> np.ndarray:
    dataset = load("phantom", patients=10, seed=31, normal_share=0.2)
    return dataset.read(dataset.exams["image_id"].iloc[0])


def test_a_picture_is_judged_by_every_network(opened, phantom):
    opened.give(f"{NAME}.png", encoded(phantom, ".png"))
    opened.judged()
    cells = opened.page.locator(".own tbody tr:not(:last-child) data")
    probabilities = np.array(cells.evaluate_all("all => all.map((one) => Number(one.value))")).reshape(3, 3)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, atol=1e-5)
    assert opened.page.locator(".own img").evaluate_all("all => all.every((one) => one.naturalWidth > 0)")
    assert opened.page.locator(".own img").count() == 2 + 1 + 1 + 3


def test_the_class_that_is_explained_and_the_window_move_by_keyboard(opened, phantom):
    maps = opened.page.locator(".own figure img[alt^='Where']")
    before = maps.evaluate_all("all => all.map((one) => one.src)")
    opened.page.get_by_label("Evidence for").select_option("benign")
    assert maps.evaluate_all("all => all.map((one) => one.src)") != before
    seen = opened.page.get_by_alt_text("Your picture as the networks see it")
    before = seen.get_attribute("src")
    opened.page.get_by_label("Side, of the breast's width").focus()
    opened.page.keyboard.press("ArrowRight")
    expect(seen).not_to_have_attribute("src", before, timeout=ANSWER)
    opened.judged()
    assert opened.page.get_by_label("Evidence for").input_value() == "benign"


def test_noise_is_told_to_be_outside(opened):
    noise = np.random.default_rng(0).integers(0, 256, (500, 400), dtype=np.uint8)
    opened.give("noise.png", encoded(noise, ".png"))
    opened.judged()
    assert "outside what the networks were trained on" in opened.page.locator(".outside").inner_text()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("letter.dcm", b"Dear reader,\n" * 99, "found text"),
        ("empty.dcm", dicom_file(None), "without pixels"),
        ("slice.dcm", dicom_file(ct_slice(), Modality="CT"), "modality CT"),
        ("meadow.jpg", encoded(color_photo(), ".jpg"), "found color"),
        ("<img src=x onerror=alert(1)><b>bold.png", b"no picture", "<img src=x onerror=alert(1)><b>bold.png: expected"),
    ],
)
def test_what_is_no_mammogram_is_refused_in_words(opened, name, content, words):
    opened.give(name, content)
    assert words in opened.refusal()
    assert opened.page.locator(".own img, .own b").count() == 0


def test_200_megabytes_are_refused(opened):
    with (opened.folder / "large.dcm").open("wb") as file:
        file.truncate(200_000_000)
    opened.page.get_by_label("A mammogram").set_input_files(opened.folder / "large.dcm")
    assert "at most 100 MB, found 200 MB" in opened.refusal()


def test_after_all_that_a_dicom_file_that_is_dropped_is_judged(opened, live, phantom):
    content = dicom_file(phantom.astype(np.uint16) * 16)
    drop = """([box, bytes]) => {
        const given = new DataTransfer();
        given.items.add(new File([new Uint8Array(bytes)], "dropped"));
        box.dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
    }"""
    opened.page.evaluate(drop, [opened.page.locator(".desk").element_handle(), list(content)])
    opened.judged()
    assert opened.page.locator(".own tbody tr").count() == 4
    assert live.process.poll() is None


def test_a_forgotten_picture_leaves_the_page(opened):
    opened.page.get_by_role("button", name="Forget the picture").click()
    assert opened.page.locator(".own img").count() == 0


def test_that_it_is_no_medical_device_stays_in_sight(opened, phantom):
    opened.give("again.png", encoded(phantom, ".png"))
    opened.judged()
    opened.page.locator(".own img").last.scroll_into_view_if_needed()
    expect(opened.page.get_by_text("Not a medical device.")).to_be_in_viewport()


def test_nothing_left_this_machine_and_nothing_went_wrong(opened):
    assert opened.complaints == []


def test_pages_that_are_not_there_ask_nobody_else_either(live, chromium):
    page, complaints = chromium.new_page(), []
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(f"http://127.0.0.1:{live.port}/voila/tree/not/there?token={live.token}")
    assert all(f"127.0.0.1:{live.port}" in url or url.startswith("data:") for url in complaints)
    assert "Not a medical device" in page.content()
    page.close()


def test_without_the_token_the_page_for_a_picture_is_refused(live, chromium):
    page, complaints = chromium.new_page(), []
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(f"http://127.0.0.1:{live.port}/voila/render/own_picture.ipynb")
    assert "has printed" in page.content() and page.locator(".own, form").count() == 0
    assert all(f"127.0.0.1:{live.port}" in url or url.startswith("data:") for url in complaints)
    page.close()


def test_only_this_machine_is_answered(live):
    assert socket.socket().connect_ex(("127.0.0.2", live.port)) != 0
    other = http.client.HTTPConnection("127.0.0.1", live.port)
    other.request("GET", "/", headers={"Host": "example.org"})
    assert other.getresponse().status == 403


def test_neither_the_picture_nor_its_name_is_on_disk(opened, live, ci_book, phantom):
    traces = [NAME.encode(), encoded(phantom, ".png")[100:164], phantom[phantom.shape[0] // 2, :64].tobytes()]
    looked = 0
    for folder in (live.home, ci_book.root / "build" / "ci" / "dashboard", ci_book.root / "build" / "ci" / "logs"):
        for file in (path for path in folder.rglob("*") if path.is_file()):
            content, looked = file.read_bytes(), looked + 1
            assert [trace for trace in traces if trace in content] == [], file
    assert looked > 3
