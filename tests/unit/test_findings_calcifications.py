"""The sentences of the chapter on microcalcifications say what its tables say, whichever way they fall."""

import made_up_films
import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.calcifications import chapter
from helpers.calcifications.experiment import FILTER
from helpers.calcifications.real import Real
from helpers.evaluation import froc, pixels
from helpers.findings import calcifications as told

DRAWS = 200


@pytest.fixture(scope="module")
def played():
    return made_up_films.made_up()


def verdict(played) -> str:
    found, pictures = played.found("test"), played.pictures("test")
    areas = froc.compared(found, pictures, FILTER, draws=DRAWS, seed=1)
    return told.froc(areas, froc.curves(found, pictures, chapter.RATES, 50, seed=1), "29 same")


def test_a_clear_lead_an_open_question_and_a_defeat_are_told_apart(played):
    assert "its interval lies above zero" in verdict(played)
    alike = made_up_films.made_up(patients=24, skill=dict.fromkeys(made_up_films.METHODS, 1.0))
    assert "its interval holds zero: **no difference is shown**" in verdict(alike)
    beaten = {**dict.fromkeys(made_up_films.METHODS, -2.0), FILTER: 4.0}
    assert "**here the filter is better**" in verdict(made_up_films.made_up(skill=beaten))


def test_the_best_variant_is_that_of_the_validation(played):
    areas = froc.compared(played.found("validation"), played.pictures("validation"), FILTER, draws=10, seed=1)
    own = areas[areas["method"] != FILTER]
    assert played.best().name == own.loc[own["value"].idxmax(), "method"]


def test_accuracy_is_set_beside_finding_nothing(played):
    nothing = told.background(played)
    row = nothing[(nothing["variant"] == "29 same") & (nothing["network"] == "segmentator")]["value"].iloc[0]
    assert row == pytest.approx(5000 / 5500)
    right = pixels.shares(played.accuracy, ["variant", "network"], DRAWS, seed=1)
    apart = pixels.shares(played.accuracy, ["variant", "network", "positive"], DRAWS, seed=1)
    sentence = told.accuracy(right, nothing, apart, "29 same")
    assert "less than a network that finds nothing: 90.91%" in sentence and "97.47%" in sentence


def test_empty_outlines_are_counted(played):
    clean = ~played.pictures("test")["cluster"].to_numpy()
    counts = played.counts("test")["29 same"][clean]
    assert told.empty(played, "29 same").startswith(
        f"Of {len(counts)} test films without a cluster, {len(counts)} keep"
    )
    counts = {name: own.copy() for name, own in played.histograms.items()}
    counts["29 same"][:, 0, 200] += 7
    marked = type(played)(**{**vars(played), "histograms": counts})
    assert ", 0 keep an empty outline" in told.empty(marked, "29 same") and "7 pixels are outlined" in told.empty(
        marked, "29 same"
    )


def test_the_middle_is_set_beside_the_rim(played):
    lines = told.center(played, DRAWS, 1).splitlines()
    assert len(lines) == 3 and all("middle third" in line and "outermost sixth" in line for line in lines)
    own = played.positions.query("variant == '49 same' and network == 'segmentator' and distance < 49 / 6")
    assert f"49 px: {own['hits'].sum() / own['of'].sum():.1%}" in lines[2]


def test_paddings_are_compared_on_the_same_draws(played):
    gains = chapter.same_over_valid(played.found("test"), played.pictures("test"), DRAWS, 1)
    assert list(gains) == [29, 39, 49]
    areas = froc.compared(played.found("test"), played.pictures("test"), FILTER, draws=DRAWS, seed=1)
    value = areas.set_index("method")["value"]
    for size, gain in gains.items():
        assert gain["gain"] == pytest.approx(value[f"{size} same"] - value[f"{size} valid"])
    assert "29 same" not in told.paddings(gains, "29 same") and "29 px, same" in told.paddings(gains, "29 same")


def test_films_are_counted(played):
    sentence = told.films(played, profiles.load("ci"))
    assert f"{len(played.films)} films of {played.films['patient_id'].nunique()} patients" in sentence


def test_a_pixel_is_outlined_from_the_level_that_was_chosen(played):
    logit = chapter.threshold(played)
    levels = pixels.quantized([logit - 1e-3, logit + 1e-3], -12, 12)
    assert levels.tolist() == [made_up_films.THRESHOLD - 1, made_up_films.THRESHOLD]


def test_real_films_of_which_no_place_is_known_are_neither_hit_nor_false(played):
    assert "This run has no real films" in told.real(None, DRAWS, 1)
    films = pd.DataFrame(
        [
            ("a", "p", "circle", True),
            ("b", "q", "somewhere", False),
            ("c", "r", "normal", False),
            ("d", "s", "normal", False),
        ],
        columns=["image_id", "patient_id", "kind", "cluster"],
    )
    places = [("a", 0.9, True), ("b", 0.95, False), ("c", 0.2, False), ("d", 0.1, False)]
    found = [(method, name, 1, 1, score, hit) for method in ("49 same", FILTER) for name, score, hit in places]
    real = Real(films, pd.DataFrame(found, columns=["method", "image_id", "row", "column", "score", "hit"]))
    assert set(real.found()["49 same"]["image_id"]) == {"a", "c", "d"}
    sentence = told.real(real, DRAWS, 1)
    # The film with calcifications somewhere would be a false positive before the cluster, and is none.
    assert (
        "FROC area 1.000" in sentence and "1 films with a circle, 1 with calcifications somewhere, 2 normal" in sentence
    )
    assert "area under the ROC curve of 1.000" in sentence
