"""CDD-CESM in its published layout, written by the tests: what is read, and what is set aside by name."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_breasts import drawn_breast
from given_files import encoded

from helpers.datasets import load
from helpers.datasets.cdd_cesm import OUTLINES, PATHOLOGY, SHEET
from helpers.datasets.exams import DatasetError

GRAY = drawn_breast()
HEIGHT, WIDTH = GRAY.shape
FOLDERS = {"DM": "Low energy images of CDD-CESM", "CM": "Subtracted images of CDD-CESM"}
TRIANGLE = {"name": "polygon", "all_points_x": [10, 50, 10], "all_points_y": [20, 20, 60]}


def row(name: str, pathology: str | None = "Benign", **other: object) -> dict:
    return {
        "Image_name": name, "Patient_ID": 1, "Side": "L", "Type": "DM", "Age": 52, "Breast density (ACR)": "C",
        "Findings": "Mass", PATHOLOGY: pathology,
    } | other  # fmt: skip


@pytest.fixture
def laid(tmp_path):
    """Writes a folder of the published layout: laid(rows, outlines by name, pictures) -> its path."""

    def lay(rows: list[dict], shapes: dict[str, list], pictures: list[str] | None = None, **sizes: int) -> Path:
        content = encoded(GRAY, ".jpg")
        for name in pictures if pictures is not None else {each["Image_name"].strip() for each in rows}:
            folder = tmp_path / FOLDERS["CM" if "_CM_" in name else "DM"]
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.jpg").write_bytes(content)
        pd.DataFrame(rows).to_csv(tmp_path / f"{SHEET}.csv", index=False)
        lines = [
            # The published table writes some names with a blank before their ending.
            {"#filename": f"{name} .jpg", "file_size": sizes.get(name, len(content)), "region_count": len(own),
             "region_shape_attributes": shape if isinstance(shape, str) else json.dumps(shape)}
            for name, own in shapes.items()
            for shape in own
        ]  # fmt: skip
        columns = ["#filename", "file_size", "region_count", "region_shape_attributes"]
        pd.DataFrame(lines, columns=columns).to_csv(tmp_path / OUTLINES, index=False)
        return tmp_path

    return lay


def test_names_give_patient_side_and_view_and_the_sheet_the_class(laid):
    rows = [row("P1_L_DM_MLO", "Malignant"), row("P1_R_DM_CC", "Normal"), row(" P12_L_DM_CC ", "Benign", Age="n/a")]
    data = load("cdd_cesm", laid(rows, {"P1_L_DM_MLO": [TRIANGLE]}))
    exams = data.exams.set_index("image_id")
    assert exams.loc["P1_L_DM_MLO", ["patient_id", "laterality", "view", "label"]].tolist() == [
        "cesm-001", "L", "MLO", "malignant",
    ]  # fmt: skip
    assert exams["patient_id"].to_dict()["P12_L_DM_CC"] == "cesm-012"
    assert exams["lesion_radius"].notna().sum() == 1 and exams["age"].notna().sum() == 2
    assert data.notes == ()
    assert np.abs(data.read("P1_R_DM_CC").astype(int) - GRAY).mean() < 2


@pytest.mark.parametrize(
    ("shape", "inside", "outside"),
    [
        (TRIANGLE, (25, 15), (58, 45)),
        ({"name": "polyline", **{k: v for k, v in TRIANGLE.items() if k != "name"}}, (25, 15), (58, 45)),
        ({"name": "circle", "cx": 40, "cy": 30, "r": 10}, (30, 48), (30, 52)),
        ({"name": "ellipse", "cx": 40, "cy": 30, "rx": 5, "ry": 20}, (48, 40), (30, 48)),
        ({"name": "ellipse", "cx": 40, "cy": 30, "rx": 5, "ry": 20, "theta": np.pi / 2}, (30, 58), (45, 40)),
        ({"name": "rect", "x": 10, "y": 20, "width": 30, "height": 10}, (25, 35), (35, 35)),
    ],
)
def test_each_shape_of_the_annotation_tool_is_filled(laid, shape, inside, outside):
    data = load("cdd_cesm", laid([row("P1_L_DM_CC")], {"P1_L_DM_CC": [shape]}))
    mask = data.lesion_mask("P1_L_DM_CC")
    assert data.notes == () and mask.shape == GRAY.shape
    assert mask[inside] and not mask[outside]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({**TRIANGLE, "all_points_x": [10, 5000, 10]}, "a region of interest that reaches beyond the picture"),
        ({**TRIANGLE, "all_points_y": [-40, 20, 60]}, "a region of interest that reaches beyond the picture"),
        ({"name": "point", "cx": 10, "cy": 10}, "a region of interest without any area"),
        ({**TRIANGLE, "all_points_x": [10, 10, 10]}, "a region of interest without any area"),
        ({**TRIANGLE, "all_points_x": []}, "an outline of a kind that is not read"),
        ({"name": "spline", "x": 3}, "an outline of a kind that is not read"),
        ("{damaged", "an outline of a kind that is not read"),
    ],
)
def test_an_outline_that_cannot_be_used_is_named_and_counted_and_its_picture_kept(laid, shape, reason):
    data = load("cdd_cesm", laid([row("P1_L_DM_CC")], {"P1_L_DM_CC": [shape]}))
    assert data.notes == (f"{reason}: 1 (P1_L_DM_CC)",)
    assert data.exams["lesion_radius"].isna().all() and not data.lesion_mask("P1_L_DM_CC").any()


def test_a_mask_of_another_file_is_told_and_kept(laid):
    data = load("cdd_cesm", laid([row("P1_L_DM_CC")], {"P1_L_DM_CC": [TRIANGLE, TRIANGLE]}, P1_L_DM_CC=7))
    assert data.lesion_mask("P1_L_DM_CC").any()
    (note,) = data.notes
    assert note.endswith("of another size, by its bytes: 1 (P1_L_DM_CC)")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ([row("P2_L_DM_LM")], "unknown view"),
        ([row("P2_X_DM_CC")], "unknown view"),
        ([row("two_L_DM_CC")], "unknown view"),
        ([row("P2_L_DM_CC", "Unclear")], "unknown class"),
        ([row("P2_L_DM_CC", None)], "unknown class"),
        ([row("P2_L_DM_CC", "Benign"), row("P2_L_DM_CC", "Malignant")], "rows of two classes"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_counted(laid, wrong, reason):
    data = load("cdd_cesm", laid([row("P1_L_DM_CC"), *wrong], {}))
    name = wrong[0]["Image_name"]
    assert data.exams["image_id"].tolist() == ["P1_L_DM_CC"]
    assert f"set aside, {reason}: 1 ({name})" in data.notes


def test_rows_and_pictures_without_each_other_are_named(laid):
    rows = [row("P1_L_DM_CC"), row("P2_L_DM_CC")]
    notes = load("cdd_cesm", laid(rows, {}, pictures=["P1_L_DM_CC", "P3_L_DM_CC"])).notes
    assert notes == (
        "set aside, a row without a picture: 1 (P2_L_DM_CC)",
        "set aside, a picture without a usable row: 1 (P3_L_DM_CC)",
    )


def test_the_two_kinds_of_pictures_are_two_sets(laid):
    path = laid([row("P1_L_DM_CC"), row("P1_L_CM_CC")], {})
    assert load("cdd_cesm", path).exams["image_id"].tolist() == ["P1_L_DM_CC"]
    assert load("cdd_cesm", path, kind="CM").exams["image_id"].tolist() == ["P1_L_CM_CC"]


def test_a_spreadsheet_alone_is_asked_for_as_csv(laid):
    path = laid([row("P1_L_DM_CC")], {})
    (path / f"{SHEET}.csv").rename(path / f"{SHEET}.xlsx")
    with pytest.raises(DatasetError, match=r"found Radiology-manual-annotations\.xlsx: save it as csv"):
        load("cdd_cesm", path)
