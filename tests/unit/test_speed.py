"""What `make bench` wrote, read as tables: ratios by round, growth, and a page when nothing was measured."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers import speed
from helpers.figures import speed as figures


def lever(**ways: list[float]) -> dict:
    seconds = [
        {"way": way.replace("_", " "), "round": number, "seconds": value}
        for way, values in ways.items()
        for number, value in enumerate(values)
    ]
    checks = [{"what": "outputs", "difference": 0.0, "allowed": 1e-5}]
    return {
        "lever": "a lever",
        "unit": "picture",
        "count": 4,
        "seconds": seconds,
        "checks": checks,
        "notes": {"n": 2.0},
    }


def written(folder, **contents: dict):
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps({"machine": "two cores", "small": False, **content}))
    return speed.load(folder)


def test_a_ratio_is_taken_within_its_round(tmp_path):
    # The second round found the machine busy: both ways took three times as long.
    measured = written(tmp_path, x={"levers": [lever(plain=[8, 24, 9], fast_way=[2, 6, 3])]})
    row = measured.ratios.iloc[0]
    assert (row["lever"], row["way"], row["rounds"]) == ("a lever", "fast way", 3)
    assert (row["lowest"], row["ratio"], row["highest"]) == (3, 4, 4)
    assert (row["plain_milliseconds"], row["milliseconds"]) == (1000 * 9 / 4, 1000 * 3 / 4)


def test_a_plain_way_timed_once_stands_for_every_round(tmp_path):
    measured = written(tmp_path, x={"levers": [lever(plain=[120], again=[4, 5, 6])]})
    assert measured.ratios["ratio"].item() == 120 / 5
    assert measured.ratios["rounds"].item() == 3


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_the_slope_is_the_power_of_growth(tmp_path, power):
    counts = np.array([100, 200, 400])
    rows = pd.DataFrame({"pictures": counts, "store": 3e-3 * counts**power, "loader": counts, "resident": 700.0})
    measured = written(tmp_path, growth={"rows": rows.to_dict("records")})
    assert measured.slope("store") == pytest.approx(power)
    assert f"to the power {power:.2f} in the store" in figures.growth_in_words(measured)
    assert len(figures.growth(measured).axes) == 2


def test_nothing_measured_is_said_and_drawn_as_nothing(tmp_path):
    measured = speed.load(tmp_path)
    assert "Nothing was measured" in figures.origin(measured)
    assert figures.growth(measured) is None
    assert figures.growth_in_words(measured) == "Growth was not measured."
    for table in (figures.ratio_table, figures.check_table, figures.throughput_table):
        assert table(measured).empty


def test_small_inputs_are_not_passed_off_as_a_measurement(tmp_path):
    measured = written(tmp_path, x={"levers": [lever(plain=[1], fast=[1])], "small": True})
    assert "mean nothing" in figures.origin(measured)
    assert "two cores" in figures.origin(measured)


def test_the_tables_say_what_was_measured(tmp_path):
    rows = [{"device": "a device", "network": "icnt", "batch": 8, "pictures_a_second": 2.04, "share_of_peak": 0.314}]
    measured = written(tmp_path, x={"levers": [lever(plain=[8], fast=[2])]}, throughput={"rows": rows})
    assert figures.ratio_table(measured).loc[("a lever", "fast"), "times faster"] == "4.0"
    assert figures.check_table(measured).loc[("a lever", "outputs"), "allowed"] == "1e-05"
    assert figures.throughput_table(measured).loc["ICNT"].tolist() == ["a device", 8, "2.0", "31%"]
