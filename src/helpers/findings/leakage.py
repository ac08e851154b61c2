"""Sentences of the chapter on leakage: computed from its results, never typed."""

from collections.abc import Mapping

import pandas as pd

from helpers.evaluation import metrics
from helpers.evaluation.paired import AREAS
from helpers.findings.guessing import side
from helpers.findings.words import PROTOCOLS, ends, listed, measured
from helpers.leakage import Collection
from helpers.profile import Profile

LEARNERS = {
    "baseline_cnn": "The baseline CNN",
    "copy_only": "The copy-only probe",
    "source_only": "The source-only probe",
}
TOLD = 0.9
"""An area under the ROC curve from which on a class counts as told by its rendering."""


def near_duplicates(audits: Mapping[str, pd.DataFrame]) -> str:
    """How many test pictures have a near-duplicate in training, and what the signature cannot see."""
    sentences, missed = [], 0
    for protocol, table in audits.items():
        test = table.loc["test"].astype(int)
        missed += max(0, test["shared_source"] - test["near_duplicate"])
        sentences.append(
            f"Under the {PROTOCOLS[protocol]} protocol, {test['near_duplicate']} of {test['pictures']} test pictures "
            f"have a near-duplicate in training by their signature, and {test['shared_patient']} share their patient."
        )
    if missed:
        sentences.append(
            f"At least {missed} known copies escape the signature: those that augmentation makes are zoomed as well, "
            "show another part of the picture, and are known by the table alone."
        )
    return " ".join(sentences)


def planted(check: Mapping[str, int]) -> str:
    """Whether the search for copies found what was planted, and what else it flagged."""
    complete = check["found"] == check["planted"]
    found = f"{check['found']} of {check['planted']} planted copies were found" + ("" if complete else ", **not all**")
    others = check["same_patient"] + check["other_patient"]
    if not others:
        return f"{found}, and no other pair was flagged."
    return (
        f"{found}. {others} other pairs were flagged: {check['same_patient']} within a patient, "
        f"{check['other_patient']} between two. Where a collection holds copies of its own, they are among them."
    )


def confounded(table: pd.DataFrame) -> str:
    """Which columns hang together with the label more than by chance, or that none does."""
    if table.empty:
        return "All pictures come from one source, and nothing else is known of how they were taken."
    beyond = table[table["cramers_v"] > table["by_chance"]].sort_values("cramers_v", ascending=False)
    if beyond.empty:
        return f"The label goes together with {listed(table.index, 'or')} no more than chance explains."
    named = listed(f"{column} (V = {row['cramers_v']:.2f})" for column, row in beyond.iterrows())
    return f"More than chance explains, the label goes together with {named}. A network may learn that instead."


def networks(gaps: pd.DataFrame) -> str:
    """For how many of the book's networks the difference of the protocols can be told from zero.

    Args:
        gaps: network, metric, value, low, high.
    """
    own = gaps[gaps["metric"] == "f1_macro"]
    if own.empty:
        return "This run trained its networks by one protocol only; there is nothing to compare."
    clear = int((own["low"] > 0).sum())
    told = f"The interval of the difference in macro F1 lies above zero for {clear} of {len(own)} networks."
    if clear == len(own):
        return told
    return (
        f"{told} Where it does not, no difference is shown, and none is excluded: such a test holds few patients, and "
        "a network that has learnt little has little to recognize."
    )


def collection(profile: Profile, made: Collection) -> str:
    """What the collection is made of and how it is dealt out."""
    settings, originals = profile.leakage, made.table["row"].nunique()
    times = "once, since it holds copies already" if settings.copies == 1 else f"{settings.copies} times"
    again = f", and the whole is repeated {settings.repetitions} times" if settings.repetitions > 1 else ""
    window = (
        " What is copied of a whole breast is a window: around the lesion, or, where there is none, placed like one."
        if profile.framing == "breast"
        else ""
    )
    return (
        f"Each of {originals} pictures of {made.table['patient_id'].nunique()} patients stands in it {times}: "
        f"{len(made.table)} pictures, {settings.image_size} pixels wide. They are dealt out to {settings.folds} folds; "
        f"each fold is the test once, the next one the validation, the others the training{again}.{window}"
    )


def shares(predictions: pd.DataFrame) -> str:
    """The share of test pictures that have a copy, or a picture of their patient, in training."""
    own = predictions[predictions["learner"] == predictions["learner"].iloc[0]]
    seen = own.groupby("protocol")[["copies", "relatives"]].agg(lambda counts: (counts > 0).mean())
    typical = own.groupby("protocol")["copies"].mean()
    return "\n".join(
        f"- {PROTOCOLS[protocol]} protocol: {seen.loc[protocol, 'copies']:.1%} of the test pictures have a copy in "
        f"training ({typical[protocol]:.1f} on average), {seen.loc[protocol, 'relatives']:.1%} a picture of their "
        "patient."
        for protocol in PROTOCOLS
    )


def gap(scores: pd.DataFrame, gaps: pd.DataFrame, chance: float, learner: str = "baseline_cnn") -> str:
    """What the published protocol adds for one learner; where the interval holds zero, why that may be.

    Args:
        scores: learner, protocol, metric, value, low, high.
        gaps: The same without protocol.
        chance: The macro F1 of guessing.
        learner: Whose gap.
    """
    published, grouped = (_row(scores, learner=learner, protocol=name) for name in ("as_published", "patient_grouped"))
    difference = _row(gaps, learner=learner)
    told = (
        f"{LEARNERS[learner]}: macro F1 {measured(published)} as published, "
        f"{measured(grouped)} patient-grouped, on the same pictures. The difference is "
        f"**{difference['value']:+.3f} {ends(difference)}**"
    )
    if difference["low"] > 0:
        return f"{told}; its interval lies wholly above zero. {_grouped_verdict(grouped, chance)}"
    if difference["high"] < 0:
        return f"{told}; its interval lies wholly below zero, against what leakage would do."
    return f"{told}; its interval holds zero. {_why_not(published, chance)}"


def probes(scores: pd.DataFrame, gaps: pd.DataFrame, chance: float) -> str:
    """What the two probes reach, that know no lesion."""
    return "\n".join(f"- {gap(scores, gaps, chance, learner)}" for learner in ("copy_only", "source_only"))


def rendering(scores: pd.DataFrame) -> str:
    """Which classes are told by their rendering, as the pictures are and where a confound was planted.

    Args:
        scores: rendering, metric, value, low, high.
    """
    return "\n".join(f"- {sentence}" for sentence in (_told_as_is(scores), _told_planted(scores)))


def chance_f1(predictions: pd.DataFrame, seed: int) -> float:
    """The macro F1 of the best way of guessing on the collection's pictures."""
    labels, _ = metrics.labels_and_probabilities(predictions.drop_duplicates("image_id"))
    return metrics.chance_f1(labels, seed=seed)


def _grouped_verdict(grouped: pd.Series, chance: float) -> str:
    where = side(grouped["low"], grouped["high"], chance)
    if where == "above":
        return f"Patient-grouped it is above guessing, {chance:.3f}, all the same: some of it is owed to no sibling."
    how = "it does worse than that" if where == "below" else "this test cannot tell it from guessing"
    return (
        f"Guessing reaches {chance:.3f}. Patient-grouped, {how}: what it knows as published, it knows of pictures that "
        "it has seen."
    )


def _why_not(published: pd.Series, chance: float) -> str:
    if published["low"] <= chance:
        return (
            f"Not even as published is it above guessing, {chance:.3f}: what has learnt nothing recognizes nothing, "
            "and a difference of two guesses says nothing about leakage."
        )
    return "It does learn; what copies add is less than what a test of so few patients can tell."


def _told_as_is(scores: pd.DataFrame) -> str:
    areas = scores[(scores["rendering"] == "as it is") & scores["metric"].isin(AREAS)]
    told = _areas(areas[areas["low"] > 0.5])
    if not told:
        return "As the pictures are, their rendering tells no class: no interval lies above one half."
    strongly = (areas["low"] > TOLD).any()
    verdict = "**No medicine is needed for that**" if strongly else "Some of it may be tissue, which is no confound"
    return f"As the pictures are, their rendering tells {told}. {verdict}; no lesion was seen."


def _told_planted(scores: pd.DataFrame) -> str:
    normal = scores[(scores["rendering"] == "planted") & (scores["metric"] == "auc_normal")].iloc[0]
    exposes = "exposes the planted confound" if normal["low"] > TOLD else "does not fully expose the planted confound"
    return f"With normal pictures rendered as thumbnails, the probe {exposes}: area {measured(normal)}."


def _areas(rows: pd.DataFrame) -> str:
    return listed(f"*{row['metric'].removeprefix('auc_')}* (area {measured(row)})" for _, row in rows.iterrows())


def _row(table: pd.DataFrame, metric: str = "f1_macro", **values: str) -> pd.Series:
    for column, value in {"metric": metric, **values}.items():
        table = table[table[column] == value]
    return table.iloc[0]
