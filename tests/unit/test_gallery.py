"""The gallery: every figure of a chapter, small, in words, leading to its place."""

import base64

import cv2
import nbformat
import nbformat.v4 as v4
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers.figures.panels import in_words, picture_of
from workflow import gallery
from workflow.gallery import HEIGHT, WIDTH, chapter, figures, thumbnail


def png(height: int, width: int) -> bytes:
    return cv2.imencode(".png", np.full((height, width, 3), 90, np.uint8))[1].tobytes()


def cell(words: str, *tags: str, picture: bytes | None = None):
    data = {"image/png": base64.b64encode(picture or png(300, 600)).decode()}
    metadata = {"tags": list(tags), "mystnb": {"image": {"alt": words}}}
    return v4.new_code_cell("draw()", metadata=metadata, outputs=[v4.new_output("display_data", data)])


def page(*cells):
    return v4.new_notebook(cells=[v4.new_markdown_cell("# A chapter\n\n## Its first part"), *cells])


def test_each_figure_knows_its_section_and_its_words():
    made = page(cell("one"), v4.new_markdown_cell("### A: deeper, 2nd"), cell("other"))
    assert [(shown.words, shown.section) for shown in figures(made)] == [
        ("one", "Its first part"),
        ("other", "A: deeper, 2nd"),
    ]


def test_solutions_are_not_given_away():
    assert list(figures(page(cell("the answer", "solution")))) == []


def test_an_explorers_twin_is_in_it():
    html = picture_of(in_words(Figure(figsize=(4, 2))), 'A twin, "quoted" & all.')
    twin = v4.new_code_cell("explore()", outputs=[v4.new_output("display_data", {"text/html": f"<div>{html}</div>"})])
    (shown,) = figures(page(twin))
    assert shown.words == 'A twin, "quoted" & all.'
    assert thumbnail(shown.picture)


@pytest.mark.parametrize("size", [(300, 600), (2000, 600), (200, 1200)])
def test_a_thumbnail_has_one_size_and_shows_the_top(size):
    small = cv2.imdecode(np.frombuffer(thumbnail(png(*size)), np.uint8), cv2.IMREAD_COLOR)
    assert small.shape == (HEIGHT, WIDTH, 3)
    drawn = (small[:, WIDTH // 2].mean(axis=1) < 150).sum()
    assert drawn == pytest.approx(min(HEIGHT, size[0] * WIDTH / size[1]), abs=2)


def test_a_sentence_is_no_figure():
    assert thumbnail(png(40, 740)) is None


def test_a_chapter_without_figures_is_left_out(tmp_path):
    nbformat.write(page(), tmp_path / "01_x.ipynb")
    assert chapter(tmp_path / "01_x.ipynb", tmp_path) == ""


def test_the_page_holds_what_is_there_and_no_old_picture(tmp_path):
    nbformat.write(page(cell("Words with *stars* and a_b.")), tmp_path / "01_x.ipynb")
    (tmp_path / "gallery").mkdir()
    (tmp_path / "gallery" / "00_gone-1.jpg").write_bytes(b"")
    gallery.main(tmp_path / "gallery.md", [tmp_path / "01_x.ipynb"])
    text = (tmp_path / "gallery.md").read_text()
    assert "![Words with stars and a_b.](gallery/01_x-1.jpg)" in text
    assert "(01_x.ipynb#its-first-part)" in text
    assert [path.name for path in (tmp_path / "gallery").iterdir()] == ["01_x-1.jpg"]
