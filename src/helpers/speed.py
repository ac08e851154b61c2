"""What `make bench` measured on this machine, as tables."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.paths import ROOT

FOLDER = ROOT / "build" / "bench"
PLAIN = "plain"
"""The way that the others are compared with: what a user would do otherwise."""


@dataclass(frozen=True)
class Speed:
    """The measurements that are there; a table of what was not measured has no rows.

    Attributes:
        ratios: One row a lever and way: lever, way, ratio (how many times faster than the plain way, the median over
            rounds), lowest, highest, milliseconds (of the way, per unit), plain_milliseconds, rounds.
        checks: What was compared before it was timed: lever, what, difference, allowed.
        growth: pictures, store, loader (seconds), resident (MiB).
        throughput: device, network, batch, pictures_a_second, share_of_peak.
        machine: What it was measured on; empty when nothing was.
        small: Whether any of it was measured on inputs that only show that it runs.
    """

    ratios: pd.DataFrame
    checks: pd.DataFrame
    growth: pd.DataFrame
    throughput: pd.DataFrame
    machine: str
    small: bool

    def slope(self, column: str) -> float:
        """By which power of the number of pictures the time grows: 1 where each picture costs the same.

        Args:
            column: "store" or "loader".

        Returns:
            The slope of the straight line through the logarithms, by least squares.
        """
        return float(np.polyfit(np.log(self.growth["pictures"]), np.log(self.growth[column]), 1)[0])

    def as_text(self) -> str:
        """The ratios as lines for a terminal."""
        columns = ["lever", "way", "ratio", "lowest", "highest"]
        return self.ratios[columns].to_string(index=False, float_format=lambda value: f"{value:.1f}")


def of_build(build: str = "") -> Speed:
    """The measurements that lie in a build folder, by the value of a notebook's parameters cell."""
    return load(Path(build) / FOLDER.name if build else FOLDER)


def load(folder: Path = FOLDER) -> Speed:
    """Reads what `make bench` wrote.

    Args:
        folder: Where it wrote to.

    Returns:
        The `Speed`; without measurements its tables are empty.
    """
    read = {path.stem: json.loads(path.read_text()) for path in sorted(Path(folder).glob("*.json"))}
    levers = [lever for content in read.values() for lever in content.get("levers", [])]
    return Speed(
        ratios=pd.DataFrame([row for lever in levers for row in _ratios(lever)], columns=RATIO_COLUMNS),
        checks=_flat(levers, "checks", ["lever", "what", "difference", "allowed"]),
        growth=pd.DataFrame(read.get("growth", {}).get("rows", []), columns=GROWTH_COLUMNS),
        throughput=pd.DataFrame(read.get("throughput", {}).get("rows", []), columns=THROUGHPUT_COLUMNS),
        machine=next((content["machine"] for content in read.values()), ""),
        small=any(content["small"] for content in read.values()),
    )


RATIO_COLUMNS = ["lever", "way", "ratio", "lowest", "highest", "milliseconds", "plain_milliseconds", "rounds"]
GROWTH_COLUMNS = ["pictures", "store", "loader", "resident"]
THROUGHPUT_COLUMNS = ["device", "network", "batch", "pictures_a_second", "share_of_peak"]


def _ratios(lever: dict) -> list[tuple]:
    """Each way against the plain way of the same round, so that a slow minute of the machine touches both."""
    seconds = pd.DataFrame(lever["seconds"]).pivot(index="round", columns="way", values="seconds")
    # A plain way that was timed once, as a first book is, stands for every round.
    plain = seconds.pop(PLAIN).ffill()
    milliseconds, plain_milliseconds = (1000 / lever["count"] * each.median() for each in (seconds, plain))
    ratios = seconds.rdiv(plain, axis=0)
    ways = dict.fromkeys(row["way"] for row in lever["seconds"] if row["way"] != PLAIN)
    return [
        (lever["lever"], way, ratios[way].median(), ratios[way].min(), ratios[way].max(), milliseconds[way],
         plain_milliseconds, ratios[way].count())
        for way in ways
    ]  # fmt: skip


def _flat(levers: list[dict], key: str, columns: list[str]) -> pd.DataFrame:
    rows = [{"lever": lever["lever"], **entry} for lever in levers for entry in lever[key]]
    return pd.DataFrame(rows, columns=columns)
