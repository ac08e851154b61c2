"""Phantoms: the same bytes every time, lesions where they belong, and no shortcut to the label."""

import hashlib

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.datasets import phantom
from helpers.datasets.exams import SCHEMA, DatasetError, severity
from helpers.datasets.phantom import picture
from helpers.datasets.phantom.cohort import recipes
from helpers.datasets.phantom.texture import noise

HEIGHT = 256
PROBE = {"patients": 160, "seed": 3, "normal_share": 0.33, "height": HEIGHT}


@pytest.fixture(scope="module")
def small():
    return phantom.load(patients=24, seed=5, normal_share=0.3, height=HEIGHT)


@pytest.fixture(scope="module")
def probe():
    """Recipes and pictures of a cohort that is balanced enough to look for shortcuts."""
    chosen = recipes(**PROBE)
    return chosen, [picture.read(recipe) for recipe in chosen]


def with_lesion(dataset):
    return dataset.exams[dataset.exams.label != "normal"]


def disk(shape, x, y, radius):
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.hypot(columns - x, rows - y) <= radius + 0.5


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(small):
    again = phantom.load(patients=24, seed=5, normal_share=0.3, height=HEIGHT)
    other = phantom.load(patients=24, seed=6, normal_share=0.3, height=HEIGHT)
    assert again.exams.equals(small.exams)
    assert not set(other.exams.sha256) & set(small.exams.sha256)


def test_order_of_reading_does_not_matter(small):
    for row in small.exams.iloc[::-5].itertuples():
        assert hashlib.sha256(small.read(row.image_id).tobytes()).hexdigest() == row.sha256


def test_table_and_pictures_meet_the_contract(small):
    SCHEMA.validate(small.exams)
    assert small.synthetic and small.notes
    image = small.read(small.exams.image_id[0])
    assert image.dtype == np.uint8 and image.shape == (HEIGHT, round(0.8 * HEIGHT))
    known = small.exams[["lesion_x", "lesion_y", "lesion_radius", "abnormality"]].notna()
    assert known.eq(small.exams.label != "normal", axis=0).all(axis=None)


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 200), st.floats(0.04, 0.9), st.integers(0, 9))
def test_composition_is_exact(patients, share, seed):
    chosen = recipes(patients, seed, share, HEIGHT)
    labels = [recipe.label for recipe in chosen]
    sick = {recipe.patient_id for recipe in chosen if recipe.label != "normal"}
    benign, malignant = labels.count("benign"), labels.count("malignant")
    assert len({recipe.image_id for recipe in chosen}) == len(chosen)
    assert len({recipe.patient_id for recipe in chosen}) == patients
    assert abs(labels.count("normal") - share * len(chosen)) <= 2
    assert abs(benign - 0.44 * (benign + malignant)) <= 2
    assert patients - len(sick) >= min(5, int(share * patients))


def test_small_published_set_keeps_five_normal_patients():
    chosen = recipes(60, 0, 0.076, HEIGHT)
    sick = {recipe.patient_id for recipe in chosen if recipe.label != "normal"}
    assert len({recipe.patient_id for recipe in chosen} - sick) >= 5


@pytest.mark.parametrize("wrong", [{"patients": 3}, {"normal_share": 0.0}, {"normal_share": 1.0}, {"height": 16}])
def test_arguments_out_of_range_are_named(wrong):
    with pytest.raises(DatasetError, match=next(iter(wrong))):
        phantom.load(**{"patients": 20, "seed": 0, "normal_share": 0.3, "height": HEIGHT} | wrong)


def test_views_of_a_patient_agree(small):
    shared = small.exams.groupby("patient_id")[["density", "age", "implant", "machine_id", "site_id"]].nunique()
    assert (shared == 1).all(axis=None)
    lesions = with_lesion(small).groupby("patient_id")[["laterality", "label", "abnormality"]].nunique()
    assert (lesions == 1).all(axis=None)
    assert (with_lesion(small).groupby("patient_id").view.nunique() == 2).all()


def test_lesions_lie_wholly_inside_the_breast(small):
    for row in with_lesion(small).itertuples():
        mask, breast = small.lesion_mask(row.image_id), small.breast(row.image_id)
        circle = disk(mask.shape, row.lesion_x, row.lesion_y, row.lesion_radius)
        assert mask.any() and not (mask & ~breast).any() and not (mask & ~circle).any()
        assert not mask[[0, -1]].any() and not mask[:, [0, -1]].any()


def test_calcifications_lie_inside_their_mask_and_off_the_skin(small):
    off_skin = np.ones((3, 3), np.uint8)
    for row in small.exams.itertuples():
        grains = small.calcifications(row.image_id)
        assert grains.any() == str(row.abnormality).startswith("calcification")
        breast = cv2.erode(small.breast(row.image_id).astype(np.uint8), off_skin, borderValue=1).astype(bool)
        assert not (grains & ~(small.lesion_mask(row.image_id) & breast)).any()


def test_clusters_are_many_and_fine_and_coarse_ones_few_and_large(small):
    counts, areas = {}, {}
    for row in with_lesion(small).itertuples():
        count, _, stats, _ = cv2.connectedComponentsWithStats(small.calcifications(row.image_id).astype(np.uint8))
        counts.setdefault(row.abnormality, []).append(count - 1)
        areas.setdefault(row.abnormality, []).extend(stats[1:, cv2.CC_STAT_AREA])
    assert min(counts["calcification_cluster"]) > max(counts["calcification_coarse"])
    assert np.median(areas["calcification_coarse"]) > 2 * np.median(areas["calcification_cluster"])


def test_nothing_changes_outside_the_site_of_a_lesion():
    chosen = [recipe for recipe in recipes(24, 5, 0.3, HEIGHT) if recipe.abnormality]
    for recipe in chosen[:12]:
        found, site = picture.lesion(recipe, picture.sketch(recipe)), picture.site(recipe, picture.sketch(recipe))
        touched = (found.contrast != 0) | found.outline | found.calcifications
        assert not (touched & ~disk(touched.shape, site.x, site.y, site.radius)).any()


def test_the_chest_wall_is_at_the_right_edge_of_an_r_breast(small):
    for row in small.exams.itertuples():
        columns = small.breast(row.image_id).sum(0)
        assert (columns[0] > columns[-1]) == (row.laterality == "L")


def test_only_mlo_views_show_a_pectoral_muscle(small):
    corner = slice(0, HEIGHT // 10)
    for row in small.exams.itertuples():
        image = small.read(row.image_id)[:, :: 1 if row.laterality == "L" else -1]
        bright = np.median(image[corner, corner]) > 0.4 * np.percentile(image[small.breast(row.image_id)], 95)
        assert bright == (row.view == "MLO")


def test_implants_are_drawn():
    recipe = next(recipe for recipe in recipes(200, 1, 0.3, HEIGHT) if recipe.implant and recipe.view == "CC")
    image = picture.read(recipe)[:, :: 1 if recipe.laterality == "L" else -1]
    dome = image[HEIGHT // 2 - 12 : HEIGHT // 2 + 12, 2:26]
    assert dome.mean() > 150 and dome.std() < 15


def test_noise_has_the_asked_slope_and_unit_spread():
    fields = [noise(np.random.default_rng(k), (256, 256), 3.0) for k in range(20)]
    power = np.mean([np.abs(np.fft.fft(field[0] * np.hanning(256))) ** 2 for field in fields], axis=0)
    frequencies = np.arange(6, 60)
    slope = np.polyfit(np.log(frequencies), np.log(power[frequencies]), 1)[0]
    assert -2.4 < slope < -1.6, "a line through 1 / f ** 3 noise falls as 1 / f ** 2"
    assert 0.9 < np.mean([field.std() for field in fields]) < 1.1


def test_labels_and_borders_come_in_every_class_alike(probe):
    chosen, pictures = probe
    rates = {}
    for recipe, image in zip(chosen, pictures, strict=True):
        far = image[: HEIGHT // 5, :: -1 if recipe.laterality == "L" else 1][:, : image.shape[1] // 4]
        edges = [image[0], image[-1], far[:, 0]]
        found = (far.max() > 120, max(np.median(edge) for edge in edges) > 45)
        rates.setdefault(recipe.label, []).append(found)
    rates = np.array([np.mean(found, axis=0) for found in rates.values()])
    assert (rates > 0.1).all()
    assert (np.ptp(rates, axis=0) < 0.2).all()


def hidden_features(recipe, image):
    """Histogram, border and sharpness of a picture whose (would-be) lesion is hidden."""
    site = picture.site(recipe, picture.sketch(recipe))
    x = site.x if recipe.laterality == "L" else image.shape[1] - 1 - site.x
    seen = ~disk(image.shape, x, site.y, site.radius)
    breast = picture.breast(recipe) & seen
    histogram = np.histogram(image[breast], 16, (0, 256))[0] / breast.sum()
    whole = np.histogram(image[seen], 8, (0, 256))[0] / seen.sum()
    edges = [part.mean() for part in (image[:3], image[-3:], image[:, :3], image[:, -3:])]
    eroded = cv2.erode(breast.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    steep = np.abs(cv2.Laplacian(image, cv2.CV_32F))[eroded]
    sharpness = [steep.mean(), steep.std(), image[eroded].mean(), image[eroded].std(), breast.mean()]
    return np.concatenate([histogram, whole, edges, sharpness])


def test_no_shortcut_leads_to_the_label(probe):
    chosen, pictures = probe
    features = np.stack([hidden_features(*pair) for pair in zip(chosen, pictures, strict=True)])
    labels = severity(pd.Series([recipe.label for recipe in chosen])).to_numpy()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=500, class_weight="balanced"))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    patients = [recipe.patient_id for recipe in chosen]
    guess = cross_val_predict(model, features, labels, groups=patients, cv=folds)
    assert f1_score(labels, guess, average="macro") < 0.40
