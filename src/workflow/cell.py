"""One job of a study: a cell's training as a Papermill run, or the pictures that all cells share.

python -m workflow.cell <cell> --study ci --data "" --set "" --root build/ci/studies/ci [--build build]
"""

import argparse
import os
import sys
import time
from pathlib import Path

from helpers.paths import RunPaths
from helpers.progress import write_json
from helpers.runtime import configure
from helpers.studies import plan

PICTURES = "pictures"
"""The job that is no cell."""
GIVEN = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID")
"""What a job notes of where it ran: the accelerators it was given, and which job of the cluster it was."""


def run_cell(cell: str, asked: argparse.Namespace) -> int:
    """Executes the notebook of one cell, and notes when it ran and on what.

    Args:
        cell: The cell's name.
        asked: study, data, set and root.

    Returns:
        0, or 1 where the notebook failed; the study's logs say in which of its cells.
    """
    paths, started = _paths(asked.root), time.time()
    # As many as were asked for: on an engine with more, or fewer, the last bits would be others.
    configure(plan.load(asked.study, asked.set).settings.cpus)
    parameters = {"study": asked.study, "cell": cell, "data": asked.data, "settings": asked.set}
    from workflow.execute import tried  # It takes seconds to import, which the pictures need not wait.

    code = tried("studies/cell", paths, {**parameters, "root": str(asked.root.resolve())}, cell)
    given = {name: os.environ[name] for name in GIVEN if name in os.environ}
    write_json(paths.logs / f"{cell}.ran.json", {"started": started, "ended": time.time(), "given": given})
    return code


def make_pictures(asked: argparse.Namespace) -> int:
    """Makes the pictures of a study, or links those of its profile's run.

    Args:
        asked: study, data, set, root and build, where runs lie.
    """
    from helpers.studies.cell import pictures  # Keras comes with it.

    chosen = plan.load(asked.study, asked.set)
    run = RunPaths(chosen.profile.name, asked.build) if asked.build else None
    pictures(chosen, asked.data, _paths(asked.root), run)
    return 0


def _paths(root: Path) -> RunPaths:
    return RunPaths(root.resolve().name, root.resolve().parent)


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job")
    parser.add_argument("--study", required=True)
    for option in ("data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--build", type=Path)
    asked = parser.parse_args()
    return make_pictures(asked) if asked.job == PICTURES else run_cell(asked.job, asked)


if __name__ == "__main__":
    sys.exit(main())
