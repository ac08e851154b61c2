"""One backbone under many heads, each trained again and again from the same start."""

from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from keras import ops

from helpers import networks, training
from helpers.datasets.exams import severity
from helpers.networks.losses import CenterLoss, FeatureSmoothing, Penalty, SupervisedContrastive
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.progress import Progress
from helpers.training.batches import Batches

Values = dict[str, list[np.ndarray]]
"""What the variables of some layers hold, by the layers' names."""
AT_ONCE = 256
"""Pictures that a trained head is shown at once."""
RECALIBRATED = 256
"""At most so many pictures set the statistics of a random backbone."""


class Trunk:
    """A backbone as every training of the grid starts with it.

    Args:
        name: "icnt" or "iiv3".
        profile: The run's profile; its `modules` say what trains, and how long.
        cohort: The run's pictures; copies are left aside.
        cache: Where activations of frozen layers are kept.
    """

    def __init__(self, name: str, profile: Profile, cohort: Cohort, cache: Path) -> None:
        self.name, self.profile = name, profile
        originals = int(cohort.exams["copy_of"].isna().sum())
        # Copies stand behind all originals.
        self.pictures = cohort.pictures[:originals]
        self.labels = severity(cohort.exams["label"][:originals]).to_numpy()
        settings = profile.network(name)
        self.cache = training.Cache(cache, settings.cache_dtype, on_picture=Progress(f"{name}, frozen", "picture"))
        self.model = networks.build(
            name,
            profile.image_size,
            weights=settings.weights,
            unfrozen_layers=profile.modules.unfrozen_layers,
            seed=profile.seed,
        )
        if settings.weights == "none":
            networks.recalibrate(self.model, self.pictures[_of_no_fold(cohort.exams[:originals])])
        self.start = _values(layer for layer in self.model.layers if layer.trainable)

    def head(self, modules: dict[str, bool]) -> "Head":
        """The backbone under one head."""
        return Head(self, modules)

    def behind(self, network: keras.Model, pooling: str) -> tuple[keras.Model, list[np.ndarray]]:
        """What of a network comes after its pooling, and the pooled vectors, which a frozen backbone never changes.

        Maps are kept on disk, one store for heads of either pooling; vectors are small enough for memory.

        Args:
            network: Of this backbone.
            pooling: Its layer that pools the last map.

        Returns:
            As `helpers.training.learnable` gives it.
        """
        maps, vectors = networks.last_map(self.model), network.get_layer(pooling).output
        inputs = training.activations(training.split(network, maps)[0], self.pictures, self.cache)
        pool = keras.Model(network.get_layer(maps).output, vectors)
        batches = Batches(inputs, np.arange(len(self.pictures)), AT_ONCE)
        pooled = [pool.predict_on_batch(batches[index][0]) for index in range(len(batches))]
        return training.split(network, pooling)[1], [np.concatenate(pooled)]

    def under(self, modules: dict[str, bool], seed: int) -> keras.Model:
        """The network with a head drawn from a seed."""
        settings = self.profile.network(self.name)
        given = {"reduction_ratio": settings.reduction_ratio, "dropout": settings.dropout}
        return networks.with_head(self.model, **modules, **given, seed=seed)


class Head:
    """A network of the grid, to be trained with any loss, on any rows, from any seed's start.

    Args:
        trunk: The backbone.
        modules: Whether the head has "gagm" and "sevector".
    """

    def __init__(self, trunk: Trunk, modules: dict[str, bool]) -> None:
        self.trunk, self.grid = trunk, trunk.profile.modules
        seeds = [trunk.profile.seed + number for number in range(self.grid.seeds)]
        drawn = [trunk.under(modules, seed) for seed in seeds]
        exposed = training.exposed(drawn[0])
        if self.grid.unfrozen_layers:
            self.network, self.inputs = training.learnable(exposed, trunk.pictures, trunk.cache)
        else:
            self.network, self.inputs = trunk.behind(exposed, "gagm" if modules["gagm"] else "gap")
        own = [layer.name for layer in drawn[0].layers if layer not in trunk.model.layers]
        self.starts = {
            seed: trunk.start | _values(map(model.get_layer, own)) for seed, model in zip(seeds, drawn, strict=True)
        }
        self.learners: dict[str, training.Learner] = {}

    def fit(self, loss: str, strength: float, train: np.ndarray, validation: np.ndarray, seed: int) -> pd.DataFrame:
        """Trains the head, and what of the backbone is not frozen, from the start of a seed.

        Args:
            loss: What is added to the cross-entropy: "fsl", "center" or "contrastive".
            strength: Its lambda.
            train: Indices of the training rows.
            validation: Indices of the validation rows.
            seed: One of `starts`.

        Returns:
            The history, as `helpers.training.fit` gives it.
        """
        start = self.starts[seed]
        for layer in self.network.layers:
            for variable, value in zip(layer.variables, start.get(layer.name, layer.variables), strict=True):
                variable.assign(value)
        if loss not in self.learners:
            self.learners[loss] = self._learner(loss)
        return self.learners[loss].fit(train, validation, seed, strength)

    def said(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The embedding, (n, 256), and the probabilities, (n, 3), of some rows by the weights as they are."""
        batches = Batches(self.inputs, rows, AT_ONCE)
        # Not by `predict`, which takes longer to set up than a head to run.
        said = [self.network(keras.tree.flatten(batches[index][0]), training=False) for index in range(len(batches))]
        return tuple(_joined(part[name] for part in said) for name in ("embedding", "probabilities"))

    def _learner(self, loss: str) -> training.Learner:
        losses = {
            "fsl": FeatureSmoothing(),
            "center": CenterLoss(),
            "contrastive": SupervisedContrastive(self.grid.temperature),
        }
        given = self.trunk.profile.network(self.trunk.name)
        settings = training.Settings(
            epochs=self.grid.epochs,
            batch_size=self.grid.batch_size,
            learning_rate=self.grid.learning_rate,
            optimizer=given.optimizer,
            weight_decay=given.weight_decay,
            plateau_patience=given.plateau_patience,
            stopping_patience=given.stopping_patience,
        )
        return training.Learner(self.network, self.inputs, self.trunk.labels, settings, Penalty(losses[loss]))


def _joined(parts: Iterable) -> np.ndarray:
    return np.concatenate([ops.convert_to_numpy(part) for part in parts]).astype(np.float32, copy=False)


def _values(layers: Iterable[keras.layers.Layer]) -> Values:
    return {layer.name: [np.array(ops.convert_to_numpy(each)) for each in layer.variables] for layer in layers}


def _of_no_fold(exams: pd.DataFrame) -> np.ndarray:
    """Pictures that no fold tests: the blind ones; without any, the first of all, whose labels are not looked at."""
    blind = np.flatnonzero(exams["split_patient_grouped"] == "blind")
    return blind[:RECALIBRATED] if len(blind) else np.arange(min(RECALIBRATED, len(exams)))
