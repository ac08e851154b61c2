"""Files that nobody would write: every reader takes them, or refuses them by its own error, and quotes no name of one.

Seconds in `make test`; FUZZ_SECONDS=300 gives all readers together five minutes.
"""

import io
import logging
import os
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from drawn_breasts import drawn_breast
from given_dicom import COLUMNS, COMPRESSED, compressed, film, lookup_table, mammogram, row
from given_files import dicom_file, encoded
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from helpers.datasets import cdd_cesm, mias, rsna, vindr
from helpers.datasets.exams import DatasetError
from helpers.imaging import own_picture
from helpers.imaging.dicom import DicomError, read, read_listed
from helpers.imaging.picture import PictureError

SECONDS = float(os.environ.get("FUZZ_SECONDS", "8"))
READERS = 6
ROUND = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
NAMES = {
    "PatientName": "Okonkwo^Adaeze", "PatientID": "HILL4711", "PatientBirthDate": "19510203",
    "InstitutionName": "Hillcrest Infirmary", "ReferringPhysicianName": "Lindqvist^Bo", "StationName": "MAMMOSEVEN",
}  # fmt: skip
WORDS = ("Okonkwo", "Adaeze", "HILL4711", "19510203", "Hillcrest", "Infirmary", "Lindqvist", "MAMMOSEVEN")
GRAY = drawn_breast()
SMALL = np.ascontiguousarray(GRAY[::4, ::4])


def hunt(strategy: st.SearchStrategy, check: Callable) -> None:
    """Tries what a strategy makes, round by round with other seeds, until this reader's share of the time is over."""
    until, number = time.monotonic() + SECONDS / READERS, 0
    while time.monotonic() < until:
        seed(number)(ROUND(given(strategy)(check)))()
        number += 1


PIECES = [b"\xff" * 4, b"\0" * 8, b'"', b",", b"\n", b"9" * 40]


@st.composite
def mutated(draw: st.DrawFn, contents: list[bytes]) -> bytes:
    """A file with some places overwritten, cut out, put in or repeated, or cut short."""
    content = bytearray(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(0, 6))):
        # Where a file says what it is, at its start, is where most can go wrong.
        start = draw(st.one_of(st.integers(0, min(1200, len(content))), st.integers(0, len(content))))
        length = draw(st.integers(0, 12))
        kind = draw(st.sampled_from(["overwrite", "cut", "insert", "repeat", "end"]))
        new = draw(st.one_of(st.binary(max_size=12), st.sampled_from(PIECES)))
        match kind:
            case "overwrite":
                content[start : start + len(new)] = new
            case "cut":
                del content[start : start + length]
            case "insert":
                content[start:start] = new
            case "repeat":
                content[start:start] = content[start : start + 40 * length]
            case "end":
                del content[start:]
    return bytes(content)


def table(rows: list[dict], columns: list[str]) -> bytes:
    return pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()


RIGHT = ["", "L", "R", "CC", "MLO", "BI-RADS 4", "DENSITY B", "0", "1", "1.0", "True", "A", "['Mass']"]
WRONG = [
    "-3",
    "1e400",
    "nan",
    "inf",
    "..",
    "../..",
    "/",
    "a/b",
    "a\0b",
    "9" * 400,
    "x" * 300,
    "[",
    "{}",
    "[1]",
    "3",
    "[" * 999,
    "٣",
]
CELLS = st.one_of(st.sampled_from(RIGHT), st.sampled_from(WRONG), st.text(max_size=8))


@st.composite
def tables(draw: st.DrawFn, columns: list[str], like: list[dict]) -> bytes:
    """A table whose cells hold what they should, what other cells should, and what no cell should."""
    rows = draw(st.lists(st.sampled_from(like), min_size=1, max_size=5))
    rows = [dict(each) for each in rows]
    for _ in range(draw(st.integers(0, 6))):
        rows[draw(st.integers(0, len(rows) - 1))][draw(st.sampled_from(columns))] = draw(CELLS)
    return table(rows, draw(st.one_of(st.just(columns), st.permutations(columns), st.just(columns[:-1]))))


def finite(exams: pd.DataFrame) -> None:
    """What a table promises of the numbers in it."""
    numbers = exams.select_dtypes("number").to_numpy(dtype=float)
    assert not np.isinf(numbers).any()


LINES = ["mdb001 G CIRC B 20 30 9", "mdb002 D NORM", "mdb003 F SPIC M 10 0 5", "mdb003 F CALC B *NOTE 3*"]
ODD_FIELDS = ["9" * 400, "1e9", "٣", "mdb٠٠١", "*NOTE"]
FIELDS = st.one_of(st.sampled_from(" ".join(LINES).split()), st.sampled_from(ODD_FIELDS), st.text(max_size=6))


def test_info_txt(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"mdb00{number}.pgm").write_bytes(encoded(SMALL, ".pgm"))
    written = "\n".join(["INTRODUCTION", *LINES]).encode()
    lines = st.lists(st.lists(FIELDS, max_size=8).map(" ".join), max_size=6)
    texts = lines.map(lambda some: "\n".join(["mdb002 D NORM", *some]).encode("utf-8", "surrogatepass"))

    def check(content: bytes) -> None:
        (tmp_path / "Info.txt").write_bytes(content)
        try:
            finite(mias.load(tmp_path).exams)
            finite(mias.findings(tmp_path))
        except DatasetError:
            pass

    hunt(st.one_of(mutated([written]), texts), check)


def test_rsna_table(tmp_path):
    rows = [row("1"), row("2", patient_id="2", cancer=1, age=""), row("3", density="", BIRADS="")]
    for each in rows:
        file = tmp_path / "train_images" / each["patient_id"] / f"{each['image_id']}.dcm"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(mammogram(film(12), 12))

    def check(content: bytes) -> None:
        (tmp_path / "train.csv").write_bytes(content)
        try:
            screening = rsna.load(tmp_path, read_listed)
        except DatasetError:
            return
        finite(screening.table)
        assert all((tmp_path / "train_images") in path.parents for path, _ in screening.read.files.values())

    hunt(st.one_of(mutated([table(rows, list(COLUMNS))]), tables(list(COLUMNS), rows)), check)


def test_vindr_tables(tmp_path):
    height, width = film(12).shape
    shared = {"laterality": "L", "view_position": "CC", "height": height, "width": width, "breast_density": "DENSITY C"}
    breasts = [{"study_id": "s", "image_id": f"i{n}", **shared, "breast_birads": f"BI-RADS {n}"} for n in range(1, 6)]
    box = dict(zip(("xmin", "ymin", "xmax", "ymax"), (10, 20, 40, 60), strict=True))
    mass = {"image_id": "i4", "finding_categories": "['Mass']", "finding_birads": "BI-RADS 4", **box}
    findings = [mass, {"image_id": "i1"}]
    for each in breasts:
        file = tmp_path / "images" / "s" / f"{each['image_id']}.dicom"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(mammogram(film(12), 12))
    both = table(breasts, vindr.BREAST_COLUMNS), table(findings, vindr.FINDING_COLUMNS)
    one = st.one_of(mutated([both[0]]), tables(vindr.BREAST_COLUMNS, breasts))
    other = st.one_of(mutated([both[1]]), tables(vindr.FINDING_COLUMNS, findings))

    def check(contents: tuple[bytes, bytes]) -> None:
        for name, content in zip((vindr.BREASTS, vindr.FINDINGS), contents, strict=True):
            (tmp_path / name).write_bytes(content)
        try:
            data = vindr.load(tmp_path, lambda content, name: read(content, name)[0])
        except DatasetError:
            return
        finite(data.exams)
        for image_id in data.exams["image_id"]:
            assert data.lesion_mask(image_id).dtype == bool

    hunt(st.one_of(st.tuples(one, st.just(both[1])), st.tuples(st.just(both[0]), other), st.tuples(one, other)), check)


def test_cdd_cesm_tables(tmp_path):
    names, content = [f"P{number}_L_DM_CC" for number in range(1, 4)], encoded(SMALL, ".jpg")
    for name in names:
        (tmp_path / f"{name}.jpg").write_bytes(content)
    rows = [dict(zip(cdd_cesm.SHEET_COLUMNS, (name, 52, "C", "Mass", "Benign"), strict=True)) for name in names]
    triangle = '{"name": "polygon", "all_points_x": [10, 30, 10], "all_points_y": [10, 10, 40]}'
    endless = '{"name": "ellipse", "cx": 1e308, "cy": 20, "rx": 5, "ry": 1e308}'
    shapes = [triangle, endless, '{"name": "rect", "x": 1}', "[]", "3"]
    outlines = [dict(zip(cdd_cesm.OUTLINE_COLUMNS, (f"{names[0]}.jpg", 1, shape), strict=True)) for shape in shapes]
    both = table(rows, cdd_cesm.SHEET_COLUMNS), table(outlines, cdd_cesm.OUTLINE_COLUMNS)
    one = st.one_of(mutated([both[0]]), tables(cdd_cesm.SHEET_COLUMNS, rows))
    other = st.one_of(mutated([both[1]]), tables(cdd_cesm.OUTLINE_COLUMNS, outlines))

    def check(contents: tuple[bytes, bytes]) -> None:
        for name, content in zip((f"{cdd_cesm.SHEET}.csv", cdd_cesm.OUTLINES), contents, strict=True):
            (tmp_path / name).write_bytes(content)
        try:
            data = cdd_cesm.load(tmp_path)
        except DatasetError:
            return
        finite(data.exams)
        for image_id in data.exams["image_id"]:
            assert data.lesion_mask(image_id).dtype == bool

    hunt(st.one_of(st.tuples(one, st.just(both[1])), st.tuples(st.just(both[0]), other), st.tuples(one, other)), check)


def test_dicom(tmp_path):
    plain = mammogram(film(12), 12, **NAMES)
    files = [
        plain, mammogram(film(16), 16, VOILUTSequence=lookup_table(16), **NAMES), dicom_file(SMALL, **NAMES),
        mammogram(film(12), 12, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0, **NAMES),
        *(compressed(plain, syntax, tmp_path) for syntax in COMPRESSED),
    ]  # fmt: skip
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logging.getLogger().addHandler(handler)

    def check(content: bytes) -> None:
        said.truncate(0)
        with warnings.catch_warnings(record=True) as warned:
            for reader in (lambda: read(content, "a")[0], lambda: read_listed(content, "a", "L")):
                try:
                    assert reader().dtype == np.uint16
                except DicomError as error:
                    said.write(f"{error} {error.problem}")
        text = said.getvalue() + " ".join(str(each.message) for each in warned)
        assert [word for word in WORDS if word in text] == []

    try:
        hunt(mutated(files), check)
    finally:
        logging.getLogger().removeHandler(handler)


def test_own_picture():
    deep = SMALL.astype(np.uint16) * 200
    files = [encoded(SMALL, suffix) for suffix in (".pgm", ".png", ".jpg", ".tiff")]
    files += [encoded(deep, ".png"), encoded(deep, ".tiff"), dicom_file(SMALL, **NAMES)]

    def check(content: bytes) -> None:
        try:
            assert own_picture.read(content, "mine").gray.dtype == np.uint8
        except PictureError as error:
            assert [word for word in WORDS if word in str(error)] == []

    hunt(mutated(files), check)
