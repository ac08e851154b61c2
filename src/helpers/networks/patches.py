"""Document D's two networks, fully convolutional: what they say of a patch they say of a whole picture at once.

The document names a Detector and a Segmentator, patches of 29, 39 or 49 pixels, and two kinds of convolution, `same`
(zeros around what is seen) and `valid` (the map shrinks). Of layers and filters its summary is silent: those are ours.
"""

from typing import Literal

import keras
from keras import layers

from helpers.networks.backend import precision
from helpers.networks.graph import fresh_names

Padding = Literal["same", "valid"]
PADDINGS: tuple[Padding, ...] = ("same", "valid")

STRIDE = 4
"""Pixels between two positions of the Detector's map: it halves twice."""
STAGES = (8, 16, 32)
"""Filters of the Detector's three convolutions."""
STEPS = ((8, 1), (16, 1), (16, 2), (16, 2), (16, 1))
"""Filters and dilation of the Segmentator's convolutions."""
SUMMARIES = {"strongest": layers.MaxPooling2D, "together": layers.AveragePooling2D}
"""How the Detector sums up what is left of a patch."""
REACH = sum(dilation for _, dilation in STEPS)
"""Pixels on each side that a label of the Segmentator depends on."""


def left_of(patch: int, padding: Padding) -> int:
    """Side of the Detector's map of one patch before it is summed up.

    Args:
        patch: Side of a patch, px.
        padding: "same" | "valid".

    Returns:
        Positions a side; 0 or less where the patch is too small.
    """
    lost = 0 if padding == "same" else 2
    for stage in range(len(STAGES)):
        patch = (patch // 2 if stage else patch) - lost
    return patch


def detector(patch: int, padding: Padding, *, seed: int = 0) -> keras.Model:
    """Whether a patch holds a calcification: one value for a patch, a map for a picture.

    A position of the map tells of the patch whose first pixel lies `STRIDE` times as far down and across. With valid
    convolutions that is the same as asking patch by patch; with same ones a patch on its own is bordered by zeros, and
    one inside a picture by the picture.

    Args:
        patch: Side of a patch, px.
        padding: "same" | "valid".
        seed: Seed of the random weights; set for Keras as a whole, which has no other way.

    Returns:
        Model from pictures, (n, height, width, 1) in 0-255, to logits, (n, rows, columns, 1) float32.

    Raises:
        ValueError: The patch is too small for the layers, or the padding is unknown.
    """
    kernel = left_of(patch, _known(padding))
    if kernel < 1:
        raise ValueError(f"Detector with {padding} convolutions: expected patches of at least 18 px, got {patch}")
    inputs, x = _start(seed)
    for stage, filters in enumerate(STAGES, start=1):
        if stage > 1:
            x = layers.MaxPooling2D(name=f"pool_{stage}")(x)
        x = _convolve(x, filters, f"stage_{stage}", padding)
    # One calcification anywhere is enough, and many are more: the strongest evidence and all of it together.
    pooled = [kind(kernel, 1, "valid", name=name)(x) for name, kind in SUMMARIES.items()]
    return keras.Model(inputs, _logits(layers.Concatenate(name="summary")(pooled)), name=f"detector_{patch}_{padding}")


def segmentator(patch: int, padding: Padding, *, seed: int = 0) -> keras.Model:
    """Which pixels are calcification: a label for each pixel, with valid convolutions for the middle ones only.

    Args:
        patch: Side of the patches that it learns from, px; no layer depends on it.
        padding: "same" | "valid".
        seed: As for `detector`.

    Returns:
        Model from pictures, (n, height, width, 1) in 0-255, to logits, (n, height, width, 1) float32; with valid
        convolutions `REACH` pixels less on each side.

    Raises:
        ValueError: The patch has no middle, or the padding is unknown.
    """
    if patch <= 2 * REACH:
        raise ValueError(f"Segmentator: expected patches of more than {2 * REACH} px, got {patch}")
    inputs, x = _start(seed)
    for step, (filters, dilation) in enumerate(STEPS, start=1):
        x = _convolve(x, filters, f"step_{step}", _known(padding), dilation=dilation)
    return keras.Model(inputs, _logits(x), name=f"segmentator_{patch}_{padding}")


def _known(padding: Padding) -> Padding:
    if padding not in PADDINGS:
        raise ValueError(f"expected padding same or valid, got {padding!r}")
    return padding


def _start(seed: int) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    fresh_names()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision())
    inputs = keras.Input((None, None, 1), name="picture")
    return inputs, layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(inputs)


def _convolve(x: keras.KerasTensor, filters: int, name: str, padding: Padding, dilation: int = 1) -> keras.KerasTensor:
    options = {"padding": padding, "dilation_rate": dilation, "use_bias": False}
    x = layers.Conv2D(filters, 3, **options, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _logits(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.Conv2D(1, 1, dtype="float32", name="logits")(x)
