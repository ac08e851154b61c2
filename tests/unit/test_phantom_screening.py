"""The screening cohort of phantoms: as rare, as complete and as plausible as a screening set."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.datasets.exams import DatasetError
from helpers.datasets.phantom import screening
from helpers.datasets.screening import SCHEMA
from helpers.published.bassi import AUXILIARY_TARGETS, CANCER_SHARE


@pytest.fixture(scope="module")
def made():
    return screening.load(patients=1200, seed=5, height=128)


def test_cancer_is_as_rare_as_in_the_published_set(made):
    assert abs(made.table["cancer"].mean() - CANCER_SHARE) < 0.0005
    assert len(made.table) == 4 * 1200 and made.table["image_id"].is_unique


def test_every_auxiliary_column_is_there_and_says_something(made):
    assert set(AUXILIARY_TARGETS) <= set(made.table)
    assert (made.table[list(AUXILIARY_TARGETS)].nunique() > 1).all()
    SCHEMA.validate(made.table)


def test_what_is_said_of_a_breast_is_said_on_both_views(made):
    said = ["cancer", "biopsy", "invasive", "difficult_negative_case"]
    assert (made.table.groupby(["patient_id", "laterality"])[said].nunique() == 1).all(axis=None)
    assert (made.table.groupby("patient_id")[["age", "site_id", "machine_id", "implant"]].nunique() == 1).all(axis=None)


def test_the_columns_follow_from_what_is_in_the_breast(made):
    table, ill = made.table, made.table["cancer"].to_numpy(bool)
    assert table.loc[ill, "biopsy"].all() and 0.01 < table.loc[~ill, "biopsy"].mean() < 0.08
    assert 0.4 < table.loc[ill, "invasive"].mean() < 0.95 and not table.loc[~ill, "invasive"].any()
    assert not table.loc[ill, "difficult_negative_case"].any()
    assert (table.loc[ill, "BIRADS"] == "0").mean() > 2 * (table.loc[~ill, "BIRADS"] == "0").mean()
    assert table.loc[ill, "age"].mean() > table.loc[~ill, "age"].mean()


def test_what_is_missing_is_missing_by_site(made):
    missing = made.table.groupby("site_id")[["density", "BIRADS"]].agg(lambda column: column.isna().mean())
    assert missing.loc["west", "density"] == 1 and missing.loc["east", "density"] == 0
    assert 0.3 < missing["BIRADS"].mean() < 0.7


def test_a_picture_shows_a_lesion_where_there_is_one_and_knows_nothing_of_the_reading(made):
    recipe = next(each for each in made.read.recipes.values() if each.label == "malignant")
    assert made.read(recipe.image_id).shape == (128, 102)
    drawn = set(type(recipe).__dataclass_fields__)
    assert not drawn & {"biopsy", "invasive", "BIRADS", "difficult_negative_case", "cancer"}
    kinds = {each.label: each.abnormality for each in made.read.recipes.values()}
    assert kinds["normal"] is None and kinds["malignant"] and kinds["benign"]


@given(patients=st.integers(50, 120), seed=st.integers(0, 99), prevalence=st.floats(0.02, 0.2))
@settings(max_examples=8, deadline=None)
def test_the_prevalence_is_what_was_asked(patients, seed, prevalence):
    table = screening.load(patients, seed, prevalence, 128).table
    assert abs(table["cancer"].mean() - prevalence) <= 0.5 / (2 * patients) + 1e-9
    assert (table[table["cancer"].to_numpy(bool)].groupby("patient_id")["laterality"].nunique() == 1).all()


def test_the_same_seed_gives_the_same_bytes(made):
    again, other = screening.load(1200, 5, height=128), screening.load(1200, 6, height=128)
    assert again.table.equals(made.table) and not other.table.equals(made.table)
    name = made.table["image_id"][7]
    np.testing.assert_array_equal(again.read(name), made.read(name))


@pytest.mark.parametrize(("patients", "prevalence"), [(5, 0.02), (50, 0.6)])
def test_a_cohort_without_room_is_refused(patients, prevalence):
    with pytest.raises(DatasetError, match=f"{patients} patients have"):
        screening.load(patients, 1, prevalence)
