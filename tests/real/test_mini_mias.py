"""The mini-MIAS loader on the real archive."""

import re
import tarfile

import numpy as np
import pytest

from helpers.datasets import mias


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("MAMMOBOOK_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def dataset(mini_mias_archive, cache):
    return mias.load(mini_mias_archive)


@pytest.fixture(scope="module")
def unpacked(dataset, cache):
    (folder,) = (cache / "unpacked").iterdir()
    return folder


@pytest.fixture(scope="module")
def lines(mini_mias_archive):
    """Info.txt read another way: the text after the last ruler but one, line by line, straight from the archive."""
    with tarfile.open(mini_mias_archive) as tar:
        text = tar.extractfile("Info.txt").read().decode("ascii")
    return re.findall(r"^(mdb\d+) (\w) (\w+) ?([BM]?) ?(\d*) ?(\d*) ?(\d*)", text, re.MULTILINE)


def test_labels_agree_with_info_txt(dataset, lines):
    malignant = {line[0] for line in lines if line[3] == "M"}
    benign = {line[0] for line in lines if line[3] == "B"} - malignant
    normal = {line[0] for line in lines} - benign - malignant
    truth = dict.fromkeys(normal, "normal") | dict.fromkeys(benign, "benign") | dict.fromkeys(malignant, "malignant")
    assert dict(zip(dataset.exams["image_id"], dataset.exams["label"], strict=True)) == truth


def test_the_picture_with_two_severities_is_malignant(dataset):
    row = dataset.exams.set_index("image_id").loc["mdb144"]
    assert tuple(row[["label", "lesion_x", "lesion_y", "lesion_radius"]]) == ("malignant", 313, 1024 - 540, 27)


def test_lesions_are_where_info_txt_puts_them(dataset, lines):
    once = {line[0]: line for line in lines if [other[0] for other in lines].count(line[0]) == 1 and line[4]}
    exams = dataset.exams.set_index("image_id").loc[list(once)]
    assert len(once) > 50
    assert exams["lesion_x"].tolist() == [float(line[4]) for line in once.values()]
    assert exams["lesion_y"].tolist() == [1024 - float(line[5]) for line in once.values()]
    assert exams["lesion_radius"].tolist() == [float(line[6]) for line in once.values()]


def test_masses_are_brighter_than_where_a_missed_flip_would_put_them(dataset):
    exams = dataset.exams.query("abnormality == 'CIRC'").dropna(subset="lesion_radius")
    gains = []
    for row in exams.itertuples():
        picture = dataset.read(row.image_id)
        here = brightness(picture, row.lesion_x, row.lesion_y, row.lesion_radius)
        gains.append(here - brightness(picture, row.lesion_x, len(picture) - row.lesion_y, row.lesion_radius))
    assert len(gains) > 10
    assert np.mean(gains) > 10
    assert np.mean(np.array(gains) > 0) > 0.6


def brightness(picture: np.ndarray, x: float, y: float, radius: float) -> float:
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    return float(picture[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2].mean())


def test_patients_are_pairs_of_right_and_left(dataset):
    sides = dataset.exams.groupby("patient_id")["laterality"].agg(list)
    assert all(pair == ["R", "L"] for pair in sides)


def test_right_breasts_lie_on_the_other_side_than_left_ones(dataset):
    def center(image_id: str) -> float:
        columns = dataset.read(image_id)[200:800].mean(axis=0)
        return float(columns @ np.arange(len(columns)) / columns.sum()) / len(columns)

    exams = dataset.exams.iloc[:60]
    right, left = (exams[exams["laterality"] == side]["image_id"] for side in "RL")
    assert abs(np.mean([center(i) for i in right]) - np.mean([center(i) for i in left])) > 0.1


def test_folder_and_archive_give_the_same_table(dataset, unpacked):
    from_folder = mias.load(unpacked)
    assert from_folder.exams.equals(dataset.exams)
    assert from_folder.notes == dataset.notes[1:]


def test_notes_name_what_a_reader_must_know(dataset):
    notes = "\n".join(dataset.notes)
    for words in ("mdb144 (benign, malignant)", "mdb059, mdb216, mdb233, mdb245"):
        assert words in notes


def test_every_picture_can_be_read(dataset):
    shapes = {dataset.read(image_id).shape for image_id in dataset.exams["image_id"]}
    assert shapes == {(1024, 1024)}
