"""Trains a small network on one device and then on two; prints the losses of both, and how many held its weights."""

import json

import keras
import numpy as np
from keras import layers

from helpers.networks.backend import distribute
from helpers.training import Settings, fit

ROWS = np.arange(45)


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 1), name="picture")
    # A bias before BatchNormalization has no gradient but rounding, of which Adam would make whole steps.
    x = layers.Conv2D(4, 3, use_bias=False)(layers.Rescaling(1 / 255)(inputs))
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.5)(layers.Dense(4, name="embedding")(layers.GlobalAveragePooling2D()(x)))
    return keras.Model(inputs, layers.Softmax(name="probabilities")(layers.Dense(3, name="logits")(x)))


def trained() -> tuple[list[float], int]:
    """Batches of 8 out of 29 and of 16: the last one of each epoch is of 5, which two devices cannot share."""
    pictures = np.random.default_rng(0).integers(0, 256, (45, 12, 12), dtype=np.uint8)
    model, settings = network(), Settings(epochs=2, batch_size=8, learning_rate=1e-2, fsl_lambda=0.1)
    history = fit(model, pictures, ROWS % 3, ROWS[:29], ROWS[29:], settings)
    return [*history["loss"], *history["val_loss"]], len(model.weights[0].value.sharding.device_set)


if __name__ == "__main__":
    alone, one = trained()
    distribute()
    shared, two = trained()
    print(json.dumps([alone, shared, [one, two]]))
