"""What the settings of a run are made of, and those of chapters that play an experiment of their own."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """Settings that take no unknown key, and do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


SWITCHES = ("weighted_loss", "roi_crop", "threshold", "augmentation", "auxiliary")
"""What document B does against imbalance, in its order; each can be left out or put elsewhere."""


class LadderSettings(Strict):
    """Document B's ladder: on which pictures it is climbed, and by which networks."""

    data: Literal["phantom", "rsna"] = "phantom"
    path: str = ""
    patients: Count = 300
    prevalence: Share = 0.021
    image_size: Annotated[int, Field(ge=32, le=1024)] = 64
    networks: Literal["small", "published"] = "small"
    weights: str = "none"
    rungs: tuple[Literal[SWITCHES], ...] = SWITCHES
    folds: Annotated[int, Field(ge=3)] = 5
    test_parts: Annotated[int, Field(ge=2)] = 5
    epochs: Count = 6
    batch_size: Count = 32
    learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    cancer_weight: Annotated[float, Field(gt=0)] = 20.0
    auxiliary_weight: Annotated[float, Field(ge=0)] = 0.1
    auxiliary_weights: dict[str, Annotated[float, Field(ge=0)]] = {}
    left_out_folds: Annotated[int, Field(ge=0)] = 5

    def head_weight(self, target: str) -> float:
        """What the head of an auxiliary target counts in the loss, cancer counting one.

        Args:
            target: The target's name.
        """
        return self.auxiliary_weights.get(target, self.auxiliary_weight)

    @field_validator("path")
    @classmethod
    def _path_exists(cls, path: str) -> str:
        if path and not Path(path).is_dir():
            raise ValueError("no such folder; expected the competition's, with train.csv and train_images in it")
        return path

    @field_validator("rungs", mode="before")
    @classmethod
    def _comma_separated(cls, rungs: Any) -> Any:
        return tuple(rungs.split(",")) if isinstance(rungs, str) else rungs

    @field_validator("rungs")
    @classmethod
    def _once_each(cls, rungs: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(rungs)) < len(rungs):
            raise ValueError("each rung can be climbed once")
        return rungs


class CalcificationsSettings(Strict):
    """The chapter on microcalcifications: its phantoms, and how its twelve networks are trained."""

    clusters: Annotated[int, Field(ge=6)] = 60
    height: Annotated[int, Field(ge=256, le=4096)] = 1024
    faintest: Annotated[float, Field(gt=0, le=1)] = 0.12
    boldest: Annotated[float, Field(gt=0, le=1)] = 0.6
    test_share: Share = 0.4
    validation_share: Share = 0.25
    detector_patches: Annotated[int, Field(ge=64)] = 1600
    segmentator_patches: Annotated[int, Field(ge=64)] = 480
    hard_share: Share = 0.5
    epochs: Count = 4
    batch_size: Count = 32
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    gate_sensitivity: Share = 0.9
    test_patches: Annotated[int, Field(ge=64)] = 1000

    @model_validator(mode="after")
    def _faintest_first(self) -> "CalcificationsSettings":
        if self.faintest > self.boldest:
            raise ValueError(f"faintest is {self.faintest}, expected at most boldest, {self.boldest}")
        return self


class RoiSettings(Strict):
    """How the chapter on document C separates, trains and melts; its own settings are in the profile `paper`."""

    image_size: Annotated[int, Field(ge=32, le=1024, multiple_of=8)] = 48
    variant: Literal["small", "tiny"] = "small"
    at_most: Count = 300
    folds: Annotated[int, Field(ge=2)] = 3
    smallest: Count = 4
    epochs: Count = 8
    batch_size: Count = 32
    learning_rates: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (1e-3,)
    levels: Annotated[int, Field(ge=2)] = 5

    @field_validator("learning_rates", mode="before")
    @classmethod
    def _comma_separated(cls, rates: Any) -> Any:
        return tuple(str(rates).split(",")) if isinstance(rates, str | float | int) else rates
