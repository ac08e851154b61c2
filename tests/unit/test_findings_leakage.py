"""Sentences of the chapter on leakage say what the results are, whichever way they turned out."""

import pandas as pd
import pytest

from helpers import profile as profiles
from helpers.findings import leakage as told

SCORES = ["learner", "protocol", "metric", "value", "low", "high"]


def scores(published=(0.8, 0.7, 0.9), grouped=(0.3, 0.25, 0.35)) -> pd.DataFrame:
    rows = [("as_published", *published), ("patient_grouped", *grouped)]
    return pd.DataFrame([("baseline_cnn", way, "f1_macro", *ends) for way, *ends in rows], columns=SCORES)


def gaps(value=0.5, low=0.4, high=0.6) -> pd.DataFrame:
    return pd.DataFrame(
        [("baseline_cnn", "f1_macro", value, low, high)], columns=[c for c in SCORES if c != "protocol"]
    )


def test_a_gap_above_zero_is_said_to_be_so_with_its_numbers():
    sentence = told.gap(scores(), gaps(), chance=0.33)
    assert "0.800 [0.700, 0.900] as published, 0.300 [0.250, 0.350] patient-grouped" in sentence
    assert "**+0.500 [0.400, 0.600]**" in sentence
    assert "wholly above zero" in sentence
    assert "cannot tell it from guessing" in sentence


def test_networks_whose_interval_excludes_zero_are_counted():
    table = pd.concat([gaps(), gaps(0.0, -0.1, 0.1)])
    assert "for 1 of 2 networks" in told.networks(table)
    assert "none is excluded" in told.networks(table)
    assert "none is excluded" not in told.networks(gaps())
    assert "one protocol only" in told.networks(gaps().head(0))


def test_what_is_left_patient_grouped_is_not_denied():
    sentence = told.gap(scores(grouped=(0.5, 0.45, 0.55)), gaps(), chance=0.33)
    assert "above guessing, 0.330, all the same" in sentence


def test_who_is_worse_than_guessing_is_not_said_to_be_like_it():
    sentence = told.gap(scores(grouped=(0.25, 0.24, 0.26)), gaps(), chance=0.33)
    assert "it does worse than that" in sentence
    assert "cannot tell" not in sentence


def test_a_gap_that_holds_zero_says_why():
    nothing = told.gap(scores(published=(0.3, 0.2, 0.4)), gaps(0.0, -0.1, 0.1), chance=0.33)
    assert "holds zero" in nothing
    assert "learnt nothing" in nothing
    skilled = told.gap(
        scores(published=(0.9, 0.8, 1.0), grouped=(0.85, 0.8, 0.9)), gaps(0.05, -0.05, 0.15), chance=0.33
    )
    assert "holds zero" in skilled
    assert "learnt nothing" not in skilled


def test_a_gap_below_zero_is_not_passed_over():
    assert "wholly below zero" in told.gap(scores(), gaps(-0.5, -0.6, -0.4), chance=0.33)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ({"planted": 9, "found": 9, "same_patient": 0, "other_patient": 0}, "9 of 9 planted copies were found, and no"),
        ({"planted": 9, "found": 7, "same_patient": 0, "other_patient": 0}, "**not all**"),
        ({"planted": 9, "found": 9, "same_patient": 2, "other_patient": 1}, "3 other pairs were flagged: 2 within"),
    ],
)
def test_the_trial_of_the_audit_is_told_as_it_went(check, words):
    assert words in told.planted(check)


def audit(near: int, source: int) -> pd.DataFrame:
    row = {"pictures": 40, "shared_patient": 30, "shared_source": source, "near_duplicate": near}
    return pd.DataFrame([row], index=["test"])


def test_copies_that_the_signature_misses_are_owned_up_to():
    assert "At least 12 known copies escape" in told.near_duplicates({"as_published": audit(3, 15)})
    assert "escape" not in told.near_duplicates({"as_published": audit(15, 15)})
    assert "15 of 40 test pictures" in told.near_duplicates({"as_published": audit(15, 15)})


def origins(**columns: tuple[float, float]) -> pd.DataFrame:
    rows = {name: (2, *ends) for name, ends in columns.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["values", "cramers_v", "by_chance"])


def test_only_what_exceeds_chance_is_called_a_confound():
    sentence = told.confounded(origins(source=(0.9, 0.1), view=(0.05, 0.1)))
    assert "source (V = 0.90)" in sentence
    assert "view" not in sentence
    assert "source or view no more than chance" in told.confounded(origins(source=(0.05, 0.1), view=(0.02, 0.1)))
    assert "nothing else is known" in told.confounded(origins())


def areas(as_is: dict[str, tuple], planted: tuple = (0.99, 0.98, 1.0)) -> pd.DataFrame:
    rows = [("as it is", f"auc_{label}", *ends) for label, ends in as_is.items()]
    rows.append(("planted", "auc_normal", *planted))
    return pd.DataFrame(rows, columns=["rendering", "metric", "value", "low", "high"])


def test_a_class_told_by_its_rendering_needs_no_medicine():
    sentence = told.rendering(areas({"normal": (0.99, 0.98, 1.0), "benign": (0.5, 0.4, 0.6)}))
    assert "*normal* (area 0.990 [0.980, 1.000])" in sentence
    assert "No medicine is needed" in sentence
    assert "benign" not in sentence
    assert "exposes the planted confound" in sentence


def test_a_clean_cohort_is_not_accused_and_a_probe_that_fails_is():
    sentence = told.rendering(areas({"normal": (0.52, 0.4, 0.6)}, planted=(0.8, 0.7, 0.9)))
    assert "tells no class" in sentence
    assert "does not fully expose" in sentence


def test_shares_are_counted_by_protocol():
    rows = [("as_published", 2, 3), ("as_published", 0, 1), ("patient_grouped", 0, 0), ("patient_grouped", 0, 0)]
    table = pd.DataFrame(rows, columns=["protocol", "copies", "relatives"]).assign(learner="copy_only")
    sentence = told.shares(table)
    assert "published protocol: 50.0% of the test pictures have a copy in training (1.0 on average), 100.0%" in sentence
    assert "patient-grouped protocol: 0.0%" in sentence


def test_the_collection_is_described_by_its_settings():
    class Made:
        table = pd.DataFrame({"row": [0, 0, 1, 1], "patient_id": ["a", "a", "b", "b"]})

    sentence = told.collection(profiles.load("demo", "leakage.copies=2 leakage.repetitions=3"), Made())
    assert "Each of 2 pictures of 2 patients stands in it 2 times: 4 pictures" in sentence
    assert "repeated 3 times" in sentence
    assert "holds copies already" in told.collection(profiles.load("paper"), Made())
