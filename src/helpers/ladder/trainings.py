"""The trainings behind the rungs: each network, each way of training, each fold; each kept as soon as it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from helpers.chapter_settings import LadderSettings
from helpers.imaging.augmentation import altered
from helpers.ladder.dealing import TEST, Sides
from helpers.ladder.pictures import Screened
from helpers.ladder.rungs import Training
from helpers.ladder.targets import Targets
from helpers.networks import screening as networks
from helpers.networks.screening import MAIN
from helpers.training.heads import HeadsLearner

Said = dict[str, np.ndarray]
"""What a network says of a picture, by head, and of which rows: {"validation", "held", "test": ...}."""


@dataclass(frozen=True)
class Trainer:
    """Trains one network again and again, from the same weights.

    Attributes:
        network: "cnn" or "vit".
        screened: The pictures.
        targets: What their heads are to say.
        fold: (n,) the fold of each picture.
        settings: How it is trained.
        seed: Of weights, orders and alterations.
        folder: Where what is done is kept.
    """

    network: str
    screened: Screened
    targets: Targets
    fold: np.ndarray
    settings: LadderSettings
    seed: int
    folder: Path

    def said(self, training: Training, sides: Sides) -> Said:
        """What the network says when it was trained so, and one fold held out.

        Args:
            training: Which switches are on.
            sides: Who trains, who chooses the threshold, who is held.

        Returns:
            {"validation", "held" and "test": probabilities of cancer}; where auxiliary heads were trained also
            {"held/<target>" and "test/<target>": their outputs}.
        """
        file = self.folder / f"{self.network}.{training.name}.{sides.number}.npz"
        if not file.exists():
            draft = file.with_suffix(".draft.npz")
            np.savez(draft, **{name.replace("/", "|"): each for name, each in self._trained(training, sides).items()})
            draft.replace(file)
        with np.load(file) as kept:
            return {name.replace("|", "/"): kept[name] for name in kept.files}

    @cached_property
    def _learner(self) -> HeadsLearner:
        own = self.settings
        model = networks.build(
            self.network,
            own.image_size,
            self.targets.heads,
            size=own.networks,
            weights=own.weights,
            dropout=own.dropout,
            seed=self.seed,
        )
        return HeadsLearner(model, own.learning_rate, own.weight_decay, seed=self.seed)

    def _trained(self, training: Training, sides: Sides) -> Said:
        own, learner = self.settings, self._learner
        pictures = self.screened.pictures["cropped" if "roi_crop" in training.switches else "resized"]
        learner.fit(
            pictures,
            self.targets.values,
            self.targets.worth(training, own),
            sides.train,
            epochs=own.epochs,
            batch_size=own.batch_size,
            seed=self.seed + sides.number,
            augment=altered if "augmentation" in training.switches else None,
        )
        return dict(self._judged(learner, pictures, sides, "auxiliary" in training.switches))

    def _judged(
        self, learner: HeadsLearner, pictures: np.ndarray, sides: Sides, heads: bool
    ) -> Iterator[tuple[str, np.ndarray]]:
        rows = {"validation": sides.validation, "held": sides.held, "test": np.flatnonzero(self.fold == TEST)}
        outputs = learner.predict(pictures, np.concatenate([*rows.values()]))
        ends = np.cumsum([len(each) for each in rows.values()])[:-1]
        for head, values in outputs.items():
            for side, part in zip(rows, np.split(values, ends), strict=True):
                if head == MAIN:
                    yield side, part[:, 0]
                elif heads and side != "validation":
                    yield f"{side}/{head}", part
