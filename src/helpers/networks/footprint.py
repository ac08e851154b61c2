"""What a network needs to run once: bytes, counted from its graph."""

import keras
import numpy as np

from helpers.networks.graph import nodes

FLOAT = 4
"""Bytes of a float32."""


def memory(model: keras.Model) -> int:
    """The least memory that one picture's way through a network takes: all weights and the most activations at a time.

    An activation is held from the call that makes it to the last call that reads it, and calls run in the order of the
    graph. What a framework keeps besides, buffers of its kernels among it, is not counted: this is a lower bound that
    is the same on every machine.

    Args:
        model: Flat Functional model with one input.

    Returns:
        Bytes in float32, for a batch of one.
    """
    return FLOAT * (model.count_params() + _most_alive(model))


def _most_alive(model: keras.Model) -> int:
    """The largest number of values that are held at once."""
    calls = nodes(model)
    last_read = {id(tensor): place for place, call in enumerate(calls) for tensor in call.input_tensors}
    alive, most = {}, 0
    for place, call in enumerate(calls):
        alive |= {id(tensor): int(np.prod(tensor.shape[1:])) for tensor in call.outputs}
        most = max(most, sum(alive.values()))
        alive = {tensor: size for tensor, size in alive.items() if last_read.get(tensor, place) > place}
    return most
