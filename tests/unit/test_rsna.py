"""The RSNA loader on files that the test writes: every encoding, every kind of damage, and no word of a header."""

import json
import os
import warnings
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pydicom
import pytest
from given_dicom import COLUMNS, COMPRESSED, compressed, film, lookup_table, mammogram, placed, row
from given_files import dicom_file
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import HTJ2KLossless, JPEG2000Lossless, JPEGLosslessSV1

from helpers.datasets import rsna
from helpers.datasets.exams import DatasetError
from helpers.datasets.screening import Screening, problems
from helpers.imaging import both_ways
from helpers.imaging.both_ways import frame_both_ways
from helpers.imaging.dicom import DicomError, read_listed
from helpers.imaging.framing import frame_as_is, frame_roi
from helpers.imaging.picture import to_gray

SIZE = 48
NAMES = {  # as they might stand in a hospital's header
    "PatientName": "Okonkwo^Adaeze", "PatientBirthDate": "19510203", "InstitutionName": "Hillcrest Infirmary",
    "ReferringPhysicianName": "Lindqvist^Bo", "StationName": "MAMMO7", "Manufacturer": "Acme Imaging",
    "StudyDescription": "screening recall", "AccessionNumber": "ACC4711", "StudyDate": "20190708",
    "PresentationIntentType": "FOR PRESENTATION", "WindowCenterWidthExplanation": "HARDER",
}  # fmt: skip


def gray(pixels: np.ndarray) -> np.ndarray:
    """What a reader should see of raw values: stretched to 0..255."""
    low, high = float(pixels.min()), float(pixels.max())
    return (pixels - low) * 255 / (high - low)


def decoded(content: bytes) -> np.ndarray:
    return to_gray(read_listed(content, "a", "L"), "a")


def written(folder, rows: list[dict]) -> None:
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "train.csv", index=False)


@pytest.mark.parametrize("bits", [12, 14, 16])
@pytest.mark.parametrize("syntax", [None, *COMPRESSED], ids=lambda syntax: syntax and pydicom.uid.UID(syntax).keyword)
@pytest.mark.parametrize("meaning", ["MONOCHROME1", "MONOCHROME2"])
def test_every_encoding_gives_the_same_picture(bits, syntax, meaning, tmp_path):
    pixels = film(bits)
    stored = pixels if meaning == "MONOCHROME2" else (2**bits - 1 - pixels).astype(np.uint16)
    content = mammogram(stored, bits, PhotometricInterpretation=meaning)
    content = compressed(content, syntax, tmp_path) if syntax else content
    assert np.abs(decoded(content) - gray(pixels)).max() <= 1


@pytest.mark.parametrize("bits", [12, 16])
def test_a_lookup_table_is_applied(bits):
    pixels = film(bits)
    content = mammogram(pixels, bits, VOILUTSequence=lookup_table(bits))
    assert np.abs(decoded(content) - 255 * (pixels / (2**bits - 1)) ** 2).max() <= 1


def test_a_sigmoid_window_is_that_of_the_standard():
    pixels = film(12)
    content = mammogram(pixels, 12, VOILUTFunction="SIGMOID", WindowCenter=2000.0, WindowWidth=900.0)
    # PS3.3, C.11.2.1.3.1
    expected = 4095 / (1 + np.exp(-4 * (pixels - 2000.0) / 900))
    assert np.abs(decoded(content) - gray(expected)).max() <= 1


@pytest.mark.parametrize("meaning", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_background(meaning):
    pixels = film(12)
    stored = pixels if meaning == "MONOCHROME2" else (4095 - pixels).astype(np.uint16)
    stored[:20] = 4000
    content = mammogram(stored, 12, PixelPaddingValue=4000, PhotometricInterpretation=meaning)
    assert decoded(content)[:20].max() == 0
    assert np.abs(decoded(content)[20:] - gray(pixels)[20:]).max() <= 1


def cut_inside(content: bytes) -> bytes:
    """A file that is whole, with a compressed picture in it that is not."""
    dataset, file = pydicom.dcmread(BytesIO(content)), BytesIO()
    picture = next(generate_frames(dataset.PixelData, number_of_frames=1))
    dataset.PixelData = encapsulate([picture[: len(picture) // 2]])
    dataset.save_as(file)
    return file.getvalue()


def damaged(tmp_path) -> dict[str, bytes]:
    """One file of each kind that must be refused, by the problem it is counted under."""
    whole = mammogram(film(12), 12)
    return {
        "no pixels": dicom_file(None, Modality=""),
        "no pixels/empty": mammogram(film(12), 12, PixelData=b""),
        "not decoded here": mammogram(film(12), 12, syntax=HTJ2KLossless, PixelData=encapsulate([b"x"])),
        "damaged/syntax": mammogram(film(12), 12, syntax=JPEGLosslessSV1, PixelData=encapsulate([film(12).tobytes()])),
        "damaged/plain": mammogram(film(12), 12, PixelData=encapsulate([b"JPEG, in truth" * 99])),
        "damaged/unknown": mammogram(film(12), 12, syntax="1.2.3.4"),
        "damaged/truncated": whole[: len(whole) // 2],
        "damaged/jpeg2000": compressed(whole, JPEG2000Lossless, tmp_path)[:-3000],
        "damaged/lossless": compressed(whole, JPEGLosslessSV1, tmp_path)[:-3000],
        "damaged/jpeg2000 cut": cut_inside(compressed(whole, JPEG2000Lossless, tmp_path)),
        "damaged/lossless cut": cut_inside(compressed(whole, JPEGLosslessSV1, tmp_path)),
        "no window": dicom_file(film(12), BitsStored=12, HighBit=11, Modality=""),
        "other laterality": mammogram(film(12), 12, ImageLaterality="R"),
        "other laterality/old": mammogram(film(12), 12, Laterality="R"),
        "no DICOM file": b"\x89PNG, renamed" * 99,
        "no DICOM file/empty": b"",
        "no mammogram": mammogram(film(12), 12, Modality="CT"),
        "no gray levels": mammogram(film(12), 12, PhotometricInterpretation="PALETTE COLOR"),
        "several pictures": mammogram(film(12), 12, NumberOfFrames=40),
        "too large": mammogram(film(12), 12, Rows=60000, Columns=60000),
    }  # fmt: skip


def test_each_kind_of_damage_has_its_name(tmp_path):
    found = {}
    for kind, content in damaged(tmp_path).items():
        with pytest.raises(DicomError) as refused:
            read_listed(content, "a", "L")
        found[kind] = refused.value.problem
    assert found == {kind: kind.partition("/")[0] for kind in found}


def test_a_side_that_agrees_is_accepted():
    for said in ("L", "B"):
        read_listed(mammogram(film(12), 12, ImageLaterality=said), "a", "L")


def test_a_whole_set_is_read_and_what_is_broken_is_named(tmp_path, capfd, caplog):
    broken = {f"bad{number}": pair for number, pair in enumerate(damaged(tmp_path).items())}
    rows = [row(str(number), laterality="LR"[number % 2]) for number in range(5)]
    for number in range(5):
        placed(tmp_path, str(number), mammogram(film(12, number, "LR"[number % 2]), 12, **NAMES))
    for image_id, (_, content) in broken.items():
        rows.append(row(image_id))
        placed(tmp_path, image_id, content)
    rows += [row("gone"), row("twice"), row("twice", cancer=1), row("odd", view="XCCL"), row("sideless", laterality="")]
    for image_id in ("twice", "odd", "sideless", "unlisted"):
        placed(tmp_path, image_id, mammogram(film(12), 12))
    written(tmp_path, rows)
    with warnings.catch_warnings(action="error"):
        screening = rsna.load(tmp_path, read_listed)
        stores, failed = frame_both_ways(screening, SIZE, tmp_path / "store", processes=2)
    assert dict(screening.problems.itertuples(index=False)) == {
        "gone": "row without file", "twice": "image_id listed twice", "odd": "view out of range",
        "sideless": "laterality out of range", "unlisted": "file without row",
    }  # fmt: skip
    assert len(screening.problems) == 6  # both rows of the one that is listed twice
    assert failed == {image_id: kind.partition("/")[0] for image_id, (kind, _) in broken.items()}
    _are_framed(screening, stores, 5)
    said = capfd.readouterr()
    assert not leaked([said.out, said.err, caplog.text, *failed.values(), screening.problems.to_csv()])


def _are_framed(screening: Screening, stores: dict, count: int) -> None:
    pictures = {way: np.load(file) for way, file in stores.items()}
    assert pictures["resized"].shape == (len(screening.table), SIZE, SIZE)
    for number in range(count):
        seen = gray(film(12, number, "LR"[number % 2]))
        whole, crop = frame_as_is(seen.round().astype(np.uint8), SIZE).picture, pictures["cropped"][number]
        assert np.abs(pictures["resized"][number].astype(int) - whole).max() <= 2
        expected = frame_roi(seen.round().astype(np.uint8), SIZE)
        assert np.abs(crop.astype(int) - expected).mean() <= 2
    assert not any(store[count:].any() for store in pictures.values())


def leaked(texts: list[str]) -> list[str]:
    words = [word for value in NAMES.values() for word in value.split("^")]
    return [word for word in words for text in texts if word in text]


def test_no_word_of_a_header_reaches_store_or_message(tmp_path):
    rows, contents = [], damaged(tmp_path).values()
    for number, content in enumerate([mammogram(film(12), 12), *contents]):
        rows.append(row(f"p{number}"))
        placed(tmp_path, f"p{number}", with_names(content))
    written(tmp_path, rows)
    screening = rsna.load(tmp_path, read_listed)
    frame_both_ways(screening, SIZE, tmp_path / "store", processes=1)
    kept = [file.read_bytes().decode("latin-1") for file in (tmp_path / "store").iterdir()]
    assert set(screening.table) == set(COLUMNS)
    assert not leaked([*kept, screening.table.to_csv(), screening.problems.to_csv()])
    # the test itself would find them
    assert leaked([content.decode("latin-1") for content in (file.read_bytes() for file in tmp_path.rglob("p0.dcm"))])


def with_names(content: bytes) -> bytes:
    """The file with names in its header, where it still has one."""
    try:
        dataset, file = pydicom.dcmread(BytesIO(content)), BytesIO()
        for name, value in NAMES.items():
            setattr(dataset, name, value)
        dataset.save_as(file)
        return file.getvalue()
    except Exception:  # a damaged file has no header to write into
        return content


def test_a_table_in_other_words_is_understood(tmp_path):
    rows = [row("1", BIRADS="", density="", age="", implant="1.0", difficult_negative_case="True", site_id=2),
            row("2", cancer=1, invasive=1, biopsy=1, BIRADS="0.0")]  # fmt: skip
    for image_id in ("1", "2"):
        placed(tmp_path, image_id, mammogram(film(12), 12))
    written(tmp_path, rows)
    first, second = rsna.load(tmp_path, read_listed).table.to_dict("records")
    assert pd.isna([first["BIRADS"], first["density"], first["age"]]).all()
    assert first["implant"] and first["difficult_negative_case"] and first["site_id"] == "2"
    assert second["cancer"] and second["BIRADS"] == "0" and second["machine_id"] == "49"


def test_what_is_no_such_folder_is_told(tmp_path):
    with pytest.raises(DatasetError, match=r"found no train\.csv"):
        rsna.load(tmp_path, read_listed)
    pd.DataFrame({"image_id": ["1"]}).to_csv(tmp_path / "train.csv")
    with pytest.raises(DatasetError, match="missing site_id"):
        rsna.load(tmp_path, read_listed)
    written(tmp_path, [row("1")])
    with pytest.raises(DatasetError, match="found no file of any row"):
        rsna.load(tmp_path, read_listed)
    written(tmp_path, [row("1", view="?")])
    with pytest.raises(DatasetError, match="1, view out of range"):
        rsna.load(tmp_path, read_listed)


def test_a_row_leads_to_no_file_elsewhere(tmp_path):
    placed(tmp_path, "1", mammogram(film(12), 12))
    written(tmp_path, [row("1"), row("1", patient_id="../train_images/1")][1:])
    with pytest.raises(DatasetError, match="found no file of any row"):
        rsna.load(tmp_path, read_listed)


class Counted:
    """Draws pictures, writes down each time, and ends its process where told."""

    def __init__(self, folder, ends: str = "") -> None:
        self.folder, self.ends = folder, ends

    def __call__(self, image_id: str) -> np.ndarray:
        with (self.folder / "read.txt").open("a") as lines:
            lines.write(f"{image_id}\n")
        if image_id == self.ends:
            os._exit(1)
        return cv2.resize(film(8, int(image_id)).astype(np.uint8), (80, 96))


def counted(folder, ends: str = "", count: int = 5) -> Screening:
    table = pd.DataFrame({"image_id": [str(number) for number in range(count)]})
    return Screening("made", table, Counted(folder, ends), problems({}))


def read(folder) -> list[str]:
    return sorted((folder / "read.txt").read_text().split())


def test_a_stopped_run_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(both_ways, "CHUNK", 2)
    calls = []

    def stop(done: int, total: int) -> None:
        calls.append((done, total))
        if len(calls) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frame_both_ways(counted(tmp_path), SIZE, tmp_path / "store", 1, stop)
    first = read(tmp_path)
    stores, _ = frame_both_ways(counted(tmp_path), SIZE, tmp_path / "store", 1)
    assert first == ["0", "1"] and read(tmp_path) == ["0", "1", "2", "3", "4"]
    assert all(np.load(file).any(axis=(1, 2)).all() for file in stores.values())
    frame_both_ways(counted(tmp_path, count=3), SIZE, tmp_path / "store", 1)
    assert len(read(tmp_path)) == 8  # another set is another store


def test_a_picture_that_ends_its_process_is_named_and_the_others_are_kept(tmp_path):
    stores, failed = frame_both_ways(counted(tmp_path, ends="3"), SIZE, tmp_path / "store", 2)
    assert failed == {"3": both_ways.ENDED}
    assert [bool(picture.any()) for picture in np.load(stores["cropped"])] == [True, True, True, False, True]
    assert json.loads((tmp_path / "store" / "done.jsonl").read_text().splitlines()[3]) == ["3", both_ways.ENDED]


def in_parts(tmp_path, sizes: list[int], ends: str = "") -> list[Path]:
    """A set of five framed apart, so many pictures a part."""
    whole, first, folders = counted(tmp_path, ends), 0, []
    for number, size in enumerate(sizes):
        own = replace(whole, table=whole.table.iloc[first : first + size].reset_index(drop=True))
        folders.append(tmp_path / f"part{number}")
        frame_both_ways(own, SIZE, folders[-1], 1, about={"seed": 3})
        first += size
    return folders


@pytest.mark.parametrize("sizes", [[2, 2, 1], [5], [1, 0, 4]])
def test_parts_that_are_joined_are_the_whole_and_nothing_is_left_to_do(tmp_path, sizes):
    parts = in_parts(tmp_path, sizes, ends="3")
    both_ways.join(parts, counted(tmp_path), SIZE, tmp_path / "joined", {"seed": 3})
    drawn = len(read(tmp_path))
    joined, failed = frame_both_ways(counted(tmp_path), SIZE, tmp_path / "joined", 1, about={"seed": 3})
    assert len(read(tmp_path)) == drawn
    whole, expected = frame_both_ways(counted(tmp_path, ends="3"), SIZE, tmp_path / "whole", 1, about={"seed": 3})
    assert failed == expected == {"3": both_ways.ENDED}
    for way, file in whole.items():
        assert np.array_equal(np.load(joined[way]), np.load(file))


def test_parts_of_another_set_are_not_joined(tmp_path):
    with pytest.raises(ValueError, match="parts of 5 pictures, came 4"):
        both_ways.join(in_parts(tmp_path, [2, 2]), counted(tmp_path), SIZE, tmp_path / "joined")
