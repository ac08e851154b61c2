"""Files that are written through memory have their room from the start."""

import numpy as np

from helpers import maps


def test_a_new_file_has_all_its_room_and_can_be_written(tmp_path):
    array = maps.made(tmp_path / "a.npy", np.float32, (1000, 1000))
    array[999] = 3
    array.flush()
    about = (tmp_path / "a.npy").stat()
    assert about.st_blocks * 512 >= array.nbytes
    read = np.load(tmp_path / "a.npy")
    assert read.dtype == np.float32 and (read[999] == 3).all() and not read[:999].any()
