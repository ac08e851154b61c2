"""What has come in of a study, what the page says of it, and how heavy a thousand cells make it."""

import subprocess
import sys

import made_up_studies
import nbformat
import pytest

from helpers.figures import studies as figures
from helpers.findings import studies as told
from helpers.paths import NOTEBOOKS, ROOT
from helpers.studies import results
from workflow import page

OWN = """
profile: ci
networks: [baseline_cnn, icnt]
protocols: [patient_grouped, as_published]
folds: 3
seeds: 2
ablations: {plain: , long: {epochs: 9}}
"""
THOUSAND = OWN.replace("folds: 3", "folds: 5").replace("seeds: 2", "seeds: 25")
HEAVIEST = 2_000_000
"""Bytes of the page."""


@pytest.fixture(scope="module")
def half(tmp_path_factory) -> results.Results:
    build = tmp_path_factory.mktemp("build")
    made_up_studies.study(build, build / "own.yaml", OWN, share=0.5)
    return results.of_profile("ci", build)


def test_cells_that_are_in_are_counted(half):
    assert half.counts.loc["own"].tolist() == [24 * 2, 24]
    assert "own*: 24 of 48 cells are in" in told.state(half, "ci")
    table = figures.progress_table(half)
    assert table.loc[("own", "baseline_cnn", "plain"), "patient-grouped"] == "6 of 6"
    assert table.loc[("own", "icnt", "long"), "as-published"] == "0 of 6"


def test_without_a_study_the_page_says_how_to_run_one(tmp_path):
    nothing = results.of_profile("ci", tmp_path)
    assert "make study STUDY=ci" in told.state(nothing, "ci")
    summaries, changes = results.summaries(nothing, 100, 1), results.changes(nothing, 100, 1)
    assert figures.means(summaries, nothing.scores).get_label() == figures.NOTHING
    assert "no study" in figures.changes(changes).get_label().lower()
    for table in (figures.progress_table(nothing), figures.score_table(summaries), figures.spread_table(summaries)):
        assert table.empty
    # An empty text would stand on the page as the name of an object.
    assert told.of_settings(summaries) and told.how_many_folds(nothing)
    assert "Not measured" in told.speed(results.speedups(results.starts(tmp_path)))


def test_what_is_told_of_changes_is_in_the_table(half):
    changes = results.changes(half, 200, 1)
    own = changes[changes["metric"] == "f1_macro"]
    assert list(own["network"].unique()) == ["baseline_cnn"]
    clear = ((own["low"] > 0) | (own["high"] < 0)).sum()
    assert told.of_changes(changes).startswith(f"{clear} of {len(own)} changes")


def test_few_folds_are_called_few(half):
    assert "With 3 folds" in told.how_many_folds(half)


def test_the_figure_draws_every_training_and_every_mean(half):
    summaries = results.summaries(half, 200, 1)
    figure = figures.means(summaries, half.scores)
    drawn = sum(len(line.get_xdata()) for axis in figure.axes for line in axis.lines if line.get_marker() == ".")
    assert drawn == 24
    own = summaries[summaries["metric"] == "f1_macro"]
    marks = [bar.lines[0].get_xdata()[0] for axis in figure.axes for bar in axis.containers]
    assert sorted(marks) == pytest.approx(sorted(own["value"]))


def test_a_ratio_is_taken_between_equal_work_on_one_engine(tmp_path):
    same = {"engine": "slurm", "cells": 4, "machine": "2 cores", "waited": 0.0}
    made_up_studies.start(
        tmp_path, "ci", "own", {**same, "jobs": 1, "seconds": 90.0}, {**same, "jobs": 1, "seconds": 60.0},
        {**same, "jobs": 2, "seconds": 40.0}, {**same, "jobs": 2, "seconds": 10.0, "cells": 1},
        {**same, "jobs": 2, "seconds": 5.0, "engine": "local"},
    )  # fmt: skip
    table = results.speedups(results.starts(tmp_path))
    assert table[["engine", "jobs", "times"]].values.tolist() == [["slurm", 1, 1.0], ["slurm", 2, 1.5]]
    assert "SLURM, study *own* (4 cells): 1.50 times faster with 2 jobs" in told.speed(table)
    assert figures.speed_table(table)["times faster"].tolist() == ["1.00", "1.50"]


@pytest.mark.parametrize(("waited", "impossible"), [((24.0, 8.0), False), ((0.0, 0.0), True)])
def test_waits_between_jobs_are_no_other_work(tmp_path, waited, impossible):
    same = {"engine": "slurm", "cells": 4, "machine": "2 cores"}
    taken = [{"jobs": 1, "seconds": 68.0, "waited": waited[0]}, {"jobs": 2, "seconds": 30.0, "waited": waited[1]}]
    made_up_studies.start(tmp_path, "ci", "own", *({**same, **each} for each in taken))
    table = results.speedups(results.starts(tmp_path))
    running = (68.0 - waited[0]) / (30.0 - waited[1])
    assert table["times_running"].tolist() == pytest.approx([1, running])
    assert f"2.27 times faster with 2 jobs at once than with one; {running:.2f} times where" in told.speed(table)
    assert ("other work" in told.speed(table)) == impossible
    assert figures.speed_table(table)["no cell ran, s"].tolist() == [f"{each:.0f}" for each in waited]


def test_a_start_that_did_not_note_its_waits_is_left_out(tmp_path):
    old = {"engine": "slurm", "cells": 4, "machine": "2 cores", "jobs": 1, "seconds": 60.0}
    made_up_studies.start(tmp_path, "ci", "own", old, {**old, "jobs": 2, "seconds": 25.0})
    assert "Not measured" in told.speed(results.speedups(results.starts(tmp_path)))


@pytest.mark.parametrize("text", ["", THOUSAND], ids=["no study", "a thousand cells"])
def test_the_page_stays_light(tmp_path, text):
    if text:
        made_up_studies.study(tmp_path, tmp_path / "own.yaml", text)
    command = [sys.executable, "-m", "workflow.execute", "18_studies", "--profile", "ci", "--build", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr + _error(tmp_path)
    made = tmp_path / "page.ipynb"
    page.main(NOTEBOOKS / "18_studies.py", tmp_path / "ci" / "notebooks" / "18_studies.ipynb", made)
    # A notebook holds its figures in base64, a third more than the book's own files.
    assert made.stat().st_size < HEAVIEST
    shown = "\n".join(str(cell) for cell in nbformat.read(made, as_version=4).cells)
    assert ("1000 of 1000 cells are in" if text else "No study has been run") in shown


def _error(build) -> str:
    file = build / "ci" / "logs" / "18_studies.error.txt"
    return file.read_text() if file.exists() else ""


def test_summaries_name_their_study(half):
    assert set(results.summaries(half, 100, 1)["study"]) == {"own"}
    assert half.scores["value"].dtype == float
