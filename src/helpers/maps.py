"""Memory maps larger than memory: what was read or written goes back to the disk's care."""

import mmap

import numpy as np


def forget(array: np.ndarray) -> None:
    """Lets the system take back the memory behind a memory-mapped array; its content stays in the file.

    Every page of a map that was ever touched counts as memory of the process until then, so one pass over a store of
    2.5 GB would hold 2.5 GB.

    Args:
        array: A `numpy.memmap`, or a slice of one; any other array is left as it is.
    """
    mapped = getattr(array, "_mmap", None)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
