"""Results of the chapters on modules and attention, made up, for tests of what reads them."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from helpers.datasets.exams import LABELS
from helpers.evaluation.localization import BASELINES
from helpers.evaluation.localization import MEASURES as LOOKS
from helpers.evaluation.separability import MEASURES

LAMBDAS = (0.0, 0.001, 0.01, 0.1)
CELLS = [(g, s, "fsl", x) for g, s, x in product((False, True), (False, True), LAMBDAS)]
CELLS += [(True, True, "center", 0.01), (True, True, "contrastive", 0.1)]
HEAD = ["gagm", "sevector", "loss", "strength"]


@cache
def grid(gain: float = 0.5) -> tuple[pd.DataFrame, np.ndarray]:
    """Runs and draws of a grid in which center loss raises every measure by `gain`, and nothing else does anything."""
    rng = np.random.default_rng(3)
    rows, draws = [], []
    for network, cell, fold, seed in product(("icnt", "iiv3"), CELLS, (0, 1), (7, 8, 9)):
        for scope, names in MEASURES.items():
            for measure in names:
                center = cell[2] == "center"
                value = 0.4 + (gain if center else 0.0) * (1, -1)[measure == "davies_bouldin"] + rng.normal(0, 0.02)
                rows.append((network, *cell, fold, seed, 3, scope, measure, value))
                draws.append(value + rng.normal(0, 0.03, 200))
    columns = ["network", *HEAD, "fold", "seed", "epochs", "scope", "measure", "value"]
    return pd.DataFrame(rows, columns=columns), np.array(draws, dtype="float32")


@cache
def grid_pictures(count: int = 60) -> pd.DataFrame:
    """Held-out pictures of that grid, on two components."""
    rng = np.random.default_rng(4)
    labels = np.resize(LABELS, count)
    tables = []
    for network, cell in product(("icnt", "iiv3"), CELLS):
        own = pd.DataFrame({"image_id": [f"p{i}" for i in range(count)], "label": labels, "fold": 0, "seed": 7})
        own[["network", *HEAD]] = [network, *cell]
        own["patient_id"] = own["image_id"]
        own[["component_1", "component_2"]] = rng.normal(size=(count, 2))
        tables.append(own)
    return pd.concat(tables, ignore_index=True)


@cache
def looks(gain: float = 0.3, fields: tuple[str, ...] = ("framed", "wide", "occluded")) -> pd.DataFrame:
    """Scores of maps; Grad-CAM is better than every blind map by `gain`."""
    rng = np.random.default_rng(5)
    tables = []
    for network, field in product(("baseline_cnn", "icnt", "iiv3"), fields):
        hits = np.random.default_rng(len(network)).random(40) < 0.6
        own = ["grad_cam", *(("grad_cam_truth",) if field == "framed" else ())]
        for name in [*own, *(("occlusion",) if field == "occluded" else ()), *BASELINES]:
            values = 0.3 + gain * name.startswith("grad_cam") + rng.uniform(-0.1, 0.1, (40, 3))
            table = pd.DataFrame(values, columns=list(LOOKS)).assign(network=network, field=field, map=name)
            table["image_id"] = [f"p{i:02}" for i in range(40)]
            table["patient_id"], table["hit"], table["label"] = table.index // 2, hits, "malignant"
            tables.append(table.assign(called=np.where(hits, "malignant", "benign")))
    return pd.concat(tables, ignore_index=True)


@cache
def randomized() -> pd.DataFrame:
    """Likeness of maps under shuffled weights, falling from 1 to about 0."""
    rng = np.random.default_rng(6)
    parts = {
        "baseline_cnn": ["logits", "embedding", "stage_4_relu", "stage_3_relu", "stage_2_relu", "stage_1_relu"],
        "icnt": [
            "logits",
            "embedding",
            "sevector",
            "convnext_tiny_stage_3_block_2_add",
            "convnext_tiny_stage_2_block_8_add",
        ],
        "iiv3": ["logits", "embedding", "sevector", "mixed10", "mixed7", "mixed2", "activation_2"],
    }
    rows = [
        (network, step, part, f"p{i}", i // 2, 0.8**step + rng.normal(0, 0.1), 0.7**step + rng.normal(0, 0.1))
        for network, names in parts.items()
        for step, part in enumerate(names, start=1)
        for i in range(20)
    ]
    return pd.DataFrame(rows, columns=["network", "step", "part", "image_id", "patient_id", "spearman", "ssim"])


def spot(size: int, x: float, y: float, width: float) -> np.ndarray:
    """A bright spot on black, float32 from 0 to 1."""
    rows, columns = np.mgrid[:size, :size]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2)).astype(np.float32)


def examples() -> dict[str, dict]:
    """One lesion under the blind maps, as framed and in a wide window."""
    names = ("grad_cam", *BASELINES)
    return {
        field: {
            "picture": (150 * spot(64, 30, 30, 25)).astype(np.uint8),
            "circle": (30, 34, radius),
            **{name: spot(64, 10 + 6 * i, 30, 8) for i, name in enumerate(names)},
        }
        for field, radius in (("framed", 20), ("wide", 10))
    }


def opinions() -> list[dict]:
    """A hit and an error of each network under two kinds of maps."""
    shown = examples()["framed"]
    return [
        {"network": network, "image_id": "p", "hit": hit, "picture": shown["picture"], "circle": shown["circle"]}
        | {"grad_cam": spot(8, 3, 3, 1), "occlusion": spot(6, 2, 4, 1)}
        for network in ("baseline_cnn", "icnt", "iiv3")
        for hit in (True, False)
    ]
