"""The explorers of three chapters hold every number of the tables that they are given."""

import made_up_results
import numpy as np
import pandas as pd
import pytest
from test_paired import WAYS, said, with_copies

from helpers.evaluation import localization
from helpers.evaluation.effects import effects
from helpers.evaluation.paired import compared_without_copies
from helpers.explorers import intervals
from helpers.explorers.map_scores import map_scores
from helpers.explorers.module_effects import module_effects
from helpers.explorers.without_copies import without_copies


@pytest.fixture
def kept(monkeypatch) -> list:
    found = []
    monkeypatch.setattr(intervals, "explore", lambda *shown: found.append(shown))
    return found


def held(explorer) -> np.ndarray:
    """All values that are known, in order."""
    values = np.frombuffer(explorer.numbers, "<f8").reshape(-1, 3)[:, 0]
    return np.sort(values[~np.isnan(values)])


def test_every_step_without_copies_is_there(kept):
    table = compared_without_copies(with_copies(said(3)).assign(learner="copy_only"), "learner", WAYS, 20, seed=0)
    without_copies(table)
    explorer, twin, _ = kept[0]
    np.testing.assert_array_equal(held(explorer), np.sort(table["value"]))
    assert [row["name"] for row in explorer.rows][-1] == "difference"
    words = explorer.choices[-1]["names"]
    assert words[0] == "all" and words[1] == "at most 4 copies in training" and words[-2] == "no copy in training"
    assert len(twin) == 3


def test_every_effect_is_there_and_full_marks_survive_the_correction(kept):
    table = effects(*made_up_results.grid(), seed=1)
    module_effects(table)
    explorer = kept[0][0]
    np.testing.assert_array_equal(held(explorer), np.sort(table["value"]))
    assert np.frombuffer(explorer.firm, np.uint8).sum() == (table["p_holm"] < 0.05).sum()


def test_every_map_is_there_and_only_blind_ones_are_hollow(kept):
    table = localization.means(made_up_results.looks(), draws=50, seed=1)
    map_scores(table)
    explorer = kept[0][0]
    np.testing.assert_array_equal(held(explorer), np.sort(table["value"]))
    firm = np.frombuffer(explorer.firm, np.uint8).reshape(-1, len(explorer.rows)).any(axis=0)
    names = [row["name"] for row in explorer.rows]
    assert {name for name, full in zip(names, firm, strict=True) if not full} == set(localization.BASELINES)


def test_without_a_lesion_there_is_nothing_to_explore(kept):
    map_scores(pd.DataFrame(columns=["network", "field", "map", "outcome", "measure"]))
    assert kept == []
