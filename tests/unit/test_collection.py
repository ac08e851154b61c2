"""A multiplied collection: who stands in it, how it is dealt out, and what training has seen of each picture."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohort import CohortError
from helpers.collection import COLUMNS, dealt, multiplied, pictures_of, siblings, sides
from helpers.datasets.exams import LABELS
from helpers.imaging.framing import resized
from helpers.imaging.turning import copied, whole


def exams(patients: int = 24, pictures: int = 2) -> pd.DataFrame:
    """Patients of one class each, in turn; the last two are blind, and one normal picture has an augmented copy."""
    rows = [(f"i{p}-{k}", f"p{p}", LABELS[p % 3], None) for p in range(patients) for k in range(pictures)]
    table = pd.DataFrame([*rows, ("i0-0~1", "p0", "normal", "i0-0")], columns=COLUMNS_OF_EXAMS)
    blind = table["patient_id"].isin([f"p{patients - 1}", f"p{patients - 2}"])
    return table.assign(split_as_published=np.where(blind, "blind", "train"))


COLUMNS_OF_EXAMS = ["image_id", "patient_id", "label", "copy_of"]
collections = st.builds(
    lambda patients, pictures, copies: multiplied(exams(patients, pictures), copies, 10_000, 0),
    st.integers(20, 40),
    st.integers(1, 3),
    st.integers(1, 5),
)
folds, seeds = st.integers(3, 5), st.integers(0, 99)
few = settings(max_examples=15, deadline=None)


@pytest.mark.parametrize("copies", [1, 4])
def test_each_original_that_is_not_blind_stands_in_it_as_often_as_asked(copies):
    table = multiplied(exams(), copies, 10_000, 0)
    assert list(table) == COLUMNS
    assert table["image_id"].is_unique
    assert (table.groupby("row").size() == copies).all()
    names = exams()["image_id"].to_numpy()
    originals = table[table["copy_of"].isna()]
    assert originals["image_id"].tolist() == names[originals["row"]].tolist()
    assert set(originals["patient_id"]) == {f"p{p}" for p in range(22)}
    assert (names[table["row"]] == table["copy_of"].fillna(table["image_id"])).all()


def test_of_a_large_collection_whole_patients_are_drawn():
    full, table = multiplied(exams(), 3, 10_000, 0), multiplied(exams(), 3, 66, 0)
    assert len(table) == 66
    counts = table.groupby("patient_id").size()
    assert (counts == full.groupby("patient_id").size()[counts.index]).all()
    assert set(table["patient_id"]) != set(multiplied(exams(), 3, 66, 1)["patient_id"])


def test_pictures_come_in_table_order_each_from_its_window():
    store = np.random.default_rng(0).integers(0, 256, (60, 40, 40), dtype=np.uint8)
    table = multiplied(exams(), 3, 30, 0)
    windows = {row: (19.5, 9.5, 20) if row % 2 else whole(store[row]) for row in table["row"]}
    pictures = pictures_of(table, store, windows, 10)
    for picture, row, number in zip(pictures, table["row"], table["number"], strict=True):
        np.testing.assert_array_equal(picture, resized(copied(store[row], number, windows[row]), 10))


@given(collections, folds, seeds)
@few
def test_no_patient_stands_in_two_folds_when_grouped(table, count, seed):
    fold = dealt(table, "patient_grouped", count, seed)
    assert table.groupby("patient_id").apply(lambda own: len(set(fold[own.index])), include_groups=False).max() == 1


@given(collections, folds, seeds)
@few
def test_published_folds_are_equal_in_size_and_classes(table, count, seed):
    shares = pd.crosstab(dealt(table, "as_published", count, seed), table["label"])
    assert shares.shape == (count, 3)
    assert (shares.max() - shares.min()).max() <= 1


@given(collections, st.sampled_from(["as_published", "patient_grouped"]), folds, seeds)
@few
def test_each_picture_is_tested_once_and_no_side_shares_one(table, protocol, count, seed):
    fold = dealt(table, protocol, count, seed)
    rounds = [sides(fold, test) for test in range(count)]
    for rows in rounds:
        assert sorted(np.concatenate(list(rows.values()))) == list(range(len(table)))
        assert len(rows["train"]) > 0
    assert sorted(np.concatenate([rows["test"] for rows in rounds])) == list(range(len(table)))


def test_the_same_seed_deals_alike_and_another_does_not():
    table = multiplied(exams(), 4, 10_000, 0)
    for protocol in ("as_published", "patient_grouped"):
        one, same, other = (dealt(table, protocol, 4, seed) for seed in (3, 3, 4))
        assert (one == same).all()
        assert (one != other).mean() > 0.3


def test_a_class_of_fewer_patients_than_folds_is_named():
    table = multiplied(exams(9), 2, 10_000, 0)
    with pytest.raises(CohortError, match=r"benign: 2 patients, expected 4"):
        dealt(table, "as_published", 4, 0)


@given(collections, seeds)
@few
def test_siblings_are_counted_as_a_loop_counts_them(table, seed):
    training = sides(dealt(table, "as_published", 3, seed), 0)["train"]
    found = siblings(table, table["row"].to_numpy(), training)
    for i in range(0, len(table), 7):
        own, trained = table.iloc[i], table.iloc[training]
        assert found["copies"][i] == (trained["row"] == own["row"]).sum()
        assert found["relatives"][i] == (trained["patient_id"] == own["patient_id"]).sum()
