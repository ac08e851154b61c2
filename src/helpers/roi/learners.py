"""What is trained by the protocol: a network, again and again, and a rule that sees no pixel."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from helpers import networks
from helpers.networks import document_c
from helpers.networks.backend import make_deterministic
from helpers.profile import RoiSettings
from helpers.roi.cohorts import PAIR
from helpers.training.restarted import Restarted

NETWORKS = (*document_c.NAMES, "baseline_cnn")
"""Document C's two, and the baseline, which learns in fewer steps."""
WEIGHT_DECAY = 0.05
"""Of AdamW, as both networks' authors have it."""
INNER_FOLDS = 2


class Learner:
    """A network of the protocol, built and compiled once for all cohorts.

    Args:
        name: One of `NETWORKS`.
        settings: Size, variant, epochs, batch size, learning rates.
        seed: Of the start; orders are drawn from it and from the fold.
    """

    def __init__(self, name: str, settings: RoiSettings, seed: int) -> None:
        self.settings, self.seed, self.rates = settings, seed, {}
        make_deterministic(seed)
        if name == "baseline_cnn":
            model = networks.build(name, settings.image_size, classes=2, seed=seed)
        else:
            model = document_c.build(name, settings.image_size, settings.variant, seed=seed)
        self.network = Restarted(model, "categorical_crossentropy", settings.batch_size, WEIGHT_DECAY)

    def shown(self, pictures: np.ndarray, positive: np.ndarray) -> None:
        """Sets the pictures, uint8 (n, size, size), and what of them is to be told, (n,) bool."""
        self.network.shown(pictures, np.eye(2, dtype="float32")[np.asarray(positive, int)])

    def __call__(self, train: np.ndarray, predict: np.ndarray, fold: int) -> np.ndarray:
        """Trains on some rows, by the learning rate of the fold, and returns the probability of others, (m,)."""
        rate = self.rates.get(fold, self.settings.learning_rates[0])
        return self._after(train, predict, rate, fold)

    def choose(self, table: pd.DataFrame) -> pd.DataFrame:
        """Chooses the learning rate of each fold by cross-validation within its training patients.

        Args:
            table: Of `helpers.roi.cohorts`, in the order of the pictures shown.

        Returns:
            DataFrame with the columns fold, rate, loss (cross-entropy) and chosen. With one rate there is nothing to
            choose.
        """
        self.rates, rows, rates = {}, [], self.settings.learning_rates
        for fold in np.unique(table["fold"]) if len(rates) > 1 else ():
            train = np.flatnonzero(table["label"].isin(PAIR) & (table["fold"] != fold))
            losses = {rate: self._inner_loss(train, table["patient_id"].to_numpy(), rate, fold) for rate in rates}
            self.rates[int(fold)] = min(losses, key=losses.get)
            rows += [(int(fold), rate, loss, rate == self.rates[int(fold)]) for rate, loss in losses.items()]
        return pd.DataFrame(rows, columns=["fold", "rate", "loss", "chosen"])

    def _inner_loss(self, rows: np.ndarray, patients: np.ndarray, rate: float, fold: int) -> float:
        splitter = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=self.seed)
        labels, said = self.network.targets[rows, 1], np.empty(len(rows))
        for learnt, held in splitter.split(rows, labels, patients[rows]):
            said[held] = self._after(rows[learnt], rows[held], rate, fold)
        return float(log_loss(labels, np.clip(said, 1e-7, 1 - 1e-7), labels=[0, 1]))

    def _after(self, train: np.ndarray, predict: np.ndarray, rate: float, fold: int) -> np.ndarray:
        self.network.fit(train, self.settings.epochs, rate, (self.seed, int(fold)))
        return self.network.said(predict)[:, 1].astype(float)


def regressed(table: pd.DataFrame) -> np.ndarray:
    """A logistic regression on the flag and the view, learnt from the other folds' patients.

    Args:
        table: Of `helpers.roi.cohorts`, with `flag`.

    Returns:
        (n,) float64, the malignant probability of each picture.
    """
    said, columns = np.empty(len(table)), table[["flag", "view"]].astype(str)
    learnt = table["label"].isin(PAIR)
    for fold in table["fold"].unique():
        held = table["fold"] == fold
        model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
        model.fit(columns[learnt & ~held], table.loc[learnt & ~held, "label"] == "malignant")
        said[held.to_numpy()] = model.predict_proba(columns[held])[:, 1]
    return said
