"""The loader of the combined Kaggle set, on small pictures in its layout."""

import re
from hashlib import sha256

import cv2
import kagglehub
import numpy as np
import pytest

from helpers.datasets import kaggle_combined
from helpers.datasets.exams import DatasetError
from helpers.datasets.kaggle_origins import POSITIONS, Origin, origin

SIDE = 64
FILMS = {"benign": (1, 73, 145, 2521, 2527, 2533, 8491, 8563), "malignant": (1, 73, 5113, 5119, 5125, 12271, 12343)}
"""The number of the first copy of some films, of each source at least two."""


def film(seed: int) -> np.ndarray:
    """Soft blobs within the inscribed disc, another picture for each seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    spots = zip(rng.uniform(0.3, 0.7, (8, 2)), rng.uniform(0.04, 0.1, 8), strict=True)
    light = sum(np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * radius**2)) for (cx, cy), radius in spots)
    return (255 * light / light.max()).astype(np.uint8)


def copy(seed: int, number: int) -> np.ndarray:
    turn = cv2.getRotationMatrix2D(((SIDE - 1) / 2, (SIDE - 1) / 2), 35 * number, 1)
    turned = cv2.warpAffine(film(seed), turn, (SIDE, SIDE))
    return np.ascontiguousarray(turned[:, ::-1]) if number % 2 else turned


def write(folder, pictures: dict[str, np.ndarray]):
    for name, pixels in pictures.items():
        file = folder / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return folder


def numbered() -> dict[str, np.ndarray]:
    """Renamed files as the set has them: four copies of each film, and normal pictures."""
    pictures = {f"Normal/normal{i}": film(900 + i) for i in range(1, 7)}
    for offset, (label, firsts) in enumerate(FILMS.items()):
        for first in firsts:
            seed = 20_000 * offset + first
            pictures |= {f"{label.capitalize()}/{label}{first + i}": copy(seed, i) for i in range(4)}
    return pictures


def film_of(name: str) -> tuple[str, int]:
    """The film that a file of `numbered` was made from, by construction."""
    label, number = re.fullmatch(r"\w+/([a-z]+)(\d+)", name).groups()
    return label, max(first for first in FILMS[label] if first <= int(number))


def few(**more: np.ndarray) -> dict[str, np.ndarray]:
    """Ten pictures of each class with names that tell nothing, and more."""
    kinds = enumerate(("Normal", "Benign", "Malignant"))
    return {f"{kind}/x{i}": film(100 * k + i) for k, kind in kinds for i in range(10)} | more


def noted(dataset, *words: str) -> bool:
    return any(all(word in note for word in words) for note in dataset.notes)


def patients(dataset) -> dict[str, str]:
    return dict(zip(dataset.exams["image_id"], dataset.exams["patient_id"], strict=True))


def test_numbers_tell_the_film_when_the_pixels_agree(tmp_path):
    dataset = kaggle_combined.load(write(tmp_path, numbered()))
    exams = dataset.exams.set_index("image_id")
    assert exams["label"].value_counts().to_dict() == {"benign": 32, "malignant": 28, "normal": 6}
    assert exams.loc[exams["label"] != "normal"].groupby("patient_id").size().tolist() == [4] * 15
    assert exams.loc["benign2521", "patient_id"] == exams.loc["benign2524", "patient_id"]
    assert exams.loc[["benign1", "benign2521", "malignant5128", "malignant12271"], "source"].tolist() == [
        "INbreast",
        "DDSM",
        "DDSM",
        "MIAS",
    ]
    assert exams.loc["benign8491", "view"] == "MLO"
    assert exams.loc[["benign1", "benign2521"], "view"].isna().all()
    assert noted(dataset, "benign DDSM", "the pixels confirm", "100.0%")
    assert noted(dataset, "grouped by film, not by patient")


def test_numbers_tell_nothing_when_the_pixels_disagree(tmp_path):
    pictures = numbered()
    names = [name for name in pictures if not name.startswith("Normal")]
    shuffled = dict(zip(names, np.random.default_rng(5).permutation(names), strict=True))
    dataset = kaggle_combined.load(write(tmp_path, pictures | {name: pictures[old] for name, old in shuffled.items()}))
    assert noted(dataset, "malignant DDSM", "do not confirm", "not guaranteed")
    assert not noted(dataset, "grouped by film")
    assert set(dataset.exams.query("label != 'normal'")["source"]) == {"unknown"}
    found = patients(dataset)
    pairs = {(found[name.split("/")[1]], film_of(old)) for name, old in shuffled.items()}
    assert len(pairs) == len({patient for patient, _ in pairs}) == len({film for _, film in pairs}) == 15


def test_one_stretch_in_disorder_does_not_spoil_the_others(tmp_path):
    pictures = numbered()
    names = [f"Benign/benign{n}" for n in range(2521, 2537) if f"Benign/benign{n}" in pictures]
    dataset = kaggle_combined.load(
        write(tmp_path, pictures | {a: pictures[b] for a, b in zip(names, names[3:] + names[:3], strict=True)})
    )
    assert noted(dataset, "benign DDSM", "do not confirm")
    assert noted(dataset, "benign INbreast", "the pixels confirm")


def test_a_single_film_cannot_be_confirmed(tmp_path):
    pictures = few(**{f"Benign/benign{i}": copy(507, i) for i in range(1, 5)})
    dataset = kaggle_combined.load(write(tmp_path, pictures))
    assert noted(dataset, "benign INbreast", "do not confirm")
    assert len({patients(dataset)[f"benign{i}"] for i in range(1, 5)}) == 1  # told by their signatures all the same


def test_normal_pictures_are_patients_of_their_own_unless_copies(tmp_path):
    pictures = few(**{f"Normal/normal{i}": copy(501, i) for i in range(1, 4)})
    found = patients(kaggle_combined.load(write(tmp_path, pictures)))
    assert found["normal1"] == found["normal2"] == found["normal3"]
    assert len({patient for image_id, patient in found.items() if image_id.startswith("normal-x")}) == 10


@pytest.mark.parametrize(
    ("stem", "label", "expected"),
    [
        ("20587612 (37)", "benign", Origin("INbreast", "inbreast-20587612")),
        ("D1_A_1177_1.RIGHT_CC (3)", "malignant", Origin("DDSM", "ddsm-A_1177", "R", "CC")),
        ("C_0012_1.LEFT_MLO", "normal", Origin("DDSM", "ddsm-C_0012", "L", "MLO")),
        ("mdb010 (4)", "benign", Origin("MIAS", "mias-005", "L", "MLO")),
        ("normal12", "normal", Origin("DDSM")),
        ("whatever", "benign", Origin("unknown")),
        ("benign0", "benign", Origin("unknown")),
        ("benign10867", "benign", Origin("unknown")),
        ("malignant3", "benign", Origin("unknown")),
    ],
)
def test_a_name_tells_the_origin(stem, label, expected):
    assert origin(stem, label) == expected


@pytest.mark.parametrize(
    ("label", "number", "source", "first"),
    [
        ("benign", 2520, "INbreast", False),
        ("benign", 2521, "DDSM", True),
        ("benign", 8490, "DDSM", False),
        ("benign", 8491, "MIAS", True),
        ("malignant", 5112, "INbreast", False),
        ("malignant", 5113, "DDSM", True),
        ("malignant", 12270, "DDSM", False),
        ("malignant", 12271, "MIAS", True),
    ],
)
def test_a_number_tells_the_source_at_every_border(label, number, source, first):
    found, neighbor = origin(f"{label}{number}", label), origin(f"{label}{number - 1}", label)
    assert found.source == source
    assert (found.patient_id != neighbor.patient_id) == first


def test_positions_add_up_to_the_published_counts():
    films = {label: [origin(f"{label}{i}", label) for i in range(1, 13711)] for label in POSITIONS}
    count = {
        (label, source): (len(found := [o.patient_id for o in films[label] if o.source == source]), len(set(found)))
        for label in POSITIONS
        for source in ("INbreast", "DDSM", "MIAS")
    }
    assert count == {
        ("benign", "INbreast"): (2520, 35),
        ("benign", "DDSM"): (5970, 995),
        ("benign", "MIAS"): (2376, 33),
        ("malignant", "INbreast"): (5112, 71),
        ("malignant", "DDSM"): (7158, 1193),
        ("malignant", "MIAS"): (1440, 20),
    }


def test_original_names_give_patients(tmp_path):
    pictures = few(
        **{"Benign/D1_A_1177_1.RIGHT_CC (3)": film(501), "Benign/D1_A_1177_1.RIGHT_MLO (1)": film(502)},
        **{"Malignant/D1_A_1177_1.LEFT_CC (3)": film(503), "Malignant/20587612 (37)": film(504)},
    )
    dataset = kaggle_combined.load(write(tmp_path, pictures))
    ddsm = dataset.exams[dataset.exams["patient_id"] == "ddsm-A_1177"]
    assert list(zip(ddsm["laterality"], ddsm["view"], ddsm["label"], strict=True)) == [
        ("R", "CC", "benign"),
        ("R", "MLO", "benign"),
        ("L", "CC", "malignant"),
    ]
    assert noted(dataset, "1 patients have pictures in two classes: ddsm-A_1177")


@pytest.mark.parametrize("deeper", ["", "CLAHE_images"])
@pytest.mark.parametrize("names", [("Normal", "Benign", "Malignant"), ("normal", "BENIGN Masses", "malignant_masses")])
def test_class_folders_may_be_spelled_and_nested(tmp_path, deeper, names):
    write(tmp_path / deeper, {f"{name}/a{k}": film(k) for k, name in enumerate(names)})
    assert list(kaggle_combined.load(tmp_path).exams["label"]) == ["normal", "benign", "malignant"]


@pytest.mark.parametrize("kind", ["Normal", "Benign", "Malignant"])
def test_an_empty_class_stops(tmp_path, kind):
    write(tmp_path, {name: pixels for name, pixels in few().items() if not name.startswith(kind)})
    with pytest.raises(DatasetError, match=f"one folder for the class {kind.lower()}, got none"):
        kaggle_combined.load(tmp_path)
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "Thumbs.db").touch()
    with pytest.raises(DatasetError, match=f"pictures of the class {kind.lower()}, found none"):
        kaggle_combined.load(tmp_path)


def test_two_folders_for_one_class_stop(tmp_path):
    write(tmp_path, few(**{"benign masses/a": film(1)}))
    with pytest.raises(DatasetError, match="expected one folder for the class benign, got .*Benign, .*benign masses"):
        kaggle_combined.load(tmp_path)


def test_a_path_that_is_no_folder_stops(tmp_path):
    (tmp_path / "archive.zip").touch()
    with pytest.raises(DatasetError, match=r"archive\.zip: expected the unpacked folder"):
        kaggle_combined.load(tmp_path / "archive.zip")


def test_the_same_file_in_two_classes_is_dropped_from_both(tmp_path):
    same = film(501)
    dataset = kaggle_combined.load(write(tmp_path, few(**{"Benign/same": same, "Malignant/other": same})))
    assert len(dataset.exams) == 30
    assert noted(dataset, "same file in two classes", "benign-same", "malignant-other")


def test_one_name_in_two_classes_gives_two_pictures(tmp_path):
    dataset = kaggle_combined.load(write(tmp_path, few()))
    assert len(dataset.exams) == dataset.exams["image_id"].nunique() == 30
    assert np.array_equal(dataset.read("malignant-x3"), film(203))


def test_an_unreadable_picture_is_dropped_and_named(tmp_path):
    folder = write(tmp_path, few())
    whole = (folder / "Benign/x1.png").read_bytes()
    (folder / "Benign/x1.png").write_bytes(whole[: len(whole) // 2])
    (folder / "Benign/x2.png").write_text("not a picture")
    dataset = kaggle_combined.load(folder)
    assert len(dataset.exams) == 28
    assert noted(dataset, "x1.png", "cut short")
    assert noted(dataset, "x2.png", "something else")


def test_too_many_unreadable_pictures_stop(tmp_path):
    folder = write(tmp_path, few())
    for i in range(4):
        (folder / f"Benign/x{i}.png").write_text("not a picture")
    with pytest.raises(DatasetError, match="4 of 30 pictures cannot be read"):
        kaggle_combined.load(folder)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (film(1).astype(np.uint16) * 200, film(1).astype(np.uint16) * 200),
        (np.dstack([film(1), film(2), film(3)]), np.dstack([film(3), film(2), film(1)])),
        (np.dstack([film(1), film(2), film(3), film(4)]), np.dstack([film(3), film(2), film(1)])),
        (np.full((SIDE, SIDE), 9, np.uint8), np.full((SIDE, SIDE), 9, np.uint8)),
    ],
    ids=["16 bit", "color", "alpha", "one gray"],
)
def test_pictures_pass_through_as_they_are(tmp_path, pixels, expected):
    """OpenCV writes blue first; the file, and what is read from it, has red first."""
    dataset = kaggle_combined.load(write(tmp_path, few(**{"Benign/odd": pixels})))
    read = dataset.read("benign-odd")
    assert read.dtype == expected.dtype
    assert np.array_equal(read, expected)
    row = dataset.exams.set_index("image_id").loc["benign-odd"]
    assert row["sha256"] == sha256((tmp_path / "Benign/odd.png").read_bytes()).hexdigest()


def test_the_way_normal_pictures_were_made_is_told(tmp_path):
    assert noted(kaggle_combined.load(write(tmp_path, few())), "normal pictures were made in another way")


def test_a_failed_download_says_what_to_pass(monkeypatch):
    def refuse(handle):
        raise ConnectionError(f"no network for {handle}")

    monkeypatch.setattr(kagglehub, "dataset_download", refuse)
    with pytest.raises(DatasetError, match="pass DATA=<folder>.*no network"):
        kaggle_combined.load(None)


def test_a_download_is_loaded(tmp_path, monkeypatch):
    write(tmp_path / "versions/1", few())
    monkeypatch.setattr(kagglehub, "dataset_download", lambda handle: str(tmp_path / "versions/1"))
    assert len(kaggle_combined.load(None).exams) == 30
