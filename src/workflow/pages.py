"""A small Sphinx extension: a page loads what it uses and nothing from elsewhere, and everybody can use it."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from workflow import launch
from workflow.provenance_box import add_box

WIDGET = "application/vnd.jupyter.widget-view+json"
MATHJAX_FOR_WIDGETS = "widgets/mathjax-hub.js"
CHAPTERS = "book/nb/"

MENDED = {
    # A label hides the words that stand in the button: whoever speaks to the page would have to know the label.
    '<summary aria-label="Toggle hidden content">': "<summary>",
    'pst-js-only" title="Search" aria-label="Search"': 'pst-js-only" title="Search"',
    ' data-mode="light" title="Light"': ' data-mode="light" aria-hidden="true"',
    ' data-mode="dark"  title="Dark"': ' data-mode="dark" aria-hidden="true"',
    ' data-mode="auto"  title="System Settings"': ' data-mode="auto" aria-hidden="true"',
    # A list has items alone for children; docutils puts anchors between them, and gives each an outdated role.
    '<div role="list" class="citation-list">': '<div class="citation-list">',
    ' role="doc-biblioentry"': "",
}
"""What axe-core finds in the markup of docutils, of MyST-NB and of the theme, and how it reads once mended."""


def choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Gives a page the widgets' MathJax where its body needs it, and never Thebe.

    Thebe would run the cells on somebody else's server.
    """
    if WIDGET in context.get("body", ""):
        app.add_js_file(MATHJAX_FOR_WIDGETS, priority=100, loading_method=None)
    context["script_files"] = [script for script in context["script_files"] if not _is_thebe(script)]


def _is_thebe(script: Any) -> bool:
    return "thebe" in f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"


def offer_launch(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Gives a chapter the button that opens it elsewhere, where the book knows its repository."""
    repository, notebook = launch.repository(), page.removeprefix(CHAPTERS)
    if repository and page.startswith(CHAPTERS) and (launch.NOTEBOOKS / f"{notebook}.py").exists():
        context["header_buttons"].insert(0, launch.button(repository, notebook))


def mend(app: Sphinx, error: Exception | None) -> None:
    """Mends what the theme writes, see `MENDED`, once all pages are there."""
    for path in [] if error else Path(app.outdir).rglob("*.html"):
        text = path.read_text()
        for written, meant in MENDED.items():
            text = text.replace(written, meant)
        path.write_text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the extension with Sphinx."""
    app.add_css_file("look.css")
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("html-page-context", add_box)
    app.connect("html-page-context", offer_launch, priority=900)
    app.connect("build-finished", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
