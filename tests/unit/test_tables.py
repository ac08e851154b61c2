"""Tables that come with pictures: what is no such table is refused, and no cell lands under another name."""

import pytest
from given_dicom import COLUMNS

from helpers.datasets import cdd_cesm, rsna, vindr
from helpers.datasets.exams import DatasetError
from helpers.datasets.tables import read_table
from helpers.imaging.dicom import read_listed


@pytest.fixture
def read(tmp_path):
    """Writes a text and reads it as a table with the columns a and b."""

    def read_text(text: str):
        file = tmp_path / "some.csv"
        file.write_text(text)
        return read_table(file, ["a", "b"], "a set")

    return read_text


@pytest.mark.parametrize("text", ["a,b\n1,2,3\n4,5\n", "a,b\n1,2,3\n4,5,6\n", "a,b\n1,2\n4,5,6\n"])
def test_a_row_with_more_cells_than_names_moves_no_cell(read, text):
    with pytest.raises(DatasetError, match=r"some\.csv: expected a csv table in UTF-8"):
        read(text)


def test_a_comma_at_the_end_of_each_row_does_no_harm(read):
    assert read("a,b\n1,2,\n3,4,\n").to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


def test_cells_are_words_and_gaps_are_null(read):
    table = read(" a ,b,c\n01,,x\n")
    assert table.loc[0, ["a", "c"]].tolist() == ["01", "x"] and table["b"].isna().all()


def test_a_table_of_names_alone_is_empty(read):
    assert read("a,b").empty and list(read("a,b\n").columns) == ["a", "b"]


def test_a_set_whose_table_holds_no_row_says_that_nothing_can_be_used(tmp_path):
    (tmp_path / "train.csv").write_text(",".join(COLUMNS))
    with pytest.raises(DatasetError, match="expected rows that can be used, found none"):
        rsna.load(tmp_path, read_listed)


def test_a_cohort_whose_tables_hold_no_row_is_refused(tmp_path):
    for file, columns in (
        (vindr.BREASTS, vindr.BREAST_COLUMNS), (vindr.FINDINGS, vindr.FINDING_COLUMNS),
        (f"{cdd_cesm.SHEET}.csv", cdd_cesm.SHEET_COLUMNS), (cdd_cesm.OUTLINES, cdd_cesm.OUTLINE_COLUMNS),
    ):  # fmt: skip
        (tmp_path / file).write_text(",".join(columns))
    for refused in (lambda: vindr.load(tmp_path, read_listed), lambda: cdd_cesm.load(tmp_path)):
        with pytest.raises(DatasetError, match=str(tmp_path)):
            refused()
