"""Maps against lesions: each measure on maps whose answer is known, and by a loop; intervals over patients."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.evaluation import localization
from helpers.evaluation.localization import BASELINES, MEASURES, TOLERANCE, blind_maps, enlarged, inside, scores

SIZE = 64
LESION = np.array([[20.0, 40.0, 9.0]])


def spot(x: float, y: float, width: float = 2.0) -> np.ndarray:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * width**2))[None].astype(np.float32)


def test_a_lesion_is_the_pixels_of_its_circle():
    mask = inside(LESION, SIZE)[0]
    for row, column in np.ndindex(SIZE, SIZE):
        assert mask[row, column] == ((column - 20) ** 2 + (row - 40) ** 2 <= 81)


def test_a_lesion_smaller_than_a_pixel_is_one_pixel():
    mask = inside(np.array([[10.4, 5.2, 0.1]]), SIZE)[0]
    assert np.argwhere(mask).tolist() == [[5, 10]]


@pytest.mark.parametrize(("x", "hit"), [(20, 1), (20 + 9 + 1, 1), (20 + 9 + 4, 0), (60, 0)])
def test_pointing_allows_for_the_tolerance_and_no_more(x, hit):
    assert 1 < TOLERANCE * SIZE < 3
    assert scores(spot(x, 40), LESION)["pointing"].item() == hit


def test_a_spot_in_the_lesion_has_all_its_energy_there_and_one_elsewhere_none():
    assert scores(spot(20, 40, 1.0), LESION)["energy"].item() == pytest.approx(1, abs=1e-3)
    assert scores(spot(55, 10, 1.0), LESION)["energy"].item() == pytest.approx(0, abs=1e-3)


def test_the_lesion_itself_is_the_best_map_and_its_complement_the_worst():
    mask = inside(LESION, SIZE).astype(np.float32)
    assert scores(mask, LESION).to_numpy().tolist() == [[1, 1, 1]]
    worst = scores(1 - inside(LESION, SIZE, TOLERANCE).astype(np.float32), LESION)
    assert worst[["pointing", "energy"]].to_numpy().tolist() == [[0, 0]]


def test_a_uniform_map_scores_the_lesions_share_of_the_picture():
    found = scores(np.ones((1, SIZE, SIZE), np.float32), LESION).iloc[0]
    area, near = inside(LESION, SIZE).mean(), inside(LESION, SIZE, TOLERANCE).mean()
    assert found.tolist() == pytest.approx([near, area, area])


def test_an_empty_map_points_nowhere():
    assert scores(np.zeros((1, SIZE, SIZE), np.float32), LESION).to_numpy().tolist() == [[0, 0, 0]]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), levels=st.integers(2, 50))
def test_top_k_is_the_mean_over_ways_to_settle_ties(seed, levels):
    rng = np.random.default_rng(seed)
    one = rng.integers(0, levels, (1, 12, 12)).astype(np.float32) + 1
    circle = np.array([[*rng.uniform(2, 9, 2), rng.uniform(1, 4)]])
    mask = inside(circle, 12)[0].ravel()
    overlaps = []
    for _ in range(400):
        order = np.lexsort((rng.random(144), -one.ravel()))
        overlaps.append(mask[order[: mask.sum()]].mean())
    assert scores(one, circle)["top_k"].item() == pytest.approx(np.mean(overlaps), abs=0.06)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
def test_scores_do_not_depend_on_the_scale_of_a_map(seed, scale):
    one = np.random.default_rng(seed).random((1, 16, 16)).astype(np.float32)
    circle = np.array([[5.0, 9.0, 3.0]])
    np.testing.assert_allclose(scores(one, circle), scores(one * np.float32(scale), circle), rtol=1e-4)


def test_a_cell_is_enlarged_over_the_pixels_it_was_made_from():
    cells = np.zeros((1, 8, 8), np.float32)
    cells[0, 2, 5] = 1
    large = enlarged(cells, SIZE)[0]
    rows, columns = np.mgrid[:SIZE, :SIZE]
    middle = [(large * axis).sum() / large.sum() for axis in (rows, columns)]
    assert middle == pytest.approx([2.5 * 8 - 0.5, 5.5 * 8 - 0.5])


def a_breast() -> np.ndarray:
    """Tissue at the left with one bright spot and, elsewhere, one edge; the rest black."""
    picture = np.zeros((SIZE, SIZE), np.uint8)
    picture[:, :40] = 80
    picture[10:16, 10:16] = 250
    picture[40:, :40] = 120
    return picture


def test_each_blind_map_does_what_it_is_called():
    usual = localization.usual_places(np.array([[30.0, 20, 5], [32, 22, 5]]), SIZE)
    maps = blind_maps(np.stack([a_breast()] * 2), usual, seed=3)
    assert tuple(maps) == BASELINES
    peaks = {name: np.unravel_index(each[0].argmax(), (SIZE, SIZE)) for name, each in maps.items()}
    assert np.ptp(maps["uniform"]) == 0
    assert not np.array_equal(maps["random"][0], maps["random"][1])
    assert np.hypot(peaks["breast center"][0] - 31.5, peaks["breast center"][1] - 19.5) < 1
    assert 17 <= peaks["usual place"][0] <= 25 and 27 <= peaks["usual place"][1] <= 35
    assert 10 <= peaks["brightest tissue"][0] < 16 and 10 <= peaks["brightest tissue"][1] < 16
    assert maps["edges"][0][:, 36:].max() == 0, "the skin line is no edge within the breast"
    assert maps["edges"][0][40, 20] > 5 * maps["edges"][0][55, 20]


def test_random_maps_are_those_of_their_seed():
    usual, picture = np.ones((SIZE, SIZE)), a_breast()[None]
    first, again, other = (blind_maps(picture, usual, seed=seed)["random"] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_lesion_does_not_tell_its_own_usual_place():
    lesions = np.array([[10.0, 10, 4], [10, 10, 4], [50, 50, 4]])
    others = localization.usual_places_of_others(lesions, SIZE)
    assert others[2][50, 50] == 0 and others[2][10, 10] == 1
    for place in range(3):
        expected = localization.usual_places(np.delete(lesions, place, axis=0), SIZE)
        np.testing.assert_allclose(others[place], expected)


def a_table(pictures: int = 40, better: float = 0.2) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    hits = rng.random(pictures) < 0.6
    shared = rng.random((pictures, len(MEASURES))) * 0.5
    rows = []
    for name, gain in (("grad_cam", better), ("uniform", 0.0), ("edges", 0.1)):
        values = shared + gain + 0.02 * rng.normal(size=shared.shape)
        for i in range(pictures):
            rows.append(("icnt", "framed", name, f"p{i:02}", f"patient{i // 2}", hits[i], *values[i]))
    return pd.DataFrame(rows, columns=["network", "field", "map", "image_id", "patient_id", "hit", *MEASURES])


def test_means_are_those_of_each_outcome():
    table = a_table()
    found = localization.means(table, 200, seed=1).set_index(["map", "outcome", "measure"])
    for outcome, chosen in (("hits", table["hit"]), ("errors", ~table["hit"]), ("all", table["hit"] | True)):
        own = table[chosen & (table["map"] == "edges")]
        row = found.loc["edges", outcome, "energy"]
        assert row["n"] == len(own)
        assert row["value"] == pytest.approx(own["energy"].mean())
        assert row["low"] < row["value"] < row["high"]


def test_advantages_are_paired_by_picture():
    found = localization.advantages(a_table(), draws=400, seed=1).set_index(["map", "outcome", "measure"])
    assert set(found.index.get_level_values("map")) == {"uniform", "edges"}
    row = found.loc["uniform", "all", "top_k"]
    assert row["value"] == pytest.approx(0.2, abs=0.02)
    # Unpaired, the spread of the pictures would make it wider than the gain.
    assert row["high"] - row["low"] < 0.05


def test_pictures_of_one_patient_are_drawn_together():
    table = a_table()
    twins = pd.concat([table, table.assign(image_id=table["image_id"] + "twin")])
    width = {
        name: (each["high"] - each["low"])
        for name, each in {
            "once": localization.means(table, 2000, seed=1),
            "twice": localization.means(twins, 2000, seed=1),
        }.items()
    }
    np.testing.assert_allclose(width["twice"], width["once"], rtol=1e-6)


def test_an_outcome_without_a_picture_has_no_row():
    table = a_table().assign(hit=True)
    assert set(localization.means(table, 100, seed=1)["outcome"]) == {"hits", "all"}
    assert localization.means(table.head(0), 100, seed=1).empty
