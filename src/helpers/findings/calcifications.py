"""Sentences of the chapter on microcalcifications, computed from its results."""

import numpy as np
import pandas as pd

from helpers.calcifications.experiment import FILTER, VARIANTS, Played
from helpers.calcifications.real import CIRCLE, NORMAL, SOMEWHERE, Real
from helpers.evaluation.froc import compared
from helpers.evaluation.intervals import interval, patient_weights, resampled_auc
from helpers.evaluation.pixels import shares
from helpers.figures.calcifications import method_name
from helpers.findings.words import measured
from helpers.profile import Profile
from helpers.published import valvano

RATE = 0.5
"""False positives a picture at which sensitivities are told."""


def films(played: Played, profile: Profile) -> str:
    """How many films there are, of whom, and how faint their clusters are."""
    settings, sides = profile.calcifications, []
    for split, own in played.films.groupby("split", sort=False):
        ill = own[own["cluster"]]
        sides.append(f"{split} {len(ill)} with a cluster and {len(own) - len(ill)} without")
    contrast = (
        "Clusters keep all of their contrast."
        if settings.faintest == 1
        else f"Of its contrast a cluster keeps between {settings.faintest:.0%} and {settings.boldest:.0%}, one share a "
        "patient."
    )
    return (
        f"{len(played.films)} films of {played.films['patient_id'].nunique()} patients, {settings.height} pixels high: "
        f"{'; '.join(sides)}. No patient stands on two sides. {contrast}"
    )


def background(played: Played) -> pd.DataFrame:
    """The accuracy of calling every test patch, or every pixel of one, background: variant, network, value."""
    totals = played.accuracy.groupby(["variant", "network", "positive"])["of"].sum().unstack()
    return (totals[False] / totals.sum(axis=1)).rename("value").reset_index()


def accuracy(found: pd.DataFrame, nothing: pd.DataFrame, sensitive: pd.DataFrame, best: str) -> str:
    """What the accuracy of pixels is worth: the accuracy of finding nothing, and the sensitivity behind it.

    Args:
        found: variant, network, value, low, high.
        nothing: From `background`.
        sensitive: The same shares of positives alone, with `positive`.
        best: The variant told of.
    """
    own, idle = (_one(table, variant=best, network="segmentator") for table in (found, nothing))
    hit = _one(sensitive, variant=best, network="segmentator", positive=True)
    versus = "less than" if own["value"] < idle["value"] else "more than"
    printed = valvano.accuracies().loc["Segmentator", "accuracy"]
    return (
        f"The Segmentator of {method_name(best)} labels {measured(own, '.2%')} of the pixels right, "
        f"{versus} a network that finds nothing: {idle['value']:.2%}. It finds {measured(hit, '.1%')} of the "
        f"calcified ones. The document prints {printed:.2%} and not the share of pixels that are calcified; without "
        "that share the number cannot be read."
    )


def froc(areas: pd.DataFrame, curves: pd.DataFrame, best: str) -> str:
    """Whether the variant that the validation chose finds more than the filter does."""
    own, base = (_one(areas, method=name) for name in (best, FILTER))
    at = {name: _at(curves, name) for name in (best, FILTER)}
    gain = f"{own['gain']:+.3f} [{own['gain_low']:+.3f}, {own['gain_high']:+.3f}]"
    verdict = (
        "its interval lies above zero"
        if own["gain_low"] > 0
        else "its interval lies below zero: **here the filter is better**"
        if own["gain_high"] < 0
        else "its interval holds zero: **no difference is shown**"
    )
    return (
        f"The validation chose {method_name(best)}. Its FROC area on the test is {measured(own)}, "
        f"the filter's {measured(base)}. The difference, on the same draws of patients, is "
        f"**{gain}**; {verdict}. At one false positive in two pictures it finds {at[best]:.0%} of the clusters, the "
        f"filter {at[FILTER]:.0%}."
    )


def paddings(gains: dict[int, pd.Series], best: str) -> str:
    """Same against valid convolutions by patch size, and the document's choice beside ours.

    Args:
        gains: {patch size: gain, gain_low and gain_high of same over valid}.
        best: The variant chosen on the validation.
    """
    told = [f"{size} px {g['gain']:+.3f} [{g['gain_low']:+.3f}, {g['gain_high']:+.3f}]" for size, g in gains.items()]
    above = sum(gain["gain_low"] > 0 for gain in gains.values())
    below = sum(gain["gain_high"] < 0 for gain in gains.values())
    verdict = {
        (True, False): f"Same convolutions are ahead beyond chance for {above} of {len(gains)} sizes, as it says.",
        (False, True): f"Valid ones are ahead beyond chance for {below} of {len(gains)} sizes, against what it says.",
        (False, False): "No interval lies off zero: on so many films the two cannot be told apart.",
    }.get((above > 0, below > 0), "Which is ahead depends on the size.")
    return (
        f"The document found same convolutions better, and {valvano.BEST_PATCH_SIDE} pixels best. Same minus valid in "
        f"FROC area: {'; '.join(told)}. {verdict} The validation of this run prefers {method_name(best)}."
    )


def center(played: Played, draws: int, seed: int) -> str:
    """Whether pixels are found more often in the middle of a patch than at its edge, with same convolutions."""
    lines = []
    for variant in (each for each in VARIANTS if each.padding == "same"):
        own = played.positions[
            (played.positions["variant"] == variant.name) & (played.positions["network"] == "segmentator")
        ]
        zone = np.select(
            [own["distance"] < variant.patch / 6, own["distance"] >= variant.patch / 3], ["middle", "rim"], ""
        )
        found = shares(own.assign(zone=zone)[zone != ""], ["zone"], draws, seed=seed).set_index("zone")
        if {"middle", "rim"} <= set(found.index):
            inside, rim = (found.loc[name] for name in ("middle", "rim"))
            lines.append(
                f"- {variant.patch} px: {measured(inside, '.1%')} in the middle third, "
                f"{measured(rim, '.1%')} in the outermost sixth."
            )
    return "\n".join(lines)


def empty(played: Played, best: str) -> str:
    """How many test films without a cluster keep an empty outline."""
    clean = ~played.pictures("test")["cluster"].to_numpy()
    counts = played.counts("test")[best][clean].sum(axis=1)
    shut = int((counts[:, 1:].sum(axis=1) == 0).sum())
    called = counts[:, played.chosen[best]["threshold"] :].sum(axis=1)
    typical = np.median(called[called > 0]) if (called > 0).any() else 0
    still = f" In the others {typical:.0f} pixels are outlined, by the median." if typical else ""
    return (
        f"Of {len(counts)} test films without a cluster, {int((called == 0).sum())} keep an empty outline; in {shut} "
        f"of them the Detector let nothing through, and the Segmentator was never asked.{still}"
    )


def speed(seconds: pd.DataFrame) -> str:
    """What a whole picture saves, in one sentence."""
    one, both = seconds.loc["Detector"], seconds.loc["both"]
    return (
        f"A picture of 1024 by 1024 pixels takes {both['whole']:.2f} seconds with both networks on this machine. The "
        f"same patch by patch would take {both['sliding']:.0f}, {both['factor']:.0f} times as long; the Detector alone "
        f"saves a factor of {one['factor']:.0f}."
    )


def real(found: Real | None, draws: int, seed: int) -> str:
    """What networks that have only seen phantoms find on mini-MIAS.

    Args:
        found: From `helpers.calcifications.chapter.real`.
        draws: Number of bootstrap draws.
        seed: Seed of the draws.
    """
    if found is None:
        return "**This run has no real films:** its pictures are others. `make book PROFILE=mias` fills this section."
    counts, films = found.films["kind"].value_counts(), found.films
    lines = []
    areas = compared(found.found(), found.placed, FILTER, draws=draws, seed=seed)
    weights, owner = patient_weights(films["patient_id"], draws, seed=seed)
    for row in areas.itertuples():
        own = found.candidates[found.candidates["method"] == row.method]
        highest = own.groupby("image_id")["score"].max().reindex(films["image_id"]).fillna(0).to_numpy()
        ill = (films["kind"] != NORMAL).to_numpy()
        whole = resampled_auc(highest, ill, owner, np.ones((1, weights.shape[1])))[0]
        low, high = interval(resampled_auc(highest, ill, owner, weights)) or (np.nan, np.nan)
        lines.append(
            f"- {method_name(row.method)}: FROC area {row.value:.3f} [{row.low:.3f}, {row.high:.3f}]; films with "
            f"calcifications told from normal ones with an area under the ROC curve of {whole:.3f} "
            f"[{low:.3f}, {high:.3f}]."
        )
    return (
        f"{counts.get(CIRCLE, 0)} films with a circle, {counts.get(SOMEWHERE, 0)} with calcifications somewhere, "
        f"{counts.get(NORMAL, 0)} normal ones.\n\n" + "\n".join(lines)
    )


def _one(table: pd.DataFrame, **where: object) -> pd.Series:
    return table.loc[(table[list(where)] == pd.Series(where)).all(axis=1)].iloc[0]


def _at(curves: pd.DataFrame, method: str) -> float:
    own = curves[(curves["method"] == method) & (curves["false_positives"] <= RATE + 1e-9)]
    return float(own["value"].iloc[-1])
