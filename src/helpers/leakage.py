"""Both protocols played out on one collection: each picture is tested once by either, so that the two can be paired.

The collection is made of the run's pictures as public ones are made of films: each several times, turned and mirrored.
Its folds are dealt out by picture or by patient; a fold is the test once, the next one the validation, and the rest the
training. What learns, from which start and on how many pictures is the same for both.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from keras.ops import convert_to_numpy

from helpers import networks, training
from helpers.audit import nearest_in_training
from helpers.cohort import PROTOCOLS
from helpers.collection import dealt, multiplied, pictures_of, siblings, sides
from helpers.datasets.exams import LABELS, severity
from helpers.datasets.signature import NEAR_DUPLICATE, SIDE, copies, signatures
from helpers.evaluation import probes
from helpers.imaging.turning import Window, as_thumbnail, whole
from helpers.learning import training_settings
from helpers.paths import RunPaths
from helpers.preparation import Cohort
from helpers.profile import Profile
from helpers.progress import Progress, write_json

NETWORK = "baseline_cnn"
BATCH = 256
"""Pictures that a trained network takes at once."""
Rows = dict[str, np.ndarray]
"""The rows of each side: train, validation, test."""
Learner = Callable[[Rows, int], np.ndarray]
"""Takes the sides and a seed, learns, and returns the test's probabilities, (m, 3)."""


@dataclass(frozen=True)
class Collection:
    """A multiplied collection, as its learners see it.

    Attributes:
        table: One row a picture, see `helpers.collection.multiplied`.
        sources: (n,) int, what each picture was made of; told by signature where the run's pictures are copies.
        pictures: (n, size, size) uint8.
        found: (n, d) float32, signatures.
        rendering: (n, e) float64, how each picture was rendered, its lesion hidden.
    """

    table: pd.DataFrame
    sources: np.ndarray
    pictures: np.ndarray
    found: np.ndarray
    rendering: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """(n,) int, class indices."""
        return severity(self.table["label"]).to_numpy()


def collected(profile: Profile, cohort: Cohort) -> Collection:
    """Makes the collection of a run's pictures.

    Of whole breasts a window is copied: around the lesion, or, where there is none, placed as around a lesion.

    Args:
        profile: The run's profile.
        cohort: The run's pictures.

    Returns:
        The `Collection`.
    """
    table = multiplied(cohort.exams, profile.leakage.copies, profile.leakage.at_most, profile.seed)
    rows, original = np.unique(table["row"], return_inverse=True)
    pictures = cohort.pictures[rows]
    discs = _discs(pictures, cohort.exams.iloc[rows], profile.seed)
    windows = dict(zip(rows, _windows(profile, pictures, discs), strict=True))
    small, fine = (pictures_of(table, cohort.pictures, windows, size) for size in (profile.leakage.image_size, SIDE))
    found = signatures(fine)
    sources = table["row"].to_numpy() if profile.leakage.copies > 1 else copies(found)
    # Copies share how their original was rendered.
    return Collection(table, sources, small, found, probes.rendering_features(pictures, discs)[original])


def played(profile: Profile, collection: Collection, paths: RunPaths) -> pd.DataFrame:
    """Opens what every learner said of every picture under both protocols; plays it out first where need be.

    Args:
        profile: The run's profile.
        collection: The multiplied collection.
        paths: Where the run's artifacts lie; the table is kept as predictions.parquet in its folder `leakage`.

    Returns:
        DataFrame, one row a learner, protocol, repetition and picture: learner (baseline_cnn | copy_only |
        source_only), protocol, repetition, fold, image_id, copy_of, patient_id, label, normal, benign, malignant, and
        of the training pictures of that fold `copies`, those made from the same original, and `relatives`, those of
        the same patient.
    """
    file, about = paths.leakage / "predictions.parquet", paths.leakage / "settings.json"
    settings = _settings(profile)
    if not _fits(file, about, settings):
        file.parent.mkdir(parents=True, exist_ok=True)
        about.unlink(missing_ok=True)
        play(profile, collection).to_parquet(file, index=False)
        write_json(about, settings)
    return pd.read_parquet(file)


def play(profile: Profile, collection: Collection) -> pd.DataFrame:
    """Plays both protocols out.

    Args:
        profile: The run's profile.
        collection: The multiplied collection.

    Returns:
        The table that `played` opens.
    """
    settings, learners = profile.leakage, _learners(profile, collection)
    rounds = list(product(range(settings.repetitions), PROTOCOLS, range(settings.folds)))
    progress, results = Progress("both protocols", "fold"), []
    for done, (repetition, protocol, fold) in enumerate(rounds, start=1):
        dealing = dealt(collection.table, protocol, settings.folds, profile.seed + repetition)
        rows = sides(dealing, fold)
        # The same for both protocols: a network starts, and shuffles, alike.
        seed = profile.seed + 1000 * repetition + fold
        said = pd.concat([_said(collection, rows, name, learn(rows, seed)) for name, learn in learners.items()])
        results.append(said.assign(protocol=protocol, repetition=repetition, fold=fold))
        progress(done, len(rounds))
    return pd.concat(results, ignore_index=True)


def distances(profile: Profile, collection: Collection) -> pd.DataFrame:
    """Finds, for each test picture of the first repetition, the training picture that resembles it most.

    Args:
        profile: The run's profile.
        collection: The multiplied collection.

    Returns:
        DataFrame, one row a protocol and picture: protocol, row and nearest (places in the collection) and distance.
    """
    tables = []
    for protocol, test in product(PROTOCOLS, range(profile.leakage.folds)):
        rows = sides(dealt(collection.table, protocol, profile.leakage.folds, profile.seed), test)
        split = pd.Series(None, index=range(len(collection.table)), dtype="str")
        for side in ("train", "test"):
            split.iloc[rows[side]] = side
        tables.append(nearest_in_training(collection.found, split).assign(protocol=protocol))
    return pd.concat(tables, ignore_index=True)


def most_alike(
    collection: Collection, nearest: pd.DataFrame, count: int, seed: int
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Draws test pictures of different patients, and takes the training picture that resembles each most.

    Args:
        collection: The multiplied collection.
        nearest: Of `distances`.
        count: Pictures drawn; the same for both protocols.
        seed: Of the draw.

    Returns:
        {protocol: (test pictures, their nearest training pictures)}, each (count, size, size) uint8.
    """
    one_each = collection.table.sample(frac=1, random_state=seed).drop_duplicates("patient_id").index[:count]
    by_row = {protocol: own.set_index("row")["nearest"] for protocol, own in nearest.groupby("protocol")}
    return {
        protocol: (collection.pictures[one_each], collection.pictures[found[one_each]])
        for protocol, found in by_row.items()
    }


def rendered(profile: Profile, cohort: Cohort) -> tuple[pd.DataFrame, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Lets the source probe judge the run's pictures as they are, and with the normal ones rendered as thumbnails.

    Patients are kept apart and lesions hidden: what the probe tells, it tells by the rendering.

    Args:
        profile: The run's profile.
        cohort: The run's pictures.

    Returns:
        One row a rendering and original picture: learner (source_only), rendering ("planted" | "as it is"),
        image_id, patient_id, label, normal, benign, malignant; and, of the n originals, the pictures, the planted
        pictures, both (n, size, size) uint8, and the labels.
    """
    table = multiplied(cohort.exams, 1, profile.leakage.at_most, profile.seed)
    pictures = cohort.pictures[table["row"].to_numpy()]
    planted, rng = pictures.copy(), np.random.default_rng(profile.seed)
    for place in np.flatnonzero(table["label"] == "normal"):
        planted[place] = as_thumbnail(pictures[place], rng)
    exams = cohort.exams.iloc[table["row"]]
    told = {"planted": _told(profile, exams, planted), "as it is": _told(profile, exams, pictures)}
    columns = exams[["image_id", "patient_id", "label"]].reset_index(drop=True)
    tables = [columns.assign(learner="source_only", rendering=name, **_by_class(said)) for name, said in told.items()]
    return pd.concat(tables, ignore_index=True), (pictures, planted, columns["label"].to_numpy())


def _told(profile: Profile, exams: pd.DataFrame, pictures: np.ndarray) -> np.ndarray:
    """What the source probe says of each picture, of whose patient it has seen none."""
    features = probes.rendering_features(pictures, _discs(pictures, exams, profile.seed))
    labels = severity(exams["label"]).to_numpy()
    fold = dealt(exams, "patient_grouped", profile.leakage.folds, profile.seed)
    said = np.empty((len(exams), len(LABELS)))
    for held in (fold == number for number in range(profile.leakage.folds)):
        said[held] = probes.source_probe(features[~held], labels[~held], features[held])
    return said


def _discs(pictures: np.ndarray, exams: pd.DataFrame, seed: int) -> np.ndarray:
    lesions = exams[["framed_x", "framed_y", "framed_radius"]].to_numpy(float)
    return probes.hidden_discs(pictures, lesions, seed=seed)


def _windows(profile: Profile, pictures: np.ndarray, discs: np.ndarray) -> list[Window]:
    if profile.framing != "breast":
        return [whole(picture) for picture in pictures]
    size = pictures.shape[1]
    side = round(profile.leakage.window * size)
    # At the chest wall the window is moved: what is beyond the picture could only be made up.
    middles = np.clip(discs[:, :2], (side - 1) / 2, size - (side + 1) / 2)
    return [(float(x), float(y), side) for x, y in middles]


def _settings(profile: Profile) -> dict:
    return {
        "leakage": profile.leakage.model_dump(mode="json"),
        "network": profile.network(NETWORK).model_dump(mode="json"),
        "data": profile.data_settings(),
    }


def _fits(file: Path, about: Path, settings: dict) -> bool:
    return file.exists() and about.exists() and json.loads(about.read_text()) == json.loads(json.dumps(settings))


def _learners(profile: Profile, collection: Collection) -> dict[str, Learner]:
    labels = collection.labels
    return {
        NETWORK: partial(_network, profile, collection.pictures, labels),
        "copy_only": partial(_probe, partial(probes.copy_probe, reach=NEAR_DUPLICATE), collection.found, labels),
        "source_only": partial(_probe, probes.source_probe, collection.rendering, labels),
    }


def _network(profile: Profile, pictures: np.ndarray, labels: np.ndarray, rows: Rows, seed: int) -> np.ndarray:
    own = profile.leakage
    network = profile.network(NETWORK).model_copy(update={"epochs": own.epochs, "batch_size": own.batch_size})
    model = networks.build(NETWORK, own.image_size, dropout=network.dropout, seed=seed)
    training.fit(model, pictures, labels, rows["train"], rows["validation"], training_settings(network, seed))
    # Called, not compiled: it would take longer to compile so many networks than to run each once.
    batches = np.array_split(pictures[rows["test"]], math.ceil(len(rows["test"]) / BATCH))
    said = [model(batch[..., None].astype("float32"), training=False) for batch in batches]
    return np.concatenate([convert_to_numpy(each) for each in said])


def _probe(probe: Callable, features: np.ndarray, labels: np.ndarray, rows: Rows, seed: int) -> np.ndarray:
    return probe(features[rows["train"]], labels[rows["train"]], features[rows["test"]])


def _said(collection: Collection, rows: Rows, learner: str, probabilities: np.ndarray) -> pd.DataFrame:
    seen = siblings(collection.table, collection.sources, rows["train"])
    columns = collection.table[["image_id", "copy_of", "patient_id", "label"]].join(seen)
    tested = columns.iloc[rows["test"]].reset_index(drop=True)
    return tested.assign(learner=learner, **_by_class(probabilities))


def _by_class(probabilities: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip(LABELS, probabilities.T, strict=True))
