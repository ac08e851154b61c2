"""The chapter's experiment: six pairs and a filter, trained, chosen and measured; kept in the run's folder."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from helpers.calcifications.baseline import RADII, SCALES, THRESHOLDS, Filter
from helpers.calcifications.films import Film, drawn, listed, of_split
from helpers.calcifications.inference import Pair, Variant
from helpers.calcifications.measuring import gate_of, of_filter, of_pair, on_patches, pixels, searched
from helpers.calcifications.speed import timed
from helpers.calcifications.training import trained
from helpers.evaluation.froc import compared
from helpers.evaluation.pixels import best_threshold
from helpers.networks.patches import PADDINGS
from helpers.paths import RunPaths
from helpers.profile import Profile
from helpers.progress import Progress, write_json
from helpers.published.valvano import PATCH_SIDES
from helpers.training.side_by_side import each

VARIANTS = tuple(Variant(patch, padding) for patch, padding in product(PATCH_SIDES, PADDINGS))
"""The document's six."""
FILTER = "filter"
"""The method that learns nothing, by its name in the tables."""
TABLES = ("films", "accuracy", "positions", "candidates")


@dataclass(frozen=True)
class Played:
    """What came out.

    Attributes:
        films: One row a film: image_id, patient_id, abnormality, cluster, visible, split.
        accuracy: One row a variant, network, truth and patient on test patches: hits and of.
        positions: The same of positives, by `distance` from the patch's middle, px.
        candidates: One row a method, film of validation or test, and candidate: method, image_id, row, column, score,
            hit. A method is a variant's name or `FILTER`.
        histograms: {method: int64 (films, 2, 256)}, of `measured`.
        chosen: By method the `gate` (a logit; absent for the filter) and the `threshold` (of 8 bits); and the settings
            of the `filter`.
        folder: Where the networks lie.
    """

    films: pd.DataFrame
    accuracy: pd.DataFrame
    positions: pd.DataFrame
    candidates: pd.DataFrame
    histograms: dict[str, np.ndarray]
    chosen: dict
    folder: Path

    @property
    def measured(self) -> pd.DataFrame:
        """The films of validation and test, in the order of the histograms."""
        return self.films[self.films["split"] != "train"].reset_index(drop=True)

    @property
    def methods(self) -> list[str]:
        """All methods, the six and the filter."""
        return [*(variant.name for variant in VARIANTS), FILTER]

    def pictures(self, split: str) -> pd.DataFrame:
        """The films of one side: image_id, patient_id, cluster."""
        own = self.films[self.films["split"] == split]
        return own[["image_id", "patient_id", "cluster"]].reset_index(drop=True)

    def found(self, split: str) -> dict[str, pd.DataFrame]:
        """Each method's candidates on one side."""
        own = self.candidates[self.candidates["image_id"].isin(self.pictures(split)["image_id"])]
        return {method: own[own["method"] == method] for method in self.methods}

    def counts(self, split: str) -> dict[str, np.ndarray]:
        """Each method's histograms on one side."""
        own = (self.measured["split"] == split).to_numpy()
        return {method: self.histograms[method][own] for method in self.methods}

    def best(self) -> Variant:
        """The variant with the highest FROC area on the validation; the test has no say."""
        pictures, found = self.pictures("validation"), self.found("validation")
        areas = compared(found, pictures, FILTER, draws=1, seed=0).set_index("method")["value"].drop(FILTER)
        return next(variant for variant in VARIANTS if variant.name == areas.idxmax())

    def pair(self, variant: Variant) -> Pair:
        """The networks of a variant."""
        names = ("detector", "segmentator")
        return Pair(variant, *(keras.saving.load_model(_model(self.folder, name, variant)) for name in names))

    @property
    def seconds(self) -> pd.DataFrame:
        """What a whole picture takes with the best pair, and what a sliding window would; see `speed.timed`."""
        return pd.read_csv(self.folder / "seconds.csv", index_col="network")

    @property
    def filter(self) -> Filter:
        """The filter that was chosen."""
        return Filter(**self.chosen[FILTER]["filter"])


def played(profile: Profile, paths: RunPaths) -> Played:
    """Opens the experiment; plays it first where it is missing or was made by other settings.

    Args:
        profile: The run's profile.
        paths: Where the run's artifacts lie.

    Returns:
        The `Played`.
    """
    folder, settings = paths.calcifications, _settings(profile)
    about = folder / "settings.json"
    if not about.exists() or json.loads(about.read_text()) != settings:
        about.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        _play(profile, folder)
        write_json(about, settings)
    return _opened(folder)


def _opened(folder: Path) -> Played:
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    with np.load(folder / "histograms.npz") as stored:
        histograms = dict(stored)
    chosen = json.loads((folder / "chosen.json").read_text())
    return Played(**tables, histograms=histograms, chosen=chosen, folder=folder)


def _settings(profile: Profile) -> dict:
    phantoms = {"natural_normal_share": profile.natural_normal_share, "seed": profile.seed}
    return json.loads(json.dumps({**profile.calcifications.model_dump(mode="json"), **phantoms}))


def _play(profile: Profile, folder: Path) -> None:
    table = listed(profile)
    films = drawn(table, "phantoms at full resolution")
    table.drop(columns="recipe").to_parquet(folder / "films.parquet", index=False)
    sides = {split: of_split(films, split) for split in ("train", "validation", "test")}
    # The tables list films as they were drawn, validation and test among each other.
    measured = [film for film in films if film.split != "train"]
    results = _results(partial(_result, profile, sides=sides, measured=measured, folder=folder))
    validation = np.array([film.split == "validation" for film in measured])
    for result in results.values():
        result["chosen"]["threshold"] = best_threshold(result["histograms"][validation].sum(axis=0))
    _write(results, folder)
    one = _opened(folder)
    best, film = one.best(), next(film for film in sides["test"] if film.cluster)
    timed(one.pair(best), film.picture, one.chosen[best.name]["gate"]).to_csv(folder / "seconds.csv")


def _results(play: Callable[[Variant | None], dict]) -> dict[str, dict]:
    """By method what came out of it."""
    tasks, results = {variant.name: variant for variant in VARIANTS} | {FILTER: None}, {}
    progress = Progress("six pairs of networks and a filter", "method")
    for done, (task, result) in enumerate(each(play, list(tasks.values())), start=1):
        results[task] = result
        progress(done, len(tasks))
    # As the methods are listed, not as they came to an end.
    return {name: results[task] for name, task in tasks.items()}


def _result(
    profile: Profile,
    variant: Variant | None,
    *,
    sides: dict[str, list[Film]],
    measured: Sequence[Film],
    folder: Path,
) -> dict:
    """A pair's, or without a variant the filter's."""
    if variant is None:
        return _filter(profile, sides["train"], measured)
    return _pair(profile, variant, sides, measured, folder)


def _pair(
    profile: Profile, variant: Variant, sides: dict[str, list[Film]], measured: Sequence[Film], folder: Path
) -> dict:
    settings = profile.calcifications
    pair = trained(sides["train"], variant, settings, profile.seed)
    for name in ("detector", "segmentator"):
        getattr(pair, name).save(_model(folder, name, variant))
    gate = gate_of(pair, sides["validation"], settings.gate_sensitivity)
    accuracy, positions = on_patches(pair, sides["test"], settings.test_patches, profile.seed)
    candidates, histograms = of_pair(pair, measured, gate, settings.height)
    return {
        "accuracy": accuracy,
        "positions": positions,
        "candidates": candidates,
        "histograms": histograms,
        "chosen": {"gate": gate},
    }


def _filter(profile: Profile, train: Sequence[Film], measured: Sequence[Film]) -> dict:
    """The filter that does best on training films; it learns nothing, so it may choose on all of them."""
    height = profile.calcifications.height
    pictures = pd.DataFrame(
        [(film.image_id, film.patient_id, film.cluster) for film in train],
        columns=["image_id", "patient_id", "cluster"],
    )
    scales = [max(0.3, each * height / 1024) for each in SCALES]
    filters = [Filter(*each, pixels(radius, height)) for *each, radius in product(scales, THRESHOLDS, RADII)]
    every = pd.concat([searched(filters, film, height) for film in train], ignore_index=True)
    found = {one: every[every["filter"] == number] for number, one in enumerate(filters)}
    areas = compared(found, pictures, filters[0], draws=1, seed=0)
    best = areas.loc[areas["value"].idxmax(), "method"]
    candidates, histograms = of_filter(best, measured, height)
    return {"candidates": candidates, "histograms": histograms, "chosen": {"filter": vars(best)}}


def _write(results: dict[str, dict], folder: Path) -> None:
    for name in ("accuracy", "positions", "candidates"):
        tables = [result[name].assign(method=method) for method, result in results.items() if name in result]
        pd.concat(tables, ignore_index=True).to_parquet(folder / f"{name}.parquet", index=False)
    np.savez_compressed(folder / "histograms.npz", **{name: result["histograms"] for name, result in results.items()})
    write_json(folder / "chosen.json", {name: result["chosen"] for name, result in results.items()})


def _model(folder: Path, network: str, variant: Variant) -> Path:
    return folder / f"{network}_{variant.patch}_{variant.padding}.keras"
