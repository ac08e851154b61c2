"""Predictions whose truth is known, for tests of what is computed from them."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from helpers.datasets.exams import LABELS

NETWORKS = ("baseline_cnn", "icnt", "iiv3")
PROTOCOLS = ("patient_grouped", "as_published")
SKILL = {"baseline_cnn": 1.0, "icnt": 0.4, "iiv3": 0.7}


def predictions(patients: int = 60, views: int = 2, seed: int = 0, overconfidence: float = 1.0) -> pd.DataFrame:
    """Predictions of three networks under two protocols; probabilities are right where overconfidence is 1.

    Args:
        patients: Patients of each split.
        views: Pictures of each patient, which share its label.
        seed: Seed of the random generator.
        overconfidence: What the class scores are multiplied by after the labels were drawn from them.

    Returns:
        Columns network, image_id, patient_id, protocol, split, label, normal, benign and malignant.
    """
    tables = []
    for place, protocol in enumerate(PROTOCOLS):
        for number, split in enumerate(("train", "validation", "test")):
            rng = np.random.default_rng([seed, place, number])
            skill = rng.normal(0, 2, (patients, 3))
            label = np.array([rng.choice(3, p=each) for each in softmax(skill, axis=1)])
            owner = np.repeat(np.arange(patients), views)
            for network, share in SKILL.items():
                noise = (1 - share) * rng.normal(0, 2, (len(owner), 3))
                probabilities = softmax(overconfidence * (share * skill[owner] + noise), axis=1)
                rows = pd.DataFrame(probabilities, columns=list(LABELS))
                rows["label"] = np.array(LABELS)[label[owner]]
                rows["patient_id"] = [f"{split}-{each}" for each in owner]
                rows["image_id"] = [f"{protocol}-{split}-{row}" for row in range(len(owner))]
                tables.append(rows.assign(network=network, protocol=protocol, split=split))
    columns = ["network", "image_id", "patient_id", "protocol", "split", "label", *LABELS]
    return pd.concat(tables, ignore_index=True)[columns]


def of(rows: pd.DataFrame, **key: str) -> pd.DataFrame:
    """The rows whose columns have these values."""
    return rows[(rows[list(key)] == pd.Series(key)).all(axis=1)].reset_index(drop=True)
