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
        pca: (n, 3), its first three principal components.
        test: The predictions of the same n pictures.
    """

    curves: pd.DataFrame
    layer: str
    values: np.ndarray
    pca: np.ndarray
    test: pd.DataFrame


def latent_of(trained: Trained, cohort: Cohort) -> LatentSpace:
    """The latent space of the test pictures, by the document's choice of layer.

    Args:
        trained: A trained network.
        cohort: The run's pictures.

    Returns:
        The `LatentSpace`.
    """
    test = trained.test()
    layers = latent_space.activations(trained.model, networks.latent_layers(trained.model), pictures_of(test, cohort))
    curves = latent_space.pca_curves(layers)
    layer = latent_space.chosen_layer(curves)
    return LatentSpace(curves, layer, layers[layer], latent_space.pca(layers[layer]), test)
