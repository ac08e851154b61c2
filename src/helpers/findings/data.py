"""Sentences about the pictures of a run: what they are, how they were multiplied and dealt."""

from collections.abc import Iterable

import pandas as pd

from helpers.cohort import class_counts, leak_audit
from helpers.findings.words import PROTOCOLS
from helpers.preparation import Cohort
from helpers.profile import Profile

DATA_NAMES = {
    "phantom": "phantoms, mammogram-like pictures drawn by a program",
    "mias": "mini-MIAS, scanned films of real patients {cite}`suckling1994`",
    "kaggle_combined": "the public collection of INbreast, MIAS and DDSM {cite}`venegas2023`",
    "vindr": "VinDr-Mammo, digital mammograms of real patients {cite}`nguyen2023`",
    "cdd_cesm": "CDD-CESM, low-energy mammograms of real patients {cite}`khaled2022`",
}


def made_from(profile: Profile, cohort: Cohort) -> str:
    """What this copy of the book was made from, in one or two sentences; says so when the pictures are phantoms."""
    originals = cohort.exams[cohort.exams["copy_of"].isna()]
    sentence = (
        f"This copy of the book was made by the profile **{profile.name}** from **{DATA_NAMES[profile.data]}**: "
        f"{len(originals)} pictures of {originals['patient_id'].nunique()} patients, framed as "
        f"*{profile.framing.replace('_', ' ')}*, {profile.image_size} pixels wide, seed {profile.seed}."
    )
    if not cohort.synthetic:
        return sentence
    return f"{sentence} They show no patient: its numbers tell how the code behaves, and nothing about breasts."


def of_an_own_picture(profile: Profile, cohort: Cohort) -> str:
    """What the networks can know of a picture that a reader gives, as plain text."""
    originals = cohort.exams[cohort.exams["copy_of"].isna()]
    if cohort.synthetic:
        return (
            f"**These networks have never seen a mammogram.** They learnt from {len(originals)} phantoms, which a "
            "program drew. What they say of a real picture means nothing, whether a warning stands beside it or not."
        )
    return (
        f"These networks learnt from {len(originals)} pictures of {originals['patient_id'].nunique()} patients, all of "
        "one collection. How they do on pictures of another machine or another clinic, nobody has measured; that no "
        "warning stands beside a picture does not say that they are right."
    )


def bullets(notes: Iterable[str]) -> str:
    """Notes as a list, or a sentence that there are none."""
    notes = list(notes)
    return "\n".join(f"- {note}" for note in notes) or "Nothing was dropped, merged or assumed."


def counts_by_protocol(exams: pd.DataFrame, protocols: Iterable[str]) -> pd.DataFrame:
    """Pictures of each class before and after augmentation, for figure 3; see `helpers.cohort.class_counts`.

    Args:
        exams: The exam table with splits.
        protocols: The protocols of the run.

    Returns:
        DataFrame with the columns protocol, stage, label, pictures, share.
    """
    return pd.concat([class_counts(exams, name).assign(protocol=name) for name in protocols], ignore_index=True)


def augmentation(exams: pd.DataFrame, profile: Profile) -> str:
    """What augmentation did to the share of normal pictures, or that it had nothing to do."""
    copies = int(exams["copy_of"].notna().sum())
    if not copies:
        return (
            f"Normal pictures already hold more than the {profile.normal_share:.1%} that augmentation aims at, "
            "so no copy was made."
        )
    counts = counts_by_protocol(exams, profile.protocols)
    normal = counts[counts["label"] == "normal"].set_index(["protocol", "stage"])["share"]
    return "\n".join(
        f"- {PROTOCOLS[protocol]} protocol: normal pictures go from {normal[protocol, 'before']:.1%} to "
        f"{normal[protocol, 'after']:.1%}"
        for protocol in profile.protocols
    )


def leak(exams: pd.DataFrame, protocols: Iterable[str]) -> str:
    """How many test pictures have a patient, or their source picture, in training."""
    sentences = []
    for protocol in protocols:
        test = leak_audit(exams, protocol).loc["test"]
        sentences.append(
            f"Under the {PROTOCOLS[protocol]} protocol, {test['shared_patient_share']:.0%} of the test pictures share "
            f"a patient with training, and {test['shared_source_share']:.0%} share the very source picture."
        )
    return " ".join(sentences)
