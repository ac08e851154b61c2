"""What must be settled before Keras is imported: backend, oneDNN, threads, accelerator memory, chatter."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

BACKENDS = {
    "tensorflow": {
        # 1.5 to 3 times faster steps on a CPU; TensorFlow reads it once, when it is imported.
        "TF_ENABLE_ONEDNN_OPTS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Several chapters may share one GPU.
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    },
    "jax": {
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "XLA_FLAGS": "--xla_gpu_deterministic_ops=true",
    },
    # The workspace without which PyTorch's matrix products on a GPU are not deterministic.
    "torch": {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
}
"""The backends, the preferred first, and the environment that each is imported with."""

_THREADS_OF = {"tensorflow": "TF_NUM_INTRAOP_THREADS", "jax": "PJRT_NPROC", "torch": "OMP_NUM_THREADS"}
THREADS = (*_THREADS_OF.values(), "TF_NUM_INTEROP_THREADS")


def configure(threads: int | None = None) -> None:
    """Sets the environment that Keras and its backend read when they are imported.

    The backend is KERAS_BACKEND, else the first of `BACKENDS` that is installed. What the reader has already set in
    the environment wins. Importing `helpers` calls this; call it again, before anything that imports Keras, to limit
    the threads.

    Args:
        threads: Cores that one process may use; None leaves it to the backend, which takes all.

    Raises:
        RuntimeError: Threads are asked for after Keras was imported, when nothing reads the setting any more.
    """
    if threads is not None and "keras" in sys.modules:
        raise RuntimeError(f"expected configure(threads={threads}) before keras is imported, it came after")
    os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or _installed()
    for name, value in _environment().items():
        os.environ.setdefault(name, value)
    for name in THREADS if threads else ():
        os.environ[name] = str(threads)
    # What TensorFlow thinks of how often it is called would stand on a page; a level it would set again itself.
    logging.getLogger("tensorflow").addFilter(_is_error)


@contextmanager
def one_thread() -> Iterator[None]:
    """Processes that start within have one thread for their backend."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _is_error(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR


def settings() -> dict[str, Any]:
    """What is in force of the above, for the provenance.

    Returns:
        Mapping of `backend`, `threads` ("all" or their number) and `environment`, the variables that the backend
        reads; words that may be paths are left out.
    """
    words = {name: os.environ.get(name, "").split() for name in _environment()}
    return {
        "backend": os.environ["KERAS_BACKEND"],
        "threads": os.environ.get(_THREADS_OF[os.environ["KERAS_BACKEND"]], "all"),
        "environment": {name: " ".join(word for word in each if "/" not in word) for name, each in words.items()},
    }


def _installed() -> str:
    # Where there is none, Keras says so in its own words, of the first.
    return next((name for name in BACKENDS if find_spec(name)), next(iter(BACKENDS)))


def _environment() -> dict[str, str]:
    return BACKENDS.get(os.environ["KERAS_BACKEND"], {})
