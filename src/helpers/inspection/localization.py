"""Whether the maps of trained networks find the lesions of the test, measured once and kept."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evaluation.localization import blind_maps, usual_places_of_others
from helpers.experiment import Trained
from helpers.inspection.looks import LESION, Looks, lesions_of
from helpers.inspection.pictures import pictures_of
from helpers.preparation import Cohort, wide_windows
from helpers.profile import Profile
from helpers.progress import write_json

FIELDS = ("framed", "wide", "occluded")
"""The test as framed; lesions in wide windows; and the part of the test that occlusion was done on."""


@dataclass(frozen=True)
class Localization:
    """What was measured.

    Attributes:
        folder: Where it is kept.
    """

    folder: Path

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a network, field, map and picture: image_id, patient_id, label, called, hit, pointing, ..."""
        return pd.read_parquet(self.folder / "scores.parquet")

    @cached_property
    def randomized(self) -> pd.DataFrame:
        """Likeness of the maps to those of the trained network: network, step, part, image_id, spearman, ssim."""
        return pd.read_parquet(self.folder / "randomized.parquet")

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """Rank correlation of Grad-CAM and occlusion: network, image_id, patient_id, hit, spearman."""
        return pd.read_parquet(self.folder / "agreement.parquet")

    def maps(self, network: str) -> dict[str, np.ndarray]:
        """Maps of one network in the order of its pictures in `scores`: framed, (n, h, w), wide, occluded."""
        return dict(np.load(self.folder / f"{network}.npz"))

    @cached_property
    def wide(self) -> dict[str, np.ndarray]:
        """The wide windows: image_ids, pictures, uint8 (n, 2 * size, 2 * size), and lesions in them, (n, 3)."""
        return dict(np.load(self.folder / "wide.npz")) if (self.folder / "wide.npz").exists() else {}


def localized(
    trained: Mapping[str, Trained], profile: Profile, data: str, cohort: Cohort, folder: Path
) -> Localization:
    """Opens what was measured; measures it first where it is missing or other settings made it.

    Args:
        trained: The networks by name.
        profile: The run's profile.
        data: The archive or folder that the pictures are read from, or "".
        cohort: The run's pictures.
        folder: Where the results are kept.

    Returns:
        The `Localization`.
    """
    settings = {
        "data": profile.data_settings(),
        "attention": profile.attention.model_dump(mode="json"),
        "networks": {name: json.loads(each.paths.settings.read_text()) for name, each in trained.items()},
    }
    note = folder / "settings.json"
    if not note.exists() or json.loads(note.read_text()) != settings:
        folder.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        _measure(trained, profile, data, cohort, folder)
        write_json(note, settings)
    return Localization(folder)


def examples(trained: Trained, profile: Profile, cohort: Cohort, found: Localization) -> dict[str, dict]:
    """One lesion as framed, and in a wide window where there are such, under every map.

    Args:
        trained: The network whose Grad-CAM is shown.
        profile: The run's profile.
        cohort: The run's pictures.
        found: What `localized` gave.

    Returns:
        {field: {"picture", "circle", and each map by name}}; empty where no lesion has a known place.
    """
    looks, wide = Looks(trained, profile, cohort), found.wide
    if looks.lesions.empty:
        return {}
    name = wide["image_ids"][0] if wide else looks.lesions["image_id"][0]
    place = int(np.flatnonzero(looks.lesions["image_id"] == name)[0])
    shown = {"framed": (looks.pictures[place], looks.lesions.loc[place, LESION].to_numpy(float), looks.usual)}
    maps = {"framed": found.maps(trained.name)["framed_truth"][place]}
    if wide:
        usual = usual_places_of_others(wide["lesions"], wide["pictures"].shape[-1])[0]
        shown["wide"] = (wide["pictures"][0], wide["lesions"][0], usual)
        maps["wide"] = found.maps(trained.name)["wide"][0]
    return {
        field: {"picture": picture, "circle": circle, "grad_cam": maps[field]}
        | {name: each[0] for name, each in blind_maps(picture[None], usual, looks.cells, seed=profile.seed).items()}
        for field, (picture, circle, usual) in shown.items()
    }


def opinions(trained: Mapping[str, Trained], cohort: Cohort, found: Localization) -> list[dict]:
    """A hit and an error of each network under Grad-CAM and occlusion, as far as there are such.

    Args:
        trained: The networks by name.
        cohort: The run's pictures.
        found: What `localized` gave.

    Returns:
        Dictionaries with network, image_id, hit, picture, circle, grad_cam and occlusion.
    """
    return [case for each in trained.values() for case in _opinions(each, cohort, found)]


def _opinions(trained: Trained, cohort: Cohort, found: Localization) -> Iterator[dict]:
    lesions, maps = lesions_of(trained, cohort), found.maps(trained.name)
    asked = found.agreement[found.agreement["network"] == trained.name].reset_index(drop=True)
    # The first hit and the first error, so far as there are such.
    for row, case in asked.drop_duplicates("hit").sort_values("hit", ascending=False).iterrows():
        place = int(np.flatnonzero(lesions["image_id"] == case["image_id"])[0])
        yield {
            "network": trained.name,
            "image_id": case["image_id"],
            "hit": bool(case["hit"]),
            "picture": pictures_of(lesions[place : place + 1], cohort)[0],
            "circle": lesions.loc[place, LESION].to_numpy(float),
            "grad_cam": maps["framed"][place],
            "occlusion": np.maximum(maps["occluded"][row], 0),
        }


def _measure(trained: Mapping[str, Trained], profile: Profile, data: str, cohort: Cohort, folder: Path) -> None:
    lesions = lesions_of(next(iter(trained.values())), cohort)["image_id"]
    some = lesions.sample(min(profile.attention.pictures, len(lesions)), random_state=profile.seed)
    wide = wide_windows(profile, data, cohort, some) if profile.framing == "lesion" and len(some) else None
    if wide:
        np.savez(folder / "wide.npz", image_ids=some.to_numpy(str), pictures=wide[0], lesions=wide[1])
    scores, agreement, randomized = [], [], []
    for name, each in trained.items():
        looks = Looks(each, profile, cohort)
        scores += [looks.framed(), *([looks.wide(some, *wide)] if wide else [])]
        occluded, agreed = looks.occluded(some[: profile.attention.occluded])
        scores.append(occluded)
        agreement.append(agreed)
        randomized.append(looks.randomized(some))
        np.savez(folder / f"{name}.npz", **looks.maps)
    for name, parts in {"scores": scores, "agreement": agreement, "randomized": randomized}.items():
        pd.concat(parts, ignore_index=True).to_parquet(folder / f"{name}.parquet", index=False)
