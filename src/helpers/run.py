"""One run of the book, as a notebook sees it: its profile, its pictures, its trained networks."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import profile as profiles
from helpers.experiment import Trained, is_trained, trained
from helpers.paths import ROOT, RunPaths
from helpers.preparation import Cohort, is_prepared, prepared


@dataclass(frozen=True)
class Run:
    """A run. What is asked of it and does not exist yet is made, so a notebook runs alone.

    Attributes:
        profile: The run's every parameter.
        data: The archive or folder that holds the pictures, or "".
        paths: Where the run's artifacts lie.
    """

    profile: profiles.Profile
    data: str
    paths: RunPaths

    @property
    def finished(self) -> bool:
        """Whether everything is there and made by these settings, so that opening it makes nothing."""
        each = (is_trained(name, self.profile, self.paths.network(name)) for name in profiles.NETWORKS)
        return is_prepared(self.profile, self.data, self.paths) and all(each)

    @cached_property
    def cohort(self) -> Cohort:
        """The pictures and splits."""
        return prepared(self.profile, self.data, self.paths)

    def network(self, name: str) -> Trained:
        """One network, trained by each protocol.

        Args:
            name: "baseline_cnn", "icnt" or "iiv3".

        Returns:
            Its model, history, predictions and metrics.
        """
        return trained(name, self.profile, self.cohort, self.paths.network(name), self.paths.activations)

    @cached_property
    def networks(self) -> dict[str, Trained]:
        """All networks, by name."""
        return {name: self.network(name) for name in profiles.NETWORKS}

    @property
    def scores(self) -> pd.DataFrame:
        """All networks' metrics: columns network, protocol, metric, value, low, high."""
        return pd.concat([result.scores for result in self.networks.values()], ignore_index=True)

    @property
    def areas(self) -> pd.DataFrame:
        """All networks' areas under the ROC curves: network, protocol, label, auc, low, high."""
        return pd.concat([result.areas for result in self.networks.values()], ignore_index=True)

    @property
    def roc_curves(self) -> pd.DataFrame:
        """All networks' ROC curves on the test: network, protocol, label, false_positive_rate, sensitivity."""
        return pd.concat([result.roc_curves for result in self.networks.values()], ignore_index=True)

    @property
    def confusion_matrices(self) -> dict[tuple[str, str], np.ndarray]:
        """Counts on the test, rows the truth: {(network, protocol): (3, 3)}."""
        return {key: value for result in self.networks.values() for key, value in result.confusion_matrices.items()}

    @property
    def predictions(self) -> pd.DataFrame:
        """All networks' predictions, with a column `network` before the contract's own."""
        tables = [result.predictions.assign(network=name) for name, result in self.networks.items()]
        return pd.concat(tables, ignore_index=True)


def open_run(profile: str, data: str = "", settings: str = "", build: str = "") -> Run:
    """Opens a run by the values of a notebook's parameters cell.

    Args:
        profile: A profile's name, such as "demo".
        data: An archive or folder of mammograms, where the profile needs one.
        settings: Overrides, "epochs=1 icnt.epochs=2".
        build: The folder that holds the runs' folders; the checkout's build/ by default.

    Returns:
        The `Run`.

    Raises:
        ProfileError: The profile, a key or a value does not exist.
    """
    folder = Path(build) if build else ROOT / "build"
    return Run(profiles.load(profile, settings), data, RunPaths(profile, folder))
