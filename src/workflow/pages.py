"""A small Sphinx extension: pages load plotly's script only where they draw with it, and nothing from elsewhere."""

from typing import Any

from sphinx.application import Sphinx

PLOTLY = "plotly.min.js"


def add_plotly(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Adds plotly's script, before everything else, to a page whose body draws with it."""
    if "Plotly.newPlot" in context.get("body", ""):
        app.add_js_file(PLOTLY, priority=100, loading_method=None)


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the extension with Sphinx."""
    app.add_css_file("look.css")
    app.connect("html-page-context", add_plotly)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
