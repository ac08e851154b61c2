"""What the heads are to say of a picture, as numbers; and what each is worth, which is nothing where it is missing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.chapter_settings import LadderSettings
from helpers.ladder.rungs import Training
from helpers.networks.screening import MAIN
from helpers.published.bassi import AUXILIARY_TARGETS

YES_OR_NO = ("implant", "biopsy", "invasive", "difficult_negative_case")
AGE, MIDDLE, SPREAD = "age", 58.0, 10.0
"""Ages are learnt as decades from 58, near the median of the screened."""


@dataclass(frozen=True)
class Targets:
    """The targets of a set.

    Attributes:
        values: {head: (n, units) float32}, 0 where a target is missing.
        known: {head: (n,) bool}.
        classes: {head: its classes}, of those heads that have more than yes and no.
    """

    values: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    classes: dict[str, tuple[str, ...]]

    @property
    def heads(self) -> dict[str, tuple[int, str]]:
        """{auxiliary target: (units, activation)}."""
        return {name: (self.values[name].shape[1], self._activation(name)) for name in AUXILIARY_TARGETS}

    def _activation(self, name: str) -> str:
        return "softmax" if name in self.classes else "linear" if name == AGE else "sigmoid"

    def worth(self, training: Training, settings: LadderSettings) -> dict[str, np.ndarray]:
        """What each row counts for each head.

        Args:
            training: Which switches are on.
            settings: The weights of cancer and of the heads.

        Returns:
            {head: (n,) float32}; a head that is off, left out or without a value counts nothing.
        """
        ill = self.values[MAIN][:, 0] > 0
        heavy = settings.cancer_weight if "weighted_loss" in training.switches else 1.0
        on = set(AUXILIARY_TARGETS) - {training.left_out} if "auxiliary" in training.switches else set()
        auxiliary = {
            name: self.known[name] * (settings.head_weight(name) if name in on else 0.0) for name in self.heads
        }
        return {name: each.astype("float32") for name, each in {MAIN: np.where(ill, heavy, 1.0), **auxiliary}.items()}

    def said(self, name: str, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What a head's outputs mean.

        Args:
            name: An auxiliary target.
            outputs: (n, units).

        Returns:
            (n,) words, and how sure the head is of each, (n,), NaN for the age.
        """
        if name in self.classes:
            return np.array(self.classes[name])[outputs.argmax(axis=1)], outputs.max(axis=1)
        if name == AGE:
            years = np.rint(MIDDLE + SPREAD * outputs[:, 0]).astype(int)
            return years.astype(str), np.full(len(outputs), np.nan)
        sure = outputs[:, 0]
        return np.where(sure >= 0.5, "yes", "no"), np.maximum(sure, 1 - sure)


def targets(table: pd.DataFrame) -> Targets:
    """Encodes a screening table.

    Args:
        table: The screening table.

    Returns:
        Its `Targets`.
    """
    values, known, classes = {MAIN: table[MAIN].to_numpy(np.float32)[:, None]}, {}, {}
    for name in AUXILIARY_TARGETS:
        column = table[name]
        known[name] = column.notna().to_numpy()
        if name == AGE:
            values[name] = ((column.fillna(MIDDLE).to_numpy(np.float32) - MIDDLE) / SPREAD)[:, None]
        elif name in YES_OR_NO:
            values[name] = column.astype("boolean").fillna(False).to_numpy(np.float32)[:, None]
        else:
            # In order; a column without any value is one class, of which nothing is known.
            classes[name] = tuple(sorted(column.dropna().unique())) or ("?",)
            values[name] = np.stack(
                [(column == one).fillna(False).to_numpy(np.float32) for one in classes[name]], axis=1
            )
    return Targets(values, known, classes)


def as_words(column: pd.Series) -> pd.Series:
    """A column of the table in the words of `Targets.said`, "" where it is missing."""
    if column.name == AGE:
        return column.map(lambda age: "" if pd.isna(age) else f"{age:.0f}")
    if column.name in YES_OR_NO:
        return column.map(lambda value: "" if pd.isna(value) else "yes" if value else "no")
    return column.astype("str").where(column.notna(), "")
