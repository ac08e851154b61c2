"""This book's values for the tables of document A, from what a run's chapters computed."""

import numpy as np
import pandas as pd

from helpers.evaluation.comparisons import recalls
from helpers.evaluation.intervals import interval, patient_weights
from helpers.evaluation.metrics import CLASSES, labels_and_probabilities
from helpers.evaluation.rows import each
from helpers.rereading.beside import OURS, rows_of


def of_document_a(
    scores: pd.DataFrame, areas: pd.DataFrame, recall: pd.DataFrame, history: pd.DataFrame, exams: pd.DataFrame
) -> pd.DataFrame:
    """Our values for every table of document A.

    Args:
        scores: Columns network, protocol, metric, value, low and high.
        areas: Columns network, protocol, label, auc, low and high.
        recall: From `class_recalls`.
        history: Columns network, protocol and epoch.
        exams: The exam table with `copy_of` and `label`.

    Returns:
        DataFrame with the columns `OURS`.
    """
    pictures = exams.loc[exams["copy_of"].isna(), "label"].value_counts().rename_axis("label").reset_index(name="value")
    epochs = history.groupby(["network", "protocol"], sort=False)["epoch"].max().reset_index()
    tables = [
        rows_of(
            "A", "section 2", pictures.assign(column="pictures", source="all pictures"), "label", "column", "source"
        ),
        *(rows_of("A", table, scores, "network", "metric") for table in ("Table 1", "Table 2")),
        rows_of("A", "section 3.3", areas, "network", "label", value="auc"),
        rows_of("A", "section 3.4", recall, "network", "label"),
        rows_of("A", "section 3.5", epochs.assign(column="epochs"), "network", "column", value="epoch"),
    ]
    return pd.concat(
        [table.astype({"value": float, "low": float, "high": float}) for table in tables], ignore_index=True
    )[OURS]


def of_document_d(shares: pd.DataFrame, variant: str, source: str) -> pd.DataFrame:
    """Our values for the accuracies of document D.

    Args:
        shares: Columns variant, network (detector | segmentator), value, low and high.
        variant: The variant whose accuracies it prints.
        source: What is said of ours.

    Returns:
        DataFrame with the columns `OURS`.
    """
    own = shares[shares["variant"] == variant]
    named = own.assign(row=own["network"].str.capitalize(), column="accuracy", source=source)
    return rows_of("D", "text, results", named, "row", "column", "source")


def class_recalls(predictions: pd.DataFrame, draws: int = 2000, *, seed: int) -> pd.DataFrame:
    """Recall of each class on the test, with 95 % intervals by the bootstrap over patients.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, protocol, label, value, low and high.
    """
    rows = []
    for network, protocol, table in each(predictions):
        weights, owner = patient_weights(table["patient_id"], draws, seed=seed)
        everyone = np.ones((1, weights.shape[1]))
        value, drawn = (recalls(*labels_and_probabilities(table), owner, chosen) for chosen in (everyone, weights))
        rows += [(network, protocol, label, value[0, c], *interval(drawn[:, c])) for c, label in enumerate(CLASSES)]
    return pd.DataFrame(rows, columns=["network", "protocol", "label", "value", "low", "high"])
