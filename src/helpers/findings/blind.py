"""Sentences about the blind pictures, computed from the run."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from helpers.cohort import leak_audit
from helpers.datasets.exams import LABELS
from helpers.experiment import Trained
from helpers.findings.words import NAMES, PROTOCOLS, listed

NOTHING_APART = "This run set no picture apart (its profile says blind: 0), so there is nothing to read here."


def set_apart(exams: pd.DataFrame, protocols: Iterable[str]) -> str:
    """How many pictures were set apart, and whether training has seen anything of them.

    The classes are not counted here: who reads should not know how many of each there are.
    """
    protocols = list(protocols)
    blind = exams[exams[f"split_{protocols[0]}"] == "blind"]
    if blind.empty:
        return NOTHING_APART
    seen = {protocol: int(leak_audit(exams, protocol).loc["blind", "shared_patient"]) for protocol in protocols}
    apart = f"{len(blind)} pictures of {blind['patient_id'].nunique()} patients were set apart before any split."
    if not any(seen.values()):
        return f"{apart} None of these patients has a picture in training, under either protocol."
    known = " and ".join(f"{count} under the {PROTOCOLS[protocol]} protocol" for protocol, count in seen.items())
    return f"{apart} **They are not all unseen**: pictures whose patient is in training are {known}."


def toy_reading(synthetic: bool) -> str:
    """What such a reading does not measure."""
    toy = (
        "This is a toy. Small pictures on a screen that nobody calibrated, one view, no earlier pictures and no "
        "history: it measures nothing about a radiologist."
    )
    return f"{toy} And these are phantoms, drawn by a program, so it measures even less." if synthetic else toy


def stored_as(quality: int, pixels: np.ndarray, shown: np.ndarray) -> str:
    """How exactly the page holds the pictures.

    Args:
        quality: WebP's; above 100 it is lossless.
        pixels: (n, size, size) uint8, the pictures.
        shown: (m, size, size) uint8, the first m of them, as the page holds them.
    """
    side, off = pixels.shape[1], np.abs(shown.astype(int) - pixels[: len(shown)])
    few = "" if len(shown) == len(pixels) else f"Of {len(pixels)} pictures the page holds {len(shown)}, to stay small. "
    if not off.any():
        return f"{few}The networks saw the same {side} x {side} pixels, with the same gray levels."
    return (
        f"{few}The networks saw the same {side} x {side} pixels, but the page holds them as WebP of quality {quality}: "
        f"a gray level is off by {off.mean():.1f} of 255 on average, by {off.max()} at most."
    )


def classes(blind: pd.DataFrame) -> str:
    """How many blind pictures there are of each class, and which networks call them all the same.

    Args:
        blind: Predictions of the blind pictures, with a column `network`.
    """
    if blind.empty:
        return NOTHING_APART
    labels = blind.drop_duplicates("image_id")["label"].value_counts()
    counts = ", ".join(f"{labels.get(label, 0)} {label}" for label in LABELS)
    sentences = [f"The blind pictures are {counts}."]
    if (labels > 0).sum() > 1:
        sentences += [_all_the_same(protocol, own) for protocol, own in blind.groupby("protocol", sort=False)]
    return " ".join(filter(None, sentences))


def _all_the_same(protocol: str, blind: pd.DataFrame) -> str:
    """Names the networks that call every picture the same; "" where none does."""
    called = blind.assign(called=blind[list(LABELS)].idxmax(axis=1)).groupby("network", sort=False)["called"].unique()
    same = called[called.map(len) == 1].map(lambda labels: labels[0])
    told = [
        f"{listed(NAMES[name] for name in own.index)} {'calls' if len(own) == 1 else 'call'} each of them {label}"
        for label, own in same.groupby(same, sort=False)
    ]
    if not told:
        return ""
    whose = "its kappa is 0, whatever its accuracy" if len(same) == 1 else "their kappa is 0, whatever their accuracy"
    return f"Under the {PROTOCOLS[protocol]} protocol {', '.join(told)}; {whose}."


def kept_promise(networks: Mapping[str, Trained], scores: pd.DataFrame) -> str:
    """Whether the accuracy that each test promised was found again on the blind pictures.

    Args:
        networks: The trained networks, by name.
        scores: What `helpers.evaluation.agreement.blind_scores` returns.
    """
    accuracies = scores[scores["metric"] == "accuracy"]
    return "\n".join(
        f"- {NAMES[row.network]}, {PROTOCOLS[row.protocol]} protocol: "
        + _promise(networks[row.network].metrics[row.protocol]["accuracy"], row.value, row.low, row.high)
        for row in accuracies.itertuples()
    )


def _promise(test: float, blind: float, low: float, high: float) -> str:
    verdict = "above" if test > high else "below" if test < low else "inside"
    return f"accuracy {test:.3f} on its test, {blind:.3f} [{low:.3f}, {high:.3f}] here; the test's lies {verdict}."
