"""Who is in the set: patients, breasts and views in the proportions of the published set."""

from math import ceil

import numpy as np

from helpers.datasets.exams import DatasetError
from helpers.datasets.phantom.film import SITES
from helpers.datasets.phantom.picture import Recipe, stream

BENIGN_SHARE = 0.44
"""Benign among benign and malignant: 10,900 of 24,600 pictures in the published set."""

KINDS = {
    "benign": {"mass_circumscribed": 0.84, "calcification_coarse": 0.16},
    "malignant": {"mass_spiculated": 0.70, "calcification_cluster": 0.18, "distortion": 0.12},
}
"""How often each kind comes up in its class; mostly masses, as in the published set."""

VIEWS = ("CC", "MLO")


def recipes(patients: int, seed: int, normal_share: float, height: int) -> list[Recipe]:
    """Composes a set of phantoms.

    A patient with a lesion gives both views of that breast. Normal pictures come from wholly normal patients first,
    one breast each, then from their other breasts and those of patients with a lesion.

    Args:
        patients: Number of patients, at least 10.
        seed: Seed of the whole set.
        normal_share: Share of pictures labelled normal, above 0 and at most 0.9.
        height: Height of a picture in pixels.

    Returns:
        One recipe a picture, ordered by patient, side and view.

    Raises:
        DatasetError: An argument is out of range.
    """
    _check(patients, normal_share, height)
    rng = stream(seed, "cohort")
    healthy, pictures = _healthy(patients, normal_share)
    order = [int(patient) for patient in rng.permutation(patients)]
    first = [("L", "R")[k] for k in rng.integers(0, 2, patients)]
    found = zip(order[healthy:], _lesions(patients - healthy, rng), strict=True)
    chosen = [(patient, first[patient], view, *lesion) for patient, lesion in found for view in VIEWS]
    chosen += [(*slot, "normal", None) for slot in _free(order, healthy, first, rng)[:pictures]]
    people = [person(seed, patient) for patient in range(patients)]
    return [_recipe(seed, height, people[row[0]], *row[1:]) for row in sorted(chosen, key=lambda row: row[:3])]


def _free(order, healthy, first, rng) -> list[tuple[int, str, str]]:
    """Where normal pictures can come from, in the order in which they are taken."""
    one = [(patient, first[patient], VIEWS[k % 2]) for k, patient in enumerate(order[:healthy])]
    same = [(patient, first[patient], VIEWS[1 - k % 2]) for k, patient in enumerate(order[:healthy])]
    shuffled = [order[k] for k in rng.permutation(len(order))]
    return one + same + [(patient, "RL"["LR".index(first[patient])], view) for patient in shuffled for view in VIEWS]


def _check(patients, normal_share, height) -> None:
    for name, value, low, fits in (
        ("patients", patients, "at least 10", patients >= 10),
        ("normal_share", normal_share, "above 0 and at most 0.9", 0 < normal_share <= 0.9),
        ("height", height, "at least 128", height >= 128),
    ):
        if not fits:
            raise DatasetError(f"phantom: expected {name} {low}, got {value}")


def _healthy(patients, share) -> tuple[int, int]:
    """Number of wholly normal patients and of normal pictures that make the share exact."""
    odds = share / (1 - share)
    enough = ceil(patients * (odds - 1) / (odds + 1))
    count = max(min(5, ceil(share * patients)), round(0.6 * share * patients), enough)
    return count, max(count, round(2 * odds * (patients - count)))


def _lesions(count, rng) -> list[tuple[str, str]]:
    """Labels and kinds of `count` lesions in fixed proportions, shuffled."""
    benign = round(BENIGN_SHARE * count)
    found = []
    for label, number in (("benign", benign), ("malignant", count - benign)):
        kinds, shares = zip(*KINDS[label].items(), strict=True)
        ends = np.round(np.cumsum(shares) * number).astype(int)
        found += [(label, kind) for kind, n in zip(kinds, np.diff(ends, prepend=0), strict=True) for _ in range(n)]
    return [found[k] for k in rng.permutation(count)]


def person(seed: int, patient: int) -> dict:
    """Gives what all pictures of a patient share, independent of any lesion."""
    name = f"P{patient:04d}"
    rng = stream(seed, name, "person")
    site = str(rng.choice(list(SITES), p=[0.6, 0.4]))
    return {
        "patient_id": name,
        "density": str(rng.choice(list("ABCD"), p=[0.12, 0.38, 0.38, 0.12])),
        "age": int(np.clip(rng.normal(57, 10), 35, 88)),
        "implant": bool(rng.random() < 0.03),
        "site_id": site,
        "machine_id": str(rng.choice(SITES[site])),
    }


def _recipe(seed, height, person, laterality, view, label, kind) -> Recipe:
    return Recipe(
        seed=seed,
        height=height,
        image_id=f"{person['patient_id']}-{laterality}-{view}",
        laterality=laterality,
        view=view,
        label=label,
        abnormality=kind,
        **person,
    )
