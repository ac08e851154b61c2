"""What the protocol gives: scores with and without separation, of the bit alone, and of the system without a flag."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd

from helpers.evaluation.binary import CUT, compared
from helpers.evaluation.metrics import CLASSES
from helpers.published import yoshitsugu
from helpers.published.yoshitsugu import VINDR, WITH, WITHOUT
from helpers.roi.cohorts import PAIR
from helpers.roi.learners import NETWORKS, regressed
from helpers.roi.play import MELTING, Played
from helpers.roi.separation import Way, merged

GAINS = {"gain": ("with", "without"), "bit_gain": ("bit", "without"), "left": ("with", "bit")}
"""What separation gains, what the bit alone gains, and what is left of the first beyond the second."""
SYSTEM_GAINS = {"gain": ("predicted", "without"), "lost": ("predicted", "with")}
"""What the predicted flag gains over none, and loses against the true one."""


def gains(played: Played, cohort: str, draws: int, seed: int, apart: bool = False, level: float = 0.0) -> pd.DataFrame:
    """Scores on the benign and malignant pictures of a cohort, and their differences on the same draws.

    Args:
        played: What every network said.
        cohort: One of its cohorts.
        draws: Bootstrap draws of patients.
        seed: Of the draws.
        apart: Whether views are apart.
        level: How far the flag is melted.

    Returns:
        DataFrame with the columns network, way, metric, value, low and high. A way is "without" or "with" separation,
        "bit" (malignant if a mask exists), "regression" (of flag and view), or a key of `GAINS`.
    """
    table = played.table(cohort, level)
    pair = table["label"].isin(PAIR).to_numpy()
    flag, regression = table["flag"], regressed(table)
    tables = []
    for network in NETWORKS:
        ways = {
            name: merged(played.said(cohort, network, Way(separated, apart), level), flag)
            for name, separated in (("without", False), ("with", True))
        } | {"bit": flag.to_numpy(float), "regression": regression}
        own = {name: said[pair] for name, said in ways.items()}
        tables.append(compared(table[pair], own, GAINS, draws, seed=seed).assign(network=network))
    return pd.concat(tables, ignore_index=True)


def all_gains(played: Played, draws: int, seed: int) -> pd.DataFrame:
    """`gains` of every cohort, views apart and together, with the columns cohort and apart."""
    each = product(played.cohorts, (False, True))
    return pd.concat(
        [gains(played, cohort, draws, seed, apart).assign(cohort=cohort, apart=apart) for cohort, apart in each],
        ignore_index=True,
    )


def melting(played: Played, draws: int, seed: int) -> pd.DataFrame:
    """`gains` of the VinDr-like cohort at each level of its flag, views together, with the column level."""
    levels = sorted(played.pictures.loc[played.pictures["cohort"] == VINDR, "level"].unique())
    return pd.concat(
        [gains(played, VINDR, draws, seed, MELTING.apart, level).assign(level=level) for level in levels],
        ignore_index=True,
    )


def flag_rates(played: Played) -> pd.DataFrame:
    """The share of pictures with a mask, by cohort, level and class: cohort, level, label, n and share."""
    own = played.pictures.groupby(["cohort", "level", "label"], sort=False)["flag"]
    return own.agg(n="size", share="mean").reset_index()


def localizer_scores(played: Played, cohort: str, draws: int, seed: int) -> pd.DataFrame:
    """How well the predicted flag agrees with the true one, over all pictures: metric, value, low and high."""
    table, found = _with_found(played, cohort)
    # The truth is the flag here; `compared` knows it as malignant.
    truth = table.assign(label=np.where(table["flag"], "malignant", "benign"))
    called = compared(truth, {"found": found["found"].to_numpy(float)}, {}, draws, seed=seed)
    ranked = compared(truth, {"score": found["score"].to_numpy()}, {}, draws, seed=seed)
    both = pd.concat([called[called["metric"] != "auc"], ranked[ranked["metric"] == "auc"]])
    return both[both["metric"].isin(["sensitivity", "specificity", "auc"])].drop(columns="way")


def hits(played: Played, cohort: str) -> tuple[int, int]:
    """How many lesions with a mask the localizer's highest cell lies on, and of how many."""
    table, found = _with_found(played, cohort)
    own = found.loc[table["flag"].to_numpy(), "hit"].dropna()
    return int(own.sum()), len(own)


def systems(played: Played, cohort: str, draws: int, seed: int) -> pd.DataFrame:
    """Scores of the two stages together on all pictures, normal ones included: malignant or not.

    The first stage calls a picture normal or not; what it calls normal is not malignant. The second tells benign from
    malignant, with the true flag, with the predicted one, or unseparated.

    Args:
        played: What every network said.
        cohort: One of its cohorts.
        draws: Bootstrap draws of patients.
        seed: Of the draws.

    Returns:
        DataFrame with the columns network, way ("without", "with", "predicted", "bit" or a key of `SYSTEM_GAINS`),
        metric, value, low and high.
    """
    table, _ = _with_found(played, cohort)
    tables = []
    for network in NETWORKS:
        ways = {**system_ways(played, cohort, network), "bit": table["flag"].to_numpy(float)}
        differences = {name: pair for name, pair in SYSTEM_GAINS.items() if set(pair) <= set(ways)}
        tables.append(compared(table, ways, differences, draws, seed=seed).assign(network=network))
    return pd.concat(tables, ignore_index=True)


def system_ways(played: Played, cohort: str, network: str) -> dict[str, np.ndarray]:
    """The malignant probability of every picture by the two stages, for each way; see `systems`."""
    table, found = _with_found(played, cohort)
    abnormal = called_abnormal(played, cohort, network)
    separated = played.said(cohort, network, MELTING)
    ways = {
        "without": merged(played.said(cohort, network, Way(False, MELTING.apart)), table["flag"]),
        "with": merged(separated, table["flag"]),
    }
    if len(found):
        ways["predicted"] = merged(separated, found["found"])
    return {name: np.where(abnormal, said, 0.0) for name, said in ways.items()}


def called_abnormal(played: Played, cohort: str, network: str) -> np.ndarray:
    """Which pictures the first stage calls abnormal, (n,) bool in table order."""
    rows = played.abnormal[(played.abnormal["cohort"] == cohort) & (played.abnormal["network"] == network)]
    return (rows.set_index("image_id").loc[played.table(cohort)["image_id"], "abnormal"] >= CUT).to_numpy()


def three_calls(played: Played, cohort: str, network: str, way: str) -> tuple[np.ndarray, np.ndarray]:
    """The classes, and what the two stages call each picture: both (n,) of `CLASSES`."""
    malignant = system_ways(played, cohort, network)[way] >= CUT
    called = np.where(called_abnormal(played, cohort, network), np.where(malignant, *CLASSES[:0:-1]), CLASSES[0])
    return played.table(cohort)["label"].to_numpy(), called


def restated(bits: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The published gains as gains over the bit.

    Args:
        bits: {data: sensitivity, specificity and accuracy of "malignant if a mask exists"}.

    Returns:
        DataFrame indexed by data and model: for the mean of sensitivity and specificity, and for accuracy, the
        published value without and with separation, the bit's, and the published gain over either.
    """
    rows = {}
    for (data, model), own in yoshitsugu.all_results().groupby(["data", "model"], sort=False):
        values = {way: own.loc[(data, model, way)] for way in (WITHOUT, WITH)} | {"the bit alone": bits[data]}
        for measure, columns in {"balanced": ["sensitivity", "specificity"], "accuracy": ["accuracy"]}.items():
            means = {way: float(value[columns].mean()) for way, value in values.items()}
            rows[data, model, measure] = means | {
                "gain": means[WITH] - means[WITHOUT],
                "gain over the bit": means[WITH] - means["the bit alone"],
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["data", "model", "measure"])


def _with_found(played: Played, cohort: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = played.table(cohort)
    own = played.found[played.found["cohort"] == cohort].set_index("image_id")
    return table, own.loc[table["image_id"]].reset_index() if len(own) else own.reset_index()
