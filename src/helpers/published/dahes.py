"""What document A reports: Dahes (2025), three networks on the Kaggle set that joins INbreast, MIAS and DDSM."""

from itertools import product
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.published.table import Document, Table

PAPER = "Dahes 2025"
DOCUMENT = Document(
    "A",
    PAPER,
    "Proof of Concept for Mammography Classification with Enhanced Compactness and Separability Modules",
    "dahes2025",
)
DATA = "kaggle_combined"
MODELS = ("baseline_cnn", "icnt", "iiv3")
LABELS = ("normal", "benign", "malignant")

SETTINGS = MappingProxyType(
    {
        "optimizer": "Adam",
        "learning_rate": 1e-4,
        "loss": "categorical cross-entropy",
        "reduce_lr_patience": 5,
        "reduce_lr_factor": 0.5,
        "restore_best_weights": True,
        "dense_units": 256,
        "dense_activation": "relu",
        "unfrozen_layers": 20,
        "weights": "imagenet",
        "include_top": False,
        "test_share": 0.20,
        "blind_images": 150,
        "minimum_compressed_channels": 8,
    }
)
"""Settings of training (Dahes 2025, section 2); batch size, dropout rate, reduction ratio and seeds are not stated."""

NORMAL_SHARE = MappingProxyType({"before": 0.076, "after": 0.331})
"""Share of normal pictures before and after targeted augmentation (Dahes 2025, Figure 3)."""

RECOMMENDED = MappingProxyType(
    {
        "first diagnosis": ("iiv3",),
        "follow-up": ("baseline_cnn", "icnt"),
        "mass screening": ("baseline_cnn", "icnt"),
        "research": ("baseline_cnn", "icnt"),
    }
)
"""The networks that the document prefers for each task (sections 3.5 and 5); "lighter models" are these two."""


def table_1() -> pd.DataFrame:
    """Global performance and overfitting (Dahes 2025, Table 1).

    Returns:
        DataFrame indexed by model, one column a metric.
    """
    return _table(
        {
            "accuracy": (0.9587, 0.9646, 0.9867),
            "loss": (0.1110, 0.0968, 0.0355),
            "f1_macro": (0.9583, 0.9640, 0.9853),
            "recall_min": (0.9274, 0.9075, 0.9744),
            "recall_std": (0.0280, 0.0392, 0.0102),
            "overfit_acc": (0.0279, 0.0454, 0.0039),
            "overfit_f1": (0.0391, 0.0060, 0.0057),
            "overfit_loss": (0.0939, 0.1141, 0.0118),
        },
        "Table 1",
    )


def table_2() -> pd.DataFrame:
    """Equity and dispersion between classes (Dahes 2025, Table 2).

    Returns:
        DataFrame indexed by model, one column a metric.
    """
    return _table(
        {
            "f1_mean": (0.960000, 0.963333, 0.986667),
            "f1_std": (0.029439, 0.026247, 0.009428),
            "rec_mean": (0.960000, 0.963333, 0.983333),
            "rec_std": (0.029439, 0.038586, 0.012472),
        },
        "Table 2",
    )


def recalls() -> pd.DataFrame:
    """Recall of each class (Dahes 2025, section 3.4, "Confusion Matrix Analysis").

    The text calls some of them accuracy or precision. Its 0.907 for benign under icnt is the 0.9075 of Table 1.

    Returns:
        DataFrame indexed by model, one column a class; NaN where the text gives none.
    """
    return _table(
        {"normal": (0.995, np.nan, 0.999), "benign": (np.nan, 0.907, 0.984), "malignant": (0.951, 0.98, 0.974)},
        "section 3.4",
    )


def aucs() -> pd.DataFrame:
    """Area under the ROC curve of each class against the others (Dahes 2025, section 3.3).

    Returns:
        DataFrame indexed by model, one column a class.
    """
    areas = {"normal": (1.0, 1.0, 1.0), "benign": (0.99, 0.99, 1.0), "malignant": (0.99, 0.99, 1.0)}
    return _table(areas, "section 3.3")


def epochs() -> pd.Series:
    """Epochs that were run (Dahes 2025, section 3.5).

    Returns:
        Series indexed by model.
    """
    return _table({"epochs": (14, 11, 30)}, "section 3.5")["epochs"]


def counts() -> pd.Series:
    """Pictures of each class before augmentation, the last two rounded (Dahes 2025, section 2).

    Returns:
        Series indexed by class.
    """
    return pd.Series({"normal": 2026, "benign": 10900, "malignant": 13700}, name="pictures").rename_axis("label")


def tables() -> tuple[Table, ...]:
    """All tables of the document, and the figures that its text gives in a row, in its order."""
    pictures = counts().to_frame()
    return (
        Table("section 2", "pictures of each class before augmentation", pictures, 0, DATA, pretrained=False),
        Table("Table 1", "global performance and overfitting", table_1(), 4, DATA),
        Table("section 3.3", "areas under the ROC curves", aucs(), 2, DATA),
        Table("Table 2", "equity and dispersion between classes", table_2(), 6, DATA),
        Table("section 3.4", "recall of each class", recalls(), 3, DATA),
        Table("section 3.5", "epochs that were run", epochs().to_frame(), 0, DATA),
    )


def implied_training() -> pd.DataFrame:
    """The training figures that Table 1 implies by its own definitions (Dahes 2025, section 3.1).

    An accuracy above 1 or a loss below 0 cannot be: the row was not computed as the text defines it.

    Returns:
        DataFrame indexed by model: accuracy (that of the test plus overfit_acc), loss (that of the test minus
        overfit_loss) and possible, bool.
    """
    table = table_1()
    accuracy, loss = table["accuracy"] + table["overfit_acc"], table["loss"] - table["overfit_loss"]
    return pd.DataFrame({"accuracy": accuracy, "loss": loss, "possible": (accuracy <= 1) & (loss >= 0)})


def rounded_recalls() -> pd.DataFrame:
    """The recalls of two decimals that agree with the text and whose mean and population deviation are Table 2's.

    There is one such triple a model, so Table 2 was computed from values that were already rounded.

    Returns:
        DataFrame indexed by model, one column a class; one row for each triple that fits.
    """
    rows = [
        (model, *triple)
        for model, given in recalls().iterrows()
        for triple in product(*map(_two_decimals, given))
        if np.allclose((np.mean(triple), np.std(triple)), table_2().loc[model, ["rec_mean", "rec_std"]], atol=1e-6)
    ]
    return pd.DataFrame(rows, columns=["model", *LABELS]).set_index("model")


def augmented_normals() -> tuple[float, float]:
    """How many normal pictures the share after augmentation means, and how many for each original.

    Returns:
        pictures and pictures for each original.
    """
    pictures, after = counts(), NORMAL_SHARE["after"]
    normals = (pictures["benign"] + pictures["malignant"]) * after / (1 - after)
    return float(normals), float(normals / pictures["normal"])


def _table(columns: dict[str, tuple], source: str) -> pd.DataFrame:
    table = pd.DataFrame(columns, index=pd.Index(MODELS, name="model"))
    table.attrs["source"] = f"{PAPER}, {source}"
    return table


def _two_decimals(recall: float) -> np.ndarray:
    """The two-decimal values that `recall`, itself rounded to three, may round to; any where the text gives none."""
    values = np.arange(101) / 100
    return values if np.isnan(recall) else values[np.abs(values - recall) <= 0.0055 + 1e-9]
