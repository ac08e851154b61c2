"""Pictures a second, all layers learning, and the share of what the device can do at most."""

import time

import keras
import numpy as np
import pandas as pd
from keras import ops

from bench import inputs
from helpers import networks
from helpers.networks.backend import accelerators
from helpers.progress import Progress


def throughput(image_size: int = 224, steps: int = 5) -> pd.DataFrame:
    """Times training steps of each network, on the first accelerator or, where there is none, on the processor.

    Args:
        image_size: Side of the pictures, px.
        steps: Timed steps; the median counts.

    Returns:
        DataFrame with columns device, network, batch, pictures_a_second, share_of_peak. The peak is what a large
        matrix product reaches on the same device in the same run.
    """
    found = accelerators()
    device, batch = (found[0][0], 64) if found else ("processor", 8)
    peak, progress, rows = peak_flops(8192 if found else 2048), Progress("throughput", "network"), []
    for place, name in enumerate(networks.NAMES):
        model = networks.build(name, image_size, unfrozen_layers=10_000)
        seconds = _step(model, image_size, batch, steps)
        share = 3 * forward_flops(model) * batch / seconds / peak
        rows.append((device, name, batch, batch / seconds, share))
        progress(place + 1, len(networks.NAMES))
    return pd.DataFrame(rows, columns=["device", "network", "batch", "pictures_a_second", "share_of_peak"])


def forward_flops(model: keras.Model) -> int:
    """Multiplications and additions of one picture's way through convolutions and dense layers.

    A step of training takes about three times as many: forward, gradient by input, gradient by weight.

    Args:
        model: Flat network.

    Returns:
        The count.
    """
    return sum(_flops(layer) for layer in model._flatten_layers(include_self=False))


def _flops(layer: keras.layers.Layer) -> int:
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    # A dense layer on a map, as ConvNeXt has them, works at every place of it; one inside SEVector on a vector.
    places = layer.output.shape[1:-1] if hasattr(layer, "output") else ()
    return 2 * int(np.prod(kernel.shape)) * int(np.prod(places))


def peak_flops(side: int, repeats: int = 5) -> float:
    """The most that the device was seen to do: a product of two square matrices, in the number format of training.

    Args:
        side: Of the matrices.
        repeats: Products; the fastest counts.

    Returns:
        Floating-point operations a second.
    """
    matrix = ops.cast(np.random.default_rng(0).random((side, side), dtype="float32"), keras.config.floatx())
    fastest = np.inf
    for _ in range(repeats + 1):
        started = time.perf_counter()
        ops.convert_to_numpy(ops.matmul(matrix, matrix)[0, 0])
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * side**3 / fastest


def _step(model: keras.Model, image_size: int, batch: int, steps: int) -> float:
    x, y = inputs.batch(batch, image_size)
    model.compile("sgd", "categorical_crossentropy")
    seconds = []
    for _ in range(steps + 1):
        started = time.perf_counter()
        float(model.train_on_batch(x, y))
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds[1:]))
