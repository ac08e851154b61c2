"""The benchmarks: they run, what they compare is the same, and what they count is right. No time is asserted."""

import json
import subprocess
import sys

import numpy as np
import pytest

from bench import timing
from bench.levers import LEVERS, record
from bench.throughput import forward_flops
from helpers.networks import build


def test_ways_take_turns_after_a_round_that_warms_up():
    order = []
    ways = {"plain": lambda: order.append("p"), "fast": lambda: order.append("f")}
    seconds = timing.alternated(ways, 3, "test")
    assert "".join(order) == "pf" + "pf" * 3
    assert list(zip(seconds["way"], seconds["round"], strict=True)) == [(w, n) for n in range(3) for w in ways]
    assert (seconds["seconds"] >= 0).all()


def test_results_that_differ_stop_a_benchmark():
    check = timing.agree("sums", np.array([1.0, 2.0]), np.array([1.0, 2.5]), allowed=0.5)
    assert (check.difference, check.allowed) == (0.5, 0.5)
    with pytest.raises(AssertionError, match="sums: expected a difference of at most 0, found 0.5"):
        timing.agree("sums", np.array([1.0, 2.0]), np.array([1.0, 2.5]))


@pytest.mark.parametrize("name", sorted(set(LEVERS) - {"rebuild"}))
def test_each_lever_gives_the_same_results_as_the_plain_way(tmp_path, name):
    record(name, tmp_path, small=True)
    levers = json.loads((tmp_path / f"{name}.json").read_text())["levers"]
    for lever in levers:
        assert lever["checks"], lever["lever"]
        assert all(check["difference"] <= check["allowed"] for check in lever["checks"])
        assert {"plain"} < {row["way"] for row in lever["seconds"]}
        assert lever["notes"].get("correlation with scikit-image's", 1) > 0.95


def test_the_command_measures_what_it_is_asked_for_and_shows_it(tmp_path):
    command = [sys.executable, "-m", "bench", "preprocessing", "convnext", "--small", "--folder", str(tmp_path)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert {path.name for path in tmp_path.iterdir()} == {"preprocessing.json", "convnext.json"}
    assert all(said in answer.stdout for said in ("two threads", "depthwise", "ratio"))


@pytest.mark.parametrize(("name", "size", "billions"), [("icnt", 224, 4.5), ("iiv3", 299, 5.7)])
def test_operations_are_counted_as_published(name, size, billions):
    """Multiply-adds: 4.5 billion in Liu et al. 2022, table 1; 5.7 in Szegedy et al. 2016 and keras.applications."""
    assert forward_flops(build(name, size)) / 2e9 == pytest.approx(billions, rel=0.03)


def test_memory_does_not_grow_with_the_store(tmp_path):
    """3,000 pictures are 144 MiB; a process that kept what it touched would hold twice that, store and draft."""
    held = {}
    for count in (200, 3000):
        command = [sys.executable, "-m", "bench.growth", str(count), str(tmp_path)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        held[count] = json.loads(answer.stdout)["resident"]
    assert held[3000] - held[200] < 100
