"""Sentences of the chapter on calibration and choice, computed from its results."""

import pandas as pd

from helpers.evaluation.choice import SCENARIOS
from helpers.evaluation.temperature import COLDEST, HOTTEST
from helpers.findings.guessing import side
from helpers.findings.words import NAMES, PROTOCOLS, ends, listed
from helpers.published import dahes


def cases(predictions: pd.DataFrame) -> str:
    """How many patients stand behind the test of each protocol, and how wide a share's interval is with so many."""
    test = predictions[predictions["split"] == "test"].drop_duplicates(["protocol", "image_id"])
    return "\n".join(f"- {_cases(protocol, rows)}" for protocol, rows in test.groupby("protocol", sort=False))


def differences(areas: pd.DataFrame, f1: pd.DataFrame) -> str:
    """How many comparisons were made, and how many survive correction, for each protocol."""
    sentences = []
    for protocol in f1["protocol"].unique():
        own = areas[areas["protocol"].eq(protocol) & areas["way"].eq("Obuchowski")]
        scores = f1[f1["protocol"] == protocol]
        sentences.append(
            f"- {PROTOCOLS[protocol]} protocol: of {len(own)} differences of areas, {_below(own['p'])} have p below "
            f"0.05 taken alone and {_below(own['p_holm'])} after correction; of {len(scores)} differences of macro F1, "
            f"{_below(scores['p'])} and {_below(scores['p_holm'])}."
        )
    return "\n".join(sentences)


def patients_matter(areas: pd.DataFrame) -> str:
    """How much wider an interval of a difference of areas becomes when it knows of patients."""
    width = (areas["high"] - areas["low"]).groupby(areas["way"]).mean()
    grouped, drawn = (_wider(width[way] / width["DeLong"]) for way in ("Obuchowski", "bootstrap"))
    return (
        f"Intervals that group pictures by patient are on average {grouped} than DeLong's, which take each picture for "
        f"a case of its own; the bootstrap's are {drawn}."
    )


def _wider(ratio: float) -> str:
    return f"{abs(ratio - 1):.0%} {'wider' if ratio >= 1 else 'narrower'}"


def temperatures(fitted: pd.DataFrame, claim: str) -> str:
    """What the fitted temperatures say of each network under the claimed protocol."""
    own = fitted[fitted["protocol"] == claim]
    return "\n".join(f"- {_temperature(row)}" for row in own.itertuples())


def calibration(before: pd.DataFrame, after: pd.DataFrame, claim: str) -> str:
    """What scaling did to the calibration error of the call, beside what chance alone would give."""
    columns = ["network", "protocol", "metric"]
    both = before.merge(after, on=columns, suffixes=("", "_after"))
    own = both[both["protocol"].eq(claim) & both["metric"].eq("error, call")]
    return "\n".join(
        f"- {NAMES[row.network]}: {row.value:.3f} as trained, {row.value_after:.3f} at its temperature "
        f"[{row.low_after:.3f}, {row.high_after:.3f}]; probabilities that are right would show {row.chance_after:.3f}."
        for row in own.itertuples()
    )


def carried(table: pd.DataFrame, level: float, claim: str) -> str:
    """Whether a threshold set on validation pictures kept its specificity on the test."""
    own = table[table["protocol"].eq(claim) & table["metric"].eq("specificity")]
    sentences = []
    for row in own.itertuples():
        kept = "contains" if row.low <= level <= row.high else "misses"
        figures = f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"
        sentences.append(f"- {NAMES[row.network]}: {figures}; the interval {kept} what was asked for.")
    return "\n".join(sentences)


def benefit(curves: pd.DataFrame, claim: str) -> str:
    """Over which thresholds each network's net benefit lies, with its interval, above both acting always and never."""
    own = curves[curves["protocol"] == claim]
    bar = own[own["way"].isin(["always", "never"])].groupby("threshold")["value"].max()
    return "\n".join(f"- {_benefit(name, own, bar)}" for name in NAMES if name in set(own["way"]))


def tasks() -> str:
    """What each task asks for, and which networks the document takes for it."""
    return "\n".join(
        f"- **{scenario.name}**: {scenario.reason} The document takes "
        f"{' or '.join(NAMES[name] for name in dahes.RECOMMENDED[scenario.name])}."
        for scenario in SCENARIOS
    )


def chosen(choice: pd.DataFrame) -> str:
    """Which network each scenario chooses, how sure that is, and whether its lead could be chance."""
    sentences = []
    for scenario in SCENARIOS:
        own = choice[choice["scenario"] == scenario.name].sort_values("worth", ascending=False)
        best = own.iloc[0]
        settled = "with these weights, this test settles the choice"
        verdict = settled if best["wins"] >= 0.95 else "other patients might have chosen otherwise"
        sentences.append(
            f"- **{scenario.name}**: {NAMES[best['network']]}, worth {best['worth']:.2f} "
            f"{ends(best, '.2f')}; the best in {best['wins']:.0%} of the draws: {verdict}."
        )
    return "\n".join(sentences)


def worth_choosing(scores: pd.DataFrame, chance: float, claim: str) -> str:
    """Whether there is anything to choose: which networks are better than guessing by their whole interval.

    Args:
        scores: Columns network, protocol, metric, low and high.
        chance: The macro F1 that guessing reaches.
        claim: The protocol that the book claims.
    """
    own = scores[(scores["metric"] == "f1_macro") & (scores["protocol"] == claim)].set_index("network")
    better = [name for name in own.index if side(own.loc[name, "low"], own.loc[name, "high"], chance) == "above"]
    if not better:
        return (
            f"**None of these networks is shown to be better than guessing**, whose macro F1 is {chance:.3f}. Among "
            "networks that know nothing, such a choice is one of cost, however sure it looks."
        )
    others = [NAMES[name] for name in own.index if name not in better]
    told = f"Better than guessing by their whole interval: {listed(NAMES[name] for name in better)}."
    return f"{told} Of {listed(others)} that is not shown, whatever weights prefer." if others else told


def _cases(protocol: str, rows: pd.DataFrame) -> str:
    malignant = rows[rows["label"] == "malignant"]
    patients = malignant["patient_id"].nunique()
    # The widest 95 % interval of a share among so many independent patients, half of it on each side.
    half = 0.98 / patients**0.5 if patients else float("nan")
    return (
        f"{PROTOCOLS[protocol]} protocol: {len(rows)} test pictures of {rows['patient_id'].nunique()} patients, "
        f"{len(malignant)} of them malignant, of {patients} patients. A sensitivity near one half is known to about "
        f"±{half:.2f} from so many."
    )


def _below(p_values: pd.Series) -> int:
    return int((p_values < 0.05).sum())


def _temperature(row: tuple) -> str:
    sure = (
        "too sure of itself" if row.low > 1 else "not sure enough" if row.high < 1 else "not clearly one or the other"
    )
    search = "" if COLDEST < row.temperature < HOTTEST else ", where the search ends,"
    return (
        f"{NAMES[row.network]}: {row.temperature:.2f}{search} [{row.low:.2f}, {row.high:.2f}] from {row.n_patients} "
        f"validation patients: {sure}."
    )


def _benefit(name: str, curves: pd.DataFrame, bar: pd.Series) -> str:
    line = curves[curves["way"] == name].set_index("threshold")
    better = line.index[(line["low"] > bar.loc[line.index] + 1e-12)]
    if better.empty:
        return f"{NAMES[name]}: at no threshold does its interval lie above both."
    share, ends = len(better) / len(line), f"from {better.min():.2f} to {better.max():.2f}"
    return f"{NAMES[name]}: its interval lies above both at {share:.0%} of the thresholds, {ends}."
