"""What goes wrong on purpose: a disk that fills, and a run of `make book` whose processes are killed."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from helpers.runtime import THREADS
from workflow.checkout import Checkout

SMALL = "patients=24 blind=4 image_size=75 epochs=1 bootstrap_draws=100 protocols=patient_grouped"
"""A request that ends in a minute: `ci`, fewer phantoms, one epoch, and one training of each network."""


@dataclass(frozen=True)
class Disk:
    """A file system of its own, in memory, as small as one likes.

    Attributes:
        folder: Where it is mounted.
    """

    folder: Path

    def resize(self, megabytes: float) -> None:
        """Gives it another size; what is on it stays."""
        run = ["mount", "-o", f"remount,size={int(megabytes * 1024)}k", self.folder]
        subprocess.run(run, check=True, capture_output=True)


@dataclass(frozen=True)
class Started:
    """A `make book` that was started.

    Attributes:
        process: Of make itself.
        log: What it prints; a file, since what it leaves behind when it is killed would hold a pipe open.
    """

    process: psutil.Popen
    log: Path

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self.log.read_text()


class Maker:
    """`make book`, of a request that ends in a minute, in a checkout that takes its environment from here.

    Args:
        logs: A folder for what the runs print.
    """

    def __init__(self, logs: Path) -> None:
        self.logs, self.count = logs, 0

    def start(self, checkout: Checkout, only: str = "", settings: str = SMALL) -> Started:
        """Starts it and does not wait."""
        given = ["PROFILE=ci", f"SET={settings}", f"ONLY={only}", f"BIN={Path(sys.executable).parent}"]
        command = ["make", "--directory", checkout.root, "--assume-old", ".venv/.ready-cpu", "book", *given]
        # Two jobs share what processors there are; with more threads they only get in each other's way.
        environment = {**checkout.environment, **dict.fromkeys(THREADS, "1")}
        self.count += 1
        log = self.logs / f"{self.count}.txt"
        with log.open("w") as file:
            return Started(psutil.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT), log)

    def __call__(self, checkout: Checkout, **request: str) -> subprocess.CompletedProcess:
        """Runs it to its end."""
        run = self.start(checkout, **request)
        return subprocess.CompletedProcess(run.process.args, run.process.wait(), run.printed)


def killed(make: psutil.Popen, victim: str, after: float) -> bool:
    """Kills a process of a run so many seconds from now, or as soon as there is one.

    Args:
        make: The run.
        victim: How a word of its command ends.
        after: Seconds.

    Returns:
        Whether it did; not so where the run ends before that.
    """
    time.sleep(after)
    while make.poll() is None:
        for process in [make, *make.children(recursive=True)]:
            try:
                if any(word.endswith(victim) for word in process.cmdline()[:4]):
                    process.kill()
                    return True
            except psutil.NoSuchProcess:
                continue
        time.sleep(0.02)
    return False
