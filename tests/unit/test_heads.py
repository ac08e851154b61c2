"""Training with several heads: what counts, what does not, and that it starts afresh each time."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.training import DivergedError
from helpers.training.heads import HeadsLearner, Labelled

N, SIZE = 48, 8
ROWS = np.arange(N)


def learner(rate: float = 0.05) -> HeadsLearner:
    """One dense layer to each head: a loss in one moves no weight of another."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((SIZE, SIZE, 1))
    flat = layers.Flatten()(layers.Rescaling(1 / 255)(inputs))
    heads = {"cancer": (1, "sigmoid"), "density": (3, "softmax"), "age": (1, "linear")}
    model = keras.Model(inputs, {name: layers.Dense(*each, name=name)(flat) for name, each in heads.items()})
    return HeadsLearner(model, rate, seed=1)


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(0)
    cancer = rng.integers(0, 2, N)
    pictures = (rng.integers(0, 100, (N, SIZE, SIZE)) + 100 * cancer[:, None, None]).astype(np.uint8)
    density = np.eye(3, dtype=np.float32)[rng.integers(0, 3, N)]
    targets = {
        "cancer": cancer[:, None].astype(np.float32),
        "density": density,
        "age": rng.normal(size=(N, 1)).astype(np.float32),
    }
    return pictures, targets


def worth(**changed) -> dict[str, np.ndarray]:
    return {name: np.broadcast_to(np.float32(changed.get(name, 1)), N).copy() for name in ("cancer", "density", "age")}


def trained(given, worths, own=None, seed: int = 3, **options):
    pictures, targets = given
    own = own or learner()
    losses = own.fit(pictures, targets, worths, ROWS, epochs=3, batch_size=16, seed=seed, **options)
    return losses, own.predict(pictures, ROWS)


def test_it_learns_and_starts_afresh_each_time(given):
    own = learner()
    losses, said = trained(given, worth(), own)
    again, repeated = trained(given, worth(), own)
    assert losses[-1] < losses[0] and losses == again
    for name in said:
        np.testing.assert_array_equal(said[name], repeated[name])
    other, _ = trained(given, worth(), own, seed=4)
    assert losses != other


def test_a_target_that_counts_nothing_is_not_looked_at(given):
    pictures, targets = given
    missing = np.arange(N) % 3 == 0
    worths = worth(density=np.where(missing, 0, 1))
    wrong = targets | {"density": np.where(missing[:, None], 1 - targets["density"], targets["density"])}
    _, said = trained((pictures, targets), worths)
    _, other = trained((pictures, wrong), worths)
    np.testing.assert_array_equal(said["density"], other["density"])
    _, counted = trained((pictures, wrong), worth())
    assert np.abs(counted["density"] - said["density"]).max() > 1e-3


def test_a_head_that_counts_nothing_stays_as_it_was(given):
    own = learner()
    before = own.predict(given[0], ROWS)
    _, said = trained(given, worth(age=0), own)
    np.testing.assert_array_equal(before["age"], said["age"])
    assert np.abs(before["cancer"] - said["cancer"]).max() > 0.01


def test_the_loss_is_the_weighed_mean_over_heads_and_pictures(given):
    pictures, targets = given
    own, worths = learner(rate=1e-12), worth(cancer=np.where(np.arange(N) < 9, 5, 1), density=0.5, age=0.25)
    said = own.predict(pictures, ROWS)
    (loss,) = own.fit(pictures, targets, worths, ROWS, epochs=1, batch_size=N, seed=1)
    p = said["cancer"][:, 0]
    each = {
        "cancer": -np.where(targets["cancer"][:, 0] > 0, np.log(p), np.log(1 - p)),
        "density": -(targets["density"] * np.log(said["density"])).sum(axis=1),
        "age": (targets["age"][:, 0] - said["age"][:, 0]) ** 2,
    }
    assert loss == pytest.approx(sum((worths[name] * each[name]).mean() for name in each), rel=1e-4)


def test_alterations_are_drawn_anew_each_epoch_and_are_the_same_the_next_time(given):
    pictures, targets = given
    rows = Labelled(
        pictures, ROWS, 16, targets, worth(), seed=5, augment=lambda picture, rng: picture + np.uint8(rng.integers(50))
    )
    first = rows[0][0]
    rows.on_epoch_end()
    assert len(rows) == 3 and not np.array_equal(np.sort(first, axis=None), np.sort(rows[0][0], axis=None))
    again = Labelled(pictures, ROWS, 16, targets, worth(), seed=5, augment=rows.augment)
    np.testing.assert_array_equal(first, again[0][0])


def test_a_training_that_diverges_says_so(given):
    pictures, targets = given
    with pytest.raises(DivergedError, match="not finite in epoch 1"):
        trained((pictures, targets | {"age": targets["age"] * np.float32(1e30)}), worth())
