"""The networks of document B: as large as published, and equal to a plain computation from timm's layout of weights."""

import json

import keras
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import erf

from helpers.networks import screening
from helpers.networks.screening import DEVIATION, MEAN, build
from helpers.networks.se_resnext import GroupedConv2D
from helpers.networks.weights import WeightsError

PUBLISHED = {"cnn": 27_559_896, "vit": 86_877_160}
"""Trainable parameters of timm's seresnext50_32x4d and deit3_base_patch16_384, their head for 1000 classes included."""
HEADS = {"density": (4, "softmax"), "age": (1, "linear")}
SIZE = 32
State = dict[str, np.ndarray]


@pytest.mark.parametrize("name", screening.NAMES)
def test_the_published_size_has_the_published_number_of_parameters(name):
    model = build(name, 384, {"imagenet": (1000, "softmax")}, size="published")
    width = model.get_layer("dropout").output.shape[-1]
    assert sum(np.prod(weight.shape) for weight in model.trainable_weights) - (width + 1) == PUBLISHED[name]


@pytest.mark.parametrize("name", screening.NAMES)
def test_nothing_is_frozen_and_the_picture_is_the_only_input(name):
    model = build(name, SIZE, HEADS)
    assert all(layer.trainable for layer in model.layers)
    assert [each.name for each in model.inputs] == ["picture"]
    assert {target: tuple(tensor.shape[1:]) for target, tensor in model.output.items()} == {
        "cancer": (1,), "density": (4,), "age": (1,),
    }  # fmt: skip


@pytest.mark.parametrize("name", screening.NAMES)
def test_a_saved_network_says_the_same(name, tmp_path):
    model = build(name, SIZE, HEADS, seed=4)
    model.save(tmp_path / "model.keras")
    pictures = np.random.default_rng(0).uniform(0, 255, (2, SIZE, SIZE, 1)).astype("float32")
    before, after = (each(pictures) for each in (model, keras.models.load_model(tmp_path / "model.keras")))
    for target in before:
        np.testing.assert_array_equal(*(keras.ops.convert_to_numpy(said[target]) for said in (before, after)))


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("strides", [1, 2])
def test_a_grouped_convolution_sees_each_group_alone(groups, strides):
    rng = np.random.default_rng(1)
    layer, x = GroupedConv2D(8, 3, groups, strides), rng.normal(size=(2, 9, 9, 8)).astype("float32")
    found = keras.ops.convert_to_numpy(layer(x))
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    parts = [
        convolved(x[..., g * 8 // groups : (g + 1) * 8 // groups], kernel[..., g * 8 // groups : (g + 1) * 8 // groups],
                  strides)
        for g in range(groups)
    ]  # fmt: skip
    np.testing.assert_allclose(found, np.concatenate(parts, axis=-1), atol=1e-5)
    assert layer.compute_output_shape(x.shape) == found.shape


def convolved(x: np.ndarray, kernel: np.ndarray, strides: int = 1, padding: int = 0) -> np.ndarray:
    """A convolution without bias, (n, h, w, c) with (k, k, c, f)."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = sliding_window_view(x, kernel.shape[:2], axis=(1, 2))[:, ::strides, ::strides]
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)


def state_of(shapes: dict[str, tuple[int, ...]]) -> State:
    """Weights by timm's names, drawn; variances are positive."""
    rng = np.random.default_rng(2)
    drawn = {name: rng.normal(0, 0.3, shape).astype("<f4") for name, shape in shapes.items()}
    return {name: np.abs(value) + 0.5 if name.endswith("running_var") else value for name, value in drawn.items()}


def write(state: State, path) -> str:
    """The state as .safetensors."""
    header, start = {"__metadata__": {"format": "pt"}}, 0
    for name, value in state.items():
        header[name] = {"dtype": "F32", "shape": value.shape, "data_offsets": [start, start + value.nbytes]}
        start += value.nbytes
    about = json.dumps(header).encode()
    path.write_bytes(len(about).to_bytes(8, "little") + about + b"".join(value.tobytes() for value in state.values()))
    return str(path)


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Two pictures as the network takes them, and in three normalized channels."""
    raw = np.random.default_rng(3).uniform(0, 255, (2, SIZE, SIZE, 1)).astype("float32")
    return raw, (np.repeat(raw, 3, axis=-1) / 255 - MEAN) / DEVIATION


def vector(model: keras.Model, raw: np.ndarray) -> np.ndarray:
    trunk = keras.Model(model.input, model.get_layer("dropout").output)
    return keras.ops.convert_to_numpy(trunk(raw))


def normalized(x: np.ndarray, state: State, name: str) -> np.ndarray:
    gamma, beta, mean, variance = (state[f"{name}.{key}"] for key in ("weight", "bias", "running_mean", "running_var"))
    return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta


def test_the_cnn_computes_what_a_loop_over_its_blocks_does(tmp_path):
    # One block a stage, planes 16 to 128, four groups: the small size, by timm's names and layouts.
    norm = ("weight", "bias", "running_mean", "running_var")
    shapes = {"conv1.weight": (16, 3, 7, 7)} | {f"bn1.{key}": (16,) for key in norm}
    before = 16
    for stage, planes in enumerate((16, 32, 64, 128), start=1):
        name, width, out, squeezed = f"layer{stage}.0", planes, 4 * planes, max(8, planes // 4)
        shapes |= {
            f"{name}.conv1.weight": (width, before, 1, 1), f"{name}.conv2.weight": (width, width // 4, 3, 3),
            f"{name}.conv3.weight": (out, width, 1, 1), f"{name}.downsample.0.weight": (out, before, 1, 1),
            f"{name}.se.fc1.weight": (squeezed, out, 1, 1), f"{name}.se.fc1.bias": (squeezed,),
            f"{name}.se.fc2.weight": (out, squeezed, 1, 1), f"{name}.se.fc2.bias": (out,),
        }  # fmt: skip
        sizes = {"bn1": width, "bn2": width, "bn3": out, "downsample.1": out}
        shapes |= {f"{name}.{each}.{key}": (size,) for each, size in sizes.items() for key in norm}
        before = out
    state = state_of(shapes)
    raw, x = pictures()
    found = vector(build("cnn", SIZE, {}, weights=write(state, tmp_path / "cnn.safetensors")), raw)

    def kernel(name: str) -> np.ndarray:
        return state[f"{name}.weight"].transpose(2, 3, 1, 0)

    x = np.maximum(normalized(convolved(x, kernel("conv1"), 2, 3), state, "bn1"), 0)
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    x = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-2, -1))
    for stage in range(1, 5):
        name, step = f"layer{stage}.0", 1 if stage == 1 else 2
        y = np.maximum(normalized(convolved(x, kernel(f"{name}.conv1")), state, f"{name}.bn1"), 0)
        part = y.shape[-1] // 4
        groups = [
            convolved(
                y[..., g * part : (g + 1) * part], kernel(f"{name}.conv2")[..., g * part : (g + 1) * part], step, 1
            )
            for g in range(4)
        ]
        y = np.maximum(normalized(np.concatenate(groups, axis=-1), state, f"{name}.bn2"), 0)
        y = normalized(convolved(y, kernel(f"{name}.conv3")), state, f"{name}.bn3")
        squeeze, excite = (state[f"{name}.se.fc{k}.weight"][..., 0, 0] for k in (1, 2))
        weights = np.maximum(y.mean(axis=(1, 2)) @ squeeze.T + state[f"{name}.se.fc1.bias"], 0)
        weights = 1 / (1 + np.exp(-(weights @ excite.T + state[f"{name}.se.fc2.bias"])))
        shortcut = normalized(convolved(x, kernel(f"{name}.downsample.0"), step), state, f"{name}.downsample.1")
        x = np.maximum(shortcut + y * weights[:, None, None], 0)
    np.testing.assert_allclose(found, x.mean(axis=(1, 2)), rtol=2e-3, atol=2e-3)


def test_the_vit_computes_what_a_loop_over_its_blocks_does(tmp_path):
    width, heads, depth, patch, count = 48, 3, 4, 8, (SIZE // 8) ** 2
    shapes = {
        "pos_embed": (1, count, width),
        "cls_token": (1, 1, width),
        "norm.weight": (width,),
        "norm.bias": (width,),
    }
    shapes |= {"patch_embed.proj.weight": (width, 3, patch, patch), "patch_embed.proj.bias": (width,)}
    for name in (f"blocks.{number}" for number in range(depth)):
        shapes |= {f"{name}.norm{k}.{key}": (width,) for k in (1, 2) for key in ("weight", "bias")}
        shapes |= {f"{name}.ls{k}.gamma": (width,) for k in (1, 2)}
        shapes |= {f"{name}.attn.qkv.weight": (3 * width, width), f"{name}.attn.qkv.bias": (3 * width,)}
        shapes |= {f"{name}.attn.proj.weight": (width, width), f"{name}.attn.proj.bias": (width,)}
        shapes |= {f"{name}.mlp.fc1.weight": (4 * width, width), f"{name}.mlp.fc1.bias": (4 * width,)}
        shapes |= {f"{name}.mlp.fc2.weight": (width, 4 * width), f"{name}.mlp.fc2.bias": (width,)}
    state = state_of(shapes)
    raw, x = pictures()
    found = vector(build("vit", SIZE, {}, weights=write(state, tmp_path / "vit.safetensors")), raw)

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    def leveled(x: np.ndarray, name: str) -> np.ndarray:
        x = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-6)
        return x * state[f"{name}.weight"] + state[f"{name}.bias"]

    x = convolved(x, state["patch_embed.proj.weight"].transpose(2, 3, 1, 0), patch) + state["patch_embed.proj.bias"]
    x = x.reshape(2, count, width) + state["pos_embed"]
    x = np.concatenate([np.repeat(state["cls_token"], 2, axis=0), x], axis=1)
    for name in (f"blocks.{number}" for number in range(depth)):
        q, k, v = (
            linear(leveled(x, f"{name}.norm1"), f"{name}.attn.qkv")
            .reshape(2, -1, 3, heads, 16)
            .transpose(2, 0, 3, 1, 4)
        )
        likeness = np.exp(q @ k.swapaxes(-1, -2) / 4)
        seen = (likeness / likeness.sum(axis=-1, keepdims=True)) @ v
        x = x + state[f"{name}.ls1.gamma"] * linear(seen.transpose(0, 2, 1, 3).reshape(x.shape), f"{name}.attn.proj")
        y = linear(leveled(x, f"{name}.norm2"), f"{name}.mlp.fc1")
        y = y * (1 + erf(y / np.sqrt(2))) / 2
        x = x + state[f"{name}.ls2.gamma"] * linear(y, f"{name}.mlp.fc2")
    np.testing.assert_allclose(found, leveled(x, "norm")[:, 0], rtol=2e-3, atol=2e-3)


def test_weights_of_another_network_are_refused(tmp_path):
    file = write({"conv1.weight": np.zeros((16, 3, 7, 7), "<f4")}, tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"expected seresnext50_32x4d.*found no 'bn1.weight'"):
        build("cnn", SIZE, {}, weights=file)
    with pytest.raises(WeightsError, match="nowhere"):
        build("vit", SIZE, {}, weights="nowhere.safetensors")


@pytest.mark.parametrize(("name", "size"), [("swin", "small"), ("cnn", "huge")])
def test_an_unknown_network_is_told_the_known_ones(name, size):
    with pytest.raises(ValueError, match="cnn, vit, published or small"):
        build(name, SIZE, {}, size=size)


def test_a_picture_that_patches_do_not_fill_is_refused():
    with pytest.raises(ValueError, match="8 px, divides, got 36"):
        build("vit", 36, {})
