"""Training the last layers: on stored activations, against `fit` of the same network with the same layers frozen."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from bench.inputs import noise
from bench.timing import PLAIN, Check, Measured, Timed, agree, alternated
from helpers import networks
from helpers.figures.style import NETWORK_NAMES
from helpers.networks.backend import make_deterministic
from helpers.training.batches import Batches
from helpers.training.frozen_prefix import Cache, activations, split

BATCH = 16


def tail(name: str, image_size: int = 224, pictures: int = 96, rounds: int = 5) -> Measured:
    """Times one epoch of the last 20 layers, and the one pass that stores what comes before them.

    Args:
        name: "iiv3" or "icnt".
        image_size: Side of the pictures, px.
        pictures: How many of them; whole batches of 16, so that both ways see the same ones.
        rounds: Timed epochs of each way.

    Returns:
        The `Measured` lever.
    """
    make_deterministic(0)
    x, classes = noise(pictures, image_size)
    y = np.eye(3, dtype="float32")[classes]
    network = networks.build(name, image_size)
    whole = keras.Model(network.input, {"probabilities": network.output})
    prefix, last = split(whole)
    with TemporaryDirectory() as folder:
        cache = Cache(Path(folder), batch_size=BATCH)
        stored = activations(prefix, x, cache)
        ways = {PLAIN: (whole, _batches([x], y)), "stored activations": (last, _batches(stored, y))}
        checks = _same_epoch(ways)
        work = {
            way: (lambda learner=learner, b=batches: _timed(learner, b)) for way, (learner, batches) in ways.items()
        }
        work["storing them, once"] = lambda: prefix.predict(_batches([x]), verbose=0)
        seconds = alternated(work, rounds, f"last layers of {NETWORK_NAMES[name]}")
    title = f"Epoch of the last 20 layers, {NETWORK_NAMES[name]} at {image_size} px"
    kibibytes = sum(each[0].nbytes for each in stored) / 1024
    return Measured(title, pictures, seconds, checks, {"stored KiB a picture": kibibytes})


def _batches(inputs: list[np.ndarray], y: np.ndarray | None = None) -> Batches:
    return Batches(inputs, np.arange(len(inputs[0])), BATCH, y)


def _compiled(learner: keras.Model) -> None:
    learner.compile(keras.optimizers.SGD(1e-2), loss="categorical_crossentropy")


def _epoch(learner: keras.Model, batches: Batches) -> float:
    return learner.fit(batches, epochs=1, verbose=0, shuffle=False).history["loss"][0]


class _Clock(keras.callbacks.Callback):
    """Seconds of each epoch."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.started)


def _timed(learner: keras.Model, batches: Batches) -> Timed:
    """An epoch as training has many: not the first, which starts the loader and on which Keras traces its functions."""
    clock = _Clock()
    learner.fit(batches, epochs=3, verbose=0, shuffle=False, callbacks=[clock])
    return Timed(float(np.median(clock.seconds[1:])))


def _same_epoch(ways: dict) -> tuple[Check, ...]:
    """One epoch from the same start by either way: the losses and all that changed."""
    whole = ways[PLAIN][0]
    start = [keras.ops.convert_to_numpy(variable).copy() for variable in whole.variables]
    losses, ends, outputs = [], [], []
    for learner, batches in ways.values():
        for variable, value in zip(whole.variables, start, strict=True):
            variable.assign(value)
        _compiled(learner)
        outputs.append(learner.predict(batches, verbose=0)["probabilities"])
        losses.append(_epoch(learner, batches))
        ends.append(np.concatenate([keras.ops.convert_to_numpy(each).ravel() for each in whole.trainable_variables]))
    return (
        agree("outputs", outputs[1], outputs[0]),
        agree("loss of an epoch", losses[1], losses[0]),
        agree("weights after an epoch", ends[1], ends[0]),
    )
