"""Where a trained network looks."""

from collections.abc import Mapping

import pandas as pd

from helpers.datasets.exams import LABELS
from helpers.evaluation import grad_cam
from helpers.evaluation.cases import Case
from helpers.experiment import Trained
from helpers.inspection.pictures import exams_of, pictures_of
from helpers.networks import attention_layer
from helpers.preparation import Cohort

SMALLEST_MAP = 5
"""Cells a side that a map must have for its Grad-CAM to say where."""


def attention_map(trained: Trained) -> tuple[str, tuple[int, int]]:
    """The layer that Grad-CAM explains, and the size of its map in cells."""
    layer = attention_layer(trained.model, SMALLEST_MAP)
    return layer, tuple(trained.model.get_layer(layer).output.shape[1:3])


def attention_maps(networks: Mapping[str, Trained]) -> dict[str, tuple[str, tuple[int, int]]]:
    """The same for several networks, by name."""
    return {name: attention_map(trained) for name, trained in networks.items()}


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
    pictures = pictures_of(cases, cohort)
    layer, _ = attention_map(trained)
    maps = {
        column: grad_cam.explain(trained.model, pictures, cases[column].map(LABELS.index).to_numpy(), layer)
        for column in ("called", "label")
    }
    lesions = exams_of(cases, cohort)[["framed_x", "framed_y", "framed_radius"]].to_numpy()
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
