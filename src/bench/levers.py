"""What `make bench` measures, by name."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from bench import convnext, explaining, growth, onednn, preprocessing, rebuild, throughput, training
from bench.timing import Measured
from helpers.networks import NAMES
from helpers.progress import write_json
from helpers.provenance import machine

Levers = Callable[[bool], list[Measured]]
LEVERS: dict[str, Levers] = {
    "training": lambda small: [training.tail(name, *((75, 16, 2) if small else ())) for name in ("iiv3", "icnt")],
    "convnext": lambda small: [convnext.depthwise(*((32, 2, 2) if small else ()))],
    "preprocessing": lambda small: [preprocessing.framing(*((4, 64, 2) if small else ()))],
    "explaining": lambda small: [explaining.maps(name, *((96, 2, 2) if small else ())) for name in NAMES],
    "onednn": lambda small: [onednn.step(*((64, 4, 2) if small else ()))],
    "rebuild": lambda small: [rebuild.rebuilds(rounds=1 if small else 3)],
}
TABLES: dict[str, Callable[[bool], pd.DataFrame]] = {
    "growth": lambda small: growth.growth(*(((40, 80, 160),) if small else ())),
    "throughput": lambda small: throughput.throughput(*((75, 1) if small else ())),
}
"""What is measured, by name; `small` only shows that it runs."""


def record(name: str, folder: Path, small: bool) -> None:
    """Measures one thing and writes it down.

    Args:
        name: A key of `LEVERS` or `TABLES`.
        folder: Where name.json goes.
        small: Whether to take the smallest inputs.
    """
    about = {"machine": machine(), "small": small}
    if name in TABLES:
        write_json(folder / f"{name}.json", {"rows": TABLES[name](small).to_dict("records"), **about})
        return
    levers = [{**asdict(m), "seconds": m.seconds.to_dict("records")} for m in LEVERS[name](small)]
    write_json(folder / f"{name}.json", {"levers": levers, **about})
