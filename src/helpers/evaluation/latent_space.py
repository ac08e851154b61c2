"""What a network's layers make of the pictures: activations, their principal components, and t-SNE."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import pandas as pd
from keras import ops
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

CURVE = 10
"""Components shown in a curve of explained variance."""

FIRST = 3
"""Components that choose the layer: those of a 3-D projection."""


def activations(
    model: keras.Model, layers: Sequence[str], pictures: np.ndarray, batch_size: int = 32
) -> dict[str, np.ndarray]:
    """Outputs of several layers in one forward pass.

    Args:
        model: Functional model with one (n, size, size, 1) input.
        layers: Names of layers; maps of more than two dimensions are averaged over all but the last (channels).
        pictures: (n, size, size) or (n, size, size, 1) uint8, 0-255.
        batch_size: Pictures handled at once.

    Returns:
        {layer: (n, d) float32}, in the order of `layers`.

    Raises:
        ValueError: The model has no layer of that name; Keras' message lists those it has.
    """
    pictures = pictures if pictures.ndim == 4 else pictures[..., None]
    outputs = probe(model, layers).predict(pictures, batch_size=batch_size, verbose=0)
    # Keras unwraps a list of one output
    outputs = [outputs] if isinstance(outputs, np.ndarray) else outputs
    return {name: np.asarray(values, np.float32) for name, values in zip(layers, outputs, strict=True)}


def probe(model: keras.Model, layers: Sequence[str]) -> keras.Model:
    """The same network with other outputs.

    Args:
        model: Functional model with one (n, size, size, 1) input.
        layers: Names of layers.

    Returns:
        Model from pictures to one (n, d) a layer; maps are averaged over all but the last dimension.

    Raises:
        ValueError: The model has no layer of that name; Keras' message lists those it has.
    """
    return keras.Model(model.inputs[0], [_pooled(model.get_layer(name).output) for name in layers])


def pca_curves(layers: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Cumulative share of the variance in the first ten principal components of each layer.

    Features are centered and not scaled: within a layer they share a unit, and scaling would raise features that
    hardly ever fire to the weight of those that matter. Document A (Dahes 2025) does not say which it did.

    Args:
        layers: {layer: (n, d)}.

    Returns:
        DataFrame with the columns layer, component (from 1) and cumulative (0..1; 0 for a layer that gives the same
        for every picture). A layer has fewer rows than ten where n or d is less.
    """
    curves = [_curve(values).assign(layer=name) for name, values in layers.items()]
    return pd.concat(curves, ignore_index=True)[["layer", "component", "cumulative"]]


def chosen_layer(curves: pd.DataFrame) -> str:
    """The layer whose first three components hold the largest share of variance: document A's rule (Dahes 2025).

    The rule favors narrow layers. One of three features or fewer, such as the class scores, would win with 100 %
    by arithmetic, so it is chosen only where there is nothing else. Of equals, the first named is chosen.

    Args:
        curves: Table that `pca_curves` returns.

    Returns:
        The layer's name.
    """
    widths = curves.groupby("layer", sort=False)["component"].max()
    candidates = widths.index[widths > FIRST] if (widths > FIRST).any() else widths.index
    shares = curves[curves["component"] <= FIRST].groupby("layer", sort=False)["cumulative"].max()
    return str(shares[candidates].idxmax())


def pca(values: np.ndarray, components: int = FIRST) -> np.ndarray:
    """Coordinates of the pictures on the first principal components, centered and not scaled.

    Signs are scikit-learn's (`svd_flip`): the loading of largest size is positive in every component, so a
    projection does not mirror itself from one run to the next.

    Args:
        values: (n, d).
        components: Number of coordinates asked for.

    Returns:
        (n, components) float32; coordinates past the smaller of n and d are zero.
    """
    coordinates = np.zeros((len(values), components), np.float32)
    if _vary(values):
        possible = min(components, *values.shape)
        coordinates[:, :possible] = _fitted(values, possible).transform(values.astype(np.float64))
    return coordinates


def tsne(values: np.ndarray, dims: int = 2, *, seed: int) -> np.ndarray:
    """t-SNE (van der Maaten and Hinton 2008) of the first 50 principal components, started from the first ones.

    Perplexity is 30, less where there are few pictures: a third of the others. With four pictures or fewer, or
    where all are alike, there are no neighborhoods to keep and the principal components are returned.

    Args:
        values: (n, d).
        dims: Number of coordinates, 2 or 3.
        seed: Seed of scikit-learn's t-SNE.

    Returns:
        (n, dims) float32.
    """
    start = pca(values, dims)
    count, spread = len(values), float(start[:, 0].std())
    if count <= 4 or spread == 0:
        return start
    perplexity = min(30, (count - 1) / 3)
    # the paper's start: a cloud of standard deviation 1e-4
    layout = TSNE(dims, perplexity=perplexity, init=start * (1e-4 / spread), random_state=seed)
    return layout.fit_transform(pca(values, min(50, *values.shape))).astype(np.float32)


def _pooled(output: keras.KerasTensor) -> keras.KerasTensor:
    between = tuple(range(1, len(output.shape) - 1))
    return ops.mean(output, axis=between) if between else output


def _curve(values: np.ndarray) -> pd.DataFrame:
    components = min(CURVE, *values.shape)
    shares = _fitted(values, components).explained_variance_ratio_ if _vary(values) else np.zeros(components)
    return pd.DataFrame({"component": np.arange(1, components + 1), "cumulative": np.cumsum(shares)})


def _vary(values: np.ndarray) -> bool:
    return bool(np.ptp(values, axis=0).any())


def _fitted(values: np.ndarray, components: int) -> PCA:
    # wide layers take scikit-learn's randomized solver; its state is fixed, so the answer is too
    return PCA(components, random_state=0).fit(values.astype(np.float64))
