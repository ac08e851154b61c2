"""A test for a data set that comes without one: ten to one, by picture as document C has it, and by patient."""

import math

import numpy as np
import pandas as pd

from helpers.roi.cohorts import PAIR

PARTS = 11
"""Ten parts for training, one for the test (document C, section 2.1)."""


def ten_to_one(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Divides benign and malignant pictures ten to one, each class by itself.

    Args:
        table: DataFrame with image_id, patient_id and label.
        seed: Of the draw.

    Returns:
        DataFrame of those pictures, with `by_picture` and `by_patient`, each "train" or "test". By patient, whole
        patients are drawn until their pictures are as many.
    """
    own = table[table["label"].isin(PAIR)].sort_values("image_id", ignore_index=True)
    rng = np.random.default_rng(seed)
    split = pd.DataFrame("train", index=own.index, columns=["by_picture", "by_patient"])
    for _, rows in own.groupby("label"):
        wanted = math.ceil(len(rows) / PARTS)
        split.loc[rng.permutation(rows.index)[:wanted], "by_picture"] = "test"
        patients = rng.permutation(np.sort(rows["patient_id"].unique()))
        counts = rows.groupby("patient_id").size().loc[patients]
        held = patients[(counts.cumsum().shift(fill_value=0) < wanted).to_numpy()]
        # All pictures of the patient, those of the other class included.
        split.loc[own["patient_id"].isin(held), "by_patient"] = "test"
    return own.join(split)


def shared(table: pd.DataFrame) -> pd.DataFrame:
    """How many test pictures have their patient in training, by either split.

    Args:
        table: Of `ten_to_one`.

    Returns:
        DataFrame indexed by split: training, test, shared_patient and share.
    """
    rows = {}
    for name in ("by_picture", "by_patient"):
        test = table[table[name] == "test"]
        known = test["patient_id"].isin(table.loc[table[name] == "train", "patient_id"]).sum()
        rows[name] = (len(table) - len(test), len(test), int(known), known / len(test))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["training", "test", "shared_patient", "share"])
