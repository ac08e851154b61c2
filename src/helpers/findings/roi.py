"""Sentences of the chapter on document C: computed from its results, never typed."""

import pandas as pd

from helpers.figures.roi import COHORT_NAMES, METRIC_NAMES, ROI_NETWORKS
from helpers.findings.words import measured
from helpers.profile import Profile
from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import CESM, VINDR
from helpers.roi.cohorts import ANNOTATED, PAIR
from helpers.roi.play import Played

LITTLE = 0.1
"""A difference in the mean of sensitivity and specificity below which little is left."""
SYSTEM_METRIC = "balanced"


def cohorts(profile: Profile, played: Played) -> str:
    """What the cohorts are made of."""
    sentences = []
    for name in played.cohorts:
        table = played.table(name)
        pair = table[table["label"].isin(PAIR)]
        marks = "as the set marks its lesions" if name == ANNOTATED else "drawn by the published rates"
        sentences.append(
            f"- **{COHORT_NAMES[name]}**: {len(pair)} benign and malignant pictures of {pair['patient_id'].nunique()} "
            f"patients, {(pair['label'] == 'malignant').mean():.0%} of them malignant; flags {marks}. "
            f"{len(table) - len(pair)} normal pictures besides."
        )
    own = profile.roi
    return "\n".join(sentences) + (
        f"\n\nPictures are {own.image_size} pixels wide here; the networks are the *{own.variant}* variants, trained "
        f"for {own.epochs} {_plural('epoch', own.epochs)} on {own.folds} folds of patients."
    )


def published_bit() -> str:
    """What of VinDr's published gain the bit accounts for."""
    best = yoshitsugu.all_results().loc[VINDR, "Swin", yoshitsugu.WITH]
    counts = yoshitsugu.masks(VINDR)
    found = counts.loc["malignant", "with ROIs"] / counts.loc["malignant", "total"]
    spared = counts.loc["benign", "without ROIs"] / counts.loc["benign", "total"]
    return (
        f"On VinDr {found:.1%} of the malignant pictures have a mask, and {1 - spared:.1%} of the benign ones. Whoever "
        f"is told that bit and looks at nothing reaches a sensitivity of {found:.2f}, a specificity of {spared:.2f}; "
        f"Swin with separation is printed with {best['sensitivity']:.2f} and {best['specificity']:.2f}."
    )


def fallbacks(sizes: pd.DataFrame) -> str:
    """How many groups could not be trained, and what they say instead.

    Args:
        sizes: Of `helpers.roi.separation.group_sizes`, of one or more cohorts.
    """
    without = sizes[sizes["trained"] < sizes["folds"]]
    if without.empty:
        return "Every group could be trained in every fold."
    return (
        f"{len(without)} of {len(sizes)} groups were too small to train in at least one fold. Such a group does not "
        "look at its pictures: it says the share of malignant ones among its training pictures."
    )


def gain(table: pd.DataFrame) -> str:
    """How much of the gain the bit alone gives, by cohort and network.

    Args:
        table: Of `helpers.roi.results.all_gains`, views together or apart alone.
    """
    return "\n".join(
        f"- **{COHORT_NAMES[cohort]}**. {' '.join(_gain(own, network) for network in own['network'].unique())} "
        f"{_verdict(own)}"
        for cohort, own in table[table["metric"] == SYSTEM_METRIC].groupby("cohort", sort=False)
    )


def _gain(own: pd.DataFrame, network: str) -> str:
    rows = own[own["network"] == network].set_index("way")
    told = {name: measured(rows.loc[name], "+.2f") for name in ("gain", "bit_gain", "left")}
    return (
        f"{ROI_NETWORKS[network]}: separation changes the {METRIC_NAMES[SYSTEM_METRIC]} by {told['gain']}, the bit "
        f"alone by {told['bit_gain']}; what separation adds to the bit is {told['left']}."
    )


def _verdict(own: pd.DataFrame) -> str:
    gained, more = own[own["way"] == "gain"], own[own["way"] == "left"]
    beyond, clear = int((more["low"] > 0).sum()), int((gained["low"] > 0).sum())
    if not clear:
        small = "; none is larger than a tenth" if (gained["value"].abs() < LITTLE).all() else ""
        return f"**No interval of a gain by separation lies above zero here{small}.**"
    if not beyond:
        return f"**The gain is the bit's: of {len(more)} networks none adds to it beyond chance.**"
    return f"**{beyond} of {len(more)} networks add something to the bit beyond chance.**"


def melted(table: pd.DataFrame) -> str:
    """What becomes of the gain when the flag stops telling the label.

    Args:
        table: Of `helpers.roi.results.melting`.
    """
    own = table[(table["metric"] == SYSTEM_METRIC) & (table["way"] == "gain")]
    first, last = (own[own["level"] == end].set_index("network") for end in (own["level"].min(), own["level"].max()))
    return " ".join(
        f"{ROI_NETWORKS[network]}: from {measured(before, '+.2f')} to {measured(last.loc[network], '+.2f')}."
        for network, before in first.iterrows()
    )


def localized(scores: pd.DataFrame, hits: tuple[int, int]) -> str:
    """Whether the flag can be predicted from the picture."""
    if scores.empty:
        return "No lesion of this set has a known place, so there is nothing to learn to look for."
    rows = scores.set_index("metric")
    area = rows.loc["auc"]
    told = (
        f"Against the true flag the score has an area under the ROC curve of {measured(area, '.2f')}; as a "
        f"call it finds {rows.loc['sensitivity', 'value']:.0%} of the flags and leaves "
        f"{rows.loc['specificity', 'value']:.0%} of the others alone. On pictures with a mask, its highest cell lies "
        f"within the lesion in {hits[0]} of {hits[1]}."
    )
    if area["low"] > 0.5:
        return f"{told} The flag can be predicted better than by chance."
    return f"{told} **That is not told from chance**: what was learnt here cannot stand in for the flag."


def system(table: pd.DataFrame) -> str:
    """What the whole system reaches with the predicted flag, against the true one and against none.

    Args:
        table: Of `helpers.roi.results.systems`.
    """
    own = table[table["metric"] == SYSTEM_METRIC]
    if "gain" not in set(own["way"]):
        return "Without a localizer there is no system for a patient whose flag nobody gives."
    lines = []
    for network in own["network"].unique():
        rows = own[own["network"] == network].set_index("way")
        lines.append(
            f"- {ROI_NETWORKS[network]}: {measured(rows.loc['with'], '.2f')} with the true flag, "
            f"{measured(rows.loc['predicted'], '.2f')} with the predicted one, "
            f"{measured(rows.loc['without'], '.2f')} without any. The predicted flag gains "
            f"{measured(rows.loc['gain'], '+.2f')} over none."
        )
    clear = int((own.loc[own["way"] == "gain", "low"] > 0).sum())
    return "\n".join(lines) + (
        f"\n\nFor {clear} of {own['network'].nunique()} networks that gain is clear of zero. "
        "What is lost against the true flag is what the annotator knew and the picture did not show to these networks."
    )


def chosen(choices: pd.DataFrame) -> str:
    """Which learning rates were chosen."""
    if choices.empty:
        return "This profile gives one learning rate, so there was nothing to choose."
    counts = choices[choices["chosen"]].groupby(["network", "rate"], sort=False).size()
    told = [f"{ROI_NETWORKS[network]} {rate:g} ({count} times)" for (network, rate), count in counts.items()]
    return f"Chosen, over all cohorts and folds: {', '.join(told)}."


def ten_to_one(shared: pd.DataFrame) -> str:
    """How many test pictures of a ten-to-one split have their patient in training."""
    by_picture, by_patient = shared.loc["by_picture"], shared.loc["by_patient"]
    tested = yoshitsugu.splits(CESM).loc["total", "testing"]
    return (
        f"Divided ten to one by picture, {by_picture['shared_patient']:.0f} of {by_picture['test']:.0f} test pictures "
        f"have their patient in training; by patient, {by_patient['shared_patient']:.0f} of {by_patient['test']:.0f}. "
        f"The document tests {tested} pictures and does not say which way it divided."
    )


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
