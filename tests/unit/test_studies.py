"""A study's table of cells, how its pictures are dealt out, and what is said before anything starts."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpers.datasets.exams import LABELS
from helpers.profile import ProfileError
from helpers.studies import plan
from helpers.studies.cell import dealt
from workflow import engines, study
from workflow.coordinator import command, only_start
from workflow.engines import Engine

SMALL = {"profile": "ci", "networks": ["baseline_cnn"], "folds": 2, "seeds": 2}
PLANNING_SECONDS = 10


def written(folder: Path, **changed) -> str:
    """A study in a file of its own."""
    file = folder / "own.yaml"
    file.write_text(yaml.safe_dump({**SMALL, **changed}))
    return str(file)


@pytest.mark.parametrize("name", plan.names())
def test_every_study_that_comes_along_can_be_planned(name):
    chosen = plan.load(name)
    own = chosen.settings
    expected = len(own.networks) * len(own.ablations) * len(own.protocols) * own.folds * own.seeds
    assert len(chosen.cells) == expected
    assert all(re.fullmatch(r"[\w-]+", cell) for cell in chosen.cells)


def test_cells_are_the_product_and_each_knows_its_settings(tmp_path):
    chosen = plan.load(
        written(tmp_path, networks=["baseline_cnn", "icnt"], ablations={"plain": None, "long": {"epochs": 9}})
    )
    assert len(chosen.cells) == 16
    cell = chosen.cells["icnt-long-patient_grouped-fold1-seed1"]
    profile = chosen.profile_of(cell)
    assert (profile.network("icnt").epochs, profile.seed) == (9, chosen.profile.seed + 1)
    assert profile.protocols == ("patient_grouped",)
    made_by = [str(chosen.settings_of(each)) for each in chosen.cells.values() if each.fold == 0]
    assert len(set(made_by)) > len(chosen.profiles)


def test_an_ablation_wins_over_what_was_asked_for_all(tmp_path):
    own = written(tmp_path, ablations={"plain": {}, "long": {"icnt.epochs": 9}})
    chosen = plan.load(own, "epochs=3")
    assert [chosen.profiles[name].icnt.epochs for name in ("plain", "long")] == [3, 9]


@pytest.mark.parametrize(
    ("changed", "nearest"),
    [
        ({"network": ["icnt"]}, "'networks'"),
        ({"networks": ["incnt"]}, "'icnt'"),
        ({"protocols": ["patient"]}, "'patient_grouped'"),
        ({"profile": "mais"}, "'mias'"),
        ({"ablations": {"plain": {}, "long": {"epoch": 3}}}, "'epochs'"),
        ({"ablations": {"long": {"epochs": 3}}}, "'plain'"),
        ({"ablations": {"plain": {"epochs": 3}}}, "'plain'"),
        ({"ablations": {"plain": {}, "large": {"image_size": 96}}}, "image_size"),
        ({"folds": 1}, "folds is 1"),
        ({"memory": 0}, "memory is 0"),
    ],
)
def test_a_wrong_study_stops_with_one_line_that_names_the_nearest(tmp_path, changed, nearest):
    with pytest.raises(ProfileError) as told:
        plan.load(written(tmp_path, **changed))
    assert nearest in str(told.value) and "\n" not in str(told.value)


def test_an_unknown_study_and_one_that_is_no_mapping_are_named(tmp_path):
    with pytest.raises(ProfileError, match="'smoothing'"):
        plan.load("smooting")
    (tmp_path / "list.yaml").write_text("- a\n- b\n")
    with pytest.raises(ProfileError, match="list"):
        plan.load(str(tmp_path / "list.yaml"))


@pytest.fixture(scope="module")
def exams() -> pd.DataFrame:
    """Thirty patients of two pictures each, and six copies."""
    patients = [f"p{number}" for number in range(30) for _ in range(2)]
    table = pd.DataFrame({"image_id": [f"i{number}" for number in range(60)], "patient_id": patients})
    table["label"] = [LABELS[number // 2 % 3] for number in range(60)]
    split = ["blind" if number < 6 else "train" for number in range(60)]
    table = table.assign(copy_of=None, split_patient_grouped=split, split_as_published=split)
    copies = table.iloc[12:18].assign(image_id=[f"i{n}~1" for n in range(12, 18)], copy_of=table["image_id"][12:18])
    return pd.concat([table, copies.assign(split_patient_grouped=None)], ignore_index=True)


@pytest.mark.parametrize("protocol", plan.PROTOCOLS)
@pytest.mark.parametrize("folds", [2, 4])
def test_every_picture_is_tested_once_and_the_blind_ones_never(exams, protocol, folds):
    chosen, first = plan.load("ci"), next(iter(plan.load("ci").cells.values()))
    sides = [dealt(exams, replace(first, protocol=protocol, fold=fold), folds, chosen.profile) for fold in range(folds)]
    tested = sum((side == "test").astype(int) for side in sides)
    used = exams["split_as_published"] != "blind"
    if protocol == "patient_grouped":
        used &= exams["copy_of"].isna()
    assert (tested == used.astype(int)).all()
    for side in sides:
        assert (side.notna() == used).all()
        by_class = pd.crosstab(side, exams["label"])
        assert (by_class > 0).all(axis=None) and set(by_class.index) == {"train", "validation", "test"}


@pytest.mark.parametrize(("protocol", "most"), [("patient_grouped", 1), ("as_published", 3)])
def test_only_the_published_protocol_puts_a_patient_on_two_sides(exams, protocol, most):
    chosen, first = plan.load("ci"), next(iter(plan.load("ci").cells.values()))
    side = dealt(exams, replace(first, protocol=protocol), 3, chosen.profile)
    shared = side.groupby(exams["patient_id"]).nunique()
    assert shared.max() == 1 if most == 1 else shared.max() > 1


def test_a_start_changes_no_fold(exams):
    chosen, first = plan.load("ci"), next(iter(plan.load("ci").cells.values()))
    one, other = (dealt(exams, replace(first, seed=seed), 3, chosen.profile) for seed in (0, 1))
    assert one.equals(other)


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        (Engine("slrum"), "'slurm'"),
        (Engine("kubernetes"), "STORAGE=s3://"),
        (Engine(storage="gs://bucket"), "s3://bucket/folder"),
    ],
)
def test_an_engine_that_cannot_be_is_named_with_what_it_needs(engine, told):
    with pytest.raises(ProfileError, match=re.escape(told)):
        engine.check()


def test_plugins_are_out_of_sight_of_a_local_run(monkeypatch, tmp_path):
    place = tmp_path / "lib" / "python3.11" / "site-packages"
    (place / engines.PLUGINS["slurm"]).mkdir(parents=True)
    monkeypatch.setattr(engines, "CLUSTER", tmp_path)
    assert str(place) not in Engine().environment().get("PYTHONPATH", "")
    assert str(place) in Engine("slurm").environment()["PYTHONPATH"]
    Engine("slurm").check()


@given(st.text(min_size=1, max_size=60), st.text(min_size=1))
def test_a_label_is_one_that_slurm_takes_and_tells_folders_apart(name, folder):
    one, other = (
        engines.label(name, Path("/a") / folder.replace("/", "").replace("\0", "")),
        engines.label(name, Path("/b")),
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,50}", one)
    assert one != other


def test_the_cells_of_a_shared_job_run_one_after_the_other():
    words = Engine("slurm", jobs=7).options("x", gpus=1, cells=3)
    assert {"--jobs=7", "cells=3", "lane=1"} <= set(words)
    settings = yaml.safe_load((engines.FOLDER / "slurm" / "config.yaml").read_text())
    assert settings["set-resource-scopes"] == "lane=local"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=6))
def test_waits_are_the_seconds_in_which_no_cell_ran(cells):
    notes = [{"started": start, "ended": start + seconds} for start, seconds in cells]
    busy = {second for note in notes for second in range(note["started"], note["ended"])}
    whole = set(range(min(busy), max(busy) + 1))
    assert study.waited(notes) == len(whole - busy)


def test_a_second_start_is_told_that_the_first_runs(tmp_path):
    with only_start(tmp_path), pytest.raises(ProfileError, match="runs already"), only_start(tmp_path):
        pass
    with only_start(tmp_path):
        pass


def test_a_thousand_cells_are_planned_within_ten_seconds(tmp_path):
    own = written(tmp_path, networks=["baseline_cnn", "icnt"], folds=5, seeds=100)
    assert len(plan.load(own).cells) == 1000
    asked = {"study": own, "data": "", "set": "", "stored": False, "build": str(tmp_path)}
    words = command("Studyfile", tmp_path, asked, ["--cores", "1", "--dry-run"])
    before = getrusage(RUSAGE_CHILDREN)
    run = subprocess.run(words, capture_output=True, text=True)
    after = getrusage(RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stderr
    assert re.search(r"^cell +1000$", run.stdout, re.MULTILINE)
    # Of a processor, since other tests run beside this one.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= PLANNING_SECONDS


def test_the_command_asks_for_what_exists():
    run = subprocess.run(
        [sys.executable, "-m", "workflow.study", "--study", "cii"], capture_output=True, text=True
    )  # fmt: skip
    assert run.returncode == 2
    assert run.stdout.strip() == "make study: unknown study 'cii'; did you mean 'ci'? (studies: ci, smoothing)"
