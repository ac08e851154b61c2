"""A small Sphinx extension: a page loads each script only where it uses it, and nothing from elsewhere."""

from typing import Any

from sphinx.application import Sphinx

from workflow.provenance_box import add_box

PLOTLY = "plotly.min.js"
WIDGET = "application/vnd.jupyter.widget-view+json"
MATHJAX_FOR_WIDGETS = "widgets/mathjax-hub.js"


def choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Gives a page plotly and the widgets' MathJax where its body needs them, and never Thebe.

    Thebe would run the cells on somebody else's server.
    """
    body = context.get("body", "")
    if "Plotly.newPlot" in body:
        app.add_js_file(PLOTLY, priority=100, loading_method=None)
    if WIDGET in body:
        app.add_js_file(MATHJAX_FOR_WIDGETS, priority=100, loading_method=None)
    context["script_files"] = [script for script in context["script_files"] if not _is_thebe(script)]


def _is_thebe(script: Any) -> bool:
    return "thebe" in f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', {}).get('body', '')}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the extension with Sphinx."""
    app.add_css_file("look.css")
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("html-page-context", add_box)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
