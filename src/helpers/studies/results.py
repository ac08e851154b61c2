"""What has come in of the studies of a profile, and how long the engines took."""

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.evaluation import across
from helpers.studies.plan import PLAIN

METRICS = ("f1_macro", "accuracy", "recall_min")
AREA = "auc_malignant"
CELLS = ["cell", "network", "ablation", "protocol", "fold", "seed"]
SCORES = ["study", *CELLS, "metric", "value"]
STARTS = ["study", "profile", "engine", "jobs", "cells", "seconds", "waited", "machine"]


@dataclass(frozen=True)
class Results:
    """The studies of one profile.

    Attributes:
        planned: One row a cell: study, cell, network, ablation, protocol, fold, seed.
        scores: One row a cell that is in and metric: the same, with metric and value.
    """

    planned: pd.DataFrame
    scores: pd.DataFrame

    @property
    def counts(self) -> pd.DataFrame:
        """Indexed by study: cells, and how many of them are in."""
        cells = self.planned.groupby("study").size().rename("cells")
        there = self.scores.groupby("study")["cell"].nunique().rename("in")
        return pd.concat([cells, there.reindex(cells.index, fill_value=0)], axis=1)


def of_profile(profile: str, build: Path) -> Results:
    """Reads the studies of a profile.

    Args:
        profile: Its name.
        build: The folder that holds the runs' folders.

    Returns:
        The `Results`; without studies its tables are empty.
    """
    folders = [path.parent for path in sorted((build / profile / "studies").glob("*/study.json"))]
    planned = [_planned(folder) for folder in folders]
    scores = [row for folder, cells in zip(folders, planned, strict=True) for row in _scores(folder, cells)]
    every = pd.concat(planned, ignore_index=True) if planned else pd.DataFrame(columns=["study", *CELLS])
    return Results(every, pd.DataFrame(scores, columns=SCORES).astype({"value": float}))


def summaries(results: Results, draws: int, seed: int) -> pd.DataFrame:
    """The mean of each setting and metric over folds and seeds, study by study.

    Args:
        results: What is in.
        draws: Bootstrap draws.
        seed: Seed of the draws.

    Returns:
        As `helpers.evaluation.across.summary`, with a column study before.
    """
    return _by_study({name: across.summary(own, draws, seed=seed) for name, own in results.scores.groupby("study")})


def changes(results: Results, draws: int, seed: int) -> pd.DataFrame:
    """What each ablation changes, study by study.

    Args:
        results: What is in.
        draws: Bootstrap draws.
        seed: Seed of the draws.

    Returns:
        As `helpers.evaluation.across.differences`, with a column study before.
    """
    by_study = results.scores.groupby("study")
    return _by_study({name: across.differences(own, PLAIN, draws, seed=seed) for name, own in by_study})


def _by_study(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns = ["study", *across.WHAT, "trainings", "value", "low", "high", "over_folds", "over_seeds"]
    named = [table.assign(study=name) for name, table in tables.items()]
    return pd.concat(named, ignore_index=True) if named else pd.DataFrame(columns=columns)


def _planned(folder: Path) -> pd.DataFrame:
    cells = pd.DataFrame(json.loads((folder / "study.json").read_text())["cells"], columns=CELLS)
    cells.insert(0, "study", folder.name)
    return cells


def _scores(folder: Path, cells: pd.DataFrame) -> list[dict]:
    rows = []
    for cell in cells.to_dict("records"):
        file = folder / cell["cell"] / "metrics.json"
        if file.exists():
            found = json.loads(file.read_text())[cell["protocol"]]
            values = {metric: found[metric] for metric in METRICS} | {AREA: found["auc"]["malignant"]}
            rows += [{**cell, "metric": name, "value": value} for name, value in values.items()]
    return rows


def starts(build: Path) -> pd.DataFrame:
    """What every `make study` in a build folder took.

    Args:
        build: The folder that holds the runs' folders.

    Returns:
        DataFrame with the columns study, profile, engine, jobs (at once, at most; 0 for as many as the engine has),
        cells, seconds (from the first cell's beginning to the last one's end), waited (those of them in which no cell
        ran) and machine, in the order of time within a study.
    """
    rows = []
    for file in sorted(build.glob("*/studies/*/timings.json")):
        about = {"study": file.parent.name, "profile": file.parents[2].name}
        rows += [{**about, **start} for start in json.loads(file.read_text())["starts"]]
    # Copies of the book that did not note the waits yet left starts that cannot be compared.
    return pd.DataFrame(rows, columns=STARTS).dropna(subset="waited")


def speedups(every: pd.DataFrame) -> pd.DataFrame:
    """How many times faster several jobs at once are than one, on one engine and machine and for the same cells.

    Args:
        every: Of `starts`; of equal ones the last counts.

    Returns:
        DataFrame with the columns study, profile, engine, cells, jobs, seconds, waited, machine, times, and
        times_running, which counts only the seconds in which a cell ran; one job has 1 of either.
    """
    same = ["study", "profile", "engine", "cells", "machine"]
    last = every.drop_duplicates([*same, "jobs"], keep="last")
    last = last.assign(running=last["seconds"] - last["waited"])
    alone = last[last["jobs"] == 1].set_index(same)[["seconds", "running"]].add_suffix("_alone").reset_index()
    found = last.merge(alone, on=same)
    several = found.groupby(same)["jobs"].transform("size") > 1
    kept = found[several].sort_values([*same, "jobs"], ignore_index=True)
    times = {"times": kept["seconds_alone"] / kept["seconds"], "times_running": kept["running_alone"] / kept["running"]}
    return kept.assign(**times).drop(columns=["seconds_alone", "running_alone", "running"])
