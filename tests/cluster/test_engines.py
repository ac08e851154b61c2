"""The study `ci` on this machine, on a real SLURM, and with its artifacts in S3: the same numbers everywhere."""

import os
import shutil
import signal
import subprocess
import time
from itertools import pairwise

import pytest
from studies import Made, made, need

from helpers.paths import ROOT
from helpers.studies import results
from workflow.coordinator import command
from workflow.engines import Engine

TOGETHER = """
profile: ci
networks: [baseline_cnn]
folds: 2
seeds: 2
together: 2
gpus: 1
"""


def test_a_study_runs_here_and_a_second_start_does_nothing(local):
    assert len(local.metrics()) == 4
    assert len(set(local.metrics().values())) == 4
    before = {path: path.stat().st_mtime_ns for path in local.root().glob("*/metrics.json")}
    assert "4 of 4 cells are in, 0 of them new" in made(local, "--study", "ci")
    assert {path: path.stat().st_mtime_ns for path in local.root().glob("*/metrics.json")} == before


def test_no_weights_are_kept_and_nothing_of_a_cell_lies_elsewhere(local):
    assert list(local.root().glob("**/*.keras")) == []
    assert {path.name for path in local.root().glob("*-seed*/*")} >= {
        "metrics.json",
        "predictions.parquet",
        "history.csv",
    }
    status = subprocess.run(["git", "status", "--porcelain"], cwd=local.checkout.root, capture_output=True, text=True)
    assert status.stdout == ""


@pytest.fixture(scope="module")
def clustered(cluster) -> Made:
    """The same study on SLURM, one job at a time, and then again with two."""
    made(cluster, "--study", "ci", "--engine", "slurm", "--jobs", "1")
    one_by_one = cluster.metrics()
    cluster.forget()
    made(cluster, "--study", "ci", "--engine", "slurm", "--jobs", "2")
    assert cluster.metrics() == one_by_one
    return cluster


def test_every_metric_is_that_of_the_local_run(local, clustered):
    assert len(clustered.metrics()) == 4
    assert clustered.metrics() == local.metrics()


def test_two_jobs_run_at_once_each_with_a_gpu_of_its_own(clustered):
    notes = sorted(clustered.notes().values(), key=lambda note: note["started"])
    assert len({note["given"]["SLURM_JOB_ID"] for note in notes}) == 4
    assert {note["given"]["CUDA_VISIBLE_DEVICES"] for note in notes} == {"0", "1"}
    at_once = [(one, other) for one, other in pairwise(notes) if other["started"] < one["ended"]]
    assert at_once
    for one, other in at_once:
        assert one["given"]["CUDA_VISIBLE_DEVICES"] != other["given"]["CUDA_VISIBLE_DEVICES"]


def test_two_jobs_are_faster_than_one_and_the_page_is_given_the_ratio(clustered):
    starts = results.starts(clustered.checkout.root / "build")
    table = results.speedups(starts[starts["engine"] == "slurm"])
    assert table["jobs"].tolist() == [1, 2]
    assert table["times"].iloc[1] > 1
    kept = ROOT / "build" / "ci" / "studies" / "ci"
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy2(clustered.root() / "timings.json", kept / "timings.json")


@pytest.fixture(scope="module")
def killed(clustered, tmp_path_factory) -> tuple[Made, set[str], set[str]]:
    """A study of two jobs of two cells each, whose coordinator was killed while both ran, and which was started again.

    With it the numbers of the jobs that were left alone, and of those that came after.
    """
    own = tmp_path_factory.mktemp("own") / "together.yaml"
    own.write_text(TOGETHER)
    words = ("--study", str(own), "--engine", "slurm", "--jobs", "2")
    earlier = set(jobs(clustered))
    first = clustered.start(*words)
    # The first job makes the pictures.
    orphans = wait_for(clustered, earlier, running=2)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert {jobs(clustered)[number]["JobState"] for number in orphans} == {"RUNNING"}
    said = made(clustered, *words)
    assert all(number in said.splitlines()[0] for number in orphans)
    return clustered, orphans, jobs(clustered).keys() - earlier - orphans


def test_a_killed_coordinator_leaves_no_job_to_be_done_twice(killed, local):
    own, orphans, new = killed
    after = jobs(own)
    new = {number for number in new if after[number]["SubmitTime"] >= min(after[each]["EndTime"] for each in orphans)}
    assert len(new) == 2
    assert {after[number]["JobState"] for number in orphans} == {"CANCELLED"}
    assert max(after[number]["EndTime"] for number in orphans) <= min(after[number]["SubmitTime"] for number in new)
    assert own.metrics("together") == local.metrics()
    assert list(own.root("together").glob(".activations-*")) == []


def test_cells_that_share_a_job_run_one_after_the_other(killed):
    by_job = {}
    for note in sorted(killed[0].notes("together").values(), key=lambda note: note["started"]):
        by_job.setdefault(note["given"]["SLURM_JOB_ID"], []).append(note)
    assert by_job.keys() <= killed[2]
    assert sorted(len(each) for each in by_job.values()) == [2, 2]
    assert all(one["ended"] <= other["started"] for each in by_job.values() for one, other in pairwise(each))


def jobs(own: Made) -> dict[str, dict[str, str]]:
    """What SLURM says of every job, ended ones too, by number."""
    answer = subprocess.run(["scontrol", "show", "jobs", "-o"], env=own.environment, capture_output=True, text=True)
    lines = [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in answer.stdout.splitlines()]
    return {line["JobId"]: line for line in lines if "JobId" in line}


def wait_for(own: Made, earlier: set[str], running: int, patience: float = 600) -> set[str]:
    """Waits until so many jobs run that did not before."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        new = {number for number, job in jobs(own).items() if number not in earlier and job["JobState"] == "RUNNING"}
        if len(new) == running:
            return new
        time.sleep(0.5)
    raise AssertionError(f"expected {running} jobs to run, found {jobs(own)}")


@pytest.fixture
def bucket():
    """An S3 server on this machine with one bucket."""
    need("local", "s3://bucket")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"ENDPOINT_URL": f"http://{host}:{port}", "ACCESS_KEY": "key", "SECRET_KEY": "secret"}
    yield {f"SNAKEMAKE_STORAGE_S3_{name}": value for name, value in keys.items()}
    server.stop()


def test_artifacts_lie_in_s3_and_metrics_come_back(local, bucket, tmp_path):
    import boto3

    (tmp_path / "stored.yaml").write_text(TOGETHER.replace("seeds: 2", "seeds: 1"))
    made(local, "--study", str(tmp_path / "stored.yaml"), "--storage", "s3://bucket/studies", **bucket)
    fetched = local.metrics("stored")
    assert fetched == {name: content for name, content in local.metrics().items() if name.endswith("seed0")}
    address, *keys = bucket.values()
    client = boto3.client("s3", endpoint_url=address, aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    stored = {each["Key"] for each in client.list_objects_v2(Bucket="bucket")["Contents"]}
    assert {f"studies/{name}/predictions.parquet" for name in fetched} <= stored
    assert "studies/pictures.npy" in stored
    for name, content in fetched.items():
        assert client.get_object(Bucket="bucket", Key=f"studies/{name}/metrics.json")["Body"].read() == content


@pytest.mark.parametrize("engine", ["slurm", "kubernetes"])
def test_a_cluster_is_asked_in_words_that_its_plug_in_knows(engine, bucket, tmp_path):
    need(engine, "s3://bucket")
    asked = {"study": "ci", "data": "", "set": "", "stored": True, "build": str(tmp_path)}
    chosen = Engine(engine, jobs=3, storage="s3://bucket/planned")
    words = command("Studyfile", tmp_path, asked, [*chosen.options("mammobook-ci-0", gpus=1, cells=2), "--dry-run"])
    run = subprocess.run(words, env=chosen.environment() | bucket, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "fetch" in run.stdout
