"""What explorers share: sprites that hold each picture, and twins that need no script."""

import cv2
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from helpers.explorers.kit import packed, sprite
from helpers.figures import latent, twins
from helpers.figures.twins import twin_of


@pytest.mark.parametrize("count", [1, 5, 9])
def test_a_sprite_holds_every_picture_in_its_place(count):
    pictures = np.random.default_rng(0).integers(0, 256, (count, 24, 24), dtype=np.uint8)
    content, cut = sprite(pictures, quality=101)
    sheet = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    for i, picture in enumerate(pictures):
        row, column = cut["side"] * (i // cut["columns"]), cut["side"] * (i % cut["columns"])
        np.testing.assert_array_equal(sheet[row : row + 24, column : column + 24], picture)


def test_a_sprite_of_thumbnails_keeps_what_pixels_hold_on_average():
    picture = np.kron(np.array([[10, 200], [90, 30]], np.uint8), np.ones((30, 30), np.uint8))
    content, cut = sprite(picture[None], most=20, quality=101)
    assert cut == {"side": 20, "columns": 1}
    small = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(small, np.kron([[10, 200], [90, 30]], np.ones((10, 10))))


def test_packed_numbers_come_back_in_row_order_whatever_the_machine():
    values = np.arange(6, dtype=">f8").reshape(2, 3)[:, ::-1]
    np.testing.assert_array_equal(np.frombuffer(packed(values, "float64"), "<f8").reshape(2, 3), values)


@pytest.mark.parametrize("content", [Figure(), pd.DataFrame({"a": [1]})], ids=["figure", "table"])
def test_a_twin_says_what_it_shows_as_text(content):
    page = BeautifulSoup(twin_of(content, "a < b & 'c'"), "html.parser")
    assert page.div["class"] == ["twin"] and page.p.text == "a < b & 'c'"
    assert [image["alt"] for image in page.select("img")] == ["a < b & 'c'"] * isinstance(content, Figure)
    assert bool(page.table) == isinstance(content, pd.DataFrame)


def test_a_figure_to_turn_has_a_text_alternative_and_a_static_twin(monkeypatch):
    shown = []
    monkeypatch.setattr(twins, "display", lambda bundle, raw: shown.append(bundle))
    pictures = pd.DataFrame({"image_id": list("abcd"), "label": "benign", "called": ["benign", "normal"] * 2})
    latent.show_3d(np.random.default_rng(0).normal(size=(4, 3)), pictures, "ICNT")
    (bundle,) = shown
    page = BeautifulSoup(bundle["text/html"], "html.parser")
    figure, twin = page.select_one(".turning"), page.select_one(".twin")
    assert figure["role"] == "figure" and figure["aria-label"].startswith("ICNT: 4 pictures")
    assert "Plotly.newPlot" in str(figure) and "Plotly.newPlot" not in str(twin)
    assert twin.img["alt"] == twin.p.text == figure["aria-label"]
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/html"}
