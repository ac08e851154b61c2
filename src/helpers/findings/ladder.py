"""Sentences of the chapter on the ladder: computed from its results, never typed."""

import pandas as pd

from helpers.chapter_settings import LadderSettings
from helpers.figures.ladder import LOOKS, METRIC_NAMES, RUNG_NAMES
from helpers.findings.guessing import side
from helpers.findings.words import ends, listed, measured
from helpers.ladder.climb import Climbed
from helpers.ladder.dealing import TEST
from helpers.ladder.pictures import Screened
from helpers.ladder.results import OUT_OF_FOLD, Results
from helpers.ladder.rungs import ALWAYS_BENIGN, METADATA
from helpers.published import bassi

JUDGED = ("f1", "average_precision", "auc")
"""The metrics by which a rung is said to help: the document's, and two that need no threshold."""
AGAINST_GUESSING = {
    "above": "it has learnt something",
    "around": "it cannot be told from guessing",
    "below": "it ranks worse than guessing would",
}


def cohort(settings: LadderSettings, screened: Screened) -> str:
    """What the ladder is climbed on."""
    table = screened.table
    cancer = table["cancer"].astype(bool)
    breasts = table[cancer].groupby(["patient_id", "laterality"]).ngroups
    told = (
        f"**{len(table):,} pictures** of {table['patient_id'].nunique():,} patients, {settings.image_size} pixels "
        f"wide. {int(cancer.sum())} of them, {cancer.mean():.2%}, show one of {breasts} breasts with cancer."
    )
    if not screened.synthetic:
        return told
    return (
        f"{told} They are phantoms: which rungs help here tells how the ladder behaves where cancer is as rare as in "
        f"document B ({bassi.CANCER_SHARE:.2%}), and nothing about breasts."
    )


def set_aside(screened: Screened) -> str:
    """How many pictures were set aside, and that nothing was guessed."""
    count = len(screened.problems)
    if not count:
        return "No picture had to be set aside."
    return f"{count} pictures were set aside; each is named, with its reason, and nothing about it was guessed."


def dealing(climbed: Climbed) -> str:
    """How many patients and cancers stand on each side."""
    once = climbed.predictions.drop_duplicates("image_id")
    test, folds = once[once["fold"] == TEST], once[once["fold"] != TEST]
    ill = folds[folds["cancer"]].groupby("fold")["patient_id"].nunique()
    return (
        f"The test holds {len(test):,} pictures of {test['patient_id'].nunique():,} patients, "
        f"{test.loc[test['cancer'], 'patient_id'].nunique()} of them with cancer; each of {len(ill)} folds holds "
        f"{_range(ill, '{:.0f}')} patients with cancer. That is little, and intervals are wide for it."
    )


def zeros(found: Results) -> str:
    """What the rungs zero reach."""
    accuracy = _row(found.scores, rung=ALWAYS_BENIGN, metric="accuracy")
    area = _row(found.scores, rung=METADATA, metric="auc")
    above = "more than chance" if area["low"] > 0.5 else "no more than chance explains"
    return (
        f"*Always benign* is right in {accuracy['value']:.1%} of the pictures and finds no cancer. *Metadata alone*, "
        f"which sees no picture, has an area under the ROC curve of {measured(area)}: {above}. A "
        "network has to beat both before it can be said to have seen anything."
    )


def seen(found: Results) -> str:
    """Whether each network, on its topmost rung, ranks better than chance."""
    top = found.scores["rung"].iloc[-1]
    sentences = []
    for network, look in LOOKS.items():
        area = _row(found.scores, network=network, rung=top, metric="auc")
        sentences.append(
            f"On the topmost rung the {look['label']} has an area of {measured(area)}, out of fold: "
            f"{AGAINST_GUESSING[side(area['low'], area['high'], 0.5)]}."
        )
    return " ".join(sentences)


def helping(found: Results) -> str:
    """Which rungs help, which harm, and for which nothing is shown; with intervals, a line a rung."""
    own = found.gains[(found.gains["side"] == OUT_OF_FOLD) & (found.gains["unit"] == "image")]
    own = own[own["metric"].isin(JUDGED) & (own["against"] != ALWAYS_BENIGN)]
    return "\n".join(
        f"- *{RUNG_NAMES[rung]}*, {LOOKS[network]['label']}: {_verdict(rows)}"
        for (rung, network), rows in own.groupby(["rung", "network"], sort=False)
    )


def summary(found: Results) -> str:
    """How many of the steps help, in one sentence, and what chance alone would make of as many."""
    own = found.gains[(found.gains["side"] == OUT_OF_FOLD) & (found.gains["unit"] == "image")]
    own = own[(own["metric"] == "average_precision") & (own["against"] != ALWAYS_BENIGN) & (own["rung"] != "threshold")]
    helps, harms = int((own["low"] > 0).sum()), int((own["high"] < 0).sum())
    return (
        f"By average precision, which no threshold can change, **{helps} of {len(own)} steps help**, {harms} "
        f"{'harms' if harms == 1 else 'harm'}, and for the others the interval holds zero. One in forty would lie "
        "above it by chance."
    )


def thresholds(climbed: Climbed) -> str:
    """How far the chosen thresholds lie apart, and what they lose on pictures that did not choose them."""
    chosen = [rung.name for rung in climbed.rungs if "threshold" in rung.switches]
    if not chosen:
        return "This run's ladder chooses no threshold."
    sentences = []
    for network, look in LOOKS.items():
        own = climbed.curves[(climbed.curves["network"] == network) & (climbed.curves["rung"] == chosen[-1])]
        at = own[(own["threshold"] - own["chosen"]).abs() < 1e-9]
        sentences.append(
            f"{look['label']}: from {at['chosen'].min():.2f} to {at['chosen'].max():.2f}; with them F1 is "
            f"{at['validation'].mean():.3f} on the folds that chose, and {at['held'].mean():.3f} on the folds held out."
        )
    return "Thresholds chosen on the topmost rung, fold by fold. " + " ".join(sentences)


def left_out(found: Results) -> str:
    """Which auxiliary targets are missed when they are left out."""
    own = found.left_out[(found.left_out["unit"] == "image") & (found.left_out["metric"] == "average_precision")]
    if own.empty:
        return "No auxiliary target was left out in this run."
    missed, better = own[own["high"] < 0], own[own["low"] > 0]
    told = listed(f"*{row.left_out}* ({row.value:+.3f} {ends(row._asdict())})" for row in missed.itertuples())
    worse = f"Average precision falls clearly without {told}." if told else (
        f"Of {len(own)} targets, none is clearly missed: each interval of the change in average precision holds zero"
        f"{' or lies above it' if len(better) else ''}."
    )  # fmt: skip
    more = listed(f"*{row.left_out}*" for row in better.itertuples())
    return f"{worse}{f' It rises without {more}.' if more else ''}"


def comparable(settings: LadderSettings) -> str:
    """Whether the published table may be compared with ours."""
    reasons = []
    if settings.data != "rsna":
        reasons.append("the pictures are phantoms")
    if settings.networks != "published":
        reasons.append("the networks are small ones of the same design")
    if settings.weights == "none":
        reasons.append("they start without ImageNet weights")
    if not reasons:
        return (
            "Data, networks and starting weights are the document's. What differs is the split, which here keeps "
            "patients apart; whether the document's does is not said."
        )
    return f"**Not a replication:** {listed(reasons)}. The two stand side by side to show the same table."


def _verdict(rows: pd.DataFrame) -> str:
    told = listed(f"{METRIC_NAMES[row.metric]} {row.value:+.3f} {ends(row._asdict())}" for row in rows.itertuples())
    helps, harms = rows[rows["low"] > 0], rows[rows["high"] < 0]
    if len(helps) and not len(harms):
        return f"**helps**. {told}."
    if len(harms) and not len(helps):
        return f"**harms**. {told}."
    if len(helps):
        return f"helps by one measure and harms by another. {told}."
    return f"nothing is shown. {told}."


def _row(table: pd.DataFrame, **values: str) -> pd.Series:
    for column, value in {"side": OUT_OF_FOLD, "unit": "image", **values}.items():
        table = table[table[column] == value]
    return table.iloc[0]


def _range(values: pd.Series, form: str) -> str:
    low, high = form.format(values.min()), form.format(values.max())
    return low if low == high else f"{low} to {high}"
