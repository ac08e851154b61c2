"""What each part of a grid of trainings changes: paired differences, their intervals, and how many were looked at.

A cell of the grid is a setting (a head and a loss); it was trained once per seed and fold. Two cells are compared fold
by fold and seed by seed, on the same held-out pictures, and an effect is the mean of such differences over the cells
that differ in nothing else.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.evaluation.comparisons import holm
from helpers.evaluation.intervals import interval

CELL = ["gagm", "sevector", "loss", "strength"]
"""The columns that name a cell; "loss" is fsl, center or contrastive, "strength" its lambda."""
RUN = ["fold", "seed"]
WHAT = ["network", "scope", "measure"]
LEVEL = 0.05


def effects(runs: pd.DataFrame, draws: np.ndarray, *, seed: int) -> pd.DataFrame:
    """The effect of each module and each loss on each measure.

    The interval is the percentile interval of a bootstrap that draws patients, the same for all cells, and with them
    seeds: patients and seeds are crossed, and drawing both errs, if at all, toward longer intervals (the pigeonhole
    bootstrap: Owen 2007). It does not cover the choice of the folds. A p-value is that of the value by the standard
    deviation of the draws, normally distributed; `p_holm` is corrected for all rows of the table.

    Args:
        runs: One row a training and measure: network, gagm, sevector, loss, strength, fold, seed, scope, measure,
            value.
        draws: (rows, draws) the same measure in each draw of patients; NaN where it is not defined.
        seed: Seed of the draws of seeds.

    Returns:
        DataFrame with the columns network, effect, scope, measure, value, low, high, p and p_holm. An effect is
        "gagm", "sevector", "fsl <lambda>", "center" or "contrastive".
    """
    drawn_seeds = _drawn_seeds(runs["seed"].nunique(), draws.shape[1], seed)
    rows = []
    for what, cells, own in _grids(runs):
        points = runs["value"].to_numpy()[own]
        by_draw = _over_runs(draws[own], drawn_seeds)
        point = _over_runs(points[..., None], np.ones((1, points.shape[2])))[:, 0]
        for effect, weights in contrasts(cells).items():
            rows.append((*what, effect, *_summary(weights @ point, weights @ by_draw)))
    table = pd.DataFrame(rows, columns=[*WHAT, "effect", "value", "low", "high", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy()))


def single_runs(runs: pd.DataFrame) -> pd.DataFrame:
    """The same effects in each single fold and seed: what somebody who trains once would have seen.

    Args:
        runs: As for `effects`.

    Returns:
        DataFrame with the columns network, scope, measure, effect, fold, seed and value.
    """
    rows = []
    for what, cells, own in _grids(runs):
        points = runs["value"].to_numpy()[own]
        names = list(product(*(sorted(runs[column].unique()) for column in RUN)))
        for effect, weights in contrasts(cells).items():
            values = np.tensordot(weights, points, axes=1).ravel()
            rows += [(*what, effect, *name, value) for name, value in zip(names, values, strict=True)]
    return pd.DataFrame(rows, columns=[*WHAT, "effect", *RUN, "value"])


def contrasts(cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """How much of each cell goes into each effect.

    A module's effect is its mean difference over all cells of the grid proper (the other module on or off, any lambda
    of the Feature Smoothing Loss); that of a lambda is its mean difference from none over the four heads; that of
    another loss its difference from none with the published head.

    Args:
        cells: One row a cell: gagm, sevector, loss, strength.

    Returns:
        {effect: (cells,) weights that sum to zero}.
    """
    fsl, none = (cells["loss"] == "fsl").to_numpy(), (cells["strength"] == 0).to_numpy()
    full = (cells["gagm"] & cells["sevector"]).to_numpy()
    found = {}
    for module in ("gagm", "sevector"):
        has = cells[module].to_numpy(dtype=bool)
        found[module] = _mean(fsl & has) - _mean(fsl & ~has)
    for strength in sorted(cells.loc[fsl & ~none, "strength"].unique()):
        found[f"fsl {strength:g}"] = _mean(fsl & (cells["strength"] == strength).to_numpy()) - _mean(fsl & none)
    for loss in ("center", "contrastive"):
        if (cells["loss"] == loss).any():
            found[loss] = _mean((cells["loss"] == loss).to_numpy()) - _mean(fsl & none & full)
    return found


def _grids(runs: pd.DataFrame) -> Iterator[tuple[tuple, pd.DataFrame, np.ndarray]]:
    """For each network, scope and measure: its cells, and the places of its runs, (cells, folds, seeds)."""
    placed = runs.assign(place=np.arange(len(runs)))
    shape = [runs[column].nunique() for column in RUN]
    for what, own in placed.groupby(WHAT, sort=False):
        ordered = own.sort_values([*CELL, *RUN])
        cells = ordered[CELL].drop_duplicates().reset_index(drop=True)
        if len(ordered) != len(cells) * np.prod(shape):
            raise ValueError(f"{what}: expected each of {len(cells)} cells once per fold and seed, {shape}")
        yield what, cells, ordered["place"].to_numpy().reshape(len(cells), *shape)


def _drawn_seeds(count: int, draws: int, seed: int) -> np.ndarray:
    """How often each seed was drawn, (draws, seeds); a generator of its own, the patients' one starts from the seed."""
    return np.random.default_rng((seed, 1)).multinomial(count, np.full(count, 1 / count), size=draws)


def _over_runs(values: np.ndarray, drawn_seeds: np.ndarray) -> np.ndarray:
    """Means over folds and drawn seeds, those runs left out in which the measure is not defined: (cells, draws)."""
    times = np.where(np.isnan(values), 0, drawn_seeds.T.astype(values.dtype))
    counted = times.sum(axis=(1, 2))
    total = (times * np.nan_to_num(values)).sum(axis=(1, 2))
    return np.divide(total, counted, out=np.full_like(total, np.nan), where=counted > 0)


def _summary(value: float, by_draw: np.ndarray) -> tuple[float, float, float, float]:
    low, high = interval(by_draw) or (np.nan, np.nan)
    spread = np.nanstd(by_draw, ddof=1)
    if not spread > 0:
        return float(value), low, high, np.nan
    return float(value), low, high, float(2 * norm.sf(abs(value) / spread))


def _mean(chosen: np.ndarray) -> np.ndarray:
    return chosen / chosen.sum()
