"""The attention explorer: Grad-CAM of malignant pictures, for the call or for the truth, network by network."""

from collections.abc import Mapping, Sequence

import anywidget
import numpy as np
import pandas as pd
import traitlets
from IPython.display import Markdown, display
from matplotlib import colormaps

from helpers.datasets.exams import LABELS
from helpers.evaluation.cases import Case
from helpers.explorers.kit import LOOK, STYLE, explore, packed, script, sprite
from helpers.figures.attention import COLORMAP, STRONGEST
from helpers.figures.data import OUTLINE, is_known
from helpers.figures.style import NETWORK_NAMES


class Attention(anywidget.AnyWidget):
    """Lays the map of a network over a picture; the reader chooses network, picture, class and opacity.

    Attributes:
        classes: The classes in the order of the probabilities; a notebook sorts what is keyed by name.
        networks: One entry a network: network, height and width of its maps in cells.
        images: One entry a picture: id, label, circle (x, y, radius in pixels of the picture, or none).
        probabilities: float32, network after network, (pictures, classes).
        maps: float32, network after network: the maps for the called classes, then those for the true ones.
        pictures: A sprite of the pictures, WebP.
        tiles: How it is cut: side, columns.
        colors: float32 (256, 3), the colormap, 0 to 1.
        strongest: Opacity of the strongest evidence at first.
        outline: Color of the lesion's outline.
        note: Which pictures are shown, one sentence.
    """

    _esm = script("attention.js")
    _css = STYLE
    look = traitlets.Dict(LOOK).tag(sync=True)
    classes = traitlets.List(list(LABELS)).tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    images = traitlets.List().tag(sync=True)
    probabilities = traitlets.Bytes().tag(sync=True)
    maps = traitlets.Bytes().tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    tiles = traitlets.Dict().tag(sync=True)
    colors = traitlets.Bytes(packed(colormaps[COLORMAP](np.arange(256))[:, :3])).tag(sync=True)
    strongest = traitlets.Float(STRONGEST).tag(sync=True)
    outline = traitlets.Unicode(OUTLINE).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)


def attention(networks: Mapping[str, Sequence[Case]], malignant: int) -> None:
    """Shows the explorer and its static twin.

    Args:
        networks: Each network's cases of the same pictures, in the same order, with their probabilities.
        malignant: How many malignant pictures the test has, shown or not.
    """
    cases = next(iter(networks.values()))
    if not cases:
        display(Markdown("This test has no malignant picture."))
        return
    pictures, cut = sprite(np.stack([case.picture for case in cases]), quality=90)
    explorer = Attention(
        networks=[_described(name, own) for name, own in networks.items()],
        images=[_image(case) for case in cases],
        probabilities=b"".join(packed([case.probabilities for case in own]) for own in networks.values()),
        maps=b"".join(packed(maps) for own in networks.values() for maps in _maps(own)),
        pictures=pictures,
        tiles=cut,
        note=_note(len(cases), malignant),
    )
    explore(explorer, _twin(networks), f"What each network called; its probability of malignant. {explorer.note}")


def _maps(cases: Sequence[Case]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([case.called_map for case in cases]), np.stack([case.true_map for case in cases])


def _described(name: str, cases: Sequence[Case]) -> dict:
    height, width = cases[0].called_map.shape
    return {"network": name, "height": height, "width": width}


def _image(case: Case) -> dict:
    circle = [float(value) for value in case.circle] if is_known(case.circle) else None
    return {"id": case.image_id, "label": case.label, "circle": circle}


def _note(shown: int, malignant: int) -> str:
    if shown == malignant:
        return f"All {malignant:,} malignant pictures of the test are here."
    return (
        f"Here are {shown:,} of the {malignant:,} malignant test pictures, so that the page stays light: of each "
        "network in turn its surest hit and its surest error."
    )


def _twin(networks: Mapping[str, Sequence[Case]]) -> pd.DataFrame:
    columns = {
        NETWORK_NAMES[name]: [f"{case.called} ({case.probabilities[LABELS.index(case.label)]:.3f})" for case in cases]
        for name, cases in networks.items()
    }
    return pd.DataFrame(columns, index=[case.image_id for case in next(iter(networks.values()))])
