"""What document B reports: Bassi et al., a course project on the RSNA screening set."""

import numpy as np
import pandas as pd

from helpers.published.table import Document, Table

DOCUMENT = Document(
    "B",
    "Bassi et al.",
    "Image Processing and Classification Model for Screening Mammography in Automated Detection of Breast Cancer",
    "bassi",
)
DATA = "rsna"

PATIENTS, IMAGES, CANCER_IMAGES, CANCER_SHARE = 11_913, 54_706, 1_158, 0.0212
"""Patients, pictures, pictures with cancer and their share (section 4 and 4.1)."""
VIEWS_A_PATIENT = 4
""""2-side of the breast and at least two views of the orientation" (section 4)."""
TEST_PARTS, PARTS = 1, 5
"""Training to test as 4 to 1 (section 4); whether by patient or by picture is not said."""
BEST_F1_IN_TEXT = 0.287
"""Of "the CNN model with all data preprocessing steps" (section 6)."""

AUXILIARY_TARGETS = (
    "site_id", "laterality", "view", "implant", "biopsy", "invasive", "BIRADS", "density", "difficult_negative_case",
    "machine_id", "age",
)  # fmt: skip
"""The eleven "additional features (listed in Table 2)" (sections 5.3.3 and 5.6)."""
TABLE_2_VARIABLES = ("age", "laterality", "view", "implant", "density", "biopsy", "invasive", "difficult_negative_case",
                     "BIRADS")  # fmt: skip
"""The variables that Table 2 does list, by the names of the data set."""
KNOWN_AFTER_THE_READING = ("biopsy", "invasive", "BIRADS")
"""What a data set's columns hold that nobody knows before a picture was read, or tissue examined."""

ROWS = pd.MultiIndex.from_tuples(
    [
        ("resized original", "CNN"),
        ("resized original", "ViT"),
        ("+ ROI crop", "CNN"),
        ("+ threshold", "CNN"),
        ("+ augmentation", "CNN"),
        ("+ auxiliary prediction", "CNN"),
        ("+ auxiliary prediction", "ViT"),
    ],
    names=["setting", "model"],
)


def table_1() -> pd.DataFrame:
    """Pictures of each group (its Table 1); the total is printed so.

    Returns:
        DataFrame indexed by group: full, training and test.
    """
    rows = {"all": (54_760, 43_805, 10_901), "malignant": (1_158, 917, 231), "benign": (53_548, 42_878, 10_670)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["full", "training", "test"]).rename_axis("images")


def table_2() -> pd.DataFrame:
    """Median age, and the shares of features (its Table 2); of which value a share is, is not always printed.

    Returns:
        DataFrame indexed by variable: median (years) and percent.
    """
    percent = {
        "laterality: right": 50.16,
        "view: MLO": 51.01,
        "implant: no": 97.30,
        "density: B": 23.13,
        "biopsy": 94.57,
        "invasive": 98.50,
        "difficult negative case: no": 85.92,
        "BIRADS: required follow-up": 15.08,
        "BIRADS: labeled as negative (benign)": 28.83,
        "BIRADS: labeled as normal": 4.14,
        "cancer": 97.88,
    }
    columns = {"median": pd.Series({"age": 59.0}), "percent": pd.Series(percent)}
    return pd.DataFrame(columns).reindex(["age", *percent]).rename_axis("variable")


def table_3() -> pd.DataFrame:
    """Results of its models (its Table 3), three decimals.

    Returns:
        DataFrame indexed by setting and model: cv_f1 (evaluation), then f1, recall, precision and accuracy on the test.
    """
    columns = {
        "cv_f1": (0.047, 0.037, 0.057, 0.122, 0.161, 0.345, 0.130),
        "f1": (0.027, 0.0, 0.108, 0.076, 0.044, 0.314, 0.063),
        "recall": (0.022, 0.0, 0.359, 0.351, 0.043, 0.290, 0.126),
        "precision": (0.035, 0.0, 0.063, 0.043, 0.043, 0.342, 0.042),
        "accuracy": (0.966, 0.979, 0.874, 0.820, 0.959, 0.973, 0.921),
    }
    return pd.DataFrame(columns, index=ROWS, dtype=np.float64)


def tables() -> tuple[Table, ...]:
    """All tables of the document, in its order."""
    unclear, unsaid = (
        "of which value a share is, is not always printed",
        "whether its split groups patients is not said",
    )
    return (
        Table("Table 1", "pictures of each group", table_1(), 0, DATA, pretrained=False),
        Table("Table 2", "features", table_2(), {"median": 0, "percent": 2}, DATA, unclear, pretrained=False),
        Table("Table 3", "results of the models", table_3(), 3, DATA, unsaid),
    )
