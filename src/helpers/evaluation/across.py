"""What many trainings of one setting say together: means over seeds and folds, with intervals.

A fold is a draw of patients to be tested on, a seed a draw of a start; each training is one pair of both. The bootstrap
draws folds, and with them seeds, and weighs each training by both (the pigeonhole bootstrap: Owen 2007). It needs no
training to be repeated and none to be there: what is missing weighs nothing. With few folds an interval comes out too
short, and folds share training pictures, which it does not see.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.evaluation.intervals import interval

WHAT = ["network", "ablation", "protocol", "metric"]
RUN = ["fold", "seed"]


def summary(scores: pd.DataFrame, draws: int, *, seed: int) -> pd.DataFrame:
    """The mean of each metric over folds and seeds, its interval, and how far folds and seeds lie apart.

    Args:
        scores: One row a training and metric: network, ablation, protocol, metric, fold, seed, value;
            NaN where a training has no such value.
        draws: Bootstrap draws.
        seed: Seed of the draws; one seed draws the same folds and seeds for every setting.

    Returns:
        DataFrame with the columns network, ablation, protocol, metric, trainings, value, low, high, over_folds and
        over_seeds: the standard deviations (ddof 1) of the means of single folds and of single seeds, NaN for one.
    """
    rows = []
    for what, own in scores.dropna(subset="value").groupby(WHAT, sort=False):
        spreads = [own.groupby(column)["value"].mean().std(ddof=1) for column in RUN]
        rows.append((*what, len(own), *mean_interval(own, draws, seed=seed), *spreads))
    columns = [*WHAT, "trainings", "value", "low", "high", "over_folds", "over_seeds"]
    return pd.DataFrame(rows, columns=columns)


def differences(scores: pd.DataFrame, plain: str, draws: int, *, seed: int) -> pd.DataFrame:
    """What each ablation changes, paired by fold and seed.

    Args:
        scores: As for `summary`.
        plain: The ablation that the others are compared with.
        draws: Bootstrap draws.
        seed: Seed of the draws.

    Returns:
        DataFrame with the columns network, ablation, protocol, metric, trainings (pairs), value, low and high.
    """
    keys = [key for key in WHAT if key != "ablation"] + RUN
    base = scores.loc[scores["ablation"] == plain, [*keys, "value"]].rename(columns={"value": "plain"})
    others = scores[scores["ablation"] != plain].merge(base, on=keys)
    paired = others.assign(value=others["value"] - others["plain"])
    return summary(paired, draws, seed=seed).drop(columns=["over_folds", "over_seeds"])


def mean_interval(runs: pd.DataFrame, draws: int, *, seed: int) -> tuple[float, float, float]:
    """The mean over trainings and its 95 % percentile interval.

    Args:
        runs: One row a training: fold, seed, value.
        draws: Bootstrap draws.
        seed: Seed of the draws.

    Returns:
        Mean, low and high; low and high are NaN where there is one training.
    """
    value = float(runs["value"].mean())
    if len(runs) < 2:
        return value, np.nan, np.nan
    values = runs.pivot(index="fold", columns="seed", values="value").to_numpy(float)
    there = ~np.isnan(values)
    of_fold, of_seed = drawn(values.shape, draws, seed=seed)
    weight = np.einsum("df,fs,ds->d", of_fold, there.astype(float), of_seed)
    total = np.einsum("df,fs,ds->d", of_fold, np.where(there, values, 0.0), of_seed)
    return value, *interval(total[weight > 0] / weight[weight > 0])


def drawn(shape: Sequence[int], draws: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each fold and each seed is drawn, with replacement, as many as there are.

    Args:
        shape: Number of folds and of seeds.
        draws: Bootstrap draws.
        seed: Seed of the generator.

    Returns:
        (draws, folds) and (draws, seeds), float64.
    """
    rng = np.random.default_rng(seed)
    folds, seeds = (rng.multinomial(count, np.full(count, 1 / count), size=draws) for count in shape)
    return folds.astype(float), seeds.astype(float)
