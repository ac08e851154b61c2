"""What document C reports: Yoshitsugu, Kishimoto and Takemura (2025), separation by the presence of an ROI mask."""

from itertools import product

import pandas as pd

from helpers.published.table import Document, Table

DOCUMENT = Document(
    "C",
    "Yoshitsugu et al. 2025",
    "Improving Benign and Malignant Classification in Mammography with ROI-Aware Deep Learning",
    "yoshitsugu2025",
)
VINDR, CESM = "vindr", "cdd_cesm"
DATA_NAMES = {VINDR: "VinDr", CESM: "CDD-CESM"}
MODELS = ("Swin", "ConvNeXtV2")
WITHOUT, WITH = "without ROI separation", "with ROI separation"


def splits(data: str) -> pd.DataFrame:
    """Pictures of each side of the split (its Tables 1 and 3).

    Args:
        data: `VINDR` or `CESM`.

    Returns:
        DataFrame indexed by class and "total": training, testing and total.
    """
    rows = {
        VINDR: {"malignant": (790, 198, 988), "benign": (4486, 1120, 5606), "total": (5276, 1318, 6594)},
        CESM: {"malignant": (300, 31, 331), "benign": (300, 31, 331), "total": (600, 62, 662)},
    }[data]
    return _frame(rows, ["training", "testing", "total"])


def masks(data: str) -> pd.DataFrame:
    """Pictures with and without an ROI mask (its Tables 2 and 4).

    Args:
        data: `VINDR` or `CESM`.

    Returns:
        DataFrame indexed by class and "total": with ROIs, without ROIs and total.
    """
    rows = {
        VINDR: {"malignant": (952, 36, 988), "benign": (816, 4790, 5606), "total": (1768, 4826, 6594)},
        CESM: {"malignant": (326, 5, 331), "benign": (322, 9, 331), "total": (648, 14, 662)},
    }[data]
    return _frame(rows, ["with ROIs", "without ROIs", "total"])


def results(data: str, model: str) -> pd.DataFrame:
    """Results of one network (its Tables 5 to 8), two decimals.

    Args:
        data: `VINDR` or `CESM`.
        model: One of `MODELS`.

    Returns:
        DataFrame indexed by metric (sensitivity, specificity, f_score, accuracy): without and with ROI separation.
    """
    columns = {
        (VINDR, "Swin"): ((0.00, 1.00, 0.00, 0.85), (0.93, 0.87, 0.90, 0.87)),
        (VINDR, "ConvNeXtV2"): ((0.00, 1.00, 0.00, 0.85), (0.90, 0.86, 0.88, 0.87)),
        (CESM, "Swin"): ((0.29, 0.68, 0.41, 0.48), (0.65, 0.65, 0.65, 0.65)),
        (CESM, "ConvNeXtV2"): ((0.65, 0.65, 0.65, 0.65), (0.74, 0.61, 0.67, 0.68)),
    }[data, model]
    index = pd.Index(["sensitivity", "specificity", "f_score", "accuracy"], name="metric")
    return pd.DataFrame(dict(zip((WITHOUT, WITH), columns, strict=True)), index=index)


def all_results() -> pd.DataFrame:
    """The four tables of results as one.

    Returns:
        DataFrame indexed by data, model and way (`WITHOUT`, `WITH`), one column a metric.
    """
    rows = {(data, model): results(data, model).T for data in DATA_NAMES for model in MODELS}
    return pd.concat(rows, names=["data", "model", "way"])


def tables() -> tuple[Table, ...]:
    """All tables of the document, in its order."""
    counted = (
        (1, VINDR, "training and testing", splits),
        (2, VINDR, "presence of ROIs", masks),
        (3, CESM, "training and testing", splits),
        (4, CESM, "presence of ROIs", masks),
    )
    counts = [
        Table(f"Table {number}", f"{DATA_NAMES[data]}, {title}", function(data), 0, data, pretrained=False)
        for number, data, title, function in counted
    ]
    caution = "its F-score is no F1, and its networks are told whether a mask exists"
    found = [
        Table(f"Table {number}", f"{DATA_NAMES[data]}, {model}", results(data, model), 2, data, caution)
        for number, (data, model) in enumerate(product(DATA_NAMES, MODELS), start=5)
    ]
    return (*counts, *found)


def _frame(rows: dict[str, tuple], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("class")
