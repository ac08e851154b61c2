"""The blind test: a reader calls the pictures that no split has touched, and sees herself beside the networks."""

import hashlib
from collections.abc import Mapping

import anywidget
import cv2
import numpy as np
import pandas as pd
import traitlets
from IPython.display import HTML, display

from helpers.datasets.exams import severity
from helpers.evaluation.agreement import blind_scores
from helpers.evaluation.intervals import patient_weights
from helpers.evaluation.metrics import CLASSES
from helpers.explorers.kit import FOLDER, LOOK, STYLE, explore, packed, script
from helpers.figures import tables
from helpers.figures.data import OUTLINE, is_known
from helpers.findings.blind import NOTHING_APART, stored_as, toy_reading
from helpers.inspection.pictures import exams_of, pictures_of
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.run import Run

PARTS = ("agreement.js", "viewer.js", "blind_results.js")
"""What the explorer's script needs beside its own file."""
QUALITIES = (101, 100, 95, 90, 85, 80, 70, 60, 50)
"""WebP's, the best first; what lies above 100 is lossless to OpenCV."""
BUDGET = 1_100_000
"""Bytes that the pictures may weigh; on the page they are base64, a third more, and a page has 2 MB."""
LEAST = 10
"""Pictures to read before the results may be seen: fewer say nothing."""


class BlindTest(anywidget.AnyWidget):
    """Shows pictures one by one, takes a call and a confidence for each, and compares at the end.

    The page has no server, so truth and calls lie in it from the start; they are shown at the end only.

    Attributes:
        about: profile, key (under which a browser keeps the answers), size (pixels a side), patients, minimum (pictures
            before one may stop), outline (color), and the sentences warning and stored.
        cases: One entry a picture, in the order of reading: image_id, label (class index), patient (column of
            `weights`), circle ([x, y, radius] in pixels, or null).
        networks: One entry a network and protocol, in the order of `probabilities`: network, protocol, seconds (a
            picture).
        probabilities: float32, (networks, pictures, 3).
        pictures: WebP files, one after the other.
        lengths: The bytes of each file.
        weights: uint8, (draws, patients), how often each patient is drawn in the bootstrap.
    """

    _esm = script("blind_test.js") + "".join((FOLDER / part).read_text() for part in PARTS)
    _css = STYLE + (FOLDER / "blind_test.css").read_text()
    look = traitlets.Dict(LOOK).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)
    cases = traitlets.List().tag(sync=True)
    networks = traitlets.List().tag(sync=True)
    probabilities = traitlets.Bytes().tag(sync=True)
    pictures = traitlets.Bytes().tag(sync=True)
    lengths = traitlets.List().tag(sync=True)
    weights = traitlets.Bytes().tag(sync=True)


def blind_test(run: Run) -> None:
    """Shows the explorer and its static twin; without blind pictures, a sentence that there are none.

    Args:
        run: The run; its predictions, pictures and measured times are read.
    """
    predictions = run.predictions
    blind = predictions[predictions["split"] == "blind"]
    if blind.empty:
        display(HTML(f"<p>{NOTHING_APART}</p>"))
        return
    seconds = {name: network.latency["milliseconds_a_picture"] / 1000 for name, network in run.networks.items()}
    scores = blind_scores(blind, run.profile.bootstrap_draws, seed=run.profile.seed)
    caption = f"The networks on the {blind['image_id'].nunique()} blind pictures, with 95 % intervals."
    explore(reading(blind, run.cohort, seconds, run.profile), tables.blind(scores).set_uuid("twin"), caption)


def reading(blind: pd.DataFrame, cohort: Cohort, seconds: Mapping[str, float], profile: Profile) -> BlindTest:
    """The explorer itself.

    Args:
        blind: All networks' predictions of the blind pictures: network, protocol, image_id, patient_id, label,
            normal, benign, malignant.
        cohort: The run's pictures.
        seconds: What each network takes for a picture.
        profile: The run's profile; its seed gives the order of reading.

    Returns:
        The widget. Its pictures are as exact as `BUDGET` allows; where even the coarsest are too many, the first.

    Raises:
        ValueError: Two networks, or protocols, were not given the same blind pictures.
    """
    groups = list(blind.groupby(["network", "protocol"], sort=False))
    first = groups[0][1].sort_values("image_id", ignore_index=True)
    first = first.iloc[np.random.default_rng(profile.seed).permutation(len(first))]
    pixels = pictures_of(first, cohort)
    files, stored = _encoded(pixels)
    order = first["image_id"].iloc[: len(files)]
    weights, owner = patient_weights(first["patient_id"], profile.bootstrap_draws, seed=profile.seed)
    circles = exams_of(first, cohort)[["framed_x", "framed_y", "framed_radius"]].to_numpy()
    return BlindTest(
        about={
            "profile": profile.name,
            "key": f"mammobook/blind-test/{profile.name}/{_checksum(order, pixels)}",
            "size": pixels.shape[1],
            "patients": weights.shape[1],
            "minimum": min(LEAST, len(files)),
            "outline": OUTLINE,
            "warning": toy_reading(cohort.synthetic),
            "stored": stored,
        },
        cases=[
            {"image_id": name, "label": label, "patient": patient, "circle": circle if is_known(circle) else None}
            for name, label, patient, circle in zip(
                order, severity(first["label"]).tolist(), owner.tolist(), circles.tolist(), strict=False
            )
        ],
        networks=[{"network": name, "protocol": protocol, "seconds": seconds[name]} for (name, protocol), _ in groups],
        probabilities=b"".join(packed(_in_order(table, order)) for _, table in groups),
        pictures=b"".join(files),
        lengths=list(map(len, files)),
        weights=packed(weights, "uint8"),
    )


def _in_order(table: pd.DataFrame, order: pd.Series) -> np.ndarray:
    indexed = table.set_index("image_id")
    if lost := sorted(set(order) - set(indexed.index)):
        network, protocol = table.iloc[0][["network", "protocol"]]
        raise ValueError(f"{network}, {protocol}: expected the blind pictures of the others, {lost[0]} is missing")
    return indexed.loc[order, list(CLASSES)].to_numpy()


def _encoded(pixels: np.ndarray) -> tuple[list[bytes], str]:
    for quality in QUALITIES:
        files = [cv2.imencode(".webp", one, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes() for one in pixels]
        ends = np.cumsum([len(file) for file in files])
        if ends[-1] <= BUDGET:
            break
    kept = files[: max(1, int((ends <= BUDGET).sum()))]
    shown = np.stack([cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_GRAYSCALE) for file in kept])
    return kept, stored_as(quality, pixels, shown)


def _checksum(order: pd.Series, pixels: np.ndarray) -> str:
    """Another order, another frame or another size are other pictures to read: answers to these do not fit them."""
    return hashlib.sha256("\n".join(order).encode() + pixels.tobytes()).hexdigest()[:16]
