"""Where a trained network looks."""

from collections.abc import Mapping

import pandas as pd

from helpers.datasets.exams import LABELS
from helpers.evaluation import cases, grad_cam
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


def explained_by_all(networks: Mapping[str, Trained], cohort: Cohort, count: int) -> dict[str, list[Case]]:
    """Grad-CAM of the same malignant test pictures by several networks.

    Args:
        networks: Trained networks by name.
        cohort: The run's pictures.
        count: Pictures at most; `helpers.evaluation.cases.worth_seeing` chooses them.

    Returns:
        For each network one `Case` a picture, in the same order.
    """
    tests = {name: trained.test() for name, trained in networks.items()}
    shown = cases.worth_seeing(tests, count)
    return {name: explained(trained, cohort, cases.calls(tests[name], shown)) for name, trained in networks.items()}


def explained(trained: Trained, cohort: Cohort, rows: pd.DataFrame) -> list[Case]:
    """Grad-CAM of some cases, for the class that was called and for the one that is true.

    Args:
        trained: A trained network.
        cohort: The run's pictures.
        rows: Rows of `helpers.evaluation.cases`; may be empty.

    Returns:
        One `Case` a row.
    """
    if rows.empty:
        return []
    pictures = pictures_of(rows, cohort)
    called, true = (rows[column].map(LABELS.index).to_numpy() for column in ("called", "label"))
    layer, _ = attention_map(trained)
    called_maps = grad_cam.explain(trained.model, pictures, called, layer)
    # Where the call is right, one map is both.
    true_maps, wrong = called_maps.copy(), called != true
    true_maps[wrong] = grad_cam.explain(trained.model, pictures[wrong], true[wrong], layer)
    lesions = exams_of(rows, cohort)[["framed_x", "framed_y", "framed_radius"]].to_numpy()
    return [
        Case(
            picture=pictures[i],
            called_map=called_maps[i],
            true_map=true_maps[i],
            label=row["label"],
            called=row["called"],
            probability=row["confidence"],
            image_id=row["image_id"],
            circle=lesions[i],
            true_probability=row[row["label"]],
            probabilities=tuple(map(float, row[list(LABELS)])),
        )
        for i, row in rows.reset_index(drop=True).iterrows()
    ]
