"""The only place that knows which backend Keras runs on: seeds, gradients, precision, devices."""

import os
import platform
from collections.abc import Callable
from typing import Any

import keras

from helpers import runtime
from helpers.networks import several_hosts

_X86 = ("x86_64", "amd64")


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
    return _of_backend(_GRADIENTS)(function, keras.ops.convert_to_tensor(at, dtype="float32"))


def accelerators() -> list[tuple[str, bool]]:
    """The local accelerators.

    Returns:
        One tuple a device: what it calls itself, and whether it computes in bfloat16. Empty on a CPU.

    Raises:
        NotImplementedError: The backend is none of tensorflow, jax, torch.
    """
    return _of_backend(_ACCELERATORS)()


def runs_on_onednn() -> bool:
    """Whether TensorFlow computes on a processor with Intel's oneDNN, which its packages for x86 contain."""
    if keras.backend.backend() != "tensorflow" or accelerators():
        return False
    return platform.machine().lower() in _X86 and os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"


def precision() -> str:
    """The dtype policy for this machine: float32 on a CPU, mixed where every accelerator computes in bfloat16.

    bfloat16 has the range of float32, so that no gradient vanishes and no loss needs scaling; weights stay float32.
    """
    found = accelerators()
    return "mixed_bfloat16" if found and all(bfloat16 for _, bfloat16 in found) else "float32"


def in_force() -> dict[str, Any]:
    """What Keras runs with here: `helpers.runtime.settings`, `precision` and the names of the `devices`."""
    names = [name for name, _ in accelerators()]
    return {**runtime.settings(), "precision": precision(), "devices": names or ["cpu"]}


def distribute() -> int:
    """Lets every network that is built from now on train on all local devices, each taking its part of a batch.

    A batch that does not divide by the devices, such as an epoch's last, is computed whole on each of them. For several
    hosts see `helpers.networks.several_hosts`.

    Returns:
        The number of devices; with one nothing is changed.

    Raises:
        NotImplementedError: There are several, and Keras cannot distribute over them on this backend.
    """
    if keras.backend.backend() != "jax":
        devices = max(1, len(accelerators()))
        if devices > 1:
            raise NotImplementedError(
                f"distribute=true: Keras shares batches among {devices} devices on JAX alone, and the backend is "
                f"{keras.backend.backend()}; install jax for them and set KERAS_BACKEND=jax, or leave distribute out"
            )
        return devices
    devices = keras.distribution.list_devices()
    if len(devices) > 1:
        _share_even_batches()
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices))
    return len(devices)


def fed(model: keras.Model, batches: keras.utils.PyDataset) -> tuple[Any, int | None]:
    """What a network is trained on: the batches themselves, or in a form that several hosts can share.

    Args:
        model: Compiled.
        batches: Inputs and targets.

    Returns:
        What `fit` takes as its data, and how many batches an epoch has; None where the data says so itself.
    """
    if keras.backend.backend() != "tensorflow" or not several_hosts.joined():
        return batches, None
    several_hosts.prepare(model, batches)
    return several_hosts.shared(batches), len(batches)


def _share_even_batches() -> None:
    """Keras lays out all batches of an epoch as the first; a smaller last one may need another layout."""
    import jax
    from keras.src.backend.jax import distribution_lib

    def laid_out(batch: Any, layout: Any, batch_dim_name: str) -> Any:
        layout = getattr(layout, "backend_layout", layout)
        if len(batch) % layout.mesh.size:
            layout = jax.sharding.NamedSharding(layout.mesh, jax.sharding.PartitionSpec())
        return jax.device_put(batch, layout)

    distribution_lib.distribute_data_input = laid_out


def _of_backend(functions: dict[str, Callable]) -> Callable:
    name = keras.backend.backend()
    if name not in functions:
        raise NotImplementedError(f"expected the backend to be one of {', '.join(functions)}, it is {name}")
    return functions[name]


def _tensorflow_gradient(function: Callable, at: Any) -> Any:
    import tensorflow

    with tensorflow.GradientTape() as tape:
        tape.watch(at)
        value = function(at)
    return tape.gradient(value, at)


def _jax_gradient(function: Callable, at: Any) -> Any:
    import jax

    return jax.grad(function)(at)


def _torch_gradient(function: Callable, at: Any) -> Any:
    import torch

    point = at.detach().requires_grad_(True)
    return torch.autograd.grad(function(point), point)[0]


def _tensorflow_accelerators() -> list[tuple[str, bool]]:
    from tensorflow import config

    details = [config.experimental.get_device_details(device) for device in config.list_physical_devices("GPU")]
    return [(each.get("device_name", "gpu"), each.get("compute_capability", (0, 0)) >= (8, 0)) for each in details]


def _jax_accelerators() -> list[tuple[str, bool]]:
    import jax

    found = [device for device in jax.local_devices() if device.platform != "cpu"]
    capabilities = [str(getattr(device, "compute_capability", 0)).partition(".")[0] for device in found]
    return [
        (device.device_kind, device.platform == "tpu" or (capability.isdigit() and int(capability) >= 8))
        for device, capability in zip(found, capabilities, strict=True)
    ]


def _torch_accelerators() -> list[tuple[str, bool]]:
    from torch import cuda

    devices = range(cuda.device_count())
    return [(cuda.get_device_name(device), cuda.get_device_capability(device) >= (8, 0)) for device in devices]


_GRADIENTS = {"tensorflow": _tensorflow_gradient, "jax": _jax_gradient, "torch": _torch_gradient}
_ACCELERATORS = {
    "tensorflow": _tensorflow_accelerators,
    "jax": _jax_accelerators,
    "torch": _torch_accelerators,
}
