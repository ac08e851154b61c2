"""Studies whose cells nobody trained: files as `make study` leaves them, with drawn numbers."""

from pathlib import Path

import numpy as np

from helpers.datasets.exams import LABELS
from helpers.progress import write_json
from helpers.studies.plan import Plan, load
from helpers.studies.results import METRICS


def study(build: Path, yaml_file: Path, text: str, share: float = 1.0) -> Plan:
    """Writes a study's description, and the metrics of a share of its cells.

    Args:
        build: The folder that holds the runs' folders.
        yaml_file: Where the study's own file goes.
        text: What stands in it.
        share: Of the cells, in their order.
    """
    yaml_file.write_text(text)
    chosen = load(str(yaml_file))
    root = build / chosen.profile.name / "studies" / chosen.name
    write_json(root / "study.json", chosen.description())
    for name, cell in list(chosen.cells.items())[: round(share * len(chosen.cells))]:
        rng = np.random.default_rng([cell.fold, cell.seed, len(cell.network), len(cell.ablation), len(cell.protocol)])
        base = 0.5 + 0.05 * cell.fold + (0.04 if cell.ablation != "plain" else 0)
        values = {metric: float(base + rng.normal(0, 0.03)) for metric in METRICS}
        areas = dict.fromkeys(LABELS, values["accuracy"])
        write_json(root / name / "metrics.json", {cell.protocol: {**values, "auc": areas}})
    return chosen


def start(build: Path, profile: str, study: str, *starts: dict) -> None:
    """Writes how long starts of a study took."""
    write_json(build / profile / "studies" / study / "timings.json", {"starts": list(starts)})
