"""The page for an own picture, at its kernel's side: what it is told and what it answers."""

import logging
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from drawn_breasts import drawn_breast
from given_files import dicom_file, encoded
from small_run import SIZE, SmallRun

from helpers import training
from helpers.explorers import own_picture as module
from helpers.explorers import upload
from helpers.imaging.framing import find_breast, frame_breast, frame_window
from helpers.imaging.own_framing import prepared
from helpers.imaging.own_picture import LARGEST_FILE
from helpers.imaging.window import middle_window, window_around

GRAY = drawn_breast()
PNG = encoded(GRAY, ".png")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> SmallRun:
    return SmallRun(tmp_path_factory.mktemp("network"))


@pytest.fixture
def page(run):
    """A page that writes down what it is answered; its `give` sends a file as the script does."""
    view = module.OwnPicture(run)
    told = []
    view.send = lambda content, buffers=None: told.append((content["kind"], content, buffers))

    def say(kind, buffers=(), **content):
        told.clear()
        view._handle_custom_msg({"kind": kind, **content}, list(buffers))
        return [kind for kind, *_ in told]

    def give(content, name="mine.png", turn=1, piece=upload.PIECE):
        kinds = say("begin", turn=turn, name=name, size=len(content))
        while kinds == ["next"]:
            start = told[0][1]["received"]
            kinds = say("piece", [memoryview(content[start : start + piece])], turn=turn)
        return kinds

    return SimpleNamespace(view=view, told=told, say=say, give=give)


def test_a_good_picture_in_pieces_is_opened_and_judged(page, run):
    assert page.give(PNG, piece=1000) == ["opened", "judged"]
    (_, opened, steps), (_, judged, maps) = page.told
    assert opened["name"] == "mine.png"
    assert [cv2.imdecode(np.frombuffer(step, np.uint8), 0).ndim for step in steps] == [2, 2, 2]
    framed = cv2.imdecode(np.frombuffer(maps[0], np.uint8), cv2.IMREAD_UNCHANGED)
    breast = find_breast(GRAY)
    box = middle_window(breast.mask, 0.475)
    np.testing.assert_array_equal(framed, frame_window(breast, box, SIZE).picture)
    expected = training.predict(run.networks["baseline_cnn"].model, framed[None])[0]
    np.testing.assert_allclose(judged["networks"][0]["probabilities"], expected, atol=1e-5)
    assert len(maps) == 1 + 3


def test_a_window_that_is_moved_is_judged_anew(page):
    page.give(PNG)
    assert page.say("window", turn=1, x=0.3, y=0.7, share=0.5) == ["judged"]
    framed = cv2.imdecode(np.frombuffer(page.told[0][2][0], np.uint8), cv2.IMREAD_UNCHANGED)
    breast = find_breast(GRAY)
    box = window_around(breast.mask, breast.box.x + 0.3 * breast.box.width, breast.box.y + 0.7 * breast.box.height, 0.5)
    np.testing.assert_array_equal(framed, frame_window(breast, box, SIZE).picture)


def test_a_window_beside_the_breast_brings_a_doubt(page):
    page.give(PNG)
    assert page.told[-1][1]["doubts"] == []
    page.say("window", turn=1, x=1.0, y=0.0, share=0.5)
    assert "of the window is breast" in page.told[-1][1]["doubts"][0]


@pytest.mark.parametrize(("size", "name"), [(200_000_000, "big.dcm"), (LARGEST_FILE + 1, "just.dcm")])
def test_a_file_that_is_too_large_is_refused_before_a_byte_comes(page, size, name):
    assert page.say("begin", turn=1, name=name, size=size) == ["refused"]
    assert "at most 100 MB" in page.told[0][1]["words"] and name in page.told[0][1]["words"]
    assert page.say("piece", [b"x"], turn=1) == []


def test_more_than_was_announced_is_refused_and_let_go(page):
    page.say("begin", turn=1, name="a.png", size=100)
    assert page.say("piece", [bytes(101)], turn=1) == ["refused"]
    assert page.view._upload is None


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "begin", "turn": 1},
        {"kind": "begin", "turn": 1, "name": "a", "size": "many"},
        {"kind": "begin", "turn": 1, "name": None, "size": 5},
        {"kind": "piece"},
        {"kind": "nonsense"},
        {},
    ],
)
def test_a_message_that_makes_no_sense_is_refused_and_the_page_goes_on(page, message, capfd, caplog):
    page.say("begin", turn=1, name="a.png", size=5)
    page.told.clear()
    page.view._handle_custom_msg(message, [])
    assert [kind for kind, *_ in page.told] == ["refused"]
    assert page.give(PNG, turn=2) == ["opened", "judged"]
    assert "Traceback" not in capfd.readouterr().err and caplog.text == ""


def test_what_fails_unforeseen_is_not_logged(page, monkeypatch, capfd, caplog):
    def fails(*_):
        raise RuntimeError("secret name")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(module.reading, "read", fails)
    assert page.give(PNG, name="secret name.png") == ["refused"]
    assert "RuntimeError" in page.told[0][1]["words"]
    printed = capfd.readouterr()
    assert "secret name" not in printed.out + printed.err + caplog.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"Dear reader", "found text"),
        (dicom_file(None), "without pixels"),
        (dicom_file(GRAY, Modality="CT"), "modality CT"),
        (encoded(np.full((64, 64, 3), (9, 99, 200), np.uint8), ".png"), "color"),
    ],
)
def test_what_cannot_be_judged_is_refused_and_the_page_goes_on(page, content, words):
    assert page.give(content) == ["refused"]
    assert words in page.told[0][1]["words"]
    assert page.give(PNG, turn=2) == ["opened", "judged"]


def test_a_picture_without_a_breast_is_refused_by_name(page):
    speck = np.zeros((200, 200), np.uint8)
    speck[100:104, 100:104] = 255
    assert page.give(encoded(speck, ".png"), name="speck.png") == ["refused"]
    assert page.told[0][1]["words"].startswith("speck.png: expected a breast")


def test_pieces_of_a_file_that_was_given_up_are_let_go(page):
    page.say("begin", turn=1, name="a.png", size=len(PNG))
    page.say("begin", turn=2, name="b.png", size=len(PNG))
    assert page.say("piece", [PNG], turn=1) == []
    assert page.say("window", turn=1, x=0.5, y=0.5, share=0.5) == []
    assert page.say("piece", [PNG], turn=2) == ["opened", "judged"]


def test_a_forgotten_picture_is_gone(page):
    page.give(PNG)
    page.say("forget", turn=2)
    assert page.view._picture is None and page.view._upload is None
    assert page.say("window", turn=1, x=0.5, y=0.5, share=0.5) == []


def test_nothing_of_a_picture_becomes_the_widgets_state(page):
    before = repr(page.view.get_state())
    page.give(PNG, name="jane doe.png")
    assert repr(page.view.get_state()) == before


def test_a_name_stays_text_without_what_cannot_be_printed():
    given = upload.Upload.announced("<b>\u202egnp.a\x1b[31m</b>" + "x" * 300, 5)
    assert given.name == "x" * upload.LONGEST_NAME
    assert upload.Upload.announced("<b>\u202egnp.a\x1b[31m</b>", 5).name == "<b>gnp.a[31m</b>"


def test_the_framing_of_the_run_is_kept():
    whole = prepared(GRAY, "breast", "a")
    np.testing.assert_array_equal(whole.framed(SIZE), frame_breast(GRAY, SIZE).picture)
    assert whole.place is None and len(whole.steps(100)) == 3
    bare = prepared(GRAY, "as_is", "a")
    assert bare.framed(SIZE).shape == (SIZE, SIZE) and len(bare.steps(100)) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_the_first_window_stands_in_the_breast_whichever_way_it_is_turned(turned):
    gray = GRAY[:, ::-1].copy() if turned else GRAY
    first = prepared(gray, "lesion", "a")
    assert first.doubts == []
    assert first.breast.flipped == turned


def test_a_window_comes_back_to_where_it_says_that_it_stands():
    first = prepared(GRAY, "lesion", "a")
    place = {name: first.place[name] for name in ("x", "y", "share")}
    assert first.moved(**place).window == first.window
