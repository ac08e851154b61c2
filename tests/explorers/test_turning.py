"""A figure to turn is drawn when a reader comes near, and its static twin stands where no script runs and in print."""

import numpy as np
import pandas as pd
import pytest
from conftest import watch

from helpers.figures import latent, twins
from helpers.paths import ROOT
from workflow import vendored


@pytest.fixture
def page_with_two(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(twins, "display", lambda bundle, raw: shown.append(bundle["text/html"]))
    pictures = pd.DataFrame({"image_id": list("abcd"), "label": "benign", "called": ["benign", "normal"] * 2})
    for title in ("one", "other"):
        latent.show_3d(np.random.default_rng(0).normal(size=(4, 3)), pictures, title)
    style = (ROOT / "book/look/look.css").read_text()
    far = '<div style="height: 4000px"></div>'
    head = f'<meta charset="utf-8"><title>figures</title><style>{style}</style>'
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static/plotly.min.js").write_bytes((vendored.BOOK / "plotly.min.js").read_bytes())
    file = tmp_path / "index.html"
    page = f'<html lang="en" data-content_root="./"><head>{head}</head><body>{far.join(shown)}</body></html>'
    file.write_text(f"<!doctype html>{page}")
    return file.as_uri()


def displayed(page, selector: str) -> list[bool]:
    return [found.is_visible() for found in page.locator(selector).all()]


def test_it_is_drawn_when_it_is_near_and_its_twin_is_for_print(chromium, page_with_two):
    context = chromium.new_context(offline=True)
    page, complaints = context.new_page(), []
    watch(page, complaints)
    page.goto(page_with_two)
    drawn = page.locator(".turning .js-plotly-plot")
    drawn.first.wait_for()
    assert drawn.count() == 1 and page.locator("script[src]").count() == 1
    assert displayed(page, ".turning") == [True, True] and displayed(page, ".twin") == [False, False]
    page.locator(".turning").last.scroll_into_view_if_needed()
    drawn.nth(1).wait_for()
    assert page.locator("script[src]").count() == 1
    page.emulate_media(media="print")
    assert displayed(page, ".turning") == [False, False] and displayed(page, ".twin img") == [True, True]
    assert complaints == []
    context.close()


def test_without_scripts_the_twin_stands_there(chromium, page_with_two):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(page_with_two)
    assert displayed(page, ".turning") == [False, False] and displayed(page, ".twin img") == [True, True]
    context.close()
