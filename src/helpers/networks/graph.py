"""What the graph of a flat network tells; the one file that reaches into Keras' own bookkeeping of it."""

from collections import defaultdict

import keras
from keras.src.utils import naming


def fresh_names() -> None:
    """Lets a network built second in a process name its layers as it would have named them first.

    keras.applications leaves many layers to Keras' counter; a layer that a table or a figure names must not depend
    on what was built before.
    """
    naming.reset_uids()


def nodes(model: keras.Model) -> list:
    """The calls of a model's operations, inputs first."""
    return [node for depth in sorted(model._nodes_by_depth, reverse=True) for node in model._nodes_by_depth[depth]]


def cuts(model: keras.Model) -> list[keras.layers.Layer]:
    """Layers that every path from the input to the output passes through, in the order of the data.

    A layer is a full cut where the paths to it times the paths from it are all the paths there are. What comes
    after such a layer depends on its output alone, so a Grad-CAM or a projection of it leaves nothing out.

    Args:
        model: Flat Functional model with one input and one output.

    Returns:
        List of layers, without the input.
    """
    ordered = nodes(model)
    before, after = defaultdict(int), defaultdict(int)
    for node in ordered:
        before[id(node)] = 1 if node.is_input else sum(before[id(parent)] for parent in node.parent_nodes)
    after[id(ordered[-1])] = 1
    for node in reversed(ordered):
        for parent in node.parent_nodes:
            after[id(parent)] += after[id(node)]
    paths = before[id(ordered[-1])]
    return [
        node.operation
        for node in ordered
        if not node.is_input
        and isinstance(node.operation, keras.layers.Layer)
        and before[id(node)] * after[id(node)] == paths
    ]


def last_map(model: keras.Model) -> str:
    """The last feature map that all paths pass through: where a backbone ends and its head begins.

    Args:
        model: Flat network.

    Returns:
        The layer's name.
    """
    return [layer.name for layer in cuts(model) if len(layer.output.shape) == 4][-1]


def attention_layer(model: keras.Model, at_least: int = 5) -> str:
    """The layer that Grad-CAM explains: the deepest full cut whose feature map is large enough to look at.

    Args:
        model: Flat network.
        at_least: Smallest height and width of the map; a 2x2 map points nowhere.

    Returns:
        The layer's name.

    Raises:
        ValueError: No feature map is that large.
    """
    maps = [layer for layer in cuts(model) if len(layer.output.shape) == 4]
    large = [layer for layer in maps if min(layer.output.shape[1:3]) >= at_least]
    if not large:
        raise ValueError(f"{model.name}: expected a feature map of at least {at_least}x{at_least}, there is none")
    return large[-1].name


def latent_layers(model: keras.Model, stages: int = 4) -> list[str]:
    """Candidates for the latent space: the ends of the last stages (to be pooled), then the head's vectors.

    A stage is a run of feature maps of one size; its end is its last full cut.

    Args:
        model: Flat network.
        stages: How many stages, counted from the head.

    Returns:
        Layer names in the order of the data, the last one "embedding".
    """
    through = cuts(model)
    ends = {layer.output.shape[1:3]: layer.name for layer in through if len(layer.output.shape) == 4}
    vectors = [layer.name for layer in through if layer.name in ("gap", "gagm", "sevector", "embedding")]
    return list(ends.values())[-stages:] + vectors
