"""The mini-MIAS loader, on small pictures in the layout of the real archive."""

import tarfile
from hashlib import sha256

import cv2
import numpy as np
import pytest

from helpers.datasets import mias
from helpers.datasets.exams import DatasetError

HEAD = """MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY

2nd column: Character of background tissue:
                F - Fatty
=================================================================

"""
SIZE = (60, 80)  # height, width: unlike the real pictures, so a typed 1024 would show


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MAMMOBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def picture(seed: int, dtype=np.uint8, shape=SIZE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype=dtype)


def write(folder, lines: str, pictures: dict[str, np.ndarray] | None = None, normal: int = 0):
    """A data set: the given lines and pictures, and as many normal pictures from mdb101 on."""
    folder.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys(line.split()[0] for line in lines.strip().splitlines() if line.startswith("mdb"))
    pictures = {name: picture(i) for i, name in enumerate(names)} if pictures is None else pictures
    extra = {f"mdb{101 + i}": picture(100 + i) for i in range(normal)}
    text = lines.strip() + "\n" + "".join(f"{name} G NORM \n" for name in extra)
    (folder / "Info.txt").write_text(HEAD + text + "\n====\n")
    for name, pixels in (pictures | extra).items():
        (folder / f"{name}.pgm").write_bytes(cv2.imencode(".pgm", pixels)[1].tobytes())
    return folder


def archived(folder, target):
    with tarfile.open(target, "w:gz") as tar:
        for file in sorted(folder.iterdir()):
            tar.add(file, arcname=file.name)
    return target


def exam(dataset, image_id: str):
    return dataset.exams.set_index("image_id").loc[image_id]


def test_a_line_becomes_a_row(tmp_path):
    folder = write(tmp_path / "set", "mdb001 G CIRC B 35 42 19\nmdb002 D NORM \nmdb003 F SPIC M 10 0 5")
    dataset = mias.load(folder)
    row = exam(dataset, "mdb001")
    assert tuple(row[["source", "label", "density", "abnormality"]]) == ("mini-MIAS", "benign", "G", "CIRC")
    assert row["sha256"] == sha256((folder / "mdb001.pgm").read_bytes()).hexdigest()
    assert list(dataset.exams["label"]) == ["benign", "normal", "malignant"]
    assert exam(dataset, "mdb002")[["lesion_x", "lesion_y", "lesion_radius"]].isna().all()


def test_rows_count_from_the_bottom_of_the_picture(tmp_path):
    dataset = mias.load(write(tmp_path / "set", "mdb001 G CIRC B 35 42 19"))
    assert tuple(exam(dataset, "mdb001")[["lesion_x", "lesion_y", "lesion_radius"]]) == (35, SIZE[0] - 42, 19)


def test_films_come_in_pairs_of_right_and_left(tmp_path):
    lines = "\n".join(f"mdb{n:03d} G NORM" for n in (5, 6, 7, 322))
    exams = mias.load(write(tmp_path / "set", lines)).exams
    assert list(exams["patient_id"]) == ["mias-003", "mias-003", "mias-004", "mias-161"]
    assert list(exams["laterality"]) == ["R", "L", "R", "L"]
    assert set(exams["view"]) == {"MLO"}


@pytest.mark.parametrize("order", [1, -1])
def test_the_worse_line_counts_in_any_order(tmp_path, order):
    lines = ["mdb144 F MISC B 23 50 29", "mdb144 F CIRC M 31 40 7"][::order]
    dataset = mias.load(write(tmp_path / "set", "\n".join(lines)))
    assert len(dataset.exams) == 1
    row = exam(dataset, "mdb144")
    assert tuple(row[["label", "abnormality", "lesion_x", "lesion_radius"]]) == ("malignant", "CIRC", 31, 7)
    assert any("mdb144" in note and "benign" in note and "malignant" in note for note in dataset.notes)


def test_of_one_severity_the_largest_circle_counts(tmp_path):
    lines = "mdb005 F CIRC B 47 13 6\nmdb005 F CALC B 50 16 26\nmdb005 F CIRC B 1 1 25\nmdb005 F CALC B *NOTE 3*"
    row = exam(mias.load(write(tmp_path / "set", lines)), "mdb005")
    assert tuple(row[["abnormality", "lesion_x", "lesion_radius"]]) == ("CALC", 50, 26)


def test_every_line_is_found_where_all_are_asked_for(tmp_path):
    lines = "mdb223 D CALC B 52 48 9\nmdb223 D CALC B 31 50 6\nmdb216 D CALC M *NOTE 3*\nmdb001 G NORM"
    found = mias.findings(write(tmp_path / "set", lines))
    assert found["image_id"].tolist() == ["mdb223", "mdb223", "mdb216", "mdb001"]
    assert found[["x", "y", "radius"]].iloc[:2].to_numpy().tolist() == [[52, 48, 9], [31, 50, 6]]
    assert found[["x", "y", "radius"]].iloc[2:].isna().all(axis=None)
    assert found["abnormality"].tolist() == ["CALC"] * 3 + ["NORM"]


@pytest.mark.parametrize("place", ["*NOTE 3*", "", "999 10 5"])
def test_an_abnormal_picture_without_a_place_keeps_its_label(tmp_path, place):
    dataset = mias.load(write(tmp_path / "set", f"mdb216 D CALC M {place}"))
    row = exam(dataset, "mdb216")
    assert row["label"] == "malignant"
    assert row[["lesion_x", "lesion_y", "lesion_radius"]].isna().all()
    assert any("mdb216" in note and "no place" in note for note in dataset.notes)


def test_a_picture_without_a_line_is_dropped_and_noted(tmp_path):
    dataset = mias.load(write(tmp_path / "set", "mdb001 G NORM", {"mdb001": picture(1), "mdb009": picture(2)}))
    assert list(dataset.exams["image_id"]) == ["mdb001"]
    assert any("mdb009" in note and "without a line" in note for note in dataset.notes)


def test_a_line_without_a_picture_is_noted(tmp_path):
    dataset = mias.load(write(tmp_path / "set", "mdb001 G NORM\nmdb002 G CIRC M 1 2 3", {"mdb001": picture(1)}))
    assert list(dataset.exams["image_id"]) == ["mdb001"]
    assert any("mdb002" in note and "without a picture" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("mdb002 G CIRC X 1 2 3", "'X'"),
        ("mdb002 G LUMP B 1 2 3", "'LUMP'"),
        ("mdb002 CIRC B 1 2 3", "'CIRC'"),
        ("mdb002 G CIRC", "severity"),
        ("mdb002 G", "abnormality"),
        ("mdb002", "tissue"),
        ("mdb2 G NORM", "'mdb2'"),
        ("mdb002 G NORM M 1 2 3", "NORM"),
        ("mdb002 G CIRC B 1 2", "'1 2'"),
        ("mdb002 G CIRC B 1 2 3 4", "'1 2 3 4'"),
        ("mdb002 G CIRC B 1 -2 3", "'1 -2 3'"),
        ("mdb002 G CIRC B 1 2 0", "'1 2 0'"),
        ("mdb002 G CIRC B 1 2 nan", "'1 2 nan'"),
    ],
)
def test_a_line_that_could_give_a_wrong_label_stops(tmp_path, line, reason):
    folder = write(tmp_path / "set", f"mdb001 G NORM\n{line}", {"mdb001": picture(1), "mdb002": picture(2)})
    number = 1 + (folder / "Info.txt").read_text().splitlines().index(line)
    with pytest.raises(DatasetError, match=rf"Info\.txt, line {number}: ") as error:
        mias.load(folder)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(slice(-100), "cut short"), (slice(11), "cut short"), (b"not a picture", "something else"), (b"", "0 bytes")],
)
def test_an_unreadable_picture_is_dropped_and_named(tmp_path, content, reason):
    folder = write(tmp_path / "set", "mdb003 G CIRC B 35 42 19", normal=9)
    file = folder / "mdb003.pgm"
    file.write_bytes(file.read_bytes()[content] if isinstance(content, slice) else content)
    dataset = mias.load(folder)
    assert "mdb003" not in set(dataset.exams["image_id"])
    assert len(dataset.exams) == 9
    assert any("mdb003.pgm" in note and reason in note for note in dataset.notes)


def test_too_many_unreadable_pictures_stop(tmp_path):
    folder = write(tmp_path / "set", "mdb003 G CIRC B 35 42 19", normal=8)
    (folder / "mdb003.pgm").write_bytes(b"not a picture")
    with pytest.raises(DatasetError, match=r"1 of 9 pictures cannot be read, first mdb003\.pgm"):
        mias.load(folder)


@pytest.mark.parametrize(("dtype", "shape"), [(np.uint8, SIZE), (np.uint16, SIZE), (np.uint8, (40, 40))])
def test_pictures_pass_through_unchanged(tmp_path, dtype, shape):
    pixels = picture(3, dtype, shape)
    dataset = mias.load(write(tmp_path / "set", "mdb001 G NORM", {"mdb001": pixels}))
    read = dataset.read("mdb001")
    assert read.dtype == dtype
    assert np.array_equal(read, pixels)


def test_archive_and_folder_give_the_same_table(tmp_path):
    folder = write(tmp_path / "set", "mdb001 G CIRC B 35 42 19\nmdb002 D NORM")
    dataset = mias.load(archived(folder, tmp_path / "all-mias.tar.gz"))
    assert dataset.exams.equals(mias.load(folder).exams)
    assert np.array_equal(dataset.read("mdb002"), mias.load(folder).read("mdb002"))


def test_the_set_may_lie_one_folder_deeper(tmp_path):
    write(tmp_path / "set" / "all-mias", "mdb001 G NORM")
    assert list(mias.load(tmp_path / "set").exams["image_id"]) == ["mdb001"]


def test_capitals_and_stray_files_do_no_harm(tmp_path):
    folder = write(tmp_path / "set", "mdb001 G NORM")
    (folder / "mdb001.pgm").rename(folder / "MDB001.PGM")
    (folder / "Info.txt").rename(folder / "INFO.TXT")
    (folder / "._mdb001.pgm").write_bytes(b"what a Mac leaves behind")
    assert list(mias.load(folder).exams["image_id"]) == ["mdb001"]


def test_one_picture_twice_stops(tmp_path):
    folder = write(tmp_path / "set", "mdb001 G NORM")
    write(folder / "again", "mdb001 G NORM")
    (folder / "again" / "Info.txt").unlink()
    with pytest.raises(DatasetError, match=r"expected one mdb001\.pgm"):
        mias.load(folder)


@pytest.mark.parametrize(
    ("lines", "pictures", "reason"),
    [("", {"mdb001": picture(1)}, "found none"), ("mdb001 G NORM", {}, "expected pictures, found none")],
)
def test_an_empty_set_stops(tmp_path, lines, pictures, reason):
    with pytest.raises(DatasetError, match=reason):
        mias.load(write(tmp_path / "set", lines, pictures))


def test_a_path_without_the_set_stops(tmp_path):
    with pytest.raises(DatasetError, match="found nothing there"):
        mias.load(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"found no Info\.txt"):
        mias.load(tmp_path)


def test_an_archive_nobody_knows_says_so(tmp_path):
    archive = archived(write(tmp_path / "set", "mdb001 G NORM"), tmp_path / "all-mias.tar.gz")
    digest = sha256(archive.read_bytes()).hexdigest()
    assert any(digest in note and "not one whose content" in note for note in mias.load(archive).notes)
