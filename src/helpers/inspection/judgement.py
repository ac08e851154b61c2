"""What the networks of a run say of one more picture, and whether they know such pictures at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from helpers.datasets.exams import LABELS
from helpers.evaluation import grad_cam, outside
from helpers.evaluation.latent_space import probe
from helpers.experiment import Trained
from helpers.inspection.explanations import attention_map
from helpers.inspection.familiarity import familiar_of, stages
from helpers.preparation import Cohort


@dataclass(frozen=True)
class Opinion:
    """What one network says of one picture.

    Attributes:
        network: Its name.
        probabilities: (3,) float32, in the order of `LABELS`.
        maps: (3, h, w) float32 in 0..1, Grad-CAM for each class in that order; zeros where nothing speaks for it.
        place: Where the picture lies, as this network sees it.
    """

    network: str
    probabilities: np.ndarray
    maps: np.ndarray
    place: outside.Place


@dataclass(frozen=True)
class Reader:
    """A network, ready to look at one picture after another.

    Attributes:
        name: The network's name.
        model: The network.
        layer: The layer that Grad-CAM explains.
        seeing: The same network with the ends of its stages and its probabilities as outputs.
        known: What it was trained on.
    """

    name: str
    model: keras.Model
    layer: str
    seeing: keras.Model
    known: outside.Familiar

    def opinion(self, picture: np.ndarray) -> Opinion:
        """Looks at a picture.

        Args:
            picture: (size, size) uint8, framed as those that the network was trained on.

        Returns:
            The `Opinion`.
        """
        # Called, not predicted: for one picture nothing is worth compiling.
        outputs = self.seeing(ops.convert_to_tensor(picture[None, ..., None], "float32"), training=False)
        *features, probabilities = (ops.convert_to_numpy(output) for output in outputs)
        every = np.arange(len(LABELS))
        maps = grad_cam.explain(self.model, np.repeat(picture[None], len(every), axis=0), every, self.layer)
        place = outside.place(self.known.distances(features)[0], self.known.held_out)
        return Opinion(self.name, probabilities[0], maps, place)


def readers(networks: Mapping[str, Trained], cohort: Cohort) -> list[Reader]:
    """Makes the networks of a run ready.

    Args:
        networks: The trained networks, by name.
        cohort: The run's pictures.

    Returns:
        One `Reader` a network.
    """
    return [
        Reader(
            name,
            trained.model,
            attention_map(trained)[0],
            probe(trained.model, [*stages(trained.model), trained.model.layers[-1].name]),
            familiar_of(trained, cohort),
        )
        for name, trained in networks.items()
    ]


def place_among(opinions: Sequence[Opinion], readers: Sequence[Reader]) -> outside.Place:
    """Where a picture lies as all networks see it together.

    Args:
        opinions: Of that picture, one a reader.
        readers: The networks, in the same order; all were trained on the same pictures.

    Returns:
        The `Place`, by the median of the networks' distances.
    """
    distance = outside.joined([np.array([opinion.place.distance]) for opinion in opinions])[0]
    return outside.place(distance, outside.joined([reader.known.held_out for reader in readers]))
