"""Fitting, its history and its best weights against NumPy; batches; the same bits twice."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from keras import layers
from keras.ops import convert_to_numpy

from helpers.networks import build
from helpers.networks.losses import CenterLoss, Penalty
from helpers.training import DivergedError, Learner, Settings, exposed, fit, predict
from helpers.training.batches import Batches

SIZE = 32
TRAIN, VALIDATION, TEST = np.arange(0, 60), np.arange(60, 84), np.arange(84, 96)
STILL = 1e-30
"""A learning rate that moves no float32 weight."""


@pytest.fixture(scope="module")
def labels() -> np.ndarray:
    return np.arange(96) % 3


@pytest.fixture(scope="module")
def pictures(labels) -> np.ndarray:
    """Stripes: none, upright or level, on noise."""
    noise = np.random.default_rng(0).integers(0, 60, (96, SIZE, SIZE))
    stripes = (np.arange(SIZE) // 4 % 2 * 120)[None, :]
    patterns = np.stack(
        [np.full((SIZE, SIZE), 60), np.repeat(stripes, SIZE, axis=0), np.repeat(stripes.T, SIZE, axis=1)]
    )
    return (noise + patterns[labels]).astype(np.uint8)


def linear(seed: int = 0) -> keras.Model:
    """A network with nothing random in it, so that NumPy can follow."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((SIZE, SIZE, 1), name="picture")
    x = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    x = layers.Dense(4, name="embedding")(x)
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(3, name="logits")(x)))


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(probabilities[np.arange(len(labels)), labels].astype(float)).mean())


SETTINGS = Settings(epochs=6, batch_size=8, learning_rate=5e-3, optimizer="adamw", weight_decay=0.01, seed=7)


@pytest.fixture(scope="module")
def fitted(pictures, labels) -> tuple[keras.Model, pd.DataFrame, list]:
    seen = []
    model = build("baseline_cnn", SIZE, seed=1)
    history = fit(
        model, pictures, labels, TRAIN, VALIDATION, SETTINGS, on_epoch=lambda *progress: seen.append(progress)
    )
    return model, history, seen


def test_the_baseline_learns_stripes(fitted, pictures, labels):
    accuracy = (predict(fitted[0], pictures).argmax(axis=1) == labels)[TEST].mean()
    assert accuracy == 1.0


def test_two_fits_give_the_same_bits(fitted, pictures, labels):
    model = build("baseline_cnn", SIZE, seed=1)
    history = fit(model, pictures, labels, TRAIN, VALIDATION, SETTINGS)
    pd.testing.assert_frame_equal(history, fitted[1], check_exact=True)
    for weight, before in zip(model.get_weights(), fitted[0].get_weights(), strict=True):
        np.testing.assert_array_equal(weight, before)


def test_another_seed_gives_another_course(fitted, pictures, labels):
    model = build("baseline_cnn", SIZE, seed=1)
    history = fit(model, pictures, labels, TRAIN, VALIDATION, replace(SETTINGS, seed=8, epochs=1))
    assert history["loss"][0] != fitted[1]["loss"][0]


def test_the_history_has_one_row_an_epoch(fitted):
    _, history, _ = fitted
    assert list(history) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_best_epochs_weights_are_left_in_the_network(fitted, pictures, labels):
    model, history, _ = fitted
    expected = cross_entropy(predict(model, pictures)[VALIDATION], labels[VALIDATION])
    # a float32 probability near 1 is known to 1e-7, and so is its logarithm
    assert history["val_loss"].min() == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_progress_is_told_after_each_epoch_with_its_logs(fitted):
    _, history, seen = fitted
    assert [(epoch, epochs) for epoch, epochs, _ in seen] == [(epoch, 6) for epoch in range(1, 7)]
    assert [logs["val_loss"] for _, _, logs in seen] == history["val_loss"].tolist()


def test_the_rate_is_halved_and_training_stops_when_nothing_gets_better(pictures, labels):
    settings = Settings(epochs=20, learning_rate=STILL, plateau_patience=2, stopping_patience=4)
    history = fit(linear(), pictures, labels, TRAIN, VALIDATION, settings)
    np.testing.assert_allclose(history["learning_rate"] / STILL, [1, 1, 1, 0.5, 0.5], rtol=1e-5)


@pytest.mark.parametrize("fsl_lambda", [0.0, pytest.param(0.3, marks=pytest.mark.backends)])
def test_the_loss_is_cross_entropy_plus_lambda_times_the_smoothing(pictures, labels, fsl_lambda):
    model = linear()
    settings = Settings(epochs=1, batch_size=len(VALIDATION), learning_rate=STILL, fsl_lambda=fsl_lambda)
    history = fit(model, pictures, labels, TRAIN, VALIDATION, settings)
    features = convert_to_numpy(
        keras.Model(model.input, model.get_layer("embedding").output)(pictures[VALIDATION, ..., None])
    )
    scatter = np.mean([features[labels[VALIDATION] == c].var(axis=0).sum() for c in range(3)])
    expected = cross_entropy(predict(model, pictures)[VALIDATION], labels[VALIDATION]) + fsl_lambda * scatter
    assert history["val_loss"][0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.backends
def test_a_learner_trains_again_as_if_for_the_first_time(pictures, labels):
    network = exposed(linear())
    start = [np.array(convert_to_numpy(weight)) for weight in network.weights]
    learner = Learner(network, [pictures], labels, Settings(epochs=3, learning_rate=1e-2), Penalty(CenterLoss()))
    histories = []
    for seed, strength in ((1, 0.1), (2, 0.5), (1, 0.1)):
        for weight, value in zip(network.weights, start, strict=True):
            weight.assign(value)
        histories.append(learner.fit(TRAIN, VALIDATION, seed, strength))
    pd.testing.assert_frame_equal(histories[0], histories[2])
    assert not np.allclose(histories[0]["loss"], histories[1]["loss"])


def test_pictures_of_neither_part_change_nothing(pictures, labels):
    others, settings = pictures.copy(), Settings(epochs=2, seed=1)
    others[TEST] = 255 - others[TEST]
    histories = [fit(linear(), each, labels, TRAIN, VALIDATION, settings) for each in (pictures, others)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)


@pytest.mark.backends
def test_predictions_stand_in_the_order_of_the_pictures(pictures):
    model = linear()
    expected = convert_to_numpy(model(pictures[..., None]))
    predicted = predict(model, pictures, batch_size=7)
    assert predicted.dtype == np.float32
    np.testing.assert_allclose(predicted, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("train", "validation", "settings", "message"),
    [
        (TRAIN, [], Settings(), "training and validation rows, got 60 and 0"),
        ([], VALIDATION, Settings(), "training and validation rows, got 0 and 24"),
        (TRAIN, VALIDATION, Settings(optimizer="sgd"), "out of adam, adamw, got 'sgd'"),
    ],
)
def test_settings_that_cannot_be_followed_are_named(pictures, labels, train, validation, settings, message):
    with pytest.raises(ValueError, match=message):
        fit(linear(), pictures, labels, train, validation, settings)


def rows_of(batches: Batches) -> list[int]:
    return [int(row) for index in range(len(batches)) for row in batches[index][0][:, 0]]


@hypothesis_settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**32))
def test_each_epoch_reads_every_row_once_in_an_order_of_its_own(n, batch_size, seed):
    batches = Batches([np.arange(100.0)[:, None]], np.arange(30, 30 + n), batch_size, shuffle_seed=seed)
    first = rows_of(batches)
    assert sorted(first) == list(range(30, 30 + n))
    assert first == rows_of(batches)
    batches.on_epoch_end()
    assert sorted(rows_of(batches)) == sorted(first)
    assert n < 10 or rows_of(batches) != first


def test_targets_follow_their_rows():
    values = np.arange(20.0)
    batches = Batches([values[:, None]], np.arange(20), 6, values * 10, shuffle_seed=3)
    for index in range(len(batches)):
        inputs, targets = batches[index]
        np.testing.assert_array_equal(targets, inputs[:, 0] * 10)


def test_augmentation_depends_on_the_picture_and_the_epoch_alone(pictures):
    def augmented(batch_size: int, epoch: int) -> np.ndarray:
        batches = Batches([pictures], np.arange(12), batch_size, shuffle_seed=5, augment=True)
        for _ in range(epoch):
            batches.on_epoch_end()
        read = np.concatenate([batches[index][0] for index in range(len(batches))])
        return read[np.argsort(batches.order)]

    np.testing.assert_array_equal(augmented(4, 0), augmented(5, 0))
    assert not np.array_equal(augmented(4, 0), augmented(4, 1))


def test_augmentation_mirrors_and_shifts_by_a_twentieth_at_most():
    dot = np.zeros((200, 40, 40), np.uint8)
    dot[:, 20, 10] = 255
    read = Batches([dot], np.arange(200), 200, shuffle_seed=0, augment=True)[0][0]
    places = np.argwhere(read[..., 0] == 255)[:, 1:]
    assert len(places) == 200
    assert set(places[:, 0]) == set(range(18, 23))
    assert set(places[:, 1]) == set(range(8, 13)) | set(range(27, 32))


class Poisoned(np.ndarray):
    """Pictures that are no numbers from a certain reading on."""

    readings, sound = 0, 0

    def __getitem__(self, rows):
        Poisoned.readings += 1
        found = np.asarray(self)[rows].astype("float32")
        return found if Poisoned.readings <= Poisoned.sound else np.full_like(found, np.nan)


def poisoned(pictures: np.ndarray, sound: int) -> np.ndarray:
    Poisoned.readings, Poisoned.sound = 0, sound
    return pictures.view(Poisoned)


@pytest.mark.backends
def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_best_weights(pictures, labels):
    settings, model = Settings(epochs=9, batch_size=60, learning_rate=1e-3), linear()
    # An epoch reads one training and one validation batch; the first reading may be a peek.
    with pytest.warns(UserWarning, match=r"the loss is not finite in epoch \d; training stopped"):
        history = fit(model, poisoned(pictures, 6), labels, TRAIN, VALIDATION, settings)
    assert 1 <= len(history) < 9 and np.isfinite(history[["loss", "val_loss"]]).all(axis=None)
    kept = cross_entropy(predict(model, pictures)[VALIDATION], labels[VALIDATION])
    assert kept == pytest.approx(history["val_loss"].min(), rel=1e-4)


@pytest.mark.backends
def test_a_training_that_diverges_at_once_has_nothing_to_keep(pictures, labels):
    with pytest.raises(DivergedError, match="in epoch 1, so there are no weights to keep; try a lower learning_rate"):
        fit(linear(), poisoned(pictures, 0), labels, TRAIN, VALIDATION, Settings(epochs=3))
