"""The audit: what is planted is found, what is clean is not flagged, and chance is told from a confound."""

import cv2
import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association

from helpers.audit import (
    audit,
    confounds,
    distances_to_training,
    duplicate_pairs,
    nearest_in_training,
    planted_copies,
)
from helpers.datasets import phantom
from helpers.datasets.signature import NEAR_DUPLICATE, signatures
from helpers.imaging.framing import frame_breast

SIZE = 128


@pytest.fixture(scope="module")
def phantoms() -> tuple[np.ndarray, pd.DataFrame]:
    """Framed phantoms of 40 patients, several pictures of most."""
    dataset = phantom.load(patients=40, seed=11, normal_share=0.4, height=256)
    pictures = [frame_breast(dataset.read(name), SIZE).picture for name in dataset.exams["image_id"]]
    return np.stack(pictures), dataset.exams


def altered(picture: np.ndarray, way: int) -> np.ndarray:
    """A copy that does not go through the code under test: turned by any angle, mirrored, darker, compressed."""
    middle = (SIZE - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), 37.0 * way, 1.0)
    copy = cv2.warpAffine(picture, turn, (SIZE, SIZE))
    copy = copy[::-1] if way % 2 else copy
    copy = (copy * (1 - 0.1 * (way % 3))).astype(np.uint8)
    return cv2.imdecode(cv2.imencode(".jpg", copy, (cv2.IMWRITE_JPEG_QUALITY, 90))[1], cv2.IMREAD_GRAYSCALE)


def test_all_planted_duplicates_are_found_and_no_clean_pair_is_flagged(phantoms):
    pictures, _ = phantoms
    copied = np.arange(0, len(pictures), 3)
    copies = [altered(pictures[row], way) for way, row in enumerate(copied, start=1)]
    pairs = duplicate_pairs(signatures([*pictures, *copies]))
    planted = {(row, len(pictures) + place) for place, row in enumerate(copied)}
    assert set(map(tuple, pairs.tolist())) == planted


def test_clean_pictures_have_no_pair_and_lie_well_apart(phantoms):
    pictures, _ = phantoms
    found = signatures(pictures)
    assert len(duplicate_pairs(found)) == 0
    assert len(duplicate_pairs(found, 1.5 * NEAR_DUPLICATE)) == 0


def test_several_copies_of_one_picture_are_all_pairs(phantoms):
    pictures, _ = phantoms
    found = signatures([pictures[0], pictures[5], *(altered(pictures[0], way) for way in (1, 2))])
    assert set(map(tuple, duplicate_pairs(found).tolist())) == {(0, 2), (0, 3), (2, 3)}


def test_the_trial_counts_what_it_planted(phantoms):
    pictures, exams = phantoms
    count = len(pictures)
    expected = {"planted": count, "found": count, "same_patient": 0, "other_patient": 0}
    assert planted_copies(pictures, exams["patient_id"], seed=4) == expected


def test_the_trial_tells_duplicates_that_were_there_before(phantoms):
    pictures, exams = phantoms
    doubled = np.concatenate([pictures[:6], pictures[:2]])
    patients = [*exams["patient_id"][:6], exams["patient_id"][0], "somebody else"]
    check = planted_copies(doubled, np.array(patients, object), seed=4)
    # Of each pair of equal pictures: the two, their copies, and each with the other's copy.
    assert (check["planted"], check["found"]) == (8, 8)
    assert (check["same_patient"], check["other_patient"]) == (4, 4)


def split_table(phantoms) -> tuple[pd.DataFrame, np.ndarray]:
    """A clean split by patient, into which four test pictures are planted as copies of training pictures."""
    pictures, exams = phantoms
    patients = sorted(set(exams["patient_id"]))
    test = exams["patient_id"].isin(patients[::4])
    table = exams[["image_id", "patient_id", "label"]].assign(copy_of=None, side=np.where(test, "test", "train"))
    rows = np.flatnonzero(~test)[:4]
    planted = table.iloc[rows].assign(image_id=[f"planted-{row}" for row in rows], patient_id="new", side="test")
    table = pd.concat([table, planted], ignore_index=True).rename(columns={"side": "split_as_published"})
    return table, signatures([*pictures, *(altered(pictures[row], way) for way, row in enumerate(rows, start=1))])


def test_near_duplicates_are_counted_across_the_split(phantoms):
    table, found = split_table(phantoms)
    test = audit(table, "as_published", found).loc["test"]
    assert test["near_duplicate"] == 4
    assert test["near_duplicate_share"] == pytest.approx(4 / test["pictures"])
    assert test["shared_patient"] == test["shared_source"] == 0


def test_the_nearest_training_picture_is_the_one_that_a_loop_finds(phantoms):
    table, found = split_table(phantoms)
    split = table["split_as_published"].where(table.index % 11 > 0)
    nearest = nearest_in_training(found, split).set_index("row")
    training = np.flatnonzero(split == "train")
    assert set(nearest.index) == set(np.flatnonzero(split == "test"))
    for row, near in nearest.iterrows():
        distances = np.linalg.norm(found[training] - found[row], axis=1)
        assert near["nearest"] == training[distances.argmin()]
        assert near["distance"] == pytest.approx(distances.min(), abs=1e-5)


def test_distances_to_training_are_those_of_the_tests(phantoms):
    table, found = split_table(phantoms)
    distances = distances_to_training(table, ["as_published"], found)
    assert set(distances["protocol"]) == {"as_published"}
    assert set(distances["split"]) == {"test"}
    assert len(distances) == (table["split_as_published"] == "test").sum()


def origins(seed: int, planted: bool, patients: int = 80) -> pd.DataFrame:
    """Patients of one class with four pictures each from one of two machines, which tells the class where planted."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(["normal", "benign", "malignant"], patients)
    machines = np.where(labels == "normal", "a", "b") if planted else rng.choice(["a", "b"], patients)
    table = pd.DataFrame({"label": labels, "machine_id": machines, "patient_id": [f"p{k}" for k in range(patients)]})
    other = {"source": "one", "site_id": None, "implant": None, "laterality": "L", "view": "CC", "copy_of": None}
    return pd.concat([table.assign(**other)] * 4, ignore_index=True)


def test_a_planted_confound_of_label_and_machine_is_told():
    table = confounds(origins(0, planted=True), seed=0)
    assert table.index.tolist() == ["machine_id"]
    assert table.loc["machine_id", "values"] == 2
    assert table.loc["machine_id", "cramers_v"] == pytest.approx(1)
    assert table.loc["machine_id", "by_chance"] < 0.5


def test_cramers_v_is_scipys():
    table = origins(3, planted=False)
    expected = association(pd.crosstab(table["machine_id"], table["label"]).to_numpy())
    assert confounds(table, 10, seed=0).loc["machine_id", "cramers_v"] == pytest.approx(expected)


def test_chance_of_few_patients_is_not_called_a_confound():
    # Four pictures of a patient look like four witnesses; the exchange of patients knows that they are one.
    beyond = [
        row["cramers_v"] > row["by_chance"]
        for seed in range(40)
        for _, row in confounds(origins(seed, planted=False), 100, seed=0).iterrows()
    ]
    assert len(beyond) == 40
    assert np.mean(beyond) < 0.2


def test_many_columns_are_allowed_for():
    one = confounds(origins(2, planted=False), seed=0).loc["machine_id", "by_chance"]
    rng = np.random.default_rng(0)
    table = origins(2, planted=False)
    more = table.assign(**{name: rng.choice(["a", "b"], len(table)) for name in ("site_id", "laterality", "view")})
    assert confounds(more, seed=0).loc["machine_id", "by_chance"] > one


def test_copies_are_no_further_witnesses():
    table = origins(1, planted=False)
    copies = table[table["label"] == "normal"].assign(copy_of="somewhere", machine_id="a")
    pd.testing.assert_frame_equal(confounds(table, seed=0), confounds(pd.concat([table, copies]), seed=0))


def test_a_set_of_one_source_has_nothing_to_tell():
    assert confounds(origins(0, planted=True).assign(machine_id="a"), seed=0).empty
