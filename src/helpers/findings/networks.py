"""Sentences about the three networks: what they started from, their scores, errors, layers and maps."""

from collections.abc import Mapping

import pandas as pd

from helpers.evaluation import metrics
from helpers.experiment import Trained
from helpers.findings.guessing import side
from helpers.findings.words import NAMES, PROTOCOLS, listed
from helpers.preparation import Cohort
from helpers.profile import Profile

AGAINST_GUESSING = {
    "above": "lies wholly above it",
    "around": "holds it: this test cannot tell the network from guessing",
    "below": "lies wholly below it: by this score, guessing does better",
}


def weights(name: str, profile: Profile) -> str:
    """What the network started from, and what pretrained weights would change."""
    settings = profile.network(name)
    if name == "baseline_cnn":
        return "All of its layers start at random and all of them train, in the document as here."
    if settings.weights == "imagenet":
        return f"The backbone starts from ImageNet weights, and its last {settings.unfrozen_layers} layers train."
    if settings.weights != "none":
        return f"The backbone starts from a weights file, and its last {settings.unfrozen_layers} layers train."
    return (
        "**No pretrained weights.** The backbone starts at random, and all but its last "
        f"{settings.unfrozen_layers} layers stay so: the head chooses among random features of the picture. The "
        "document starts from ImageNet, whose filters already tell edges, blobs and textures apart. With those weights "
        "one should expect this network to gain most, and the order of the networks to change; this copy of the book "
        'cannot say by how much. Where the internet is at hand, `make book SET="weights=imagenet"` can.'
    )


def comparability(profile: Profile, cohort: Cohort) -> str:
    """Whether the published values may be compared with ours."""
    reasons = []
    if profile.data != "kaggle_combined":
        reasons.append("the pictures are others")
    if any(profile.network(name).weights != "imagenet" for name in ("icnt", "iiv3")):
        reasons.append("the backbones have no ImageNet weights")
    if not reasons:
        return "Data and starting weights are the document's, so the columns *as published* can be compared with it."
    kind = "phantoms" if cohort.synthetic else "this data set"
    return (
        f"**Not a replication.** In this copy {' and '.join(reasons)}. The published values stand beside ours to show "
        f"the same table, not to be matched: what {kind} can show is the difference between the two protocols."
    )


def against_chance(trained: Trained, profile: Profile) -> str:
    """The macro F1 of a network under each protocol, set against guessing."""
    sentences = [_above_chance(trained, protocol, profile) for protocol in trained.protocols]
    return "\n".join(f"- {sentence}" for sentence in sentences)


def all_against_chance(networks: Mapping[str, Trained], profile: Profile) -> str:
    """`against_chance` of the claimed protocol for all networks."""
    return "\n".join(f"- {_above_chance(trained, trained.protocols[0], profile)}" for trained in networks.values())


def chance_level(networks: Mapping[str, Trained], profile: Profile) -> float:
    """The best macro F1 of guessing on the claimed protocol's test."""
    return _chance(next(iter(networks.values())), None, profile)


def leakage_added(gaps: pd.DataFrame) -> str:
    """For which networks the published protocol scores higher, beyond what chance in the choice of patients explains.

    Args:
        gaps: Columns network, value, low, high: macro F1 of the published protocol minus that of the patient-grouped.
    """
    sides = {
        "scores higher under the published protocol": gaps["low"] > 0,
        "scores lower under it": gaps["high"] < 0,
        "may score either way": (gaps["low"] <= 0) & (gaps["high"] >= 0),
    }
    told = "; ".join(
        f"{listed(NAMES[name] for name in gaps.loc[rows, 'network'])} {verdict}"
        for verdict, rows in sides.items()
        if rows.any()
    )
    return (
        "On the right stands what leakage adds. An interval that holds zero leaves open whether it adds anything. In "
        f"this copy, {told}."
    )


def critical_errors(test: pd.DataFrame, errors: pd.DataFrame) -> str:
    """How many malignant pictures were missed, or that none was.

    Args:
        test: Predictions on the test pictures.
        errors: The critical errors to be shown.
    """
    malignant = int((test["label"] == "malignant").sum())
    if errors.empty:
        return f"This run has no critical error: each of the {malignant} malignant test pictures was called malignant."
    called = test[["normal", "benign", "malignant"]].idxmax(axis=1)
    missed = called[(test["label"] == "malignant") & (called != "malignant")].value_counts()
    kinds = " and ".join(f"{count} called {label}" for label, count in missed.items())
    return f"Of {malignant} malignant test pictures, {missed.sum()} were missed: {kinds}. The most confident are shown."


def latent_layer(layer: str, curves: pd.DataFrame) -> str:
    """Which layer is projected, and how much of its variance the first three components hold.

    Args:
        layer: The chosen layer.
        curves: Cumulative variance: columns layer, component, cumulative.
    """
    own = curves[(curves["layer"] == layer) & (curves["component"] <= 3)]
    return (
        f"Chosen: `{layer}`, whose first three components hold {own['cumulative'].max():.0%} of the variance, "
        f"out of {curves['layer'].nunique()} candidates."
    )


def attention_layers(maps: Mapping[str, tuple[str, tuple[int, int]]]) -> str:
    """The layer that Grad-CAM explains in each network, and the size of its map.

    Args:
        maps: For each network the layer's name and its map's height and width in cells.
    """
    parts = [f"`{layer}` of {NAMES[name]} ({size[0]} x {size[1]} cells)" for name, (layer, size) in maps.items()]
    return "Explained is the deepest map that still says where: " + ", ".join(parts) + "."


def _above_chance(trained: Trained, protocol: str, profile: Profile) -> str:
    measured = trained.metrics[protocol]
    low, high = measured["intervals"]["f1_macro"]
    chance = _chance(trained, protocol, profile)
    return (
        f"{NAMES[trained.name]}, {PROTOCOLS[protocol]} protocol: macro F1 {measured['f1_macro']:.3f} "
        f"[{low:.3f}, {high:.3f}] on {measured['n']} pictures of {measured['n_patients']} patients. The best way of "
        f"guessing reaches {chance:.3f}; the interval {AGAINST_GUESSING[side(low, high, chance)]}."
    )


def _chance(trained: Trained, protocol: str | None, profile: Profile) -> float:
    labels, _ = metrics.labels_and_probabilities(trained.test(protocol))
    return metrics.chance_f1(labels, seed=profile.seed)
