"""Sentences of the chapter that checks where the networks look, computed from what was measured."""

import pandas as pd

from helpers.evaluation.localization import BASELINES
from helpers.figures.localization import MEASURE_NAMES, NOTHING, map_name, missing
from helpers.figures.style import NETWORK_NAMES
from helpers.findings.words import measured
from helpers.preparation import WIDE
from helpers.profile import Profile

KINDS = {"pointing": "pointing", "energy": "share of energy", "top_k": "top-k overlap"}


def lesions(scores: pd.DataFrame) -> str:
    """How many lesions there are to point at, and how many each network called right."""
    framed = scores[(scores["field"] == "framed") & (scores["map"] == "grad_cam")]
    if framed.empty:
        return f"**{NOTHING}** The figures of this chapter are empty in this copy of the book."
    one = framed[framed["network"] == framed["network"].iloc[0]]
    parts = [f"{NETWORK_NAMES[name]} {int(own['hit'].sum())}" for name, own in framed.groupby("network", sort=False)]
    return (
        f"The patient-grouped test holds {len(one)} pictures, of {one['patient_id'].nunique()} patients, with a lesion "
        f"whose place is known. Called right (hits): {', '.join(parts)}. The others are errors."
    )


def frame(scores: pd.DataFrame, means: pd.DataFrame, profile: Profile) -> str:
    """What the framing gives away: how large a lesion is in its frame, and how well its middle finds it."""
    if scores.empty:
        return NOTHING
    center = _one(means, "framed", "breast center", "pointing")
    # The energy of a uniform map in the lesion is the lesion's share of the picture.
    area = _one(means, "framed", "uniform", "energy")
    if profile.framing != "lesion":
        return (
            f"This run frames *{profile.framing.replace('_', ' ')}*: a lesion takes {area:.0%} of the picture on "
            f"average, and a map that knows only the middle of the breast points at it in {center:.0%} of the pictures."
        )
    return (
        "**This run cuts its pictures around the lesion, and that decides the first comparison before it starts.** "
        f"A lesion takes {area:.0%} of its frame on average, and a map that knows only the middle of the tissue points "
        f"at it in {center:.0%} of the pictures. No map can do much better: pointing says nothing here, energy and "
        f"overlap say little. So the same lesions were cut out again, at the same magnification, but in windows {WIDE} "
        f"times as wide that hold the lesion anywhere. There it takes {_one(means, 'wide', 'uniform', 'energy'):.0%}, "
        f"and the middle of the tissue points at it in {_one(means, 'wide', 'breast center', 'pointing'):.0%}."
    )


def _one(means: pd.DataFrame, field: str, name: str, measure: str) -> float:
    chosen = {"field": field, "map": name, "measure": measure, "outcome": "all"}
    return float(means.loc[(means[list(chosen)] == pd.Series(chosen)).all(axis=1), "value"].iloc[0])


def verdicts(advantages: pd.DataFrame, field: str) -> str:
    """For each network, the blind maps that its Grad-CAM beats and those that it does not, with all lesions taken."""
    own = advantages[(advantages["field"] == field) & (advantages["outcome"] == "all")]
    if own.empty:
        return missing(advantages)
    return "\n".join(
        f"- **{NETWORK_NAMES[network]}**: {'; '.join(_verdict(rows, measure) for measure in KINDS)}."
        for network, rows in own.groupby("network", sort=False)
    )


def _verdict(rows: pd.DataFrame, measure: str) -> str:
    rows = rows[rows["measure"] == measure].set_index("map")
    above = [name for name in BASELINES if rows.loc[name, "low"] > 0]
    below = [name for name in BASELINES if rows.loc[name, "high"] < 0]
    for found, side in ((above, "above"), (below, "below")):
        if len(found) == len(BASELINES):
            return f"{KINDS[measure]} {side} every blind map"
    worst = rows["value"].idxmin()
    parts = [f"above {_listed(above)}" if above else "above no blind map"]
    parts += [f"below {_listed(below)}"] if below else []
    return f"{KINDS[measure]} {', '.join(parts)} (against {worst} {measured(rows.loc[worst], '+.2f')})"


def _listed(names: list[str]) -> str:
    return ", ".join(map_name(name) for name in names)


def hits_and_errors(means: pd.DataFrame, field: str) -> str:
    """Whether the maps of hits find the lesion better than those of errors."""
    own = means[(means["field"] == field) & (means["map"] == "grad_cam") & (means["measure"] == "energy")]
    sentences = []
    for network, rows in own.groupby("network", sort=False):
        rows = rows.set_index("outcome")
        if not {"hits", "errors"} <= set(rows.index):
            sentences.append(f"{NETWORK_NAMES[network]} has only {'hits' if 'hits' in rows.index else 'errors'}.")
            continue
        hits, errors = rows.loc["hits"], rows.loc["errors"]
        apart = hits["low"] > errors["high"] or errors["low"] > hits["high"]
        sentences.append(
            f"{NETWORK_NAMES[network]}: {measured(hits, '.2f')} of the energy in the lesion for {hits['n']} hits, "
            f"{measured(errors, '.2f')} for {errors['n']} errors{'' if apart else '; the intervals overlap'}."
        )
    return "\n".join(f"- {sentence}" for sentence in sentences) or NOTHING


def randomization(likeness: pd.DataFrame) -> str:
    """What is left of each network's maps when the scores' weights, and when all weights, are shuffled."""
    if likeness.empty:
        return NOTHING
    sentences = []
    for network, own in likeness[likeness["measure"] == "spearman"].groupby("network", sort=False):
        own = own.sort_values("step")
        first, last = own.iloc[0], own.iloc[-1]
        left = f"with all of them it is {measured(last, '.2f')}"
        if last["n"] == 0:
            left = "with all of them no map shows any evidence"
        elif last["low"] > 0:
            left += ", so part of what these maps show comes from the picture and not from what was learnt"
        else:
            left += ", no more than chance would give: these maps depend on what was learnt"
        sentences.append(
            f"- **{NETWORK_NAMES[network]}**: with the scores' weights shuffled the rank correlation with the trained "
            f"map is {measured(first, '.2f')}; {left}."
        )
    return "\n".join(sentences)


def agreement(table: pd.DataFrame) -> str:
    """How far Grad-CAM and occlusion agree.

    Args:
        table: Columns network, n, value, low and high of the rank correlation.
    """
    parts = [
        f"{NETWORK_NAMES[row['network']]} {measured(row, '.2f')} on {row['n']} pictures" for _, row in table.iterrows()
    ]
    return f"The rank correlation of the two maps is, for {'; for '.join(parts)}." if parts else NOTHING


def second_opinion(advantages: pd.DataFrame) -> str:
    """Whether occlusion finds the lesions better or worse than Grad-CAM on the same pictures."""
    own = advantages[(advantages["field"] == "occluded") & (advantages["outcome"] == "all")]
    own = own[(own["map"] == "occlusion") & (own["measure"] != "pointing")]
    own = own.assign(said=[f"{MEASURE_NAMES[row['measure']]} {measured(row, '+.2f')}" for _, row in own.iterrows()])
    parts = [f"{NETWORK_NAMES[name]}, {', '.join(rows['said'])}" for name, rows in own.groupby("network", sort=False)]
    return f"Grad-CAM minus occlusion, on the same pictures: {'; '.join(parts)}." if parts else NOTHING
