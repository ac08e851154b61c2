"""Sentences of the chapter on the modules, computed from its grid."""

import numpy as np
import pandas as pd

from helpers.ablation import Ablation, cells
from helpers.datasets.exams import LABELS
from helpers.evaluation import metrics
from helpers.evaluation.effects import LEVEL
from helpers.evaluation.separability import LOWER_IS_BETTER
from helpers.figures.modules import MEASURE_NAMES, effect_name
from helpers.figures.style import NETWORK_NAMES
from helpers.findings.words import measured
from helpers.profile import CARRIERS, Profile

SPACE = ("fisher", "silhouette", "davies_bouldin", "nearest_mean")
"""Measures of the embedding; the others are of the calls."""
CALLS = ("f1_macro", "recall_malignant", "auc")
MANY_SEEDS = 5
"""From so many trainings of a cell on, their spread is taken for known."""


def grid_run(profile: Profile, ablation: Ablation) -> str:
    """The grid that was run: what was trained, how often, on what, and from which start."""
    grid, pictures = profile.modules, ablation.pictures
    trainings = len(CARRIERS) * len(cells(profile)) * grid.folds * grid.seeds
    lambdas = ", ".join(f"{value:g}" for value in (0.0, *grid.fsl_lambdas))
    return (
        f"**The grid of this run.** {' and '.join(NETWORK_NAMES[name] for name in CARRIERS)}; GAGM on and off, "
        f"SEVector on and off, FSL with λ = {lambdas}; with both modules also the center loss "
        f"(λ = {grid.center_lambda:g}) and the supervised contrastive loss (λ = {grid.contrastive_lambda:g}). Each of "
        f"these {len(cells(profile))} cells was trained from {grid.seeds} seeds on each of {grid.folds} folds: "
        f"{trainings} trainings of at most {grid.epochs} epochs. The folds hold {pictures['image_id'].nunique()} "
        f"pictures of {pictures['patient_id'].nunique()} patients. {_start(profile)}{_few(grid.seeds)}"
    )


def _few(seeds: int) -> str:
    """What so few trainings of a cell leave unknown; nothing where they are many."""
    if seeds >= MANY_SEEDS:
        return ""
    return f" From {seeds} seeds one hardly knows how far two trainings fall apart: take the intervals for too narrow."


def _start(profile: Profile) -> str:
    unfrozen = profile.modules.unfrozen_layers
    learns = f"its last {unfrozen} layers and the head train" if unfrozen else "only the head trains"
    starts = {profile.network(name).weights for name in CARRIERS}
    if starts == {"imagenet"}:
        return f"The backbone starts from ImageNet weights; {learns}."
    if "none" not in starts:
        return f"The backbone starts from a weights file; {learns}."
    return (
        f"The backbone is random, since this run has no pretrained weights; {learns}. The effects below are those on "
        "random features, and need not carry over to learnt ones."
    )


def level(ablation: Ablation, *, seed: int) -> str:
    """How well the heads classify at all, set against guessing: effects on what knows nothing would be noise."""
    runs = ablation.runs[(ablation.runs["scope"] == "all") & (ablation.runs["measure"] == "f1_macro")]
    means = runs.groupby(["network", "gagm", "sevector", "loss", "strength"])["value"].mean()
    labels = ablation.pictures.drop_duplicates("image_id")["label"].map(LABELS.index).to_numpy()
    chance = metrics.chance_f1(labels, seed=seed)
    parts = [f"{NETWORK_NAMES[name]} from {means[name].min():.3f} to {means[name].max():.3f}" for name in CARRIERS]
    return (
        f"Over the cells of the grid the mean macro F1 goes, for {' and, for '.join(parts)}; the best way of guessing "
        f"reaches {chance:.3f}."
    )


def what_helped(effects: pd.DataFrame) -> str:
    """How many of the comparisons survive the correction, in which direction, and which parts they are of."""
    found = _survivors(effects)
    asked = int(effects["p"].notna().sum())
    if found.empty:
        return (
            f"**Nothing did, that this grid can show.** Of {asked} comparisons none survives the correction: what the "
            "figure shows may be the luck of patients and seeds."
        )
    better, worse = found[found["better"]], found[~found["better"]]
    counts = f"{len(better)} for the better, {len(worse)} for the worse"
    said = f"Of {asked} comparisons {len(found)} survive the correction: {counts}."
    lines = [f"- **{effect_name(effect)}**: {_verdict(own)}." for effect, own in found.groupby("effect", sort=False)]
    silent = [effect_name(effect) for effect in effects["effect"].unique() if effect not in set(found["effect"])]
    if silent:
        lines.append(f"- Without any effect that survives: {', '.join(silent)}.")
    return said + "\n\n" + "\n".join(lines)


def _verdict(own: pd.DataFrame) -> str:
    parts = []
    for better, word in ((True, "better"), (False, "worse")):
        rows = own[own["better"] == better]
        if len(rows):
            parts.append(f"{word} by {len(rows)} of {len(own)}: {_named(rows)}")
    return "; ".join(parts)


def _named(rows: pd.DataFrame) -> str:
    names = []
    for (network, scope), own in rows.groupby(["network", "scope"], sort=False):
        pair = " of the pair" if scope == "pair" else ""
        names.append(
            f"{', '.join(MEASURE_NAMES[measure] for measure in own['measure'])}{pair} ({NETWORK_NAMES[network]})"
        )
    return "; ".join(names)


def space_and_calls(effects: pd.DataFrame) -> str:
    """Whether what tightens the classes also makes the calls better: the two counted apart."""
    found = _survivors(effects)
    counts = {
        (kind, better): int((found["measure"].isin(names) & (found["better"] == better)).sum())
        for kind, names in (("space", SPACE), ("calls", CALLS))
        for better in (True, False)
    }
    said = (
        f"Of the effects that survive, {counts['space', True]} make the embedding more compact or separable and "
        f"{counts['space', False]} less; {counts['calls', True]} make the calls better and {counts['calls', False]} "
        "worse."
    )
    if counts["space", True] and not counts["calls", True]:
        return f"{said} A tighter space is not yet a better classifier."
    return said


def one_training(effects: pd.DataFrame, singles: pd.DataFrame) -> str:
    """How often a single fold and seed would have told the opposite of the grid as a whole."""
    keys = ["network", "scope", "measure", "effect"]
    joined = singles.merge(effects[[*keys, "value"]], on=keys, suffixes=("", "_all"))
    joined = joined[np.sign(joined["value_all"]) != 0]
    opposite = np.sign(joined["value"]) == -np.sign(joined["value_all"])
    modules = joined["effect"].isin(["gagm", "sevector"])
    return (
        f"Somebody who trains each cell once, on one split, sees the sign turned round in {opposite.mean():.0%} of the "
        f"comparisons; for GAGM and SEVector alone in {opposite[modules].mean():.0%}."
    )


def the_pair(effects: pd.DataFrame) -> str:
    """What became of malignant against benign, which the document wants to see apart."""
    pair = effects[effects["scope"] == "pair"]
    found = _survivors(pair)
    areas = pair[pair["measure"] == "auc"]
    best = areas.loc[areas["value"].idxmax()]
    said = (
        f"Of {int(pair['p'].notna().sum())} comparisons on the pair alone {len(found)} survive, "
        f"{int(found['better'].sum())} for the better. The largest gain in the area under the curve is that of "
        f"{effect_name(best['effect'])} on {NETWORK_NAMES[best['network']]}: {measured(best, '+.3f')}"
    )
    return f"{said}, {'which survives' if best['p_holm'] < LEVEL else 'which does not survive'} the correction."


def collapsed(ablation: Ablation) -> str:
    """How many trainings left an embedding in which the measures are not defined."""
    runs = ablation.runs[(ablation.runs["scope"] == "all") & (ablation.runs["measure"] == "davies_bouldin")]
    gone = runs[runs["value"].isna()]
    if gone.empty:
        return f"No embedding of the {len(runs)} trainings fell together into one point."
    most = gone.groupby(["loss", "strength"]).size().idxmax()
    name = effect_name(f"fsl {most[1]:g}") if most[0] == "fsl" else effect_name(most[0])
    return (
        f"In {len(gone)} of {len(runs)} trainings the embedding fell together into one point or class means did, most "
        f"often under {name}; there the Davies-Bouldin index is not defined and is left out of the means."
    )


def _survivors(effects: pd.DataFrame) -> pd.DataFrame:
    found = effects[effects["p_holm"] < LEVEL]
    return found.assign(better=(found["value"] > 0) != found["measure"].isin(LOWER_IS_BETTER))
