"""Looking inside a trained network: its latent space, and where it looks."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import networks
from helpers.datasets.exams import LABELS
from helpers.evaluation import grad_cam, latent_space
from helpers.evaluation.cases import Case
from helpers.experiment import Trained
from helpers.preparation import Cohort

SMALLEST_MAP = 5
"""Cells a side that a map must have for its Grad-CAM to say where."""


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


def latent(trained: Trained, cohort: Cohort) -> LatentSpace:
    """The latent space of the test pictures, by the document's choice of layer.

    Args:
        trained: A trained network.
        cohort: The run's pictures.

    Returns:
        The `LatentSpace`.
    """
    test = trained.test()
    layers = latent_space.activations(trained.model, networks.latent_layers(trained.model), _pictures(test, cohort))
    curves = latent_space.pca_curves(layers)
    layer = latent_space.chosen_layer(curves)
    return LatentSpace(curves, layer, layers[layer], latent_space.pca(layers[layer]), test)


def attention_map(trained: Trained) -> tuple[str, tuple[int, int]]:
    """The layer that Grad-CAM explains, and the size of its map in cells."""
    layer = networks.attention_layer(trained.model, SMALLEST_MAP)
    return layer, tuple(trained.model.get_layer(layer).output.shape[1:3])


def explained(trained: Trained, cohort: Cohort, cases: pd.DataFrame) -> list[Case]:
    """Grad-CAM of some cases, for the class that was called and for the one that is true.

    Args:
        trained: A trained network.
        cohort: The run's pictures.
        cases: Rows of `helpers.evaluation.cases`; may be empty.

    Returns:
        One `Case` a row.
    """
    if cases.empty:
        return []
    pictures = _pictures(cases, cohort)
    layer, _ = attention_map(trained)
    maps = {
        column: grad_cam.explain(trained.model, pictures, cases[column].map(LABELS.index).to_numpy(), layer)
        for column in ("called", "label")
    }
    lesions = _rows(cases, cohort)[["framed_x", "framed_y", "framed_radius"]].to_numpy()
    return [
        Case(
            picture=pictures[i],
            called_map=maps["called"][i],
            true_map=maps["label"][i],
            label=row["label"],
            called=row["called"],
            probability=row["confidence"],
            image_id=row["image_id"],
            circle=lesions[i],
            true_probability=row[row["label"]],
        )
        for i, row in cases.reset_index(drop=True).iterrows()
    ]


def _rows(predictions: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    indexed = cohort.exams.reset_index(names="row").set_index("image_id")
    return indexed.loc[predictions["image_id"]]


def _pictures(predictions: pd.DataFrame, cohort: Cohort) -> np.ndarray:
    return cohort.pictures[_rows(predictions, cohort)["row"].to_numpy()]
