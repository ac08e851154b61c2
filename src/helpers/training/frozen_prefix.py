"""The frozen part of a network runs once per picture; only what learns runs every epoch.

A frozen layer is a fixed function of the picture. `split` cuts the graph where the frozen part ends, `activations`
stores what crosses the cut, and training the tail on it gives the gradients and updates of the whole network, layer
objects being shared.
"""

import hashlib
import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from helpers.maps import forget, made
from helpers.networks.graph import nodes
from helpers.training.batches import Batches


@dataclass(frozen=True)
class Cache:
    """Where the activations of frozen layers are kept.

    Attributes:
        folder: Made if need be.
        dtype: float32, which changes no bit of the training, or float16, which halves the files and rounds.
        batch_size: Pictures that the frozen layers take at once.
        on_picture: Called with the number of pictures done and of all.
    """

    folder: Path
    dtype: Literal["float32", "float16"] = "float32"
    batch_size: int = 32
    on_picture: Callable[[int, int], None] | None = None


def split(model: keras.Model, at: str | None = None) -> tuple[keras.Model | None, keras.Model]:
    """Cuts a network where its frozen part ends.

    A call is live if its layer learns, is random, or takes a live input; the cut is every other tensor that a live
    call takes. An index into `model.layers` could not do it: the last layers of InceptionV3 interleave its
    branches, and ConvNeXt's residuals jump over the cut.

    Args:
        model: Flat network.
        at: The frozen layer, passed by every path, after which to cut instead; so heads that pool one map in several
            ways share what is stored of it.

    Returns:
        The prefix, from the pictures to a list of tensors, and the tail, from those to the outputs. Both share
        their layers with the network. Without a frozen layer that has weights, None and the network itself.
    """
    if at:
        return _halves(model, [model.get_layer(at).output])
    live, cut, weightless = set(), {}, {}
    for node in nodes(model):
        taken = node.input_tensors
        if _learns(node.operation) or any(id(tensor) in live for tensor in taken):
            live.update(id(tensor) for tensor in node.output_tensors)
            cut.update((id(tensor), tensor) for tensor in taken if id(tensor) not in live)
        elif taken and not getattr(node.operation, "weights", None):
            weightless.update((id(tensor), taken) for tensor in node.output_tensors)
    # What a weightless call, such as a pooling, makes of the cut alone is cheaper to make again than to store.
    tensors = [
        tensor
        for key, tensor in cut.items()
        if key not in weightless or any(id(source) not in cut for source in weightless[key])
    ]
    return _halves(model, tensors)


def _halves(model: keras.Model, tensors: list) -> tuple[keras.Model | None, keras.Model]:
    prefix = keras.Model(model.input, tensors, name=f"{model.name}_prefix")
    if not prefix.weights:
        return None, model
    return prefix, keras.Model(tensors, model.output, name=f"{model.name}_tail")


def _learns(operation: keras.Operation) -> bool:
    if not isinstance(operation, keras.layers.Layer):
        return False
    is_random = len(operation.variables) > len(operation.weights)
    normalizes_by_batch = isinstance(operation, keras.layers.BatchNormalization) and operation.trainable
    return bool(operation.trainable_weights) or is_random or normalizes_by_batch


def activations(prefix: keras.Model, pictures: np.ndarray, cache: Cache) -> list[np.ndarray]:
    """What the prefix makes of every picture, computed once and kept on disk.

    The files' name is a hash of the prefix (layers, preprocessing, weights), the pictures, the number format and the
    Keras that computes them; whatever changes, old files are not found.

    Args:
        prefix: First result of `split`.
        pictures: uint8, (n, size, size), the whole table, so that every protocol and split finds its rows.
        cache: Where and how they are kept.

    Returns:
        One read-only memory map a cut tensor, n rows each, in the cache's number format.
    """
    entry = Path(cache.folder) / _key(prefix, pictures, cache)
    if not entry.exists():
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".maps-", ignore_cleanup_errors=True) as scratch:
            _publish(_computed(prefix, pictures, Path(scratch) / "maps", cache), entry)
    return [np.load(entry / f"{index}.npy", mmap_mode="r") for index in range(len(prefix.outputs))]


def _computed(prefix: keras.Model, pictures: np.ndarray, folder: Path, cache: Cache) -> Path:
    folder.mkdir()
    maps = [
        made(folder / f"{index}.npy", cache.dtype, (len(pictures), *tensor.shape[1:]))
        for index, tensor in enumerate(prefix.outputs)
    ]
    batches = Batches([pictures], np.arange(len(pictures)), cache.batch_size)
    for index in range(len(batches)):
        done = slice(index * cache.batch_size, min((index + 1) * cache.batch_size, len(pictures)))
        values = keras.tree.flatten(prefix.predict_on_batch(batches[index][0]))
        for target, value in zip(maps, values, strict=True):
            target[done] = value
            forget(target)
        if cache.on_picture:
            cache.on_picture(done.stop, len(pictures))
    return folder


def _publish(maps: Path, entry: Path) -> None:
    try:
        maps.rename(entry)
    except OSError:
        # Another process may have computed the same meanwhile.
        if not entry.exists():
            raise


def _key(prefix: keras.Model, pictures: np.ndarray, cache: Cache) -> str:
    digest = hashlib.blake2b(digest_size=16)
    about = (keras.__version__, keras.backend.backend(), pictures.shape, pictures.dtype, cache.dtype, cache.batch_size)
    digest.update(" ".join(map(str, about)).encode())
    digest.update(_description(prefix).encode())
    for weights in prefix.get_weights():
        digest.update(np.ascontiguousarray(weights))
    for picture in pictures:
        digest.update(np.ascontiguousarray(picture))
        forget(pictures)
    return digest.hexdigest()


def _description(prefix: keras.Model) -> str:
    # Names that Keras counts up differ between two builds of one network, so they stay out.
    operations = [(type(each).__name__, each.get_config()) for each in prefix.operations]
    text = re.sub(r'"name": "[^"]*"', "", json.dumps(operations, sort_keys=True, default=str))
    return text + str([prefix.operations.index(tensor._keras_history.operation) for tensor in prefix.outputs])
