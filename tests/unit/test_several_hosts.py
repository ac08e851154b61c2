"""Two processes that each take half of every batch learn what one learns from the whole."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from helpers.networks import several_hosts
from helpers.training.batches import Batches

SCRIPT = Path(__file__).with_name("two_hosts.py")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's alone")


def started(index: int | None, addresses: list[str]) -> subprocess.Popen:
    task = {"type": "worker", "index": index}
    config = "" if index is None else json.dumps({"cluster": {"worker": addresses}, "task": task})
    environment = {**os.environ, "TF_CONFIG": config, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        [sys.executable, SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen) -> dict:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out.splitlines()[-1])


def free_addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def test_two_hosts_have_the_loss_curve_of_one_with_the_whole_batch():
    alone, addresses = said(started(None, [])), free_addresses(2)
    both = [said(process) for process in [started(index, addresses) for index in (0, 1)]]
    assert alone["devices"] == 1 and [each["devices"] for each in both] == [2, 2]
    for each in both:
        for column in ("loss", "val_loss", "accuracy", "val_accuracy"):
            assert each[column] == pytest.approx(alone[column], abs=1e-5), column
    assert alone["loss"][-1] < alone["loss"][0]


def test_the_parts_of_the_hosts_are_the_batches_in_the_order_of_each_epoch():
    pictures = np.random.default_rng(0).integers(0, 256, (10, 4, 4), dtype=np.uint8)
    batches = Batches([pictures], np.arange(10), 4, np.eye(10, dtype="float32"), shuffle_seed=5)
    orders = []
    for _ in range(2):
        whole = [batches[number] for number in range(len(batches))]
        parts = [list(several_hosts.part(batches, index, 2)) for index in (0, 1)]
        for (inputs, targets), first, second in zip(whole, *parts, strict=True):
            assert sorted(np.concatenate([first[1], second[1]]).argmax(axis=1)) == sorted(targets.argmax(axis=1))
            np.testing.assert_array_equal(first[0], inputs[::2])
            np.testing.assert_array_equal(second[0], inputs[1::2])
        orders.append([targets.argmax(axis=1).tolist() for _, targets in whole])
        batches.on_epoch_end()
    assert orders[0] != orders[1]
