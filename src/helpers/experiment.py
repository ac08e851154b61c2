"""One network of a run: trained by each protocol and written down, or opened when it is there."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.evaluation import metrics
from helpers.paths import NetworkPaths
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.progress import write_json

# Keras and its backend take seconds to import, for which nobody waits who only reads tables.
if TYPE_CHECKING:
    import keras

CLAIM = "patient_grouped"
"""The protocol whose numbers the book claims; its network is the one that the chapters look into."""


@dataclass(frozen=True)
class Trained:
    """A trained network and what it said of each picture.

    Attributes:
        name: The network's name.
        paths: Where its artifacts lie.
        protocols: The protocols it was trained by; the first is the one of `model`.
    """

    name: str
    paths: NetworkPaths
    protocols: tuple[str, ...]

    @cached_property
    def model(self) -> "keras.Model":
        """The network of the patient-grouped protocol, read from model.keras."""
        from helpers import networks

        return networks.load(self.paths.model)

    @cached_property
    def metrics(self) -> dict:
        """metrics.json."""
        return json.loads(self.paths.metrics.read_text())

    @cached_property
    def latency(self) -> dict:
        """latency.json: milliseconds a picture, measured on this machine."""
        return json.loads(self.paths.latency.read_text())

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """predictions.parquet: one row a picture, protocol and split."""
        return pd.read_parquet(self.paths.predictions)

    @cached_property
    def history(self) -> pd.DataFrame:
        """history.csv, with a column `network` before its own."""
        history = pd.read_csv(self.paths.history)
        history.insert(0, "network", self.name)
        return history

    @property
    def scores(self) -> pd.DataFrame:
        """The metrics as a tidy table: network, protocol, metric, value, low, high."""
        rows = [
            (self.name, protocol, metric, self.metrics[protocol][metric], *bounds)
            for protocol in self.protocols
            for metric, bounds in self.metrics[protocol]["intervals"].items()
            if metric != "auc"
        ]
        return pd.DataFrame(rows, columns=["network", "protocol", "metric", "value", "low", "high"])

    def test(self, protocol: str | None = None) -> pd.DataFrame:
        """The predictions on the test pictures of a protocol; of `protocols[0]` by default."""
        rows = self.predictions
        chosen = (rows["protocol"] == (protocol or self.protocols[0])) & (rows["split"] == "test")
        return rows[chosen].reset_index(drop=True)

    @property
    def areas(self) -> pd.DataFrame:
        """Areas under the ROC curves on the test, where they are defined: network, protocol, label, auc, low, high."""
        rows = [
            (self.name, protocol, label, area, *self.metrics[protocol]["intervals"]["auc"][label])
            for protocol in self.protocols
            for label, area in self.metrics[protocol]["auc"].items()
            if area is not None
        ]
        return pd.DataFrame(rows, columns=["network", "protocol", "label", "auc", "low", "high"])

    @property
    def confusion_matrices(self) -> dict[tuple[str, str], np.ndarray]:
        """Counts on the test, rows the truth: {(network, protocol): (3, 3)}."""
        return {(self.name, protocol): _confusion(self.test(protocol)) for protocol in self.protocols}

    @property
    def roc_curves(self) -> pd.DataFrame:
        """ROC curves on the test, with columns network and protocol."""
        curves = [
            metrics.roc_curves(*metrics.labels_and_probabilities(self.test(protocol))).assign(protocol=protocol)
            for protocol in self.protocols
        ]
        return pd.concat(curves, ignore_index=True).assign(network=self.name)


def trained(name: str, profile: Profile, cohort: Cohort, paths: NetworkPaths, cache: Path) -> Trained:
    """Opens a network's artifacts; trains it first where they are missing or other settings made them.

    Args:
        name: The network's name.
        profile: The run's profile.
        cohort: The pictures and splits.
        paths: Where the network's artifacts lie.
        cache: Where activations of frozen layers are kept.

    Returns:
        The `Trained` network.
    """
    protocols = tuple(sorted(profile.protocols, key=lambda protocol: protocol != CLAIM))
    if not is_trained(name, profile, paths):
        from helpers.learning import learn

        learn(name, profile, protocols, cohort, paths, cache)
        write_json(paths.settings, _settings(name, profile))
    return Trained(name, paths, protocols)


def is_trained(name: str, profile: Profile, paths: NetworkPaths) -> bool:
    """Whether a network's artifacts are there and made by these settings.

    Args:
        name: The network's name.
        profile: The run's profile.
        paths: Where the network's artifacts lie.
    """
    if not all(path.exists() for path in (*paths.artifacts(), paths.settings)):
        return False
    return json.loads(paths.settings.read_text()) == json.loads(json.dumps(_settings(name, profile)))


def _settings(name: str, profile: Profile) -> dict:
    return {
        "network": profile.network(name).model_dump(mode="json"),
        "data": profile.data_settings(),
        "evaluation": profile.evaluation_settings(),
    }


def _confusion(test: pd.DataFrame) -> np.ndarray:
    labels, probabilities = metrics.labels_and_probabilities(test)
    return metrics.confusion_matrix(labels, probabilities.argmax(axis=1))
