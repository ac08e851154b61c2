"""The rungs zero: what is reached without a look at a picture."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from helpers.ladder.rungs import ALWAYS_BENIGN

KNOWN_BEFORE = ("site_id", "machine_id", "age", "implant", "density")
"""What is known of a woman and her picture before it is read; density is a look at it, and stays in as document B's."""
CATEGORIES = [name for name in KNOWN_BEFORE if name != "age"]


def said(name: str, table: pd.DataFrame, train: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What a rung zero says.

    Args:
        name: "always_benign" or "metadata".
        table: The screening table.
        train: Rows to learn from.
        rows: Rows to judge.

    Returns:
        (len(rows),) probabilities of cancer: 0, or a logistic regression's on `KNOWN_BEFORE`.
    """
    if name == ALWAYS_BENIGN:
        return np.zeros(len(rows))
    model = _model().fit(_columns(table.iloc[train]), table["cancer"].iloc[train].to_numpy(bool))
    return model.predict_proba(_columns(table.iloc[rows]))[:, 1]


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    words = table[CATEGORIES].astype("str").where(table[CATEGORIES].notna(), "missing").astype(object)
    age = table["age"].astype(float)
    # Where no age is known, that it is not is told by a column of its own.
    return words.assign(age=age.fillna(age.median() if age.notna().any() else 0.0), aged=age.notna().astype(float))


def _model() -> Pipeline:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), CATEGORIES), (StandardScaler(), ["age", "aged"])
    )
    # Weighed as the networks are, so that one half means even odds.
    return make_pipeline(columns, LogisticRegression(class_weight="balanced", max_iter=1000))
