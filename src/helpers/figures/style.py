"""The book's look: colors, marks and names, set once for matplotlib and for plotly."""

import re
from base64 import b64encode
from io import BytesIO
from itertools import count

import plotly.graph_objects as go
import plotly.io as pio
import seaborn as sns
from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib_inline import backend_inline  # noqa: F401 - it registers its own formatter, which ours then replaces
from plotly.io.base_renderers import MimetypeRenderer

PAPER = "#FFFFFF"
"""The ground of every figure, never transparent: it vanishes in the light theme and is a card in the dark one."""
INK = "#222222"
MUTED = "#5F5F5F"
GRID = "#E4E4E4"

# Every color has a contrast of at least 4.5 to 1 on PAPER, so that text may wear it, and each triple stays apart under
# protanopia, deuteranopia and tritanopia; the tests compute both. Classes and networks never share a panel.
CLASS_COLORS = {"normal": "#0072B2", "benign": "#A86400", "malignant": "#7A0C3A"}
CLASS_MARKERS = {"normal": "o", "benign": "s", "malignant": "^"}
NETWORK_COLORS = {"baseline_cnn": "#222222", "icnt": "#00806A", "iiv3": "#B0489E"}
NETWORK_MARKERS = {"baseline_cnn": "o", "icnt": "s", "iiv3": "^"}
NETWORK_NAMES = {"baseline_cnn": "Baseline CNN", "icnt": "ICNT", "iiv3": "IIV3"}
PROTOCOL_LABELS = {"patient_grouped": "patient-grouped", "as_published": "as published (leaky)"}
METRIC_LABELS = {
    "accuracy": "accuracy",
    "loss": "loss (cross-entropy)",
    "f1_macro": "macro F1",
    "recall_min": "lowest recall of a class",
    "recall_std": "std of recall over classes",
    "overfit_acc": "accuracy, train minus test",
    "overfit_f1": "macro F1, train minus test",
    "overfit_loss": "loss, test minus train",
    "f1_mean": "mean F1 over classes",
    "f1_std": "std of F1 over classes",
    "rec_mean": "mean recall over classes",
    "rec_std": "std of recall over classes",
    "sensitivity": "sensitivity for malignant",
    "specificity": "specificity for malignant",
    "kappa": "Cohen's kappa with the truth",
}
LOWER_IS_BETTER = {"loss", "recall_std", "overfit_acc", "overfit_f1", "overfit_loss", "f1_std", "rec_std"}

WIDTH = 7.7
"""Inches: 740 px, the book's text column, at 96 px an inch, so that a point in a figure is a point on the page."""
DPI = 160
PICTURE_DPI = 120
"""For figures full of pictures, which weigh most."""

RC = {
    "figure.facecolor": PAPER,
    "figure.dpi": DPI,
    "savefig.facecolor": PAPER,
    "savefig.dpi": "figure",
    "axes.facecolor": PAPER,
    "axes.edgecolor": "#8A8A8A",
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": "#4A4A4A",
    "ytick.color": "#4A4A4A",
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "font.size": 9,
    "lines.linewidth": 1.6,
}

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
_AXIS = {"gridcolor": GRID, "linecolor": "#8A8A8A", "tickfont": {"color": "#4A4A4A"}}
_WALL = {**_AXIS, "backgroundcolor": PAPER, "showbackground": True}

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "margin": {"l": 16, "r": 16, "t": 64, "b": 16},
        "hoverlabel": {"bgcolor": PAPER, "font": {"family": FONT, "color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemsizing": "constant"},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "scene": {"xaxis": _WALL, "yaxis": _WALL, "zaxis": _WALL},
    }
)

PLOTLY_CONFIG = {"showSendToCloud": False, "displaylogo": False, "responsive": True}
"""No button that uploads: a chart may hold what a patient's pictures gave."""

WHEN_SEEN = """new IntersectionObserver((seen, watch) => {{
  if (!seen.some((place) => place.isIntersecting)) return;
  watch.disconnect();
  window.plotlyLoaded ??= new Promise((loaded) => {{
    const library = document.createElement("script");
    library.src = document.documentElement.dataset.content_root + "_static/plotly.min.js";
    library.onload = loaded;
    document.head.append(library);
  }});
  window.plotlyLoaded.then(() => {{
    {script}
  }});
}}, {{rootMargin: "400px"}}).observe(document.getElementById("{name}"));"""
"""A figure to turn is drawn, and plotly.js read, when a reader comes near it: both hold up a page that opens."""

_drawn = count(1)


class BookRenderer(MimetypeRenderer):
    """Shows a plotly figure in the static book (HTML; the book serves plotly.js) and in JupyterLab (JSON)."""

    def to_mimebundle(self, fig_dict: dict) -> dict[str, object]:
        # Counted ids, not plotly's random ones: two runs of a notebook give the same page.
        name = f"plotly-figure-{next(_drawn)}"
        html = pio.to_html(
            fig_dict,
            include_plotlyjs=False,
            include_mathjax=False,
            full_html=False,
            config=dict(PLOTLY_CONFIG),
            validate=False,
            div_id=name,
        )
        drawing = re.compile(r"(<script[^>]*>)(.*)(</script>)", re.DOTALL)
        html = drawing.sub(lambda found: found[1] + WHEN_SEEN.format(name=name, script=found[2]) + found[3], html)
        live = pio.renderers["plotly_mimetype"].to_mimebundle(fig_dict)
        live["application/vnd.plotly.v1+json"]["config"] = dict(PLOTLY_CONFIG)
        return {**live, "text/html": html}


class PictureFigure(Figure):
    """A figure full of pictures: a page holds it as JPEG, since grain makes a PNG weigh four times as much.

    Args:
        options: For `Figure`, such as figsize.
    """

    def __init__(self, **options):
        super().__init__(dpi=PICTURE_DPI, **options)

    def _repr_jpeg_(self) -> tuple[str, dict[str, str]]:
        file = BytesIO()
        self.savefig(file, format="jpeg", dpi=PICTURE_DPI, pil_kwargs={"quality": 85, "subsampling": 0})
        return b64encode(file.getvalue()).decode(), {"alt": self.get_label()}


def use_style() -> None:
    """Sets the book's look for all figures drawn after it; a notebook calls it once.

    It sets seaborn's theme and, inside a kernel, PNG at the width of the text column with the figure's label as its
    alternative text; and it registers the plotly template and the plotly renderer, both under the name "book".
    """
    sns.set_theme(style="ticks", font="DejaVu Sans", rc=RC)
    pio.templates["book"] = TEMPLATE
    pio.templates.default = "book"
    pio.renderers["book"] = BookRenderer()
    pio.renderers.default = "book"
    if (shell := get_ipython()) is not None:
        png = shell.display_formatter.formatters["image/png"]
        png.for_type(Figure, described_png)
        png.for_type(PictureFigure, lambda _: None)


def described_png(figure: Figure) -> tuple[str, dict[str, str]]:
    """A figure as a notebook keeps it.

    Args:
        figure: What is drawn; its label is its alternative text, see `panels.in_words`.

    Returns:
        The PNG in base64, and the metadata `{"alt": text}`, which `workflow.page` gives to the picture of the page.
    """
    # Cropping ("tight", the default) would give each figure a scale of its own on the page.
    return print_figure(figure, "png", bbox_inches=None, base64=True), {"alt": figure.get_label()}


def metric_title(metric: str) -> str:
    """The name of a metric and the way to better values, for an axis.

    Args:
        metric: A key of metrics.json, known here or not.

    Returns:
        Such as "loss (cross-entropy), lower is better".
    """
    name = METRIC_LABELS.get(metric, metric.replace("_", " "))
    return f"{name}, {'lower' if metric in LOWER_IS_BETTER else 'higher'} is better"


def luminance(color: str | tuple) -> float:
    """Relative luminance of a color (WCAG 2.2).

    Args:
        color: Anything that matplotlib takes for a color.

    Returns:
        From 0, black, to 1, white.
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def text_on(color: str | tuple) -> str:
    """Black or white, whichever reads better on a color; the contrast is at least 4.58 to 1 on any.

    Args:
        color: The ground, anything that matplotlib takes for a color.

    Returns:
        "black" or "white".
    """
    return "black" if luminance(color) > 0.179 else "white"
