"""Effects of a grid: planted ones are found, absent ones are not, and every number is a loop's."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.evaluation.comparisons import holm
from helpers.evaluation.effects import contrasts, effects, single_runs

CELLS = [
    (gagm, sevector, "fsl", strength) for gagm in (0, 1) for sevector in (0, 1) for strength in (0.0, 0.1, 1.0)
] + [(1, 1, "center", 0.5), (1, 1, "contrastive", 0.2)]
FOLDS, SEEDS, PATIENTS, DRAWS = (0, 1), (7, 8, 9), 40, 400


def a_grid(gagm=0.0, fsl=0.0, center=0.0, noise=0.05, seed=0) -> tuple[pd.DataFrame, np.ndarray]:
    """Every cell in every fold and seed; patients share their draws over cells, so a paired difference is sharp."""
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(PATIENTS, np.full(PATIENTS, 1 / PATIENTS), size=(DRAWS, len(FOLDS)))
    of_patients = rng.normal(size=(len(FOLDS), PATIENTS))
    rows, draws = [], []
    for cell, fold, run in product(CELLS, FOLDS, SEEDS):
        has_gagm, sevector, loss, strength = cell
        effect = gagm * has_gagm + fsl * (loss == "fsl") * strength + center * (loss == "center")
        scores = 3 + of_patients[fold] + effect + noise * rng.normal(size=PATIENTS)
        rows.append(("icnt", bool(has_gagm), bool(sevector), loss, strength, fold, run, "all", "f", scores.mean()))
        draws.append(weights[:, fold] @ scores / PATIENTS)
    columns = ["network", "gagm", "sevector", "loss", "strength", "fold", "seed", "scope", "measure", "value"]
    return pd.DataFrame(rows, columns=columns), np.array(draws, dtype="float32")


def test_planted_effects_are_found_and_absent_ones_are_not():
    table = effects(*a_grid(gagm=0.3, fsl=-0.5, center=1.0), seed=1).set_index("effect")
    for effect, planted in {"gagm": 0.3, "fsl 0.1": -0.05, "fsl 1": -0.5, "center": 1.0}.items():
        row = table.loc[effect]
        assert row["low"] <= planted <= row["high"], effect
        assert row["p_holm"] < 0.05, effect
    for effect in ("sevector", "contrastive"):
        assert table.loc[effect, "low"] < 0 < table.loc[effect, "high"]
        assert table.loc[effect, "p_holm"] > 0.05


def test_intervals_are_paired_so_what_patients_share_cancels():
    runs, draws = a_grid(gagm=0.1, noise=0.01)
    row = effects(runs, draws, seed=1).set_index("effect").loc["gagm"]
    alone = np.quantile(draws[0], 0.975) - np.quantile(draws[0], 0.025)
    assert row["high"] - row["low"] < alone / 10


def test_an_effect_is_the_mean_of_differences_between_cells_that_differ_in_nothing_else():
    runs, draws = a_grid(gagm=0.3, noise=1.0)
    table = effects(runs, draws, seed=1).set_index("effect")["value"]
    at = runs.set_index(["gagm", "sevector", "loss", "strength", "fold", "seed"])["value"]
    everywhere = list(product(FOLDS, SEEDS))
    heads = list(product((False, True), repeat=2))

    def difference(first, second):
        return np.mean([at[(*first, *run)] - at[(*second, *run)] for run in everywhere])

    gagm = [difference((True, s, "fsl", x), (False, s, "fsl", x)) for s in (False, True) for x in (0.0, 0.1, 1.0)]
    assert table["gagm"] == pytest.approx(np.mean(gagm))
    fsl = [difference((*head, "fsl", 1.0), (*head, "fsl", 0.0)) for head in heads]
    assert table["fsl 1"] == pytest.approx(np.mean(fsl))
    assert table["contrastive"] == pytest.approx(difference((True, True, "contrastive", 0.2), (True, True, "fsl", 0.0)))


def test_single_runs_average_to_the_effect():
    runs, draws = a_grid(gagm=0.3, noise=1.0)
    singles = single_runs(runs)
    assert len(singles) == 6 * len(FOLDS) * len(SEEDS)
    whole = effects(runs, draws, seed=1).set_index("effect")["value"]
    pd.testing.assert_series_equal(singles.groupby("effect")["value"].mean(), whole.sort_index(), check_names=False)
    one = singles[(singles["effect"] == "center") & (singles["fold"] == 1) & (singles["seed"] == 8)]["value"].item()
    own = runs[(runs["fold"] == 1) & (runs["seed"] == 8) & runs["gagm"] & runs["sevector"]].set_index(
        ["loss", "strength"]
    )["value"]
    assert one == pytest.approx(own["center", 0.5] - own["fsl", 0.0])


def test_seeds_that_disagree_widen_the_interval():
    runs, draws = a_grid(noise=0.01)
    moved = runs["gagm"] & (runs["seed"] == SEEDS[0])
    runs.loc[moved, "value"] += 1
    draws[moved.to_numpy()] += 1
    row = effects(runs, draws, seed=1).set_index("effect").loc["gagm"]
    assert row["value"] == pytest.approx(1 / 3, abs=0.02)
    assert row["low"] < 0.05 and row["high"] > 0.6


def test_a_run_that_defines_no_measure_is_left_out():
    runs, draws = a_grid(gagm=0.3)
    gone = 5
    runs.loc[gone, "value"], draws[gone] = np.nan, np.nan
    table = effects(runs, draws, seed=1)
    assert table[["value", "low", "high", "p_holm"]].notna().all().all()


def test_a_grid_with_a_hole_is_refused():
    runs, draws = a_grid()
    with pytest.raises(ValueError, match="once per fold and seed"):
        effects(runs.iloc[1:], draws[1:], seed=1)


def test_contrasts_weigh_to_nothing():
    cells = pd.DataFrame(CELLS, columns=["gagm", "sevector", "loss", "strength"]).astype(
        {"gagm": bool, "sevector": bool}
    )
    found = contrasts(cells)
    assert list(found) == ["gagm", "sevector", "fsl 0.1", "fsl 1", "center", "contrastive"]
    for weights in found.values():
        assert weights.sum() == pytest.approx(0)
        assert weights[weights > 0].sum() == pytest.approx(1)


def test_holms_correction_is_the_step_down_of_its_definition():
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.005])
    np.testing.assert_allclose(holm(p), [0.03, 0.06, np.nan, 0.06, 0.02])
    np.testing.assert_allclose(holm(np.array([0.6, 0.9])), [1, 1])


def test_false_findings_stay_below_the_level_when_nothing_helps():
    found = [effects(*a_grid(noise=0.5, seed=seed), seed=seed)["p_holm"].min() < 0.05 for seed in range(60)]
    assert np.mean(found) <= 0.15
