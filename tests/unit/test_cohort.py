"""Splits: who may stand where, under each protocol."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import cohort
from helpers.cohort import CohortError, assign, class_counts, leak_audit
from helpers.datasets.exams import LABELS

SPLITS = {"blind": 12, "test_share": 0.2, "validation_share": 0.2, "normal_share": 0.331, "seed": 3}
GROUPED, PUBLISHED = "split_patient_grouped", "split_as_published"


def exams(patients: dict[str, int], per_patient: int = 2, mixed: int = 0) -> pd.DataFrame:
    """So many patients a class, each with so many pictures; `mixed` more have a picture of every class."""
    people = [(label, [label] * per_patient) for label, count in patients.items() for _ in range(count)]
    people += [("mixed", list(LABELS))] * mixed
    rows = [
        {"image_id": f"{kind}-{person:03d}-{picture}", "patient_id": f"p{person:03d}", "label": label}
        for person, (kind, labels) in enumerate(people)
        for picture, label in enumerate(labels)
    ]
    return pd.DataFrame(rows).assign(sha256="0" * 64, framed_x=1.0, framed_y=2.0, framed_radius=3.0)


def typical() -> pd.DataFrame:
    return exams({"normal": 20, "benign": 60, "malignant": 70})


@st.composite
def tables(draw) -> pd.DataFrame:
    patients = {label: draw(st.integers(8, 25)) for label in LABELS}
    return exams(patients, draw(st.integers(2, 4)), draw(st.integers(0, 4)))


cohorts = st.builds(
    lambda table, blind, test, validation, normal, seed: (
        table,
        assign(table, blind=blind, test_share=test, validation_share=validation, normal_share=normal, seed=seed),
    ),
    tables(),
    st.integers(0, 6),
    st.sampled_from([0.2, 0.25, 0.3, 0.4]),
    st.sampled_from([0.2, 0.25]),
    st.sampled_from([0.1, 0.331, 0.5]),
    st.integers(0, 1000),
)
many = settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])


@given(cohorts)
@many
def test_no_patient_stands_on_two_sides(pair):
    _, table = pair
    used = table[table[GROUPED].notna()]
    assert used.groupby("patient_id")[GROUPED].nunique().max() == 1


@given(cohorts)
@many
def test_every_original_has_a_side_in_both_and_all_sides_have_every_class(pair):
    original, table = pair
    kept = table[table["copy_of"].isna()]
    pd.testing.assert_frame_equal(kept[original.columns], original, check_dtype=False)
    for column in (GROUPED, PUBLISHED):
        assert set(kept[column]) <= {"train", "validation", "test", "blind"}
        sides = pd.crosstab(table["label"], table[column]).drop(columns="blind", errors="ignore")
        assert sides.shape == (3, 3)
        assert sides.to_numpy().min() > 0


@given(cohorts)
@many
def test_blind_patients_are_blind_in_both_and_never_copied(pair):
    _, table = pair
    blind = table[GROUPED] == "blind"
    pd.testing.assert_series_equal(blind, table[PUBLISHED] == "blind", check_names=False)
    others = table[~blind]
    assert not set(table.loc[blind, "patient_id"]) & set(others["patient_id"])
    assert not table.loc[blind, "copy_of"].notna().any()


@given(cohorts)
@many
def test_only_normals_are_copied_and_only_training_ones_when_grouped(pair):
    _, table = pair
    copies = table[table["copy_of"].notna()]
    assert (copies["label"] == "normal").all()
    assert set(copies[GROUPED].dropna()) <= {"train"}
    assert copies[[GROUPED, PUBLISHED]].notna().any(axis=1).all()
    side = table.set_index("image_id")[GROUPED]
    used = copies[copies[GROUPED].notna()]
    assert (side[used["copy_of"]] == "train").all()
    assert table["image_id"].is_unique


@given(tables(), st.integers(0, 100))
@many
def test_row_order_does_not_matter(original, order):
    shuffled = original.sample(frac=1, random_state=order)
    one = assign(original, **SPLITS).set_index("image_id").sort_index()
    other = assign(shuffled, **SPLITS).set_index("image_id").sort_index()
    pd.testing.assert_frame_equal(one, other)


def test_another_seed_gives_another_split():
    one, other = assign(typical(), **SPLITS), assign(typical(), **{**SPLITS, "seed": 4})
    for column in (GROUPED, PUBLISHED):
        originals = one["copy_of"].isna()
        assert (one.loc[originals, column] != other.loc[other["copy_of"].isna(), column]).mean() > 0.1


@pytest.mark.parametrize("blind", [0, 10, 50, 150])
def test_single_picture_patients_fill_the_blind_set_exactly(blind):
    table = assign(exams({"normal": 90, "benign": 200, "malignant": 250}, 1), **{**SPLITS, "blind": blind})
    assert (table[GROUPED] == "blind").sum() == blind


def test_the_blind_set_has_the_class_shares():
    table = assign(exams({"normal": 90, "benign": 200, "malignant": 250}, 1), **{**SPLITS, "blind": 54})
    counts = table.loc[table[GROUPED] == "blind", "label"].value_counts()
    assert counts.to_dict() == {"malignant": 25, "benign": 20, "normal": 9}


@given(st.lists(st.integers(1, 9), min_size=60, max_size=90), st.integers(0, 40), st.integers(0, 99))
@settings(deadline=None, max_examples=10)
def test_no_patient_left_out_would_still_fit_the_blind_set(sizes, blind, seed):
    rows = [
        {"image_id": f"{person}-{picture}", "patient_id": f"p{person}", "label": LABELS[person % 3]}
        for person, size in enumerate(sizes)
        for picture in range(size)
    ]
    table = assign(pd.DataFrame(rows), **{**SPLITS, "blind": blind, "normal_share": 0.01, "seed": seed})
    apart = table[GROUPED] == "blind"
    assert apart.sum() <= blind
    assert table[~apart].groupby("patient_id").size().min() > blind - apart.sum()


def test_shares_come_out_as_asked():
    table = assign(typical(), **SPLITS)
    grouped = table.loc[table["copy_of"].isna() & (table[GROUPED] != "blind"), GROUPED].value_counts(normalize=True)
    published = table.loc[table[PUBLISHED].notna() & (table[PUBLISHED] != "blind"), PUBLISHED]
    for shares in (grouped, published.value_counts(normalize=True)):
        assert shares["test"] == pytest.approx(0.2, abs=0.02)
        assert shares["validation"] == pytest.approx(0.16, abs=0.02)


def test_copies_raise_normals_to_the_published_share():
    table = assign(typical(), **SPLITS)
    published = class_counts(table, "as_published").set_index(["stage", "label"])
    assert published.loc[("before", "normal"), "share"] == pytest.approx(40 / 300, abs=0.02)
    assert published.loc[("after", "normal"), "share"] == pytest.approx(0.331, abs=0.003)
    training = table[table[GROUPED] == "train"]
    assert (training["label"] == "normal").mean() == pytest.approx(0.331, abs=0.004)
    assert set(table.loc[table["copy_of"].notna(), PUBLISHED].dropna()) == {"train", "validation", "test"}


def test_copies_are_spread_evenly_and_carry_their_original():
    table = assign(typical(), **SPLITS)
    copies = table[table["copy_of"].notna()]
    for column in (GROUPED, PUBLISHED):
        per_original = copies[copies[column].notna()].groupby("copy_of").size()
        assert per_original.max() - per_original.min() <= 1
    originals = table.set_index("image_id").loc[copies["copy_of"]]
    for column in ("patient_id", "label", "sha256"):
        assert (originals[column].to_numpy() == copies[column].to_numpy()).all()
    assert copies[["framed_x", "framed_y", "framed_radius"]].isna().all(axis=None)
    names = copies["copy_of"] + "~" + copies.groupby("copy_of").cumcount().add(1).astype(str)
    assert sorted(names) == sorted(copies["image_id"])


def test_enough_normals_need_no_copies():
    table = assign(exams({"normal": 40, "benign": 20, "malignant": 20}), **SPLITS)
    assert table["copy_of"].isna().all()


@pytest.mark.parametrize("count", [0, 2])
def test_a_class_with_too_few_patients_is_named(count):
    table = exams({"normal": 20, "benign": 20, "malignant": count}, per_patient=9)
    with pytest.raises(CohortError, match=f"malignant: {count} patients, expected at least 3"):
        assign(table, **SPLITS)


def test_a_blind_set_that_takes_too_many_patients_is_refused():
    table = exams({"normal": 20, "benign": 20, "malignant": 4})
    with pytest.raises(CohortError, match=r"(normal|malignant): \d patients besides the blind"):
        assign(table, **{**SPLITS, "blind": 84})


def test_too_few_pictures_for_the_published_split_are_named():
    table = exams({"normal": 3, "benign": 40, "malignant": 40}, 1)
    with pytest.raises(CohortError, match="normal: 3 pictures.*, expected 20 or more"):
        assign(table, **{**SPLITS, "blind": 0, "test_share": 0.05, "normal_share": 0.01})


def test_three_patients_of_a_class_suffice_when_grouped():
    table = assign(exams({"normal": 3, "benign": 40, "malignant": 40}, 8), **{**SPLITS, "blind": 0})
    normal = table[(table["label"] == "normal") & table["copy_of"].isna()]
    assert sorted(normal.groupby("patient_id")[GROUPED].first()) == ["test", "train", "validation"]


def test_the_audit_finds_no_leak_when_grouped_and_the_leak_when_published():
    table = assign(typical(), **SPLITS)
    grouped, published = leak_audit(table, "patient_grouped"), leak_audit(table, "as_published")
    assert grouped.index.tolist() == published.index.tolist() == ["test", "blind"]
    assert grouped["pictures"].tolist() == [(table[GROUPED] == side).sum() for side in ("test", "blind")]
    assert not grouped.filter(like="shared").to_numpy().any()
    assert not published.loc["blind"].filter(like="shared").to_numpy().any()
    assert published.loc["test", "shared_patient_share"] > 0.4
    assert 0 < published.loc["test", "shared_source"] < published.loc["test", "shared_patient"]


def test_the_audit_counts_what_was_planted():
    table = pd.DataFrame(
        [
            ("a", "p1", None, "train"),
            ("b", "p1", None, "test"),  # shares its patient
            ("c", "p2", None, "test"),  # shares nothing
            ("c~1", "p2", "c", "validation"),  # validation is not training
            ("d", "p3", None, "test"),  # its copy is trained on
            ("d~1", "p3", "d", "train"),
            ("e~1", "p4", "e", "test"),  # a copy of the same original is trained on
            ("e~2", "p4", "e", "train"),
            ("f", "p5", None, None),
        ],
        columns=["image_id", "patient_id", "copy_of", PUBLISHED],
    )
    audit = leak_audit(table, "as_published")
    assert audit.index.tolist() == ["test"]
    expected = {"pictures": 4, "shared_patient": 3, "shared_source": 2}
    shares = {"shared_patient_share": 0.75, "shared_source_share": 0.5}
    assert audit.loc["test"].to_dict() == {**expected, **shares}


def test_counts_match_a_count_by_hand():
    table = assign(typical(), **SPLITS)
    for protocol, column in (("patient_grouped", GROUPED), ("as_published", PUBLISHED)):
        counts = class_counts(table, protocol)
        kept = table[column].eq("train") if protocol == "patient_grouped" else table[column].isin(cohort_sides())
        for stage, rows in (("before", table[kept & table["copy_of"].isna()]), ("after", table[kept])):
            found = counts[counts["stage"] == stage]
            assert found["label"].tolist() == list(LABELS)
            assert found["pictures"].tolist() == [(rows["label"] == label).sum() for label in LABELS]
            np.testing.assert_allclose(found["share"].sum(), 1)


def cohort_sides() -> list[str]:
    return ["train", "validation", "test"]


def test_the_protocols_are_the_profiles_own():
    assert set(cohort.PROTOCOLS) == {"patient_grouped", "as_published"}
