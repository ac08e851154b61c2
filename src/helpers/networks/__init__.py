"""The networks: one table, one builder. Every network is a flat Functional model from 0-255 to probabilities."""

from dataclasses import dataclass
from pathlib import Path

import keras

from helpers.networks.backbones import Backbone, convnext_tiny, freeze, inception_v3
from helpers.networks.backend import precision
from helpers.networks.baseline_cnn import baseline_cnn
from helpers.networks.graph import attention_layer, fresh_names, last_map, latent_layers
from helpers.networks.modules import plain_head, published_head
from helpers.networks.weights import WeightsError, is_network, load_network, recalibrate

__all__ = [
    "NAMES", "WeightsError", "attention_layer", "build", "last_map", "latent_layers", "load", "recalibrate",
    "with_head",
]  # fmt: skip


@dataclass(frozen=True)
class _Network:
    backbone: Backbone
    smallest: int
    from_scratch: bool = False


_NETWORKS = {
    "baseline_cnn": _Network(baseline_cnn, smallest=32, from_scratch=True),
    "icnt": _Network(convnext_tiny, smallest=32),
    "iiv3": _Network(inception_v3, smallest=75),
}
NAMES = tuple(_NETWORKS)
"""The networks of document A, by the names that profiles use."""


def build(
    name: str,
    image_size: int,
    *,
    weights: str = "none",
    unfrozen_layers: int = 20,
    reduction_ratio: int = 16,
    dropout: float = 0.5,
    classes: int = 3,
    seed: int = 0,
    gagm: bool = True,
    sevector: bool = True,
) -> keras.Model:
    """Builds a network of document A (Dahes 2025, section 2).

    The baseline is trained from scratch and has neither GAGM nor SEVector: it takes "imagenet" as "none", and
    leaves `unfrozen_layers`, `reduction_ratio`, `gagm` and `sevector` aside. On an accelerator the layers before the
    logits compute in mixed precision, see `helpers.networks.backend.precision`.

    Args:
        name: One of `NAMES`.
        image_size: Height and width of the pictures, px.
        weights: imagenet | none | a file (see `helpers.networks.weights.CHOICES`).
        unfrozen_layers: Layers of the backbone, counted from its end, that stay trainable.
        reduction_ratio: r of SEVector.
        dropout: Rate in the head.
        classes: Number of classes.
        seed: Seed of the random weights; set for Keras as a whole, which has no other way.
        gagm: Whether the head fuses average and max pooling.
        sevector: Whether the head has channel attention.

    Returns:
        Model from pictures, (n, image_size, image_size, 1) in 0-255, to layer "probabilities", (n, classes), through
        "embedding" and "logits".

    Raises:
        ValueError: The name is unknown or the pictures are too small for the network.
        WeightsError: The weights cannot be had.
    """
    network = _known(name, image_size)
    fresh_names()
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(precision())
    inputs = keras.Input((image_size, image_size, 1), name="picture")
    backbone = network.backbone(inputs, weights)
    if network.from_scratch:
        outputs = plain_head(backbone.output, classes, dropout)
    else:
        freeze(backbone, unfrozen_layers)
        outputs = published_head(backbone.output, classes, reduction_ratio, dropout, gagm=gagm, sevector=sevector)
    model = keras.Model(backbone.inputs[0], outputs, name=name)
    if is_network(weights):
        load_network(model, weights)
    return model


def load(path: Path) -> keras.Model:
    """Opens a network that training saved; what it is made of beyond Keras' own layers is known here.

    Args:
        path: A .keras file.

    Returns:
        Model as `build` returns it, trained.
    """
    return keras.models.load_model(path)


def with_head(
    model: keras.Model,
    *,
    gagm: bool,
    sevector: bool,
    reduction_ratio: int = 16,
    dropout: float = 0.5,
    seed: int = 0,
) -> keras.Model:
    """The same backbone under another head.

    Args:
        model: A network that `build` made; the result shares its backbone, weights included.
        gagm: Whether the head fuses average and max pooling.
        sevector: Whether the head has channel attention.
        reduction_ratio: r of SEVector.
        dropout: Rate in the head.
        seed: Seed of the head's random weights; set for Keras as a whole.

    Returns:
        Model as `build` returns it.
    """
    keras.utils.set_random_seed(seed)
    feature_map, classes = model.get_layer(last_map(model)).output, model.output_shape[-1]
    outputs = published_head(feature_map, classes, reduction_ratio, dropout, gagm=gagm, sevector=sevector)
    return keras.Model(model.inputs[0], outputs, name=model.name)


def _known(name: str, image_size: int) -> _Network:
    if name not in _NETWORKS:
        raise ValueError(f"expected a network out of {', '.join(NAMES)}, got {name!r}")
    if image_size < _NETWORKS[name].smallest:
        raise ValueError(f"{name}: expected pictures of at least {_NETWORKS[name].smallest} px, got {image_size}")
    return _NETWORKS[name]
