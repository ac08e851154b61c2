"""Memory counted from small graphs by hand, and costs read from a network's files."""

import json

import keras
import pytest
from keras import layers

from helpers.experiment import Trained
from helpers.inspection.costs import costs
from helpers.networks.footprint import memory
from helpers.paths import NetworkPaths


def chain() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    wide = layers.Conv2D(4, 3, padding="same", name="wide")(inputs)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(wide))


def residual() -> keras.Model:
    inputs = keras.Input((8, 8, 1))
    first = layers.Conv2D(4, 1, name="first")(inputs)
    narrow = layers.Conv2D(1, 1, name="narrow")(first)
    back = layers.Conv2D(4, 1, name="back")(narrow)
    return keras.Model(inputs, layers.Add()([first, back]))


def test_a_chain_holds_a_layer_and_what_it_reads():
    model = chain()
    # 64 values in, 256 out; the pooled 4 come when the input is gone.
    assert memory(model) == 4 * (model.count_params() + 64 + 256)


def test_a_shortcut_is_held_until_it_is_read():
    model = residual()
    # When they are added: the shortcut, the other branch and the sum.
    assert memory(model) == 4 * (model.count_params() + 3 * 256)


def test_costs_are_those_of_the_files(tmp_path):
    model, paths = chain(), NetworkPaths(tmp_path)
    model.save(paths.model)
    paths.metrics.write_text(json.dumps({"parameters": model.count_params()}))
    paths.latency.write_text(json.dumps({"milliseconds_a_picture": 3.5}))
    row = costs({"icnt": Trained("icnt", paths, ("patient_grouped",))}).loc["icnt"]
    assert row["latency"] == 3.5
    assert row["parameters"] == model.count_params() == 40
    assert row["size"] == pytest.approx(paths.model.stat().st_size / 2**20)
    assert row["memory"] == pytest.approx(memory(model) / 2**20)
