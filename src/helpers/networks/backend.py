"""The only place that knows which backend Keras runs on: seeds with deterministic operations, and gradients."""

from collections.abc import Callable
from typing import Any

import keras


def make_deterministic(seed: int) -> None:
    """Seeds every generator and asks the backend for operations that give the same bits on every run.

    Args:
        seed: Seed of Python's, NumPy's and the backend's generators.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
    elif keras.backend.backend() == "torch":
        import torch

        torch.use_deterministic_algorithms(True, warn_only=True)


def gradient(function: Callable[[Any], Any], at: Any) -> Any:
    """Gradient of a scalar function of one tensor, such as a class score of a feature map.

    Args:
        function: Takes a tensor, returns a scalar tensor.
        at: Array or tensor, float32: the point at which the gradient is taken.

    Returns:
        Tensor with the shape of `at`.

    Raises:
        NotImplementedError: The backend is none of tensorflow, jax, torch.
    """
    name = keras.backend.backend()
    if name not in _GRADIENTS:
        raise NotImplementedError(f"expected the backend to be one of {', '.join(_GRADIENTS)}, it is {name}")
    return _GRADIENTS[name](function, keras.ops.convert_to_tensor(at, dtype="float32"))


def _tensorflow(function: Callable, at: Any) -> Any:
    import tensorflow

    with tensorflow.GradientTape() as tape:
        tape.watch(at)
        value = function(at)
    return tape.gradient(value, at)


def _jax(function: Callable, at: Any) -> Any:
    import jax

    return jax.grad(function)(at)


def _torch(function: Callable, at: Any) -> Any:
    import torch

    point = at.detach().requires_grad_(True)
    return torch.autograd.grad(function(point), point)[0]


_GRADIENTS = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}


def accelerators() -> list[str]:
    """The names of the accelerators that the backend computes on; empty on a processor alone."""
    return _ACCELERATORS[keras.backend.backend()]()


def _of_tensorflow() -> list[str]:
    import tensorflow

    details = tensorflow.config.experimental.get_device_details
    return [
        details(device).get("device_name", device.name) for device in tensorflow.config.list_physical_devices("GPU")
    ]


def _of_jax() -> list[str]:
    import jax

    return [device.device_kind for device in jax.devices() if device.platform != "cpu"]


def _of_torch() -> list[str]:
    import torch

    return [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]


_ACCELERATORS = {"tensorflow": _of_tensorflow, "jax": _of_jax, "torch": _of_torch}
