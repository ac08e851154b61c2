"""ImageNet weights of document B's networks, as timm publishes them: read from .safetensors, put in by name."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers.networks.deit import LayerScale, Tokens
from helpers.networks.se_resnext import GroupedConv2D
from helpers.networks.weights import WeightsError

ADDRESS = "https://huggingface.co/timm/{name}/resolve/main/model.safetensors"
PUBLISHED = {"cnn": "seresnext50_32x4d.racm_in1k", "vit": "deit3_base_patch16_384.fb_in1k"}
"""What timm loads by the names that document B gives."""
TYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I64": "<i8"}
CHOICES = "choose none, or a model.safetensors of timm's {name}; imagenet downloads it"
State = dict[str, np.ndarray]


def fill(model: keras.Model, name: str, weights: str) -> None:
    """Puts published weights into a network; its heads keep their own.

    Args:
        model: From `helpers.networks.screening.build`, of the published size.
        name: "cnn" or "vit".
        weights: imagenet | a .safetensors file.

    Raises:
        WeightsError: There is no such file, it cannot be downloaded or read, or holds another network.
    """
    hint = CHOICES.format(name=PUBLISHED[name])
    try:
        state = read(_downloaded(PUBLISHED[name]) if weights == "imagenet" else Path(weights))
        for layer, values in ((layer, _values(layer, state)) for layer in model.layers):
            if values is not None:
                layer.set_weights(values)
    except KeyError as error:
        raise WeightsError(f"weights {weights}: expected {PUBLISHED[name]}, found no {error}; {hint}") from None
    except Exception as error:  # Keras raises bare Exception for a failed download
        raise WeightsError(f"weights {weights}: {error}; {hint}") from error


def read(path: Path) -> State:
    """Reads a .safetensors file: eight bytes of length, a header in JSON, the numbers.

    Args:
        path: The file.

    Returns:
        {name: array}.
    """
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    return {
        name: np.frombuffer(
            content[start + about["data_offsets"][0] : start + about["data_offsets"][1]], TYPES[about["dtype"]]
        ).reshape(about["shape"])
        for name, about in header.items()
        if name != "__metadata__"
    }


def _downloaded(name: str) -> Path:
    return Path(keras.utils.get_file(f"{name}.safetensors", ADDRESS.format(name=name)))


def _values(layer: keras.layers.Layer, state: State) -> list[np.ndarray] | None:
    """A layer's weights in Keras' order and layout; None where it has none, or is a head."""
    layout = next((layout for kind, layout in _LAYOUTS.items() if isinstance(layer, kind)), None)
    is_head = isinstance(layer, layers.Dense) and "." not in layer.name
    return layout(layer, state) if layout and not is_head else None


def _named(*names: str) -> Callable:
    return lambda layer, state: [state[f"{layer.name}.{name}"] for name in names]


def _convolution(layer: keras.layers.Layer, state: State) -> list[np.ndarray]:
    kernel = state[f"{layer.name}.weight"].transpose(2, 3, 1, 0)
    return [kernel, state[f"{layer.name}.bias"]] if len(layer.weights) == 2 else [kernel]


def _dense(layer: keras.layers.Dense, state: State) -> list[np.ndarray]:
    # Squeeze and excitation are convolutions of one pixel there.
    weight = state[f"{layer.name}.weight"]
    return [weight.reshape(weight.shape[:2]).T, state[f"{layer.name}.bias"]]


def _attention(layer: layers.MultiHeadAttention, state: State) -> list[np.ndarray]:
    heads, length = layer.num_heads, layer.key_dim
    weights = np.split(state[f"{layer.name}.qkv.weight"], 3)
    biases = np.split(state[f"{layer.name}.qkv.bias"], 3)
    parts = [
        part
        for weight, bias in zip(weights, biases, strict=True)
        for part in (weight.T.reshape(-1, heads, length), bias.reshape(heads, length))
    ]
    out = state[f"{layer.name}.proj.weight"].T.reshape(heads, length, -1)
    return [*parts, out, state[f"{layer.name}.proj.bias"]]


_LAYOUTS = {
    (layers.Conv2D, GroupedConv2D): _convolution,
    layers.Dense: _dense,
    layers.BatchNormalization: _named("weight", "bias", "running_mean", "running_var"),
    layers.LayerNormalization: _named("weight", "bias"),
    layers.MultiHeadAttention: _attention,
    LayerScale: _named("gamma"),
    Tokens: lambda layer, state: [state["pos_embed"], state["cls_token"]],
}
"""How each kind of layer is filled."""
