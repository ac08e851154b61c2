"""The losses against loops over their equations, finite differences, and what must hold for any batch."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from keras.ops import convert_to_numpy

from helpers.networks.backend import gradient
from helpers.networks.losses import CenterLoss, FeatureSmoothing, Penalty, SupervisedContrastive

CLASSES = 3
CENTERS = np.array([[0.5, -1, 0, 2], [0, 0, 1, 1], [-0.3, 0.2, 0.1, 0]])
few = settings(max_examples=40, deadline=None)


@st.composite
def batches(draw) -> tuple[np.ndarray, np.ndarray]:
    n, width = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    labels = draw(arrays(np.int64, n, elements=st.integers(0, CLASSES - 1)))
    features = draw(arrays(np.float32, (n, width), elements=st.floats(-10, 10, width=32)))
    return labels, features


def one_hot(labels: np.ndarray) -> np.ndarray:
    return np.eye(CLASSES, dtype="float32")[labels]


def loss_of(loss, labels: np.ndarray, features: np.ndarray) -> float:
    return float(loss(one_hot(labels), np.asarray(features, "float32")))


def smoothing(labels: np.ndarray, features: np.ndarray) -> float:
    total = 0.0
    for c in range(CLASSES):
        members = [features[i].astype(float) for i in range(len(labels)) if labels[i] == c]
        if members:
            mean = sum(members) / len(members)
            total += sum(float(((f - mean) ** 2).sum()) for f in members) / len(members)
    return total / CLASSES


def contrastive(labels: np.ndarray, features: np.ndarray, temperature: float = 0.5) -> float:
    z = [f.astype(float) / max(float(np.sqrt((f.astype(float) ** 2).sum())), 1e-6) for f in features]
    n, costs = len(labels), []
    for i in range(n):
        same = [p for p in range(n) if p != i and labels[p] == labels[i]]
        if same:
            every = sum(np.exp(z[i] @ z[a] / temperature) for a in range(n) if a != i)
            costs.append(-sum(np.log(np.exp(z[i] @ z[p] / temperature) / every) for p in same) / len(same))
    return sum(costs) / len(costs) if costs else 0.0


def center(labels: np.ndarray, features: np.ndarray, centers: np.ndarray = CENTERS) -> float:
    return sum(((features[i].astype(float) - centers[labels[i]]) ** 2).sum() for i in range(len(labels))) / (
        2 * len(labels)
    )


def center_loss(width: int, centers: np.ndarray | None = None, rate: float = 0.5) -> CenterLoss:
    layer = CenterLoss(rate)
    layer.build((None, CLASSES), (None, width))
    if centers is not None:
        layer.centers.assign(centers)
    return layer


@few
@given(batches())
def test_smoothing_is_its_equation_whatever_the_batch(batch):
    assert loss_of(FeatureSmoothing(), *batch) == pytest.approx(smoothing(*batch), rel=1e-4, abs=1e-4)


@few
@given(batches())
def test_contrastive_is_its_equation_whatever_the_batch(batch):
    assert loss_of(SupervisedContrastive(0.5), *batch) == pytest.approx(contrastive(*batch), rel=1e-4, abs=1e-4)


@few
@given(batches(), st.integers(0, 9))
def test_center_loss_is_its_equation_whatever_the_batch(batch, seed):
    labels, features = batch
    centers = np.random.default_rng(seed).normal(size=(CLASSES, features.shape[1]))
    found = loss_of(center_loss(features.shape[1], centers), *batch)
    assert found == pytest.approx(center(labels, features, centers), rel=1e-4, abs=1e-4)


@few
@given(batches())
def test_centers_follow_their_classes_by_the_papers_step_and_only_in_training(batch):
    labels, features = batch
    start = np.random.default_rng(0).normal(size=(CLASSES, features.shape[1]))
    layer = center_loss(features.shape[1], start, rate=0.3)
    layer(one_hot(labels), features, training=False)
    np.testing.assert_allclose(convert_to_numpy(layer.centers), start, atol=1e-6)
    layer(one_hot(labels), features, training=True)
    for c in range(CLASSES):
        own = features[labels == c].astype(float)
        step = sum((start[c] - f for f in own), np.zeros(features.shape[1])) / (1 + len(own))
        np.testing.assert_allclose(convert_to_numpy(layer.centers)[c], start[c] - 0.3 * step, atol=1e-4)


@pytest.mark.parametrize("loss", [FeatureSmoothing(), SupervisedContrastive(0.5)], ids=["smoothing", "contrastive"])
@few
@given(batches())
def test_it_does_not_depend_on_the_order_of_the_batch(loss, batch):
    labels, features = batch
    assert loss_of(loss, labels[::-1], features[::-1]) == pytest.approx(loss_of(loss, *batch), rel=1e-4, abs=1e-4)


@few
@given(batches(), st.floats(-5, 5))
def test_smoothing_does_not_change_when_all_features_move_together(batch, shift):
    labels, features = batch
    moved = loss_of(FeatureSmoothing(), labels, features + np.float32(shift))
    assert moved == pytest.approx(loss_of(FeatureSmoothing(), *batch), rel=1e-3, abs=1e-2)


@few
@given(batches(), st.floats(0.1, 10))
def test_contrastive_does_not_change_when_all_features_grow_alike(batch, factor):
    labels, features = batch
    features = features + np.float32(0.5)
    grown = loss_of(SupervisedContrastive(0.5), labels, features * np.float32(factor))
    assert grown == pytest.approx(loss_of(SupervisedContrastive(0.5), labels, features), rel=1e-3, abs=1e-3)


LOSSES = {
    "smoothing": (FeatureSmoothing, smoothing),
    "contrastive": (lambda: SupervisedContrastive(0.5), contrastive),
    "center": (lambda: center_loss(4, CENTERS), center),
}


@pytest.mark.parametrize("name", LOSSES)
@few
@given(batches())
def test_its_gradient_is_finite(name, batch):
    labels, features = batch
    features = np.resize(features, (len(labels), 4))
    loss = LOSSES[name][0]()
    assert np.isfinite(convert_to_numpy(gradient(lambda f: loss(one_hot(labels), f), features))).all()


@pytest.mark.backends
@pytest.mark.parametrize("name", LOSSES)
def test_its_gradient_is_that_of_finite_differences(name):
    loss, equation = LOSSES[name][0](), LOSSES[name][1]
    rng = np.random.default_rng(0)
    labels, features = np.array([0, 2, 2, 0, 2, 0, 1]), rng.normal(size=(7, 4)).astype("float32")
    slope = convert_to_numpy(gradient(lambda f: loss(one_hot(labels), f), features))
    assert slope.any()
    for place in np.ndindex(features.shape):
        step = np.zeros((7, 4))
        step[place] = 1e-5
        expected = (equation(labels, features + step) - equation(labels, features - step)) / 2e-5
        assert slope[place] == pytest.approx(expected, abs=1e-4)


def test_a_single_picture_costs_nothing():
    one = np.array([1]), np.array([[3.0, -4.0]], "float32")
    assert loss_of(FeatureSmoothing(), *one) == 0.0
    assert loss_of(SupervisedContrastive(), *one) == 0.0


def test_an_absent_class_adds_nothing_and_is_still_counted():
    labels, features = np.array([0, 0]), np.array([[0.0], [2.0]], "float32")
    assert loss_of(FeatureSmoothing(), labels, features) == pytest.approx(1 / CLASSES)


def penalized(loss) -> tuple[keras.Model, Penalty]:
    """A linear network whose features and probabilities NumPy can follow."""
    keras.utils.set_random_seed(0)
    inputs, classes = keras.Input((5,)), keras.Input((CLASSES,))
    features = keras.layers.Dense(4, name="embedding")(inputs)
    probabilities = keras.layers.Dense(CLASSES, activation="softmax", name="probabilities")(features)
    penalty = Penalty(loss)
    model = keras.Model([inputs, classes], penalty(probabilities, features, classes))
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
    return model, penalty


@pytest.mark.backends
@pytest.mark.parametrize("name", LOSSES)
def test_one_compiled_network_trains_with_one_strength_after_the_other(name):
    model, penalty = penalized(LOSSES[name][0]())
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(8, 5)).astype("float32"), np.arange(8) % CLASSES
    y = one_hot(labels)
    costs = {}
    for strength in (0.0, 2.0, 0.5):
        penalty.restart(strength)
        costs[strength] = float(model.test_on_batch((x, y), y))
    features = convert_to_numpy(model.get_layer("embedding")(x))
    own = center(labels, features, np.zeros((CLASSES, 4))) if name == "center" else LOSSES[name][1](labels, features)
    said = convert_to_numpy(model([x, y]))
    entropy = -np.log(said[np.arange(8), labels]).mean()
    for strength, cost in costs.items():
        assert cost == pytest.approx(entropy + strength * own, rel=1e-4)


@pytest.mark.backends
def test_centers_move_while_a_network_trains_and_start_again_when_told():
    model, penalty = penalized(CenterLoss())
    x, y = np.random.default_rng(1).normal(size=(8, 5)).astype("float32"), one_hot(np.arange(8) % CLASSES)
    penalty.restart(0.1)
    first = [float(model.train_on_batch((x, y), y)), convert_to_numpy(penalty.loss.centers).copy()]
    assert first[1].any()
    penalty.restart(0.1)
    assert not convert_to_numpy(penalty.loss.centers).any()
