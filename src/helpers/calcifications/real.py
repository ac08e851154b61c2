"""Networks that have only seen phantoms, on real mammograms: mini-MIAS' films with calcifications, and normal ones.

Its circles tell where a cluster lies and nothing of single calcifications. Of a film with two circles it is enough to
find one. Where Info.txt gives no place, or one beside the breast, calcifications are somewhere: such films count as
films, not as clusters.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from helpers.calcifications.experiment import FILTER, Played
from helpers.calcifications.films import Film, film_of
from helpers.calcifications.measuring import of_filter, of_pair
from helpers.datasets import mias
from helpers.imaging.picture import PictureError, to_gray
from helpers.preparation import dataset_of
from helpers.profile import Profile
from helpers.progress import Progress, write_json

CIRCLE, SOMEWHERE, NORMAL = "circle", "somewhere", "normal"
CALCIFIED = "CALC"


@dataclass(frozen=True)
class Real:
    """What is found on real films.

    Attributes:
        films: One row each: image_id, patient_id, kind (circle | somewhere | normal) and cluster (its place is known).
        candidates: method, image_id, row, column, score, hit.
    """

    films: pd.DataFrame
    candidates: pd.DataFrame

    @property
    def placed(self) -> pd.DataFrame:
        """The films on which hits and false positives can be told: with a circle, or normal."""
        return self.films[self.films["kind"] != SOMEWHERE].reset_index(drop=True)

    def found(self) -> dict[str, pd.DataFrame]:
        """Each method's candidates on those films."""
        own = self.candidates[self.candidates["image_id"].isin(self.placed["image_id"])]
        return dict(iter(own.groupby("method", sort=False)))


def on_real_films(played: Played, profile: Profile, data: str) -> Real:
    """Opens what the best pair and the filter find on mini-MIAS; looks first where that was not done.

    Args:
        played: The experiment on phantoms.
        profile: A profile whose data are mini-MIAS.
        data: The archive or folder, or "" to download it.

    Returns:
        The `Real`.
    """
    files = [played.folder / f"real_{name}.parquet" for name in ("films", "candidates")]
    about = played.folder / "real_settings.json"
    settings = {"data": data, "experiment": json.loads((played.folder / "settings.json").read_text())}
    if not about.exists() or json.loads(about.read_text()) != settings:
        about.unlink(missing_ok=True)
        for table, file in zip(_looked(played, profile, data), files, strict=True):
            table.to_parquet(file, index=False)
        write_json(about, settings)
    return Real(*(pd.read_parquet(file) for file in files))


def _looked(played: Played, profile: Profile, data: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    films, kinds = read(profile, data)
    variant, height = played.best(), profile.calcifications.height
    pair, gate = played.pair(variant), played.chosen[variant.name]["gate"]
    progress, found = Progress("real films", "film"), []
    for done, film in enumerate(films, start=1):
        found.append(of_pair(pair, [film], gate, height)[0].assign(method=variant.name))
        found.append(of_filter(played.filter, [film], height)[0].assign(method=FILTER))
        progress(done, len(films))
    rows = [(film.image_id, film.patient_id, kind) for film, kind in zip(films, kinds, strict=True)]
    table = pd.DataFrame(rows, columns=["image_id", "patient_id", "kind"])
    return table.assign(cluster=table["kind"] == CIRCLE), pd.concat(found, ignore_index=True)


def read(profile: Profile, data: str) -> tuple[list[Film], list[str]]:
    """Reads all films with calcifications, and as many normal ones of other patients.

    Args:
        profile: The run's profile.
        data: The archive or folder, or "".

    Returns:
        The films, their hull being the circles, and the kind of each.
    """
    dataset, lines = dataset_of(profile, data), mias.findings(Path(data) if data else None)
    exams = dataset.exams
    ill = exams[exams["image_id"].isin(lines.loc[lines["abnormality"] == CALCIFIED, "image_id"])]
    others = exams[(exams["label"] == "normal") & ~exams["patient_id"].isin(ill["patient_id"])]
    chosen = pd.concat([ill, others.sample(min(len(ill), len(others)), random_state=profile.seed)])
    films, kinds = [], []
    for row in chosen.itertuples():
        gray = to_gray(dataset.read(row.image_id), row.image_id)
        circles = lines[(lines["image_id"] == row.image_id) & (lines["abnormality"] == CALCIFIED)]
        try:
            films.append(film_of(row.image_id, row.patient_id, "test", gray, hull=_within(circles, gray.shape)))
        except PictureError:
            continue
        kinds.append(NORMAL if circles.empty else CIRCLE if _on_breast(films[-1]) else SOMEWHERE)
    return films, kinds


def _on_breast(film: Film) -> bool:
    """Whether a circle tells a place; some lie beside the breast."""
    return bool((film.hull & film.breast).any())


def _within(circles: pd.DataFrame, shape: tuple[int, int]) -> np.ndarray:
    """The pixels of circles, whose y counts from the bottom."""
    mask = np.zeros(shape, np.uint8)
    for circle in circles.dropna(subset=["radius"]).itertuples():
        middle = round(circle.x), round(shape[0] - circle.y)
        cv2.circle(mask, middle, max(1, round(circle.radius)), 1, cv2.FILLED)
    return mask.astype(bool)
