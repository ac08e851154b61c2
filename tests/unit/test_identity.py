"""Whom a DICOM file shows is in nothing that a run writes, says or logs."""

import numpy as np
import pandas as pd
import pytest
from drawn_breasts import drawn_breast
from given_files import dicom_file

from helpers import profile as profiles
from helpers.datasets.vindr import BREASTS, FINDINGS
from helpers.imaging import own_picture
from helpers.imaging.picture import PictureError
from helpers.paths import RunPaths
from helpers.preparation import prepared

NAMES = {
    "PatientName": "Okonkwo^Adaeze", "PatientID": "HILL4711", "PatientBirthDate": "19510203",
    "OtherPatientNames": "Quartermaine^Ada", "PatientAddress": "Nightjar Lane 9", "InstitutionName": "Hillcrest",
    "ReferringPhysicianName": "Lindqvist^Bo", "StationName": "MAMMOSEVEN", "AccessionNumber": "ACC4711",
    "PatientComments": "Sister of Zenobia", "ImageComments": "asked for by Zenobia",
}  # fmt: skip
WORDS = (
    "Okonkwo", "Adaeze", "HILL4711", "19510203", "Quartermaine", "Nightjar", "Hillcrest", "Lindqvist", "MAMMOSEVEN",
    "ACC4711", "Zenobia",
)  # fmt: skip
GRADES = (1, 2, 4)
DAMAGE = {
    33: lambda content: content[: len(content) // 2],
    34: lambda content: content.replace(b"MONOCHROME2", b"Okonkwo^Ada"),
    35: lambda content: content[:400],
}


def found_in(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


@pytest.fixture
def folder(tmp_path):
    """VinDr-Mammo in its layout, a name in every header, some files damaged."""
    rows = [
        {"study_id": f"s{number}", "image_id": f"i{number}", "laterality": "L", "view_position": "CC",
         "breast_birads": f"BI-RADS {GRADES[number % 3]}", "breast_density": "DENSITY C"}
        for number in range(36)
    ]  # fmt: skip
    for number, row in enumerate(rows):
        gray = drawn_breast(number).astype(np.uint16) * 16
        content = dicom_file(gray, **NAMES)
        content = DAMAGE.get(number, bytes)(content)
        row["height"], row["width"] = gray.shape
        file = tmp_path / "set" / "images" / row["study_id"] / f"{row['image_id']}.dicom"
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
    pd.DataFrame(rows).to_csv(tmp_path / "set" / BREASTS, index=False)
    columns = ["image_id", "finding_categories", "finding_birads", "xmin", "ymin", "xmax", "ymax"]
    pd.DataFrame(columns=columns).to_csv(tmp_path / "set" / FINDINGS, index=False)
    return tmp_path / "set"


def test_a_run_holds_no_word_of_a_header(folder, tmp_path, caplog, capfd, recwarn):
    wanted = "data=vindr framing=breast image_size=80 blind=3 bootstrap_draws=100"
    paths = RunPaths("ci", tmp_path / "build")
    cohort = prepared(profiles.load("ci", wanted), str(folder), paths)
    assert cohort.exams["copy_of"].isna().sum() == 33
    said = capfd.readouterr()
    told = [said.out, said.err, caplog.text, *cohort.notes, cohort.exams.to_csv()]
    assert found_in("\n".join([*told, *(str(each.message) for each in recwarn)])) == []
    files = [file for file in paths.root.rglob("*") if file.is_file()]
    assert {paths.exams, paths.pictures, paths.data_notes, paths.provenance} <= set(files)
    assert {file.name: found_in(file.read_bytes().decode("latin-1")) for file in files} == {f.name: [] for f in files}
    # The test itself would find them.
    assert found_in((folder / "images" / "s0" / "i0.dicom").read_bytes().decode("latin-1")) == list(WORDS)


@pytest.mark.parametrize("element", ["Modality", "PhotometricInterpretation", "PresentationIntentType"])
def test_a_name_in_the_wrong_place_is_not_quoted(element):
    gray = drawn_breast()
    content = dicom_file(gray, **{**NAMES, "Modality": "MG", element: "OKONKWO ADA"})
    content = content.replace(b"OKONKWO ADA", b"Okonkwo Ada")
    try:
        assert own_picture.read(content, "mine.dcm").notes is not None
    except PictureError as error:
        assert found_in(str(error)) == []
