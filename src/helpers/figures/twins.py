"""What a page shows twice: a figure to turn, and its static twin for print and for a browser without scripts."""

from html import escape

import pandas as pd
import plotly.graph_objects as go
from IPython.display import display
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from helpers.figures.panels import picture_of
from helpers.figures.style import BookRenderer


def twin_of(twin: Figure | pd.DataFrame | Styler, caption: str) -> str:
    """A static twin as an element of a page; the book's style sheet shows it where scripts do not run.

    Args:
        twin: A figure or table.
        caption: What it shows, one sentence; the alternative text of a figure.

    Returns:
        HTML.
    """
    content = picture_of(twin, caption) if isinstance(twin, Figure) else twin.to_html()
    return f'<div class="twin"><p>{escape(caption)}</p>{content}</div>'


def turning(figure: go.Figure, twin: Figure, caption: str) -> None:
    """Shows a plotly figure with its text alternative and its static twin.

    Args:
        figure: What one turns and hovers.
        twin: The same, drawn by matplotlib.
        caption: What is shown, one sentence; the text alternative of both.
    """
    bundle = BookRenderer().to_mimebundle(figure.to_dict())
    # A figure and not an img: plotly's buttons in it can be reached by keys.
    turned = f'<div class="turning" role="figure" aria-label="{escape(caption)}">{bundle["text/html"]}</div>'
    display({**bundle, "text/html": turned + twin_of(twin, caption)}, raw=True)
