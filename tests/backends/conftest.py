"""Processes in which one backend runs and TensorFlow is not found."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def run_on(tmp_path_factory) -> Callable[..., str]:
    """Runs Python on a backend and returns what it prints; skips where the backend is not installed."""
    programs = tmp_path_factory.getbasetemp() / "compiled"

    def run(backend: str, *arguments: str, **environment: str) -> str:
        if not find_spec(backend):
            pytest.skip(f"{backend} is not installed; sh src/workflow/backends.sh installs what can be had")
        own = {"KERAS_BACKEND": backend, "PYTHONPATH": str(HERE / "no_tensorflow"), **environment}
        # JAX would compile for most of the time, and often the same.
        settings = {
            "XLA_FLAGS": "--xla_backend_optimization_level=0",
            "JAX_COMPILATION_CACHE_DIR": str(programs),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            # Options of the outer run, such as a folder of its own, which an inner one would empty.
            "PYTEST_ADDOPTS": "",
        }
        result = subprocess.run(
            [sys.executable, *arguments], cwd=HERE.parents[1], env={**os.environ, **settings, **own},
            capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run
