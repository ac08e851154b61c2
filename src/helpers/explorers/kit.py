"""What explorers share on Python's side: their script, their colors, and the static twin beside each."""

import math
from functools import cache
from pathlib import Path

import anywidget
import cv2
import numpy as np
import pandas as pd
from IPython.display import HTML, display
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from helpers.figures.style import (
    CLASS_COLORS,
    CLASS_MARKERS,
    NETWORK_COLORS,
    NETWORK_MARKERS,
    NETWORK_NAMES,
    PROTOCOL_LABELS,
)
from helpers.figures.twins import twin_of

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "kit.css").read_text()
LOOK = {
    "classes": {name: {"color": color, "mark": CLASS_MARKERS[name]} for name, color in CLASS_COLORS.items()},
    "networks": {
        name: {"color": color, "mark": NETWORK_MARKERS[name], "name": NETWORK_NAMES[name]}
        for name, color in NETWORK_COLORS.items()
    },
    "protocols": PROTOCOL_LABELS,
}
"""Colors, marks and names of classes, networks and protocols, as every explorer gets them."""


@cache
def script(name: str) -> str:
    """An explorer's script: the shared kit and its own file, as one module.

    Args:
        name: The explorer's file beside this one, such as "threshold.js".

    Returns:
        JavaScript that exports `{ render }`, as anywidget wants it.
    """
    return (FOLDER / "kit.js").read_text() + (FOLDER / name).read_text()


def packed(values: object, dtype: str = "float32") -> bytes:
    """Numbers as bytes, in row order, for `numbers()` of kit.js; JSON would take six times as much.

    Args:
        values: Anything that NumPy takes for an array.
        dtype: "float32", "float64", "uint8" or the like, little-endian.

    Returns:
        The bytes.
    """
    return np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<")).tobytes()


def explore(explorer: anywidget.AnyWidget, twin: Figure | pd.DataFrame | Styler, caption: str) -> None:
    """Shows an explorer, and beside it what stands for it in print and in a browser without scripts.

    Args:
        explorer: The widget.
        twin: A figure or table of what the explorer shows at first.
        caption: What the twin shows, one sentence; the alternative text of a figure.
    """
    display(explorer)
    display(HTML(twin_of(twin, caption)))


def sprite(pictures: np.ndarray, most: int = 10_000, quality: int = 85) -> tuple[bytes, dict[str, int]]:
    """Many pictures as one, which weighs less than each alone, for `tiles()` of kit.js.

    Args:
        pictures: (n, size, size) uint8, one or more.
        most: Pixels a side that a picture keeps at most.
        quality: WebP's, 1 to 100; 101 loses nothing.

    Returns:
        The sheet's WebP bytes, and its `side` and `columns`.
    """
    side, columns = min(pictures.shape[1], most), math.ceil(math.sqrt(len(pictures)))
    sheet = np.zeros((side * math.ceil(len(pictures) / columns), side * columns), np.uint8)
    for i, picture in enumerate(pictures):
        row, column = side * (i // columns), side * (i % columns)
        sheet[row : row + side, column : column + side] = cv2.resize(
            picture, (side, side), interpolation=cv2.INTER_AREA
        )
    _, content = cv2.imencode(".webp", sheet, [cv2.IMWRITE_WEBP_QUALITY, quality])
    return content.tobytes(), {"side": side, "columns": columns}
