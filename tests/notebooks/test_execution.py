"""Each notebook executed by Papermill, in the smallest profile, and alone."""

import json
import subprocess
import sys

import nbformat
import pandas as pd
import pytest

from helpers.paths import NOTEBOOKS, NetworkPaths, RunPaths
from helpers.profile import NETWORKS

NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.py"))
KEYS = {
    "accuracy", "loss", "f1_macro", "f1_std", "recall_min", "recall_std", "overfit_acc", "overfit_f1", "overfit_loss",
    "f1_mean", "rec_mean", "rec_std",
}  # fmt: skip


@pytest.fixture(scope="module")
def paths(ci_book) -> RunPaths:
    return RunPaths("ci", ci_book.root / "build")


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_ran_without_an_error(paths, name):
    notebook = nbformat.read(paths.notebooks / f"{name}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code if cell.source.strip())
    assert [output for cell in code for output in cell.outputs if output.output_type == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_to_standard_error(paths, name):
    notebook = nbformat.read(paths.notebooks / f"{name}.ipynb", as_version=4)
    streams = [output for cell in notebook.cells for output in cell.get("outputs", []) if "name" in output]
    assert [stream.text for stream in streams if stream.name == "stderr"] == []


def test_the_exam_table_keeps_its_contract(paths):
    exams = pd.read_parquet(paths.exams)
    splits = {"train", "validation", "test", "blind"}
    assert {"image_id", "patient_id", "label", "sha256", "copy_of"} <= set(exams)
    for column in ("split_patient_grouped", "split_as_published"):
        assert set(exams[column].dropna()) == splits
        assert exams.loc[exams["copy_of"].isna(), column].notna().all()
    sides = exams.groupby("patient_id")["split_patient_grouped"].nunique()
    assert sides.max() == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_metrics_keep_their_contract(paths, network):
    metrics = json.loads(paths.network(network).metrics.read_text())
    assert {"latency", "parameters"} <= set(metrics)
    for protocol in ("patient_grouped", "as_published"):
        assert set(metrics[protocol]) >= KEYS | {"intervals", "auc", "n", "n_patients"}
        assert set(metrics[protocol]["intervals"]) >= KEYS
        for key in KEYS:
            low, high = metrics[protocol]["intervals"][key]
            assert low <= high


@pytest.mark.parametrize("network", NETWORKS)
def test_predictions_keep_their_contract(paths, network):
    predictions = pd.read_parquet(paths.network(network).predictions)
    columns = ["image_id", "patient_id", "protocol", "split", "label", "normal", "benign", "malignant"]
    assert list(predictions) == columns
    assert not predictions.duplicated(["image_id", "protocol"]).any()
    assert (predictions[["normal", "benign", "malignant"]].sum(axis=1) - 1).abs().max() < 1e-5
    exams = pd.read_parquet(paths.exams)
    assert set(predictions["image_id"]) <= set(exams["image_id"])


def test_a_notebook_runs_alone_and_gives_the_same_metrics(ci_book, tmp_path, paths):
    command = [sys.executable, "-m", "workflow.execute", "03_icnt", "--profile", "ci", "--build", str(tmp_path)]
    run = subprocess.run(command, cwd=ci_book.root, env=ci_book.environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    alone = NetworkPaths(tmp_path / "ci" / "icnt")
    assert alone.metrics.read_bytes() == paths.network("icnt").metrics.read_bytes()
    assert alone.history.read_bytes() == paths.network("icnt").history.read_bytes()


def test_git_is_clean_after_a_build(ci_book):
    status = subprocess.run(["git", "status", "--porcelain"], cwd=ci_book.root, capture_output=True, text=True)
    assert status.stdout == ""
