"""The backend and its environment, chosen before Keras is imported and told to the provenance."""

import logging
import os
import subprocess
import sys

import pytest

from helpers import runtime
from helpers.paths import NOTEBOOKS


@pytest.fixture
def bare(monkeypatch):
    """An environment in which the reader has set nothing."""
    for name in ("KERAS_BACKEND", *runtime.THREADS, *(name for each in runtime.BACKENDS.values() for name in each)):
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (("tensorflow", "jax", "torch"), "tensorflow"),
        (("jax", "torch"), "jax"),
        (("torch",), "torch"),
        ((), "tensorflow"),
    ],
)
def test_the_first_backend_that_is_installed_is_chosen(bare, installed, chosen):
    bare.setattr(runtime, "find_spec", lambda name: name in installed or None)
    runtime.configure()
    assert os.environ["KERAS_BACKEND"] == chosen


def test_what_the_reader_has_set_wins(bare):
    bare.setenv("KERAS_BACKEND", "jax")
    bare.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "true")
    runtime.configure()
    assert runtime.settings()["environment"]["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ


def test_settings_tell_what_is_in_force_and_no_path(bare):
    bare.setenv("KERAS_BACKEND", "jax")
    bare.setenv("XLA_FLAGS", "--xla_dump_to=/home/somebody --xla_gpu_deterministic_ops=true")
    bare.setenv("PJRT_NPROC", "2")
    runtime.configure()
    assert runtime.settings() == {
        "backend": "jax",
        "threads": "2",
        "environment": {
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "XLA_FLAGS": "--xla_gpu_deterministic_ops=true",
        },
    }


def test_threads_after_keras_are_refused():
    pytest.importorskip("keras")
    with pytest.raises(RuntimeError, match="before keras is imported"):
        runtime.configure(threads=2)


def test_a_page_holds_tensorflows_errors_and_not_its_advice(caplog):
    runtime.configure()
    runtime.configure()
    logger = logging.getLogger("tensorflow")
    logger.warning("called too often")
    logger.error("broken")
    assert [record.message for record in caplog.records] == ["broken"]


@pytest.mark.parametrize("notebook", ["01_data", "05_metrics", "16_speed", "17_blind_test", "18_studies"])
def test_who_only_reads_what_was_measured_does_not_wait_for_keras(notebook):
    code = (NOTEBOOKS / f"{notebook}.py").read_text()
    imports = [line for line in code.splitlines() if line.startswith(("import ", "from "))]
    asked = ["import sys", *imports, "print(sorted({'keras', *helpers.runtime.BACKENDS} & {*sys.modules}))"]
    answer = subprocess.run(
        [sys.executable, "-c", "\n".join(["import helpers.runtime", *asked])], capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]", answer.stderr
