"""The box at the foot of a page: all that is needed to make it again, and no markup from elsewhere."""

import json

from bs4 import BeautifulSoup

from helpers.paths import RunPaths
from workflow.provenance_box import box, gathered


def run(tmp_path) -> RunPaths:
    paths = RunPaths("ci", tmp_path)
    paths.logs.mkdir(parents=True)
    ran = {
        "profile": "ci", "seed": 7, "data": "phantom", "data_sha256": "ab" * 32, "commit": "1234abc",
        "versions": {"keras": "3.0"}, "runtime": {"backend": "jax", "precision": "float32"},
    }  # fmt: skip
    paths.provenance.write_text(json.dumps(ran))
    for name, seconds in (("01_data", 12.0), ("03_icnt", 75.0)):
        (paths.logs / f"{name}.seconds.json").write_text(json.dumps({"seconds": seconds}))
    return paths


def test_it_names_what_ran(tmp_path):
    text = BeautifulSoup(box(gathered(run(tmp_path), "epochs=1"), "book/nb/03_icnt"), "html.parser").get_text(" ")
    for fact in ("ci with epochs=1", "ab" * 32, "1234abc", "7", "keras 3.0", "jax", "1:27 minutes", "1:15 of them"):
        assert fact in text


def test_a_page_without_a_notebook_names_the_whole_time_alone(tmp_path):
    assert "of them" not in box(gathered(run(tmp_path), ""), "book/methods")


def test_what_a_reader_gave_is_shown_as_text(tmp_path):
    made = BeautifulSoup(box(gathered(run(tmp_path), "weights=<b>x</b>"), "book/index"), "html.parser")
    assert made.find("b") is None
    assert "weights=<b>x</b>" in made.get_text()
