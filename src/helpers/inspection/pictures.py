"""The pictures and exams behind a table of predictions."""

import numpy as np
import pandas as pd

from helpers.preparation import Cohort


def exams_of(predictions: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    """The exam table's rows of some predictions, in their order.

    Args:
        predictions: With a column image_id.
        cohort: The run's pictures.

    Returns:
        DataFrame indexed by image_id; the column `row` holds the place in the picture store.
    """
    indexed = cohort.exams.reset_index(names="row").set_index("image_id")
    return indexed.loc[predictions["image_id"]]


def pictures_of(predictions: pd.DataFrame, cohort: Cohort) -> np.ndarray:
    """The pictures of some predictions, in their order: uint8, (n, size, size)."""
    return cohort.pictures[exams_of(predictions, cohort)["row"].to_numpy()]
