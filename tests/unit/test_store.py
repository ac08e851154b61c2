"""The picture store: order, notes, copies, and that nothing half-written is ever seen."""

import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_breasts import drawn_breast, with_lesion

from helpers.datasets.exams import Dataset, DatasetError, validated
from helpers.imaging import store
from helpers.imaging.framing import Circle, frame_breast

SIZE = 48


def rows(count: int = 12) -> list[dict]:
    """Four pictures of each class; the abnormal ones have a lesion."""
    labels = ("normal", "benign", "malignant")
    table = []
    for number in range(count):
        label = labels[number % 3]
        place = {} if label == "normal" else {"lesion_x": 50 + number, "lesion_y": 150, "lesion_radius": 6 + number}
        row = {"image_id": f"m{number:02d}", "patient_id": f"p{number // 2}", "source": "drawn", "sha256": "0" * 64}
        table.append({**row, "label": label, **place})
    return table


def drawn(image_id: str) -> np.ndarray:
    number = int(image_id[1:])
    return with_lesion(drawn_breast(number, litter=True), 50 + number, 150, 6 + number)


def dataset(table: list[dict] | pd.DataFrame | None = None, read=drawn) -> Dataset:
    return Dataset("drawn", validated(rows() if table is None else table, "drawn"), read)


def framed(path: Path, data: Dataset, framing: str = "lesion", **options):
    return store.frame_dataset(data, framing, SIZE, 7, path / "pictures.npy", **options)


def test_pictures_lie_in_table_order_read_only(tmp_path):
    pictures, exams, notes = framed(tmp_path, dataset(), "breast")
    assert isinstance(pictures, np.memmap)
    assert not pictures.flags.writeable
    assert (pictures.shape, pictures.dtype) == ((12, SIZE, SIZE), np.uint8)
    assert notes == ()
    for row, exam in exams.iterrows():
        lesion = None if exam["label"] == "normal" else Circle(*exam[["lesion_x", "lesion_y", "lesion_radius"]])
        expected = frame_breast(drawn(exam["image_id"]), SIZE, lesion)
        np.testing.assert_array_equal(pictures[row], expected.picture)
        found = exam[["framed_x", "framed_y", "framed_radius"]].to_numpy(dtype=float)
        place = [np.nan] * 3 if lesion is None else [expected.lesion.x, expected.lesion.y, expected.lesion.radius]
        np.testing.assert_allclose(found, place)


@pytest.mark.parametrize("framing", ["lesion", "breast", "as_is"])
def test_neither_threads_nor_row_order_matter(tmp_path, framing):
    table = pd.DataFrame(rows())
    (tmp_path / "b").mkdir()
    one, exams, _ = framed(tmp_path, dataset(table), framing, threads=1)
    other, shuffled, _ = framed(tmp_path / "b", dataset(table.sample(frac=1, random_state=1)), framing, threads=4)
    index = shuffled.reset_index().set_index("image_id")["index"]
    np.testing.assert_array_equal(one, other[index[exams["image_id"]].to_numpy()])
    places = [table.set_index("image_id").sort_index()[list(store.FRAMED)] for table in (exams, shuffled)]
    pd.testing.assert_frame_equal(*places)


def test_each_picture_is_read_once_and_few_are_in_memory(tmp_path):
    reads, now, most = Counter(), 0, 0
    lock = threading.Lock()

    def read(image_id: str) -> np.ndarray:
        nonlocal now, most
        with lock:
            reads[image_id] += 1
            now += 1
            most = max(most, now)
        time.sleep(0.005)
        with lock:
            now -= 1
        return drawn(image_id)

    framed(tmp_path, dataset(read=read), threads=2)
    assert set(reads.values()) == {1}
    assert len(reads) == 12
    assert most == 2


def test_a_dropped_picture_is_named_with_its_reason(tmp_path):
    def read(image_id: str) -> np.ndarray:
        if image_id == "m04":
            raise OSError("m04.pgm is truncated")
        return np.full((99, 99), 3, np.uint8) if image_id == "m06" else drawn(image_id)

    table = pd.DataFrame(rows())
    table.loc[1, ["lesion_x", "lesion_y", "lesion_radius"]] = np.nan
    table.loc[2, ["lesion_x", "lesion_y"]] = (240, 20)
    pictures, exams, notes = framed(tmp_path, dataset(table, read))
    assert notes == (
        "m01: dropped, the place of its lesion is not known",
        "m02: dropped, expected a lesion on the breast, found film at (240, 20)",
        "m04: dropped, m04.pgm is truncated",
        "m06: dropped, expected a mammogram, found a picture of one gray (3)",
    )
    assert exams["image_id"].tolist() == ["m00", "m03", "m05", "m07", "m08", "m09", "m10", "m11"]
    assert len(pictures) == 8
    assert all(picture.any() for picture in pictures)


def test_the_whole_breast_needs_no_place_and_notes_a_wrong_one(tmp_path):
    table = pd.DataFrame(rows())
    table.loc[1, ["lesion_x", "lesion_y", "lesion_radius"]] = np.nan
    table.loc[2, ["lesion_x", "lesion_y"]] = (240, 20)
    _, exams, notes = framed(tmp_path, dataset(table), "breast")
    assert notes == ("m02: kept, but the given place of its lesion is not on the breast",)
    assert exams["framed_x"].isna().tolist()[:6] == [True, True, True, True, False, False]


def test_without_any_place_the_error_says_what_to_do(tmp_path):
    table = pd.DataFrame(rows()).drop(columns=["lesion_x", "lesion_y", "lesion_radius"])
    with pytest.raises(DatasetError, match="framing=breast"):
        framed(tmp_path, dataset(table))


def test_no_usable_picture_at_all_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"drawn: no picture .*one gray"):
        framed(tmp_path, dataset(read=lambda _: np.zeros((50, 50), np.uint8)))
    assert list(tmp_path.iterdir()) == []


def test_window_sizes_say_nothing_of_the_class(tmp_path, monkeypatch):
    windows = {True: [], False: []}
    frame_lesion = store.frame_lesion

    def watched(gray, size, lesion, window, rng):
        result = frame_lesion(gray, size, lesion, window, rng)
        windows[lesion is None].append(result.window)
        return result

    monkeypatch.setattr(store, "frame_lesion", watched)
    framed(tmp_path, dataset(rows(90), lambda image_id: drawn_breast()))
    normal, abnormal = np.array(windows[True]), np.array(windows[False])
    assert set(normal.round(6)) <= set(abnormal.round(6))
    assert len(set(normal)) > 8
    # Radii up to 96 pixels widen many windows beyond .55: the normal ones must follow.
    assert abnormal.max() > 1
    assert normal.max() > 0.7
    assert abs((normal > 0.55).mean() - (abnormal > 0.55).mean()) < 0.25
    assert min(normal.min(), abnormal.min()) >= 0.39


def test_progress_counts_to_the_end(tmp_path):
    seen = []
    framed(tmp_path, dataset(), on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 12) for done in range(1, 13)]


def test_a_failed_run_leaves_the_old_store_and_no_litter(tmp_path):
    before = framed(tmp_path, dataset())[0].copy()

    def broken(image_id: str) -> np.ndarray:
        raise RuntimeError("a defect, not a bad picture")

    with pytest.raises(RuntimeError):
        framed(tmp_path, dataset(read=broken))
    np.testing.assert_array_equal(store.open_store(tmp_path / "pictures.npy"), before)
    assert [file.name for file in tmp_path.iterdir()] == ["pictures.npy"]


def with_copies() -> pd.DataFrame:
    originals = [(f"m{number:02d}", None) for number in range(12)]
    copies = [("m00~1", "m00"), ("m00~2", "m00"), ("m03~1", "m03")]
    return pd.DataFrame([copies[2], *originals[:5], *copies[:2], *originals[5:]], columns=["image_id", "copy_of"])


def test_copies_are_altered_and_lie_in_table_order(tmp_path):
    pictures, _, _ = framed(tmp_path, dataset())
    exams = with_copies()
    final = store.add_copies(pictures, exams, 7, tmp_path / "final.npy")
    by_name = dict(zip(exams["image_id"], final, strict=True))
    assert final.shape == (15, SIZE, SIZE)
    assert not final.flags.writeable
    for row in range(12):
        np.testing.assert_array_equal(by_name[f"m{row:02d}"], pictures[row])
    for name, one in by_name.items():
        assert all((one != other).any() for other_name, other in by_name.items() if other_name != name)
    # A copy has its original's gray levels, not another picture's place.
    assert abs(by_name["m03~1"].mean() - by_name["m03"].mean()) < 25


def test_a_copy_depends_on_its_name_and_seed_only(tmp_path):
    pictures, _, _ = framed(tmp_path, dataset())
    exams = with_copies()
    swapped = exams.loc[[6, *range(1, 6), 7, 0, *range(8, 15)]]
    one = store.add_copies(pictures, exams, 7, tmp_path / "one.npy")
    other = store.add_copies(pictures, swapped, 7, tmp_path / "other.npy")
    reseeded = store.add_copies(pictures, exams, 8, tmp_path / "reseeded.npy")
    np.testing.assert_array_equal(one[6], other[0])
    np.testing.assert_array_equal(one[0], other[7])
    assert (one[6] != reseeded[6]).any()


def test_a_table_that_does_not_match_the_pictures_is_refused(tmp_path):
    pictures = np.zeros((11, SIZE, SIZE), np.uint8)
    with pytest.raises(ValueError, match="expected 11 originals.*12"):
        store.add_copies(pictures, with_copies(), 7, tmp_path / "final.npy")
