"""A profile: one run's every parameter, read from YAML, overridden by SET, validated."""

import shlex
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator

from helpers.chapter_settings import CalcificationsSettings, Count, LadderSettings, RoiSettings, Share, Strict

FOLDER = Path(__file__).resolve().parents[1] / "workflow" / "profiles"
"""Where the profiles lie, one YAML file each."""

NETWORKS = ("baseline_cnn", "icnt", "iiv3")
CARRIERS = ("icnt", "iiv3")
"""The networks that carry GAGM and SEVector."""
WEIGHTS = ("imagenet", "none")


SCHEMA = 1
"""Which keys a profile has and what they mean; one more whenever a profile of before would be misread."""


class ProfileError(ValueError):
    """A profile, key or value that does not exist; one line that names the nearest valid one."""


class NetworkSettings(Strict):
    """What one network is built with and how it is trained; document A's settings are the defaults."""

    weights: str = "imagenet"
    epochs: Count = 30
    batch_size: Count = 16
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    unfrozen_layers: Annotated[int, Field(ge=0)] = 20
    reduction_ratio: Count = 16
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    fsl_lambda: Annotated[float, Field(ge=0)] = 0.0
    augment: bool = False
    plateau_patience: Count = 5
    stopping_patience: Count = 10
    cache_dtype: Literal["float32", "float16"] = "float32"

    @field_validator("weights")
    @classmethod
    def _weights_exist(cls, weights: str) -> str:
        if weights not in WEIGHTS and not Path(weights).is_file():
            raise ValueError(f"no such file; {nearest(weights, list(WEIGHTS))} (imagenet | none | a weights file)")
        return weights


class LeakageSettings(Strict):
    """How the chapter on leakage plays both protocols out, on a collection that it makes of the run's pictures."""

    copies: Annotated[int, Field(ge=1, le=72)] = 6
    window: Share = 0.3
    folds: Annotated[int, Field(ge=3)] = 4
    repetitions: Count = 1
    image_size: Annotated[int, Field(ge=32, le=1024)] = 32
    epochs: Count = 20
    batch_size: Count = 32
    at_most: Count = 4000


class ModulesSettings(Strict):
    """The grid of the chapter on the modules: what is trained in it, how often and how long."""

    seeds: Annotated[int, Field(ge=2)] = 3
    folds: Annotated[int, Field(ge=2)] = 3
    fsl_lambdas: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)] = (0.001, 0.01, 0.1)
    center_lambda: Annotated[float, Field(gt=0)] = 0.01
    contrastive_lambda: Annotated[float, Field(gt=0)] = 0.1
    temperature: Annotated[float, Field(gt=0)] = 0.1
    unfrozen_layers: Annotated[int, Field(ge=0)] = 20
    epochs: Count = 30
    batch_size: Count = 32
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4

    @field_validator("fsl_lambdas", mode="before")
    @classmethod
    def _comma_separated(cls, lambdas: Any) -> Any:
        return tuple(str(lambdas).split(",")) if isinstance(lambdas, str | float | int) else lambdas


class AttentionSettings(Strict):
    """On how many lesions the slower checks of where the networks look are done."""

    pictures: Count = 64
    occluded: Count = 32
    cells: Annotated[int, Field(ge=2, le=32)] = 8


CHAPTERS = {
    "leakage": LeakageSettings,
    "modules": ModulesSettings,
    "attention": AttentionSettings,
    "ladder": LadderSettings,
    "calcifications": CalcificationsSettings,
    "roi": RoiSettings,
}
"""Chapters that play an experiment of their own, and what it is set by."""


class Profile(Strict):
    """One run's every parameter.

    The values that all networks share stand at the top; `baseline_cnn`, `icnt` and `iiv3` hold each network's own
    settings, already merged with the shared ones; what follows `iiv3` are the settings of chapters of their own.
    """

    name: str
    data: Literal["phantom", "mias", "kaggle_combined", "vindr", "cdd_cesm"]
    patients: Count = 100
    framing: Literal["lesion", "breast", "as_is"] = "breast"
    image_size: Annotated[int, Field(ge=75, le=1024)] = 224
    protocols: Annotated[tuple[Literal["patient_grouped", "as_published"], ...], Field(min_length=1)] = (
        "patient_grouped",
        "as_published",
    )
    blind: Annotated[int, Field(ge=0)] = 150
    test_share: Share = 0.2
    validation_share: Share = 0.2
    normal_share: Share = 0.331
    natural_normal_share: Share = 0.076
    bootstrap_draws: Annotated[int, Field(ge=100)] = 2000
    seed: int = 2025
    distribute: bool = False
    baseline_cnn: NetworkSettings = NetworkSettings()
    icnt: NetworkSettings = NetworkSettings()
    iiv3: NetworkSettings = NetworkSettings()
    leakage: LeakageSettings = LeakageSettings()
    modules: ModulesSettings = ModulesSettings()
    attention: AttentionSettings = AttentionSettings()
    ladder: LadderSettings = LadderSettings()
    calcifications: CalcificationsSettings = CalcificationsSettings()
    roi: RoiSettings = RoiSettings()

    @field_validator("protocols", mode="before")
    @classmethod
    def _comma_separated(cls, protocols: Any) -> Any:
        return tuple(protocols.split(",")) if isinstance(protocols, str) else protocols

    def network(self, name: str) -> NetworkSettings:
        """The settings of one network.

        Args:
            name: One of `NETWORKS`.

        Returns:
            Its `NetworkSettings`.
        """
        return getattr(self, name)

    def data_settings(self) -> dict[str, Any]:
        """The values that the pictures and the splits depend on, for telling whether stored ones still fit."""
        return self.model_dump(mode="json", exclude={"name", "bootstrap_draws", "distribute", *NETWORKS, *CHAPTERS})

    def grid_settings(self) -> dict[str, Any]:
        """The values that the grid of modules and losses depends on, beside the pictures."""
        kept = {"weights", "optimizer", "weight_decay", "reduction_ratio", "dropout", "cache_dtype"}
        kept |= {"plateau_patience", "stopping_patience"}
        networks = {name: self.network(name).model_dump(mode="json", include=kept) for name in CARRIERS}
        return {"modules": self.modules.model_dump(mode="json"), **networks, **self.evaluation_settings()}

    def ladder_settings(self) -> dict[str, Any]:
        """The values that the ladder depends on; its pictures are its own."""
        return self.model_dump(mode="json", include={"ladder", "bootstrap_draws", "seed"})

    def evaluation_settings(self) -> dict[str, Any]:
        """The values that metrics and intervals depend on, beside the predictions."""
        return self.model_dump(mode="json", include={"protocols", "bootstrap_draws", "seed"})


def names() -> list[str]:
    """The profiles that exist, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str, settings: str = "") -> Profile:
    """Reads a profile and applies overrides.

    Args:
        name: A profile's name, such as "demo".
        settings: Overrides, "key=value key=value"; "epochs=1" goes to every network, "icnt.epochs=1" to one.

    Returns:
        The validated `Profile`.

    Raises:
        ProfileError: The profile, a key or a value does not exist; one line names the nearest valid one.
    """
    if name not in names():
        raise ProfileError(f"unknown profile {name!r}; {nearest(name, names())} (profiles: {', '.join(names())})")
    values = yaml.safe_load((FOLDER / f"{name}.yaml").read_text()) or {}
    _check_schema(name, values.pop("schema", None))
    for word in shlex.split(settings):
        _override(values, word)
    return _validated(name, values)


def _check_schema(name: str, found: Any) -> None:
    """Says that a file is of another time before any key of it is said to be wrong."""
    if found == SCHEMA:
        return
    start = f"profile {name}: schema is {found!r}, and this MammoBook reads {SCHEMA}"
    if not isinstance(found, int):
        raise ProfileError(f"{start}; expected a line `schema: {SCHEMA}` in a profile whose keys are those of ci.yaml")
    if found > SCHEMA:
        raise ProfileError(f"{start}; the profile is of a later one: update this checkout")
    raise ProfileError(f"{start}; the profile is older: compare its keys with those of ci.yaml, then set schema anew")


def _override(values: dict[str, Any], word: str) -> None:
    key, equals, text = word.partition("=")
    if not equals or not key or not text:
        raise ProfileError(f"cannot read {word!r} in SET; expected key=value, such as epochs=1 or icnt.epochs=1")
    if key not in _keys():
        raise ProfileError(f"unknown key {key!r} in SET; {nearest(key, _keys())}")
    network, dot, own = key.partition(".")
    if dot:
        values[network] = {**(values.get(network) or {}), own: _value(text)}
        return
    values[key] = _value(text)
    # What SET says for every network wins over what the profile says for one.
    for network in NETWORKS:
        (values.get(network) or {}).pop(key, None)


def _keys() -> list[str]:
    run = [key for key in Profile.model_fields if key not in ("name", *NETWORKS, *CHAPTERS)]
    shared = list(NetworkSettings.model_fields)
    parts = dict.fromkeys(NETWORKS, NetworkSettings) | CHAPTERS
    return [*run, *shared, *(f"{part}.{key}" for part, settings in parts.items() for key in settings.model_fields)]


def _value(text: str) -> Any:
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    # YAML 1.1 reads 1e-3 as text, for want of a dot; people write 1e-3.
    return _number(value) if isinstance(value, str) else value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _validated(name: str, values: dict[str, Any]) -> Profile:
    shared = {key: values[key] for key in NetworkSettings.model_fields if key in values}
    own = {key: value for key, value in values.items() if key not in shared}
    try:
        NetworkSettings(**shared)
        networks = {network: {**shared, **(own.get(network) or {})} for network in NETWORKS}
        return Profile(**{**own, "name": name, **networks})
    except ValidationError as error:
        raise ProfileError(f"profile {name}: {sentence(error, _keys())}") from None


def sentence(error: ValidationError, known: list[str]) -> str:
    """What is wrong with some settings, in one line.

    Args:
        error: What pydantic found; the first of it is told.
        known: The keys that there are.

    Returns:
        Such as "unknown key 'epoch'; did you mean 'epochs'?".
    """
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    if first["type"] == "extra_forbidden":
        return f"unknown key {key!r}; {nearest(key, known)}"
    if first["type"] == "literal_error":
        choices = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{key} is {first['input']!r}; {nearest(str(first['input']), choices)}"
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{key} is {first.get('input')!r}; {reason[0].lower()}{reason[1:]}"


def nearest(word: str, known: list[str]) -> str:
    """Which known word was meant, for the end of an error.

    Args:
        word: What came.
        known: All that could have come.

    Returns:
        Such as "did you mean 'epochs'?", or all known words where none is near.
    """
    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"valid: {', '.join(known)}"
