"""A screening cohort of phantoms: all views of both breasts, cancer as rare as in screening, eleven columns beside."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.datasets.exams import DatasetError
from helpers.datasets.phantom import picture
from helpers.datasets.phantom.cohort import KINDS, VIEWS, person
from helpers.datasets.phantom.picture import Recipe, stream
from helpers.datasets.screening import SCHEMA, Screening, problems

PREVALENCE = 0.021
"""Share of pictures with cancer: 1,158 of 54,706 in the RSNA set."""
BENIGN_SHARE = 0.06
"""Share of the other breasts with a benign lesion."""
RISK = {"A": -0.4, "B": 0.0, "C": 0.3, "D": 0.5}
"""Log odds of cancer by density; a stated choice, of the size that studies find."""
RISK_A_YEAR = 0.05
"""Log odds of cancer a year of age; a stated choice as well."""
RECALLED = {"malignant": 0.85, "benign": 0.5, "normal": 0.09}
"""How often a breast was asked back (BIRADS 0), by what is in it."""
NO_BIRADS = {"east": 0.35, "west": 0.8}
"""How often a site's BIRADS is missing; in the RSNA set it is for half of all pictures."""
NO_DENSITY = "west"
"""The site that records no density, as one of the RSNA set's two."""


@dataclass(frozen=True)
class Drawings:
    """Draws a phantom by its image_id.

    Attributes:
        recipes: {image_id: its recipe}.
    """

    recipes: dict[str, Recipe]

    def __call__(self, image_id: str) -> np.ndarray:
        return picture.read(self.recipes[image_id])


def load(patients: int, seed: int, prevalence: float = PREVALENCE, height: int = 256) -> Screening:
    """Makes a screening cohort: four pictures a patient, two views of each breast.

    Cancers are given to breasts of patients that are drawn by their risk, which rises with age and density. What
    follows from a reading (BIRADS, biopsy, invasive, difficult_negative_case) is drawn from what is in the breast; the
    picture knows nothing of it.

    Args:
        patients: Number of patients.
        seed: Seed; the same seed gives the same bytes.
        prevalence: Share of pictures with cancer.
        height: Height of a picture in pixels; the width is 0.8 of it.

    Returns:
        The `Screening`.

    Raises:
        DatasetError: There is no room for a cancer, or for more cancers than patients.
    """
    cancers = round(2 * prevalence * patients)
    if not 0 < cancers < patients:
        raise DatasetError(f"phantom: expected from 1 cancer to one a patient, {patients} patients have {cancers}")
    people = [person(seed, number) for number in range(patients)]
    pictures = [_picture(breast, view) for breast in _breasts(people, cancers, seed) for view in VIEWS]
    recipes = {row["image_id"]: _recipe(row, seed, height) for row in pictures}
    return Screening("phantom", _typed(pd.DataFrame(pictures)), Drawings(recipes), problems({}), synthetic=True)


def _breasts(people: list[dict], cancers: int, seed: int) -> list[dict]:
    rng = stream(seed, "screening")
    odds = np.exp([RISK[one["density"]] + RISK_A_YEAR * one["age"] for one in people])
    ill = set(rng.choice(len(people), cancers, replace=False, p=odds / odds.sum()).tolist())
    sides = rng.choice(["L", "R"], len(people))
    return [
        _breast(one, side, number in ill and side == sides[number], stream(seed, one["patient_id"], side, "reading"))
        for number, one in enumerate(people)
        for side in "LR"
    ]


def _breast(one: dict, side: str, cancer: bool, rng: np.random.Generator) -> dict:
    label = "malignant" if cancer else "benign" if rng.random() < BENIGN_SHARE else "normal"
    kinds = KINDS.get(label)
    recalled = rng.random() < RECALLED[label]
    biopsy = cancer or bool(recalled and rng.random() < (0.6 if label == "benign" else 0.15))
    hard = 0.5 if label == "benign" or recalled else 0.2 if one["density"] in "CD" else 0.05
    birads = "0" if recalled else "1" if rng.random() < 0.85 else "2"
    return one | {
        "laterality": side,
        "label": label,
        "abnormality": str(rng.choice(list(kinds), p=list(kinds.values()))) if kinds else None,
        "cancer": cancer,
        "biopsy": biopsy,
        "invasive": cancer and bool(rng.random() < 0.7),
        "BIRADS": None if rng.random() < NO_BIRADS[one["site_id"]] else birads,
        "difficult_negative_case": not cancer and bool(rng.random() < hard),
    }


def _picture(breast: dict, view: str) -> dict:
    return breast | {"view": view, "image_id": f"{breast['patient_id']}-{breast['laterality']}-{view}"}


def _recipe(row: dict, seed: int, height: int) -> Recipe:
    names = Recipe.__dataclass_fields__
    return Recipe(**{key: value for key, value in row.items() if key in names}, seed=seed, height=height)


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    known = table.assign(density=table["density"].where(table["site_id"] != NO_DENSITY))
    types = {name: str(column.dtype) for name, column in SCHEMA.columns.items()}
    return SCHEMA.validate(known[list(types)].astype(types))
