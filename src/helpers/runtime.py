"""What must be settled before Keras is imported: backend, oneDNN, threads, GPU memory, chatter."""

import os
import sys

DEFAULTS = {
    "KERAS_BACKEND": "tensorflow",
    # 1.5 to 3 times faster steps on a CPU; TensorFlow reads it once, when it is imported.
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # Several chapters may share one GPU.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


def configure(threads: int | None = None) -> None:
    """Sets the environment that Keras and its backend read when they are imported.

    What the reader has already set in the environment wins over `DEFAULTS`. Importing `helpers` calls this; call it
    again, before anything that imports Keras, to limit the threads.

    Args:
        threads: Cores that one process may use; None leaves it to the backend, which takes all.

    Raises:
        RuntimeError: Threads are asked for after Keras was imported, when nothing reads the setting any more.
    """
    if threads is not None and "keras" in sys.modules:
        raise RuntimeError(f"expected configure(threads={threads}) before keras is imported, it came after")
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    for name in THREADS if threads else ():
        os.environ[name] = str(threads)
