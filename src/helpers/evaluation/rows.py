"""The rows of a predictions table that a question is asked of."""

from collections.abc import Iterator

import pandas as pd


def each(predictions: pd.DataFrame, split: str = "test") -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Goes through the networks and protocols of a predictions table.

    Args:
        predictions: Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
        split: "train", "validation", "test" or "blind".

    Yields:
        The network, the protocol and its rows of that split.
    """
    rows = predictions[predictions["split"] == split]
    for (network, protocol), own in rows.groupby(["network", "protocol"], sort=False):
        yield network, protocol, own.reset_index(drop=True)


def aligned(predictions: pd.DataFrame, protocol: str, split: str = "test") -> dict[str, pd.DataFrame]:
    """The rows of each network in one order of pictures, so that networks can be compared picture by picture.

    Args:
        predictions: As for `each`.
        protocol: One protocol.
        split: One split.

    Returns:
        {network: its rows, sorted by image_id}.

    Raises:
        ValueError: Two networks were not given the same pictures.
    """
    tables = {
        network: own.sort_values("image_id", ignore_index=True)
        for network, found, own in each(predictions, split)
        if found == protocol
    }
    first = next(iter(tables), None)
    for network, own in tables.items():
        if own["image_id"].tolist() != tables[first]["image_id"].tolist():
            raise ValueError(f"expected the {split} pictures of {first} under {protocol}, {network} has others")
    return tables
