"""A new book takes the place of the last at once."""

import threading

import pytest

from workflow import assemble


def book(folder, words: str):
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(words)
    return folder


@pytest.mark.parametrize("exchange", [True, False])
def test_the_new_book_stands_where_the_last_one_stood(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(assemble, "_exchanged", lambda *_: False)
    last, made = book(tmp_path / "html", "last"), book(tmp_path / "next" / "html", "new")
    (last / "old.html").write_text("a page that is no more")
    assemble.put(made, last)
    assert [path.name for path in last.iterdir()] == ["index.html"]
    assert (last / "index.html").read_text() == "new"
    assert list((tmp_path / "next").iterdir()) == []


def test_the_first_book_needs_no_last_one(tmp_path):
    assemble.put(book(tmp_path / "next", "new"), tmp_path / "_build" / "html")
    assert (tmp_path / "_build" / "html" / "index.html").read_text() == "new"


def test_there_is_a_book_at_every_time(tmp_path):
    place, stop, found = book(tmp_path / "html", "first"), threading.Event(), []
    if not assemble._exchanged(place, book(tmp_path / "other", "second")):
        pytest.skip("this system cannot exchange two folders")

    def look():
        while not stop.is_set():
            found.append(place.is_dir())

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(200):
        assemble.put(book(tmp_path / "next", str(number)), place)
    stop.set()
    looking.join()
    assert len(found) > 200 and all(found)
    assert (place / "index.html").read_text() == "199"
