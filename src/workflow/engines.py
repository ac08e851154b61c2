"""Where the cells of a study run: on this machine, or on a cluster by one of Snakemake's executor plug-ins."""

import getpass
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from helpers.profile import ProfileError, nearest

FOLDER = Path(__file__).parent / "engines"
"""Snakemake's settings for each cluster, a folder each."""
PLUGINS = {"slurm": "snakemake_executor_plugin_slurm", "kubernetes": "snakemake_executor_plugin_kubernetes"}
STORAGE = "snakemake_storage_plugin_s3"
NAMES = ("local", *PLUGINS)
CLUSTER = Path(sys.prefix) / "cluster"
"""Where src/workflow/cluster.sh puts the plug-ins: beside the environment, since with them every start takes longer."""


@dataclass(frozen=True)
class Engine:
    """An engine, and what it was asked for.

    Attributes:
        name: local | slurm | kubernetes.
        jobs: At most so many at once; 0 for all cores of this machine, or as many as the cluster's settings have.
        storage: s3://bucket/folder for the artifacts; "" for this disk.
    """

    name: str = "local"
    jobs: int = 0
    storage: str = ""

    def check(self) -> None:
        """Checks the request before anything starts.

        Raises:
            ProfileError: The engine does not exist, needs a plug-in or a storage, or the storage is of no known kind.
        """
        if self.name not in NAMES:
            raise ProfileError(f"unknown ENGINE {self.name!r}; {nearest(self.name, list(NAMES))} ({', '.join(NAMES)})")
        if self.storage and not self.storage.startswith("s3://"):
            raise ProfileError(f"STORAGE={self.storage}: expected s3://bucket/folder")
        if self.name == "kubernetes" and not self.storage:
            raise ProfileError(
                "ENGINE=kubernetes shares no disk with this machine; it needs STORAGE=s3://bucket/folder"
            )
        needed = [PLUGINS.get(self.name), STORAGE if self.storage else None]
        with_plugins = {**os.environ, "PYTHONPATH": _beside(os.environ)}
        for plugin in filter(None, needed):
            if not _found(plugin, with_plugins):
                how = "make study brings them: make .venv/.ready-cluster"
                raise ProfileError(f"{plugin.replace('_', '-')} is not installed; the plug-ins are an extra: {how}")

    def environment(self) -> dict[str, str]:
        """The environment that Snakemake runs in; the plug-ins are in sight only where they are used."""
        if self.name == "local" and not self.storage:
            return dict(os.environ)
        return {**os.environ, "PYTHONPATH": _beside(os.environ)}

    def options(self, label: str, gpus: int = 0, **together: int) -> list[str]:
        """What Snakemake is told.

        Args:
            label: What the cluster's jobs are called.
            gpus: Accelerators a job.
            **together: By the name of a group in the Snakefile, how many of it share a job of a cluster.

        Returns:
            Words of a command line.
        """
        options = [] if self.name == "local" else ["--profile", str(FOLDER / self.name)]
        if self.name == "local":
            options += ["--cores", str(self.cores), "--resources", f"lane={self.cores}", *_local_gpus(gpus)]
        else:
            options += [f"--jobs={self.jobs}"] if self.jobs else []
            shared = [f"{group}={count}" for group, count in together.items()]
            options += ["--resources", "lane=1", *(["--group-components", *shared] if shared else [])]
        if self.name == "slurm":
            options += ["--slurm-jobname-prefix", label]
        return options + self._stored()

    @property
    def cores(self) -> int:
        """Cores of this machine that may be used."""
        return self.jobs or os.cpu_count()

    def _stored(self) -> list[str]:
        if not self.storage:
            return []
        where = ["--default-storage-provider", "s3", "--default-storage-prefix", self.storage.rstrip("/")]
        return [*where, "--shared-fs-usage", "none"] if self.name == "kubernetes" else where


def label(study: str, root: Path) -> str:
    """What a study's jobs are called on a cluster, the same whenever it is started from one folder.

    Args:
        study: Its name.
        root: Its folder.
    """
    name, place = re.sub(r"[^A-Za-z0-9_-]", "_", study)[:20], hashlib.sha256(str(root.resolve()).encode()).hexdigest()
    return f"mammobook-{name}-{place[:8]}"


def cancel_strays(label: str, patience: float = 180) -> list[str]:
    """Cancels the SLURM jobs that a killed coordinator left behind, and waits until they are gone.

    Nobody would take over what they make, and started again a study would ask for the same cells beside them.

    Args:
        label: What the study's jobs are called.
        patience: Seconds to wait at most.

    Returns:
        The numbers of the jobs.

    Raises:
        ProfileError: There is no SLURM here, it does not answer, or jobs do not end.
    """
    strays, until = queued(label), time.monotonic() + patience
    if strays:
        subprocess.run(["scancel", *strays], check=False)
    while queued(label):
        if time.monotonic() > until:
            raise ProfileError(f"jobs of an earlier start do not end: {', '.join(queued(label))}; see squeue")
        time.sleep(0.5)
    return strays


def queued(label: str) -> list[str]:
    """The numbers of the jobs of a study that SLURM knows and has not ended.

    Args:
        label: What the study's jobs are called.

    Raises:
        ProfileError: There is no SLURM here, or it does not answer.
    """
    if not shutil.which("squeue"):
        raise ProfileError("ENGINE=slurm: expected squeue and sbatch on this machine; start from a login node")
    asked = ["squeue", "--noheader", "--user", getpass.getuser(), "--format=%i %j"]
    answer = subprocess.run(asked, capture_output=True, text=True)
    if answer.returncode:
        raise ProfileError(f"SLURM does not answer: {answer.stderr.strip().splitlines()[-1]}")
    jobs = [line.split(maxsplit=1) for line in answer.stdout.splitlines()]
    return [number for number, name in jobs if name.startswith(label)]


def places() -> list[str]:
    """The folders that Python has to look in for the plug-ins; none where they are not installed."""
    return [str(place) for place in sorted(CLUSTER.glob("lib/python*/site-packages"))]


def _beside(environment: dict[str, str]) -> str:
    return os.pathsep.join(filter(None, [environment.get("PYTHONPATH", ""), *places()]))


def _found(plugin: str, environment: dict[str, str]) -> bool:
    if find_spec(plugin):
        return True
    return any((Path(place) / plugin).is_dir() for place in environment["PYTHONPATH"].split(os.pathsep) if place)


def _local_gpus(gpus: int) -> list[str]:
    """One cell at a time on each accelerator; without any, cells share the cores."""
    if not shutil.which("nvidia-smi"):
        return []
    listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True).stdout.splitlines()
    return [f"gpu={max(len(listed), gpus, 1)}"]
