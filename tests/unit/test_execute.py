"""How a notebook's kernel is spoken to, what is kept of its output, and what is said of one that failed."""

import tempfile
from pathlib import Path

import nbformat
import nbformat.v4 as v4
import pytest

from helpers.paths import RunPaths
from workflow import execute
from workflow.execute import tried, without_native_log

NATIVE = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
    "I0000 00:00:1795228778.232979   16183 port.cc:153] oneDNN custom operations are on.\n"
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.\n"
)


TRANSPORT = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% tags=["parameters"]
build = ""

# %%
from ipykernel import get_connection_info
print(get_connection_info(unpack=True)["transport"])
"""
"""A notebook that says through what its kernel is spoken to."""


def notebook(*texts):
    outputs = [v4.new_output("stream", name="stderr", text=text) for text in texts]
    return v4.new_notebook(cells=[v4.new_markdown_cell("prose"), v4.new_code_cell("x", outputs=outputs)])


def test_what_tensorflow_says_before_it_can_be_told_is_left_out():
    assert without_native_log(notebook(NATIVE)).cells[1].outputs == []


def test_a_warning_of_our_own_stays():
    kept = without_native_log(notebook(NATIVE + "UserWarning: a class is empty\n")).cells[1].outputs
    assert [output.text for output in kept] == ["UserWarning: a class is empty\n"]


def test_results_and_printed_text_stay():
    cell = v4.new_code_cell("x", outputs=[v4.new_output("execute_result", {"text/plain": "2"})])
    printed = v4.new_code_cell("y", outputs=[v4.new_output("stream", name="stdout", text="said\n")])
    made = without_native_log(v4.new_notebook(cells=[cell, printed]))
    assert [len(cell.outputs) for cell in made.cells] == [1, 1]


def test_who_executes_one_by_hand_is_told_why_it_failed(tmp_path, monkeypatch, capsys):
    def refuse(*_arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(execute, "execute", refuse)
    assert tried("03_icnt", RunPaths("ci", tmp_path), {}) == 1
    said = "writing it: No space left on device"
    assert capsys.readouterr().err == f"03_icnt failed in {said}\n"
    assert (tmp_path / "ci" / "logs" / "03_icnt.error.txt").read_text() == f"{said}\n"


def test_what_is_no_failure_of_the_notebook_is_not_taken_for_one(tmp_path, monkeypatch):
    def break_down(*_arguments):
        raise RuntimeError("an engine that nobody knows")

    monkeypatch.setattr(execute, "execute", break_down)
    with pytest.raises(RuntimeError, match="nobody knows"):
        tried("03_icnt", RunPaths("ci", tmp_path), {})


@pytest.fixture
def short_folder():
    """A folder whose path leaves room for a socket's, as pytest's own may not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def transport(tmp_path, monkeypatch):
    """Executes a notebook with a temporary folder of the given name, and returns what its kernel listens to."""

    def execute_in(temporary):
        (tmp_path / "said.py").write_text(TRANSPORT)
        monkeypatch.setattr(execute, "NOTEBOOKS", tmp_path)
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        temporary.mkdir(parents=True, exist_ok=True)
        paths = RunPaths("ci", tmp_path / "build")
        assert tried("said", paths, {"build": ""}) == 0
        cells = nbformat.read(paths.notebooks / "said.ipynb", as_version=4).cells
        return [output.text for cell in cells for output in cell.get("outputs", [])][-1]

    return execute_in


def test_a_kernel_listens_to_sockets_of_its_own_and_leaves_none(transport, short_folder):
    assert transport(short_folder) == "ipc\n"
    assert list(short_folder.iterdir()) == []


def test_where_the_temporary_folder_is_too_long_for_a_socket_it_has_ports(transport, short_folder):
    assert transport(short_folder / ("long" * 30)) == "tcp\n"
