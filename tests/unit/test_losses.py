"""The Feature Smoothing Loss against a loop over its equation, finite differences, and what must hold for any batch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras.ops import convert_to_numpy

from helpers.networks.backend import gradient
from helpers.networks.losses import FeatureSmoothing

CLASSES = 3
few = settings(max_examples=40, deadline=None)


@st.composite
def batches(draw) -> tuple[np.ndarray, np.ndarray]:
    n, width = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    labels = draw(arrays(np.int64, n, elements=st.integers(0, CLASSES - 1)))
    features = draw(arrays(np.float32, (n, width), elements=st.floats(-10, 10, width=32)))
    return labels, features


def loss_of(labels: np.ndarray, features: np.ndarray) -> float:
    return float(FeatureSmoothing()(np.eye(CLASSES, dtype="float32")[labels], features))


def slope_of(labels: np.ndarray, features: np.ndarray) -> np.ndarray:
    targets = np.eye(CLASSES, dtype="float32")[labels]
    return convert_to_numpy(gradient(lambda f: FeatureSmoothing()(targets, f), features))


def equation(labels: np.ndarray, features: np.ndarray) -> float:
    total = 0.0
    for c in range(CLASSES):
        members = [features[i].astype(float) for i in range(len(labels)) if labels[i] == c]
        if members:
            mean = sum(members) / len(members)
            total += sum(float(((f - mean) ** 2).sum()) for f in members) / len(members)
    return total / CLASSES


@few
@given(batches())
def test_it_is_its_equation_whatever_the_batch(batch):
    assert loss_of(*batch) == pytest.approx(equation(*batch), rel=1e-4, abs=1e-4)


@few
@given(batches())
def test_it_does_not_depend_on_the_order_of_the_batch(batch):
    labels, features = batch
    assert loss_of(labels[::-1], features[::-1]) == pytest.approx(loss_of(labels, features), rel=1e-4, abs=1e-4)


@few
@given(batches(), st.floats(-5, 5))
def test_it_does_not_change_when_all_features_move_together(batch, shift):
    labels, features = batch
    assert loss_of(labels, features + np.float32(shift)) == pytest.approx(loss_of(labels, features), rel=1e-3, abs=1e-2)


@few
@given(batches())
def test_its_gradient_is_finite(batch):
    labels, features = batch
    assert np.isfinite(slope_of(labels, features)).all()


@pytest.mark.backends
def test_its_gradient_is_that_of_finite_differences():
    rng = np.random.default_rng(0)
    labels, features = np.array([0, 2, 2, 0, 2, 0, 2]), rng.normal(size=(7, 4)).astype("float32")
    slope = convert_to_numpy(
        gradient(lambda f: FeatureSmoothing()(np.eye(CLASSES, dtype="float32")[labels], f), features)
    )
    for place in np.ndindex(features.shape):
        step = np.zeros((7, 4))
        step[place] = 1e-5
        expected = (equation(labels, features + step) - equation(labels, features - step)) / 2e-5
        assert slope[place] == pytest.approx(expected, abs=1e-4)


def test_a_single_picture_costs_nothing():
    assert loss_of(np.array([1]), np.array([[3.0, -4.0]], "float32")) == 0.0


def test_an_absent_class_adds_nothing_and_is_still_counted():
    labels, features = np.array([0, 0]), np.array([[0.0], [2.0]], "float32")
    assert loss_of(labels, features) == pytest.approx(1 / CLASSES)
