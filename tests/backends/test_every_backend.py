"""What the book needs of a backend, on those beside TensorFlow, where TensorFlow is not found."""

import json

import pytest

from helpers.paths import RunPaths

PUBLISHED = {
    "accuracy", "loss", "f1_macro", "f1_std", "recall_min", "recall_std", "overfit_acc", "overfit_f1", "overfit_loss",
    "f1_mean", "rec_mean", "rec_std",
}  # fmt: skip
PARTS = (
    "modules", "depthwise", "losses", "networks", "training", "frozen_prefix", "latent_space", "grad_cam",
    "occlusion", "backend",
)  # fmt: skip
SMALLEST = "epochs=1 patients=20 image_size=75 blind=6 bootstrap_draws=100 protocols=patient_grouped"
TWO_DEVICES = "--xla_backend_optimization_level=0 --xla_force_host_platform_device_count=2"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_parts_pass_their_tests(run_on, backend):
    files = [f"tests/unit/test_{part}.py" for part in PARTS]
    assert " passed" in run_on(backend, "-m", "pytest", "-q", "-m", "backends", *files)


def test_a_notebook_trains_a_network_and_writes_down_its_metrics(run_on, tmp_path):
    notebook = ("02_baseline_cnn", "--profile", "ci", "--set", SMALLEST, "--build", str(tmp_path))
    run_on("jax", "-m", "workflow.execute", *notebook, KERAS_BACKEND="")
    paths = RunPaths("ci", tmp_path)
    metrics = json.loads(paths.network("baseline_cnn").metrics.read_text())
    assert set(metrics["patient_grouped"]) >= PUBLISHED | {"intervals", "auc", "n", "n_patients"}
    assert set(metrics["patient_grouped"]["intervals"]) >= PUBLISHED
    assert json.loads(paths.provenance.read_text())["runtime"]["backend"] == "jax"


def test_two_devices_train_as_one_does_partial_batches_included(run_on):
    said = run_on("jax", "tests/backends/two_devices.py", XLA_FLAGS=TWO_DEVICES)
    alone, shared, holders = json.loads(said)
    assert holders == [1, 2]
    assert shared == pytest.approx(alone, abs=1e-5)
