"""`make test`: lint, import direction, then the tests; the first failure of each stage is enough to fail.

python -m workflow.test [--all yes]
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from helpers.paths import ROOT
from helpers.progress import clock
from helpers.runtime import THREADS

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "--durations", "8"]
# In the order given, the long files first: by number of tests, the few long ones would come last, one process idle.
FILE_BY_FILE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
STAGES = {
    "lint": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "src", "tests"],
    "import direction": [BIN / "lint-imports", "--no-cache"],
    # Two processes of one thread each: with more they only get in each other's way.
    "parts": [*PYTEST, "tests/real", "tests/unit", *FILE_BY_FILE],
    "explorers": [*PYTEST, "tests/explorers", "-n", "2"],
    # Runs that are killed again and again; one after the other, each with both processors.
    "faults": [*PYTEST, "tests/faults"],
    # Each backend in a process of its own, in which TensorFlow is not found.
    "other backends": [*PYTEST, "tests/backends", "-n", "2"],
    # A study here, on a SLURM of one node that the tests start, and in S3; one after the other, as cells are timed.
    "engines": [*PYTEST, "tests/cluster"],
    # The book is made once; each process looks at a copy of its own.
    "the book": [*PYTEST, "tests/dashboard", "tests/notebooks", "tests/book", *FILE_BY_FILE],
}
LONG = ("faults", "engines")
"""Stages of minutes that few changes touch; `.ci/run` asks for them, a person may."""


def main() -> int:
    """Runs the stages in order and stops at the first that fails."""
    parser = argparse.ArgumentParser(description="Runs the project's tests.")
    parser.add_argument("--all", default="", help="anything but nothing: the long stages too")
    everything = bool(parser.parse_args().all)
    started = time.monotonic()
    environment = {**os.environ, **dict.fromkeys(THREADS, "1")}
    for name, command in STAGES.items():
        if name in LONG and not everything:
            print(f"== {name}: left out, make test ALL=yes has them", flush=True)
            continue
        print(f"== {name}", flush=True)
        code = subprocess.run(list(map(str, command)), cwd=ROOT, env=environment).returncode
        if code:
            print(f"{name} failed after {clock(time.monotonic() - started)} minutes", flush=True)
            return code
    print(f"make test took {clock(time.monotonic() - started)} minutes", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
