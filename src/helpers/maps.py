"""Memory maps larger than memory: what was read or written goes back to the disk's care."""

import mmap
import os
from pathlib import Path

import numpy as np


def made(path: Path, dtype: np.typing.DTypeLike, shape: tuple[int, ...]) -> np.memmap:
    """Makes a .npy file to be written through memory, and takes all its room on the disk at once.

    A file with holes would be given room as it is written, and where there is none left the system ends the process
    without a word.

    Args:
        path: The file.
        dtype: Of its numbers.
        shape: Of the array.

    Returns:
        The array, all zeros, open for writing.

    Raises:
        OSError: The disk has no room for it; the message says how much it takes.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
    # macOS has no such call; what is written there finds out later.
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            try:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
            except OSError as error:
                takes = f"{error.strerror}; it takes {array.nbytes / 1e6:,.1f} MB"
                raise OSError(error.errno, takes, str(path)) from None
    return array


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
