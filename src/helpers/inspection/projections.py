"""The latent space of a trained network."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import networks
from helpers.evaluation import latent_space
from helpers.experiment import Trained
from helpers.inspection.pictures import pictures_of
from helpers.preparation import Cohort


@dataclass(frozen=True)
class LatentSpace:
    """What the layers of a network make of the test pictures.

    Attributes:
        curves: Cumulative variance by principal component: columns layer, component, cumulative.
        layer: The layer whose first three components hold most of the variance.
        values: (n, d) float32, that layer's output.
        components: For each candidate layer (n, 3) float32, its first three principal components.
        tsne: t-SNE of the chosen layer: (n, 2) and (n, 3) float32, by their dimensions.
        test: The predictions of the same n pictures.
    """

    curves: pd.DataFrame
    layer: str
    values: np.ndarray
    components: dict[str, np.ndarray]
    tsne: dict[int, np.ndarray]
    test: pd.DataFrame

    @property
    def pca(self) -> np.ndarray:
        """(n, 3), the first three principal components of the chosen layer."""
        return self.components[self.layer]


def latent_of(trained: Trained, cohort: Cohort, seed: int) -> LatentSpace:
    """The latent space of the test pictures, by the document's choice of layer.

    Args:
        trained: A trained network.
        cohort: The run's pictures.
        seed: Seed of t-SNE.

    Returns:
        The `LatentSpace`.
    """
    test = trained.test()
    layers = latent_space.activations(trained.model, networks.latent_layers(trained.model), pictures_of(test, cohort))
    curves = latent_space.pca_curves(layers)
    layer = latent_space.chosen_layer(curves)
    components = {name: latent_space.pca(values) for name, values in layers.items()}
    # Of the chosen layer alone: t-SNE of every candidate would take minutes.
    tsne = {dims: latent_space.tsne(layers[layer], dims, seed=seed) for dims in (2, 3)}
    return LatentSpace(curves, layer, layers[layer], components, tsne, test)
