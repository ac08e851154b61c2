"""Sentences of the chapter on studies whose truth depends on which cells are in."""

import pandas as pd

from helpers.figures.style import NETWORK_NAMES
from helpers.studies.results import METRICS, Results

FEW = 5
"""With fewer folds than this, a bootstrap over folds says little."""


def state(results: Results, profile: str) -> str:
    """Which studies were run with a profile and how many of their cells are in, or how to run one."""
    if results.planned.empty:
        return (
            f"**No study has been run with the profile {profile}.** `make study STUDY=ci` runs the smallest one, of "
            "the profile *ci*; a study of your own is a file in `src/workflow/studies`, and the next `make book` shows "
            "it here."
        )
    lines = [f"- *{name}*: {row['in']} of {row['cells']} cells are in." for name, row in results.counts.iterrows()]
    waiting = (results.counts["in"] < results.counts["cells"]).any()
    return "\n".join([*lines, "", "What follows speaks of the cells that are in." if waiting else ""]).strip()


def of_settings(summaries: pd.DataFrame) -> str:
    """What the intervals over folds and seeds can carry, and what moves a score more: the fold or the start."""
    own = summaries[summaries["metric"] == METRICS[0]]
    if own.empty:
        return "As long as no cell is in, nothing can be said of either."
    folds = int((own["over_folds"] > own["over_seeds"]).sum())
    known = int(own[["over_folds", "over_seeds"]].notna().all(axis=1).sum())
    if not known:
        return "With one fold or one seed alone, nothing can be said of what moves a score more."
    return (
        f"In {folds} of {known} settings the folds' means lie further apart than the seeds': which patients are tested "
        "moves the score more than where a training starts."
    )


def how_many_folds(results: Results) -> str:
    """Whether there are enough folds for the interval to mean what it says."""
    if results.scores.empty:
        return "No training is in yet, of any fold."
    fewest = int(results.scores.groupby("study")["fold"].nunique().min())
    if fewest >= FEW:
        return f"Each study here has {fewest} folds or more."
    return (
        f"**With {fewest} folds an interval is a rough guess, and too short a one.** These numbers show that it runs."
    )


def of_changes(differences: pd.DataFrame) -> str:
    """Which ablations change the first metric by more than chance allows."""
    own = differences[differences["metric"] == METRICS[0]]
    if own.empty:
        return "No study that is here changes a setting, so there is nothing to compare."
    clear = own[(own["low"] > 0) | (own["high"] < 0)]
    names = [
        f"{row.ablation.replace('_', ' ')} with {NETWORK_NAMES[row.network]} ({row.value:+.3f})"
        for row in clear.itertuples()
    ]
    told = f": {', '.join(names)}" if len(names) else ""
    return (
        f"{len(clear)} of {len(own)} changes of macro F1 have an interval without zero{told}. Of so many comparisons, "
        "one in twenty would by chance alone."
    )


def speed(speedups: pd.DataFrame) -> str:
    """How many times faster several jobs at once were, or that it was not measured."""
    several = speedups[speedups["jobs"] > 1]
    if several.empty:
        return (
            "**Not measured for this copy of the book.** `make study` notes how long it took. Run with `JOBS=1`, and "
            "again with `JOBS=2` after the study's folder is removed, it gives a ratio to be shown here."
        )
    return "\n".join(f"- {_faster(row)}" for row in several.itertuples())


def _faster(row: tuple) -> str:
    said = (
        f"{_engine(row.engine)}, study *{row.study}* ({row.cells} cells): {row.times:.2f} times faster with {row.jobs} "
        f"jobs at once than with one; {row.times_running:.2f} times where only the seconds count in which a cell ran, "
        f"since jobs also wait for their turn and start up. Measured on {row.machine}."
    )
    if row.times_running <= row.jobs:
        return said
    return (
        f"{said} **More than {row.jobs} times cannot come of {row.jobs} jobs: the machine had other work meanwhile.**"
    )


def _engine(name: str) -> str:
    return {"local": "This machine", "slurm": "SLURM", "kubernetes": "Kubernetes"}.get(name, name)
