"""What a study is: a YAML file whose product is a table of cells, each one training."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator

from helpers import profile as profiles
from helpers.chapter_settings import Count, Strict
from helpers.profile import NETWORKS, Profile, ProfileError

FOLDER = profiles.FOLDER.parent / "studies"
"""Where the studies lie, one YAML file each."""
PROTOCOLS = ("patient_grouped", "as_published")
PLAIN = "plain"
"""The ablation that changes nothing; the others are compared with it."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Settings(Strict):
    """A study as its file has it."""

    profile: str
    networks: Annotated[tuple[Literal[NETWORKS], ...], Field(min_length=1)]
    protocols: Annotated[tuple[Literal[PROTOCOLS], ...], Field(min_length=1)] = PROTOCOLS[:1]
    folds: Annotated[int, Field(ge=2)] = 5
    seeds: Count = 3
    ablations: dict[Name, dict[str, Any]] = {PLAIN: {}}
    together: Count = 1
    cpus: Count = 1
    memory: Annotated[float, Field(gt=0)] = 4
    minutes: Count = 60
    gpus: Annotated[int, Field(ge=0)] = 0

    @field_validator("ablations", mode="before")
    @classmethod
    def _nothing_is_changed_by_plain(cls, ablations: Any) -> Any:
        # In YAML a key without a value is null.
        named = {name: changes or {} for name, changes in (ablations or {}).items()}
        if named.get(PLAIN) != {}:
            raise ValueError(f"expected {PLAIN!r}, with no changes, for the others to be compared with")
        return named


@dataclass(frozen=True)
class Cell:
    """One training of a study.

    Attributes:
        network: One of `helpers.profile.NETWORKS`.
        ablation: A key of the study's ablations.
        protocol: How pictures are dealt out to folds.
        fold: Which of the folds is the test, from 0.
        seed: Which start and order, from 0; added to the profile's seed.
    """

    network: str
    ablation: str
    protocol: str
    fold: int
    seed: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f"{self.network}-{self.ablation}-{self.protocol}-fold{self.fold}-seed{self.seed}"


@dataclass(frozen=True)
class Plan:
    """A study, checked.

    Attributes:
        name: Its file's name.
        settings: What its file says.
        profiles: The profile of each ablation, by name.
    """

    name: str
    settings: Settings
    profiles: dict[str, Profile]

    @property
    def profile(self) -> Profile:
        """The profile that no ablation has changed: of its pictures all cells are made."""
        return self.profiles[PLAIN]

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """All cells by name, the slowest to vary first: network, ablation, protocol, fold, seed."""
        return {cell.name: cell for cell in self._cells()}

    def _cells(self) -> Iterator[Cell]:
        own = self.settings
        for values in product(own.networks, own.ablations, own.protocols, range(own.folds), range(own.seeds)):
            yield Cell(*values)

    def description(self) -> dict[str, Any]:
        """What the study's folder keeps in study.json, for when the YAML file has changed or gone."""
        cells = [{"cell": name, **vars(cell)} for name, cell in self.cells.items()]
        return {"settings": self.settings.model_dump(mode="json"), "cells": cells}

    def profile_of(self, cell: Cell) -> Profile:
        """The profile that a cell is trained by: its ablation's, with its own seed and protocol alone."""
        own = self.profiles[cell.ablation]
        return own.model_copy(update={"seed": own.seed + cell.seed, "protocols": (cell.protocol,)})

    def settings_of(self, cell: Cell) -> dict[str, Any]:
        """What makes a cell another one, beside its pictures and the code."""
        own = self.profile_of(cell)
        network = own.network(cell.network).model_dump(mode="json")
        return {"network": network, "folds": self.settings.folds, **own.evaluation_settings()}


def names() -> list[str]:
    """The studies that exist, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(study: str, settings: str = "") -> Plan:
    """Reads a study.

    Args:
        study: Its name, such as "ci", or the path of a YAML file.
        settings: Overrides of its profile, "key=value key=value"; an ablation's own win.

    Returns:
        The `Plan`.

    Raises:
        ProfileError: The study, its profile, a key or a value does not exist, or an ablation would need other
            pictures; one line says which, and names the nearest valid one.
    """
    path = Path(study) if study.endswith(".yaml") else FOLDER / f"{study}.yaml"
    if not path.is_file():
        raise ProfileError(f"unknown study {study!r}; {profiles.nearest(study, names())} (studies: {_all(names())})")
    own = _validated(path)
    changed = {name: profiles.load(own.profile, f"{settings} {words(each)}") for name, each in own.ablations.items()}
    for name, profile in changed.items():
        _check_pictures(path.stem, name, profile, changed[PLAIN])
    return Plan(path.stem, own, changed)


def words(changes: dict[str, Any]) -> str:
    """An ablation's changes as SET has them, such as "icnt.epochs=1"."""
    return shlex.join(f"{key}={value}" for key, value in changes.items())


def _validated(path: Path) -> Settings:
    try:
        return Settings(**(yaml.safe_load(path.read_text()) or {}))
    except ValidationError as error:
        raise ProfileError(f"study {path.stem}: {profiles.sentence(error, list(Settings.model_fields))}") from None
    except (yaml.YAMLError, TypeError) as error:
        raise ProfileError(f"study {path.stem}: expected a mapping in YAML, came {error}") from None


def _check_pictures(study: str, name: str, profile: Profile, plain: Profile) -> None:
    had = plain.data_settings()
    other = [key for key, value in profile.data_settings().items() if value != had[key]]
    if other:
        expected = "expected keys of networks; a study has one set of pictures and splits"
        raise ProfileError(f"study {study}: ablation {name!r} changes {_all(other)}; {expected}")


def _all(names: list[str]) -> str:
    return ", ".join(names)
