"""Precision and devices: what a machine with accelerators is asked to do, and what it must keep in float32."""

import keras
import numpy as np
import pytest

from helpers import networks
from helpers.evaluation.grad_cam import evidence
from helpers.networks import backend
from helpers.training import Settings, fit, predict

PICTURES = np.random.default_rng(0).integers(0, 256, (24, 32, 32), dtype=np.uint8)
LABELS = np.arange(24) % 3


@pytest.mark.parametrize(
    ("found", "precision"),
    [
        ([], "float32"),
        ([("H100", True)], "mixed_bfloat16"),
        ([("T4", False)], "float32"),
        ([("H100", True), ("T4", False)], "float32"),
    ],
)
def test_precision_is_mixed_where_every_accelerator_computes_in_it(monkeypatch, found, precision):
    monkeypatch.setattr(backend, "accelerators", lambda: found)
    assert backend.precision() == precision
    assert backend.in_force()["devices"] == [name for name, _ in found] or ["cpu"]


@pytest.fixture
def mixed(monkeypatch):
    monkeypatch.setattr(networks, "precision", lambda: "mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


def test_a_network_in_mixed_precision_keeps_weights_scores_and_probabilities_in_float32(mixed, tmp_path):
    model = networks.build("baseline_cnn", 32)
    assert model.get_layer("embedding").compute_dtype == "bfloat16"
    assert {model.get_layer(name).compute_dtype for name in ("logits", "probabilities")} == {"float32"}
    assert {weight.dtype for weight in model.weights} == {"float32"}
    history = fit(model, PICTURES, LABELS, np.arange(16), np.arange(16, 24), Settings(epochs=1, fsl_lambda=0.1))
    assert np.isfinite(history.to_numpy(float)).all()
    probabilities = predict(model, PICTURES)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert evidence(model, PICTURES, LABELS, "stage_3_relu").dtype == np.float32
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(predict(keras.saving.load_model(tmp_path / "model.keras"), PICTURES), probabilities)


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="Keras distributes on JAX")
def test_several_devices_without_jax_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr(backend, "accelerators", lambda: [("H100", True)] * 2)
    with pytest.raises(NotImplementedError, match="KERAS_BACKEND=jax, or leave distribute out"):
        backend.distribute()


@pytest.mark.backends
def test_one_device_has_nothing_to_share():
    assert backend.distribute() == 1
    assert keras.distribution.distribution() is None
