"""What the four documents report, as data: the one place where result numbers are typed.

One module a document: `dahes` (A), `bassi` (B), `yoshitsugu` (C) and `valvano` (D), each with `DOCUMENT` and
`tables()`. Every table is built anew on each call, so that no reader can change it for another. Document A's tables
are also found here.
"""

from helpers.published.dahes import (
    LABELS,
    MODELS,
    NORMAL_SHARE,
    PAPER,
    SETTINGS,
    aucs,
    augmented_normals,
    counts,
    epochs,
    implied_training,
    recalls,
    rounded_recalls,
    table_1,
    table_2,
)

__all__ = [
    "LABELS",
    "MODELS",
    "NORMAL_SHARE",
    "PAPER",
    "SETTINGS",
    "aucs",
    "augmented_normals",
    "counts",
    "epochs",
    "implied_training",
    "recalls",
    "rounded_recalls",
    "table_1",
    "table_2",
]
