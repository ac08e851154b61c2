"""What document D reports: a summary of Valvano et al. on microcalcifications, without tables of its own."""

import pandas as pd

from helpers.published.table import Document, Table

DOCUMENT = Document(
    "D",
    "Valvano et al.",
    "Convolutional Neural Networks for the segmentation of microcalcification in Mammography Imaging",
    "valvano",
)
DATA = "its own mammograms"
MAMMOGRAMS = 283
PATCH_SIDES, BEST_PATCH_SIDE = (29, 39, 49), 49
"""Sides of the patches that were tried, pixels."""


def splits() -> pd.DataFrame:
    """Mammograms of each side of the split.

    Returns:
        DataFrame indexed by split, one column "mammograms".
    """
    return pd.DataFrame({"mammograms": {"training": 231, "validation": 25, "test": 27}}).rename_axis("split")


def accuracies() -> pd.DataFrame:
    """Accuracy of both networks with patches of 49 pixels, four decimals.

    Returns:
        DataFrame indexed by network, one column "accuracy".
    """
    return pd.DataFrame({"accuracy": {"Detector": 0.9822, "Segmentator": 0.9747}}).rename_axis("network")


def tables() -> tuple[Table, ...]:
    """The figures that its summary gives, as tables."""
    caution = "an accuracy over patches depends on how many of them are background, which is not printed"
    return (
        Table("text, counts", "mammograms of each side", splits(), 0, DATA, pretrained=False),
        Table("text, results", "accuracy over patches", accuracies(), 4, DATA, caution, pretrained=False),
    )
