"""A SLURM of one node with two GPUs that are none, for as long as a test needs it; it takes root and Debian."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PACKAGES = ("slurm-wlm", "munge")
DAEMONS = ("munged", "slurmctld", "slurmd")
COMMANDS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
DEVICES = ("/dev/null", "/dev/zero")
"""What stands for the GPUs."""
CONFIGURATION = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
# Without accounts, squeue is asked for a job that has ended, so it has to remember it.
MinJobAge=3600
SchedulerParameters=sched_interval=2
KillWait=2
MpiDefault=none
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} Gres=gpu:{gpus}
PartitionName=main Default=YES Nodes={host} MaxTime=INFINITE State=UP
"""


class NoSlurmError(RuntimeError):
    """Why there can be no SLURM here."""


def install() -> None:
    """Installs SLURM where it is missing.

    Raises:
        NoSlurmError: This is not root, not Debian, or the packages cannot be had.
    """
    if os.geteuid():
        raise NoSlurmError("a SLURM of one's own takes root")
    if all(shutil.which(daemon) for daemon in DAEMONS):
        return
    if not shutil.which("apt-get"):
        raise NoSlurmError(f"{' and '.join(PACKAGES)} come with apt-get, which is not here")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", "-qq", *words], env=quiet, capture_output=True, text=True)
        if done.returncode:
            raise NoSlurmError(f"apt-get {words[0]} failed: {done.stderr.strip()[-300:]}")


@contextmanager
def one_node() -> Iterator[dict[str, str]]:
    """Starts the daemons, and stops them and every job at the end.

    Yields:
        The environment in which `COMMANDS` find this SLURM.

    Raises:
        NoSlurmError: It cannot be installed, or does not answer within a minute.
    """
    install()
    # Not in pytest's folder, which only root may enter: munged runs as a user of its own.
    folder = Path(tempfile.mkdtemp(prefix="one-node-"))
    folder.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    running = []
    try:
        _configure(folder)
        running = _started(folder, environment)
        _wait(folder, environment)
        yield environment
    finally:
        subprocess.run(["scancel", "--user", "root"], env=environment, capture_output=True)
        _no_jobs_left(environment)
        for daemon in reversed(running):
            daemon.terminate()
            with suppress(subprocess.TimeoutExpired):
                daemon.wait(10)
            daemon.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path) -> None:
    for name in ("bin", "munge", "state", "spool", "gpus"):
        (folder / name).mkdir()
    (folder / "munge" / "key").write_bytes(os.urandom(128))
    (folder / "munge" / "key").chmod(0o400)
    for path in (folder / "munge", folder / "munge" / "key"):
        shutil.chown(path, "munge", "munge")
    # SLURM gives each device to one job and names its number in CUDA_VISIBLE_DEVICES; it never opens it.
    for number, device in enumerate(DEVICES):
        (folder / "gpus" / f"gpu{number}").symlink_to(device)
    host = socket.gethostname().split(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    ports = dict(zip(("controller", "node"), _free_ports(), strict=True))
    text = CONFIGURATION.format(folder=folder, host=host, memory=memory, gpus=len(DEVICES), **ports)
    (folder / "slurm.conf").write_text(text)
    devices = f"{folder}/gpus/gpu[0-{len(DEVICES) - 1}]"
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File={devices} Flags=nvidia_gpu_env\n")
    (folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
    # Jobs start without any variable of SLURM's, and would look for its files in /etc.
    for name in COMMANDS:
        script = f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which(name)} "$@"\n'
        (folder / "bin" / name).write_text(script)
        (folder / "bin" / name).chmod(0o755)


def _free_ports() -> list[int]:
    with socket.socket() as first, socket.socket() as second:
        for each in (first, second):
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in (first, second)]


def _started(folder: Path, environment: dict[str, str]) -> list[subprocess.Popen]:
    own = folder / "munge"
    files = [f"--{name}-file={own / name}" for name in ("key", "log", "pid", "seed")]
    munged = ["runuser", "-u", "munge", "--", shutil.which("munged"), "--foreground", f"--socket={own / 'socket'}"]
    daemons = [[shutil.which(name), "-D", "-f", folder / "slurm.conf"] for name in DAEMONS[1:]]
    running = []
    for command in [[*munged, *files], *daemons]:
        with (folder / "daemons.log").open("a") as log:
            running.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        time.sleep(1)
    return running


def _wait(folder: Path, environment: dict[str, str], patience: float = 60) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        state = subprocess.run(["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True).stdout
        if state.strip() == "idle":
            return
        time.sleep(0.5)
    logs = "".join(path.read_text()[-1500:] for path in sorted(folder.glob("*.log")))
    raise NoSlurmError(f"SLURM was installed and does not answer:\n{logs}")


def _no_jobs_left(environment: dict[str, str], patience: float = 20) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        left = subprocess.run(["squeue", "-h"], env=environment, capture_output=True, text=True)
        if left.returncode or not left.stdout.strip():
            return
        time.sleep(0.5)
