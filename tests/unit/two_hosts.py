"""Trains a small network as one of two hosts, or alone; prints its losses, epoch by epoch."""

import json
import os

import keras
import numpy as np
from keras import layers

from helpers.networks import several_hosts
from helpers.training import Settings, fit

ROWS = np.arange(48)


def network() -> keras.Model:
    """Without BatchNormalization and Dropout: each host would take its own part's moments, and draw its own units."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 1), name="picture")
    x = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1 / 255)(inputs))
    x = layers.Dense(4, name="embedding")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(3, name="logits")(x)))


if __name__ == "__main__":
    devices = several_hosts.join() if os.environ.get("TF_CONFIG") else 1
    # Classes that can be told apart: where nothing can be learnt, gradients are rounding, and Adam makes steps of it.
    bright = 90 * (ROWS % 3)[:, None, None]
    pictures = (bright + np.random.default_rng(0).integers(0, 60, (48, 12, 12))).astype(np.uint8)
    settings = Settings(epochs=4, batch_size=8, learning_rate=1e-2, seed=3)
    history = fit(network(), pictures, ROWS % 3, ROWS[:32], ROWS[32:], settings)
    print(json.dumps({"devices": devices, **history.to_dict("list")}))
