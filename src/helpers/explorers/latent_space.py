"""The latent-space explorer: the test pictures as points, by what a layer of a network makes of them."""

from collections.abc import Mapping

import anywidget
import numpy as np
import pandas as pd
import traitlets

from helpers.datasets.exams import LABELS
from helpers.explorers.kit import LOOK, STYLE, explore, packed, script, sprite
from helpers.figures.latent import projection
from helpers.figures.style import NETWORK_NAMES
from helpers.inspection.projections import LatentSpace

LIMIT = 400
"""Pictures shown at most: with their thumbnails they are what the page weighs most by."""
THUMBNAIL = 80
"""Pixels a side."""


class LatentSpaceExplorer(anywidget.AnyWidget):
    """Turns, flattens and changes the cloud of the test pictures; shows the picture behind a point.

    Attributes:
        classes: The classes in the order of the probabilities; a notebook sorts what is keyed by name.
        networks: One entry a network: network, layers, chosen, and by layer the cumulative `shares` of the variance.
        images: One entry a picture: id, label.
        points: float32, network after network: each layer's three components, then t-SNE in 2 and in 3 dimensions.
        probabilities: float32, network after network, (pictures, classes).
        thumbnails: A sprite of the pictures, WebP.
        tiles: How it is cut: side, columns.
        note: Which pictures are shown, one sentence.
    """

    _esm = script("latent_space.js")
    _css = STYLE
    look = traitlets.Dict(LOOK).tag(sync=True)
    classes = traitlets.List(list(LABELS)).tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    images = traitlets.List().tag(sync=True)
    points = traitlets.Bytes().tag(sync=True)
    probabilities = traitlets.Bytes().tag(sync=True)
    thumbnails = traitlets.Bytes().tag(sync=True)
    tiles = traitlets.Dict().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)


def latent_space(spaces: Mapping[str, LatentSpace], pictures: np.ndarray, seed: int) -> None:
    """Shows the explorer and its static twin.

    Args:
        spaces: Each network's latent space of the same test pictures.
        pictures: (n, size, size) uint8, those pictures, in the same order.
        seed: Chooses the pictures where there are more than `LIMIT`.
    """
    test = next(iter(spaces.values())).test
    rows = _chosen(len(test), seed)
    thumbnails, cut = sprite(pictures[rows], THUMBNAIL, quality=75)
    explorer = LatentSpaceExplorer(
        networks=[_described(name, space) for name, space in spaces.items()],
        images=[{"id": row.image_id, "label": row.label} for row in test.iloc[rows].itertuples()],
        points=b"".join(packed(cloud[rows]) for space in spaces.values() for cloud in _clouds(space)),
        probabilities=b"".join(packed(space.test.iloc[rows][list(LABELS)]) for space in spaces.values()),
        thumbnails=thumbnails,
        tiles=cut,
        note=_note(len(rows), len(test)),
    )
    name, space = next(iter(spaces.items()))
    called = test[list(LABELS)].idxmax(axis=1)
    title = f"{NETWORK_NAMES[name]}, {space.layer}, first two principal components"
    twin = projection(space.pca, test["label"], title, called)
    explore(explorer, twin, twin.get_label())


def _chosen(count: int, seed: int) -> np.ndarray:
    if count <= LIMIT:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, LIMIT, replace=False))


def _note(shown: int, count: int) -> str:
    if shown == count:
        return f"All {count:,} pictures of the test are shown."
    return f"Shown are {shown:,} of the {count:,} test pictures, drawn at random; all of them shaped the axes."


def _clouds(space: LatentSpace) -> list[np.ndarray]:
    return [*space.components.values(), space.tsne[2], space.tsne[3]]


def _described(name: str, space: LatentSpace) -> dict:
    shares = {layer: curve["cumulative"].tolist()[:3] for layer, curve in _by_layer(space.curves)}
    return {"network": name, "layers": list(space.components), "chosen": space.layer, "shares": shares}


def _by_layer(curves: pd.DataFrame):
    return curves.sort_values("component").groupby("layer", sort=False)
