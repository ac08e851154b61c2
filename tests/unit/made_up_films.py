"""A played experiment on microcalcifications, made up: every method named places, nobody trained anything."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.calcifications.experiment import FILTER, VARIANTS, Played
from helpers.evaluation import pixels

METHODS = [*(variant.name for variant in VARIANTS), FILTER]
SKILL = dict(zip(METHODS, (3.0, 2.5, 2.8, 2.2, 2.6, 2.0, 0.3), strict=True))
THRESHOLD = 150


def films(patients: int = 12) -> pd.DataFrame:
    rows = []
    for number in range(patients):
        split = ("test", "validation", "train")[number % 3]
        cluster = number % 2 == 0
        for view in ("CC", "MLO"):
            kind = "calcification_cluster" if cluster else "mass_spiculated"
            name = f"P{number:02d}-L-{view}"
            rows.append((name, f"P{number:02d}", kind, cluster, 0.1 + 0.02 * number, split))
    return pd.DataFrame(rows, columns=["image_id", "patient_id", "abnormality", "cluster", "visible", "split"])


def made_up(folder: Path = Path(), patients: int = 60, skill: dict[str, float] = SKILL) -> Played:
    rng = np.random.default_rng(4)
    table = films(patients)
    measured = table[table["split"] != "train"].reset_index(drop=True)
    places, histograms = [], {}
    for method in METHODS:
        for row in measured.itertuples():
            for _ in range(rng.integers(1, 5)):
                places.append((method, row.image_id, 10, 20, 1 / (1 + np.exp(-rng.normal())), False))
            if row.cluster:
                places.append((method, row.image_id, 30, 40, 1 / (1 + np.exp(-rng.normal(skill[method]))), True))
        histograms[method] = np.stack([_histogram(rng, row.cluster, skill[method]) for row in measured.itertuples()])
    columns = ["method", "image_id", "row", "column", "score", "hit"]
    chosen = {name: {"gate": 0.5, "threshold": THRESHOLD} for name in METHODS}
    chosen[FILTER]["filter"] = {"scale": 1.0, "threshold": 4.0, "radius": 24}
    accuracy, positions = _patches(rng, table)
    return Played(table, accuracy, positions, pd.DataFrame(places, columns=columns), histograms, chosen, folder)


def _histogram(rng: np.random.Generator, cluster: bool, skill: float) -> np.ndarray:
    levels = np.clip(rng.normal(60, 20, 3000), 0, 140).astype(np.uint8)
    truth = np.zeros(3000, bool)
    if cluster:
        truth[:60] = True
        levels[:60] = np.clip(rng.normal(100 + 20 * skill, 30, 60), 1, 255)
    return pixels.histogram(levels, truth, np.ones(3000, bool))


def _patches(rng: np.random.Generator, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    test = table[table["split"] == "test"].drop_duplicates("patient_id")
    accuracy, positions = [], []
    for variant in VARIANTS:
        for network, of in (("detector", 20), ("segmentator", 5000)):
            for row in test.itertuples():
                for positive in (True, False):
                    whole = of // 10 if positive and network == "segmentator" else of
                    accuracy.append((variant.name, network, row.patient_id, positive, rng.binomial(whole, 0.9), whole))
                for distance in range(0, variant.patch // 2, 3):
                    hits = rng.binomial(10, 0.9 - 0.6 * distance / variant.patch)
                    positions.append((variant.name, network, row.patient_id, distance, hits, 10))
    columns = ["variant", "network", "patient_id", "positive", "hits", "of"]
    return pd.DataFrame(accuracy, columns=columns), pd.DataFrame(
        positions, columns=[*columns[:3], "distance", *columns[4:]]
    )
