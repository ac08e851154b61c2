"""What each trained network costs to use."""

from collections.abc import Mapping

import pandas as pd

from helpers.experiment import Trained
from helpers.networks.footprint import memory

MIB = 2**20


def costs(networks: Mapping[str, Trained]) -> pd.DataFrame:
    """Latency, memory, size on disk and parameters of each network.

    Args:
        networks: Trained networks, by name.

    Returns:
        DataFrame indexed by network: latency (ms a picture, the median of several on the machine that trained it),
        memory (MiB, for one picture, see `helpers.networks.footprint`), size (MiB of model.keras) and parameters.
    """
    rows = {
        name: {
            "latency": trained.latency["milliseconds_a_picture"],
            "memory": memory(trained.model) / MIB,
            "size": trained.paths.model.stat().st_size / MIB,
            "parameters": trained.metrics["parameters"],
        }
        for name, trained in networks.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("network")
