"""VinDr-Mammo in its published layout, written by the tests: what is read, and what is set aside by name."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_breasts import drawn_breast
from given_files import dicom_file

from helpers.datasets import load
from helpers.datasets.exams import DatasetError
from helpers.datasets.vindr import BREASTS, FINDINGS
from helpers.preparation import _decoded

GRAY = drawn_breast()
HEIGHT, WIDTH = GRAY.shape


def breast(image_id: str, birads: object = "BI-RADS 1", **other: object) -> dict:
    return {
        "study_id": "s" + image_id[0], "series_id": "x", "image_id": image_id, "laterality": "L",
        "view_position": "CC", "height": HEIGHT, "width": WIDTH, "breast_birads": birads,
        "breast_density": "DENSITY C", "split": "training",
    } | other  # fmt: skip


def finding(image_id: str, box: tuple | None, birads: str | None = "BI-RADS 4", kind: str = "['Mass']") -> dict:
    corners = dict(zip(("xmin", "ymin", "xmax", "ymax"), box or (None,) * 4, strict=True))
    words = {"finding_categories": kind if box else "['No Finding']", "finding_birads": birads if box else None}
    return {"image_id": image_id, **words, **corners, "split": "training"}


@pytest.fixture
def laid(tmp_path):
    """Writes a folder of the published layout: laid(breasts, findings, files) -> its path."""

    def lay(breasts: list[dict], findings: list[dict], without: tuple[str, ...] = (), **files: bytes) -> Path:
        pd.DataFrame(breasts).to_csv(tmp_path / BREASTS, index=False)
        pd.DataFrame(findings or [finding("none", None)]).to_csv(tmp_path / FINDINGS, index=False)
        for row in breasts:
            file = tmp_path / "images" / row["study_id"] / f"{row['image_id']}.dicom"
            file.parent.mkdir(parents=True, exist_ok=True)
            if row["image_id"] not in without:
                file.write_bytes(files.get(row["image_id"], dicom_file(GRAY.astype(np.uint16) * 16)))
        return tmp_path

    return lay


def opened(path: Path):
    return load("vindr", path, decode=_decoded)


def test_birads_gives_the_class_and_a_box_the_lesion(laid):
    names = {1: "normal", 2: "benign", 3: "benign", 4: "malignant", 5: "malignant"}
    rows = [breast(f"{grade}", f"BI-RADS {grade}") for grade in names]
    boxes = [finding("4", (10, 20, 40, 60)), finding("4", (5, 5, 8, 8)), finding("2", None)]
    data = opened(laid(rows, boxes))
    exams = data.exams.set_index("image_id")
    assert exams["label"].to_dict() == {str(grade): label for grade, label in names.items()}
    assert exams["lesion_radius"].notna().to_dict() == {name: name == "4" for name in "12345"}
    assert exams.loc["4", ["lesion_x", "lesion_y", "lesion_radius"]].tolist() == pytest.approx([25, 40, 25], abs=0.1)
    assert exams.loc["4", ["patient_id", "density", "abnormality"]].tolist() == ["s4", "C", "Mass"]
    assert data.notes == ()
    mask = data.lesion_mask("4")
    assert mask.shape == GRAY.shape and mask[40, 25] and mask[6, 6] and not mask[15, 9]
    assert not data.lesion_mask("1").any()


def test_pictures_are_decoded_from_dicom_with_their_window(laid):
    data = opened(laid([breast("1")], []))
    picture = data.read("1")
    assert picture.dtype == np.uint16
    scaled = (GRAY - GRAY.min()) / np.ptp(GRAY) * 65535
    assert np.abs(picture - scaled).max() <= 1


def test_no_header_field_beyond_the_table_reaches_the_exams(laid):
    assert "Doe" not in opened(laid([breast("1")], [])).exams.to_string()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (breast("bad", "BI-RADS 0"), "BI-RADS outside 1 to 5"),
        (breast("bad", "BI-RADS 6"), "BI-RADS outside 1 to 5"),
        (breast("bad", None), "BI-RADS outside 1 to 5"),
        (breast("bad", view_position="LM"), "unknown view"),
        (breast("bad", laterality="B"), "unknown view"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_counted(laid, row, reason):
    data = opened(laid([breast("good"), row], []))
    assert data.exams["image_id"].tolist() == ["good"]
    assert data.notes == (f"set aside, {reason}: 1 (bad)",)


def test_a_picture_listed_twice_is_not_guessed(laid):
    data = opened(laid([breast("good"), breast("bad", "BI-RADS 2"), breast("bad", "BI-RADS 5")], []))
    assert data.notes == ("set aside, listed more than once: 1 (bad)",)


def test_missing_and_damaged_files_are_named_and_counted(laid):
    path = laid([breast("good"), breast("gone"), breast("torn")], [], without=("gone",), torn=b"no picture")
    assert opened(path).notes == (
        "set aside, no file of its name: 1 (gone)",
        "set aside, no DICOM header that could be read: 1 (torn)",
    )


@pytest.mark.parametrize(
    ("size", "box", "reason"),
    [
        ({}, (10, 10, WIDTH + 30, 40), "a region of interest that reaches beyond the picture"),
        ({}, (-20, 10, 30, 40), "a region of interest that reaches beyond the picture"),
        ({}, (10, 10, 10, 40), "a region of interest without any area"),
        ({}, (40, 10, 10, 40), "a region of interest without any area"),
        ({}, (10, None, 20, 40), "a region of interest without any area"),
        ({"height": HEIGHT * 2}, (10, 10, 30, 40), "regions of interest that were drawn on a picture of another size"),
    ],
)
def test_a_box_that_cannot_be_used_is_named_and_counted_and_its_picture_kept(laid, size, box, reason):
    data = opened(laid([breast("a", "BI-RADS 4", **size), breast("b")], [finding("a", box)]))
    assert data.notes == (f"{reason}: 1 (a)",)
    assert data.exams["image_id"].tolist() == ["a", "b"] and data.exams["lesion_radius"].isna().all()
    assert not data.lesion_mask("a").any()


def test_a_box_may_end_at_the_pictures_edge(laid):
    data = opened(laid([breast("a", "BI-RADS 4")], [finding("a", (0, 0, WIDTH, HEIGHT))]))
    assert data.notes == () and data.lesion_mask("a").all()


def test_what_is_missing_as_a_whole_is_said(laid, tmp_path):
    with pytest.raises(DatasetError, match="found no breast-level_annotations.csv"):
        opened(tmp_path)
    with pytest.raises(DatasetError, match="pass DATA="):
        load("vindr", decode=_decoded)
    path = laid([breast("a")], [])
    pd.DataFrame([breast("a")]).drop(columns="breast_birads").to_csv(path / BREASTS, index=False)
    with pytest.raises(DatasetError, match="missing breast_birads"):
        opened(path)
