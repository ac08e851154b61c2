"""The probes: blind to the lesion, awake to the rendering, and to copies."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from helpers.datasets import phantom
from helpers.datasets.exams import severity
from helpers.evaluation.probes import WIDER, copy_probe, hidden_discs, rendering_features, source_probe
from helpers.imaging.framing import Circle, frame_lesion
from helpers.imaging.turning import as_thumbnail

SIZE = 96
NONE = (np.nan,) * 3


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 256, (SIZE, SIZE), dtype=np.uint8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 99), st.floats(20, 75), st.floats(20, 75), st.floats(5, 30), st.integers(0, 255))
def test_what_is_hidden_changes_no_feature(seed, x, y, radius, gray):
    picture, disc = noise(seed), np.array([[x, y, radius]])
    painted = picture.copy()
    rows, columns = np.ogrid[:SIZE, :SIZE]
    painted[np.hypot(columns - x, rows - y) <= radius] = gray
    np.testing.assert_array_equal(rendering_features([picture], disc), rendering_features([painted], disc))


def test_what_is_seen_does():
    picture, disc = noise(1), np.array([[48.0, 48.0, 20.0]])
    soft = cv2.GaussianBlur(picture, (0, 0), 1)
    framed = picture.copy()
    framed[:3] = 0
    plain, softer, bordered = rendering_features([picture, soft, framed], np.repeat(disc, 3, axis=0))
    assert softer[-3] < plain[-3] - 1
    assert bordered[2] > plain[2] + 0.05


@given(st.integers(0, 99), st.integers(1, 3), st.booleans())
@settings(max_examples=20, deadline=None)
def test_turning_by_right_angles_and_mirroring_change_nothing(seed, quarters, mirrored):
    picture, middle = noise(seed), np.array([[(SIZE - 1) / 2, (SIZE - 1) / 2, 20.0]])
    copy = np.rot90(picture, quarters)
    copy = np.ascontiguousarray(copy[:, ::-1] if mirrored else copy)
    np.testing.assert_allclose(rendering_features([copy], middle), rendering_features([picture], middle), rtol=1e-4)


def test_a_lesion_is_hidden_with_its_margin_and_others_get_a_disc_like_it():
    lesions = np.array([(30.0, 40.0, 10.0), NONE, (60.0, 50.0, 8.0), NONE])
    discs = hidden_discs(np.full((4, SIZE, SIZE), 100, np.uint8), lesions, seed=0)
    known = lesions[[0, 2]] * (1, 1, WIDER)
    np.testing.assert_allclose(discs[[0, 2]], known)
    assert all(any(np.allclose(disc, lesion) for lesion in known) for disc in discs)


def test_a_disc_like_a_lesion_lies_on_tissue():
    half = np.full((SIZE, SIZE), 100, np.uint8)
    half[:, 48:] = 0
    lesions = np.array([NONE, *[(75.0, 48.0, 8.0)] * 9, (20.0, 48.0, 8.0)])
    pictures = np.stack([half] * len(lesions))
    assert all(hidden_discs(pictures, lesions, seed=seed)[0, 0] == 20 for seed in range(8))


def test_where_no_lesion_is_known_the_middle_is_hidden():
    discs = hidden_discs(np.zeros((3, SIZE, SIZE), np.uint8), np.array([NONE] * 3), seed=0)
    np.testing.assert_array_equal(discs, [[47.5, 47.5, 24.0]] * 3)


@pytest.fixture(scope="module")
def framed():
    """Windows of phantoms, with the place of the lesion in each."""
    dataset, rng = phantom.load(patients=120, seed=7, normal_share=0.33, height=256), np.random.default_rng(0)
    frames = []
    for row in dataset.exams.itertuples():
        lesion = None if row.label == "normal" else Circle(row.lesion_x, row.lesion_y, row.lesion_radius)
        frames.append(frame_lesion(dataset.read(row.image_id), SIZE, lesion, 0.5, rng))
    lesions = [(f.lesion.x, f.lesion.y, f.lesion.radius) if f.lesion else NONE for f in frames]
    return np.stack([frame.picture for frame in frames]), np.array(lesions), dataset.exams


def told(pictures, lesions, exams) -> dict[str, float]:
    """Areas under the ROC curve of the source probe, patients kept apart."""
    features = rendering_features(pictures, hidden_discs(pictures, lesions, seed=0))
    labels, said = severity(exams["label"]).to_numpy(), np.empty((len(exams), 3))
    for train, test in StratifiedGroupKFold(4, shuffle=True, random_state=0).split(
        features, labels, exams["patient_id"]
    ):
        said[test] = source_probe(features[train], labels[train], features[test])
    names = ("normal", "benign", "malignant")
    return {name: roc_auc_score(labels == index, said[:, index]) for index, name in enumerate(names)}


def test_a_planted_confound_of_label_and_rendering_is_exposed_and_a_clean_cohort_is_not_accused(framed):
    pictures, lesions, exams = framed
    rng = np.random.default_rng(3)
    normal = exams["label"] == "normal"
    planted = np.stack([as_thumbnail(p, rng) if n else p for p, n in zip(pictures, normal, strict=True)])
    clean, confounded = told(pictures, lesions, exams), told(planted, lesions, exams)
    assert confounded["normal"] > 0.97
    # 0.5 within three standard errors of so many pictures of patients.
    assert all(0.35 < area < 0.65 for area in clean.values())


def test_a_subtle_confound_is_exposed_too(framed):
    pictures, lesions, exams = framed
    soft = [
        cv2.GaussianBlur(picture, (0, 0), 0.8) if label == "malignant" else picture
        for picture, label in zip(pictures, exams["label"], strict=True)
    ]
    assert told(np.stack(soft), lesions, exams)["malignant"] > 0.9


def test_the_copy_probe_says_what_the_copy_says_and_else_how_frequent_classes_are():
    training = np.array([[0.0, 0], [1, 0], [0, 1], [5, 5]])
    labels = np.array([0, 1, 1, 2])
    said = copy_probe(training, labels, np.array([[1.0, 0.05], [0.0, 0.0], [3, 3]]), reach=0.1)
    np.testing.assert_allclose(said, [[0, 1, 0], [1, 0, 0], [0.25, 0.5, 0.25]])


def test_a_class_that_training_lacks_has_no_probability():
    rng = np.random.default_rng(0)
    said = source_probe(rng.normal(size=(30, 4)), np.repeat([0, 2], 15), rng.normal(size=(5, 4)))
    assert said.shape == (5, 3)
    assert (said[:, 1] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1)
