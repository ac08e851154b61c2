"""Executes one notebook with Papermill and says how far it is.

python -m workflow.execute 03_icnt --profile demo --data "" --set "" --build build
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
import papermill
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from helpers.paths import NOTEBOOKS, RunPaths
from helpers.progress import PROGRESS_FILE, write_json
from helpers.runtime import THREADS
from workflow import failure
from workflow.cores import HALF

NATIVE_LOG = re.compile(
    r"\s*$|WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:\d|[IWE]0000 |To enable the following"
)

SOCKET_PATH = 100
"""How long a socket's path may be: 103 bytes on macOS, 107 on Linux, less the channel's number."""


class CountingEngine(NBClientEngine):
    """Papermill's own engine, which also writes down the cells done."""

    status_file: Path

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **options):
        cells = [index for index, cell in enumerate(nb_man.nb.cells) if cell.cell_type == "code"]
        complete = nb_man.cell_complete

        def counted(cell, cell_index=None, **kwargs):
            complete(cell, cell_index=cell_index, **kwargs)
            if cell.cell_type == "code" and cell_index in cells:
                write_json(cls.status_file, {"cells": len(cells), "done": cells.index(cell_index) + 1})

        nb_man.cell_complete = counted
        write_json(cls.status_file, {"cells": len(cells), "done": 0})
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


def execute(notebook: str, paths: RunPaths, parameters: dict[str, str], name: str = "") -> Path:
    """Executes a notebook; the result is moved into place only when every cell has run.

    Args:
        notebook: The notebook's name, such as "03_icnt".
        paths: Where the run's artifacts lie.
        parameters: Values for the cell tagged `parameters`.
        name: What the result is called; as the notebook by default.

    Returns:
        The path of the executed notebook.

    Raises:
        PapermillExecutionError: A cell failed; the half-run notebook stays in the logs folder.
        RuntimeError: The kernel was ended from outside, as the system does when memory runs out.
        OSError: What was executed cannot be written.
    """
    name = name or notebook
    draft, result = paths.logs / f"{name}.ipynb", paths.notebooks / f"{name}.ipynb"
    CountingEngine.status_file = paths.logs / f"{name}.cells.json"
    os.environ[PROGRESS_FILE] = str(paths.logs / f"{name}.task.json")
    Path(os.environ[PROGRESS_FILE]).unlink(missing_ok=True)
    papermill_engines.register("counting", CountingEngine)
    paths.notebooks.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{name}.ipynb"
        nbformat.write(jupytext.read(NOTEBOOKS / f"{notebook}.py"), source)
        engine = {"engine_name": "counting", "kernel_name": "python3", "config": channels(Path(folder))}
        papermill.execute_notebook(source, draft, parameters, progress_bar=False, cwd=NOTEBOOKS, **engine)
    nbformat.write(without_native_log(nbformat.read(draft, as_version=4)), draft)
    draft.replace(result)
    write_json(paths.logs / f"{name}.seconds.json", {"seconds": round(time.monotonic() - started, 1)})
    return result


def channels(folder: Path) -> Config:
    """Has a kernel spoken to through sockets in a folder of its own, not through ports of the machine.

    Ports are looked for, let go, and taken by the kernel a moment later: of two kernels that start at the same time,
    one may find its own taken, and dies.

    Args:
        folder: Of this execution alone.

    Returns:
        Settings of the kernel's manager: those sockets, or none of its own where their path would be too long.
    """
    stem = folder / "kernel"
    if len(os.fsencode(stem)) > SOCKET_PATH:
        return Config()
    return Config(KernelManager={"transport": "ipc", "ip": str(stem)})


def tried(notebook: str, paths: RunPaths, parameters: dict[str, str], name: str = "") -> int:
    """Executes a notebook as `execute` does, and writes down which cell failed, if one did.

    Args:
        notebook: The notebook's name, such as "03_icnt".
        paths: Where the run's artifacts lie; <name>.error.txt in its logs says what failed.
        parameters: Values for the cell tagged `parameters`.
        name: What the result is called; as the notebook by default.

    Returns:
        0, or 1 where a cell failed, the kernel died or the result could not be written.
    """
    name = name or notebook
    paths.logs.mkdir(parents=True, exist_ok=True)
    (paths.logs / f"{name}.error.txt").unlink(missing_ok=True)
    try:
        execute(notebook, paths, parameters, name)
    except PapermillExecutionError as error:
        return told(name, paths, f"cell {error.exec_count}: {error.ename}: {error.evalue}")
    except RuntimeError as error:
        # A kernel that dies while it starts is no DeadKernelError yet.
        if "died" not in str(error):
            raise
        return told(name, paths, f"cell {reached(paths, name)}: its kernel died")
    except OSError as error:
        return told(name, paths, f"writing it: {error}")
    return 0


def without_native_log(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leaves out what TensorFlow's C++ side writes before it reads its own log level; all else on stderr stays."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = "".join(line for line in output.text.splitlines(True) if not NATIVE_LOG.match(line))
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("text", "kept").strip()]
    return notebook


def main() -> int:
    """The command line; see the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, fromfile_prefix_chars="@")
    parser.add_argument("notebook")
    for option in ("profile", "data", "set"):
        parser.add_argument(f"--{option}", default="")
    parser.add_argument("--build", type=Path, required=True)
    arguments = parser.parse_args()
    for name in THREADS:
        os.environ.setdefault(name, str(HALF))
    parameters = {"profile": arguments.profile, "data": arguments.data, "settings": arguments.set}
    paths = RunPaths(arguments.profile, arguments.build)
    return tried(arguments.notebook, paths, {**parameters, "build": str(arguments.build.resolve())})


def told(name: str, paths: RunPaths, reason: str) -> int:
    """Says and writes down why a notebook failed, and makes the page that shows where; returns the exit code."""
    print(f"{name} failed in {reason}", file=sys.stderr)
    (paths.logs / f"{name}.error.txt").write_text(f"{reason}\n")
    draft = paths.logs / f"{name}.ipynb"
    if draft.exists():
        (paths.logs / f"{name}.html").write_text(failure.page(draft, reason))
    return 1


def reached(paths: RunPaths, name: str) -> int:
    """The code cell at which an execution ended, from 1."""
    return max(1, json.loads((paths.logs / f"{name}.cells.json").read_text())["done"])


if __name__ == "__main__":
    sys.exit(main())
