"""Which notebooks each kind of edit executes: asked of Snakemake itself, on a finished book."""

import re
import subprocess
import sys
from contextlib import contextmanager

import pytest

NETWORKS = {"02_baseline_cnn", "03_icnt", "04_iiv3"}
READERS = {
    "05_metrics",
    "06_latent_space",
    "07_grad_cam",
    "08_leakage",
    "10_attention_check",
    "11_calibration_and_choice",
    "12_rereading",
    "17_blind_test",
}
LOOKS = {"07_grad_cam", "10_attention_check"}
GRID = {"09_modules"}
OUTLINES = {"13_microcalcifications"}
LADDER = {"14_imbalance_ladder"}
ROI = {"15_roi_aware"}
STUDIES = {"18_studies"}
PAPER = {"01_data"} | NETWORKS | READERS | GRID | OUTLINES | ROI


@pytest.fixture(scope="module")
def ci_book(made_book):
    """Where it was made, since the engine knows what it made by its place."""
    return made_book


@contextmanager
def edited(book, file: str, old: str, new: str):
    """An edit that is taken back afterwards."""
    path = book.root / file
    text = path.read_text()
    assert old in text, f"{file} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1))
    try:
        yield
    finally:
        path.write_text(text)


def planned(book, settings: str = "") -> set[str]:
    """The notebooks that the next `make book` would execute."""
    request = book.root / "build" / "ci" / "logs" / "request.json"
    text = request.read_text()
    request.write_text(text.replace('"set": ""', f'"set": "{settings}"'))
    command = [sys.executable, "-m", "snakemake", "--snakefile", "src/workflow/Snakefile", "--cores", "1", "--dry-run"]
    run = subprocess.run(
        [*command, "--nolock", "--rerun-incomplete", "--configfile", request],
        cwd=book.root, env=book.environment, capture_output=True, text=True,
    )  # fmt: skip
    request.write_text(text)
    assert run.returncode == 0, run.stdout + run.stderr
    return set(
        re.findall(r"build/ci/notebooks/(\w+)\.ipynb", " ".join(re.findall(r"output: (.*)", run.stdout + run.stderr)))
    )


def test_a_finished_book_executes_nothing_again(ci_book):
    before = {path: path.stat().st_mtime_ns for path in ci_book.root.glob("build/ci/**/*.json")}
    again = ci_book.make_book()
    assert again.returncode == 0
    assert "nothing to do" in again.stdout
    logs = ci_book.root / "build" / "ci" / "logs"
    kept = {path: stamp for path, stamp in before.items() if logs not in path.parents}
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items())


def test_nothing_changed(ci_book):
    assert planned(ci_book) == set()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("book/discussion.md", "# ", "# Another "),
        ("notebooks/05_metrics.py", "# # Three networks", "# # More than three networks"),
        ("notebooks/03_icnt.py", "style.use_style()", "style.use_style()  # the book's look"),
        ("src/helpers/evaluation/metrics.py", '"""', '"""More precisely: '),
        ("src/helpers/training/fit.py", "import keras\n", "import keras  # a comment\n\n\n"),
        ("src/bench/timing.py", "import time", "import time, sys"),
        ("README.md", "# ", "# The "),
    ],
    ids=lambda text: text if "/" in text else "",
)
def test_prose_comments_and_docstrings_execute_nothing(ci_book, file, old, new):
    with edited(ci_book, file, old, new):
        assert planned(ci_book) == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("notebooks/05_metrics.py", "run = open_run", "again = run = open_run", {"05_metrics"}),
        ("src/helpers/evaluation/grad_cam.py", "batch_size: int = 16", "batch_size: int = 8", LOOKS),
        ("src/helpers/evaluation/separability.py", "LOWER_IS_BETTER = (", "LOWER_IS_BETTER = (*(), ", GRID),
        ("src/helpers/evaluation/decisions.py", "LEVEL = 0.90", "LEVEL = 0.95", {"11_calibration_and_choice"}),
        ("src/helpers/rereading/bassi.py", "DECIMALS = 3", "DECIMALS = 4", {"12_rereading"} | LADDER | ROI),
        ("src/helpers/figures/latent.py", "import", "import math\nimport", {"06_latent_space"}),
        ("src/helpers/ladder/dealing.py", "TEST = -1", "TEST = -2", LADDER),
        ("src/helpers/evaluation/across.py", 'RUN = ["fold", "seed"]', 'RUN = ["seed", "fold"]', STUDIES),
        ("src/helpers/figures/speed.py", "TIME, MEMORY =", "MEMORY, TIME =", {"16_speed"}),
        ("src/helpers/training/batches.py", "SHIFT = 0.05", "SHIFT = 0.06", PAPER | LADDER),
        ("notebooks/02_baseline_cnn.py", "style.use_style()", "_ = style.use_style()", {"02_baseline_cnn"} | READERS),
    ],
    ids=lambda text: text if "/" in text else "",
)
def test_code_executes_the_notebooks_that_import_it_and_what_reads_them(ci_book, file, old, new, expected):
    with edited(ci_book, file, old, new):
        assert planned(ci_book) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("icnt.epochs=3", {"03_icnt"} | READERS),
        ("bootstrap_draws=150", NETWORKS | READERS | GRID | OUTLINES | LADDER | ROI | STUDIES),
        ("ladder.epochs=2", LADDER),
        ("modules.folds=3", GRID),
        ("attention.cells=5", {"10_attention_check"}),
        ("leakage.epochs=2", {"08_leakage"}),
        ("calcifications.epochs=3", OUTLINES | {"12_rereading"}),
        ("roi.epochs=2", ROI),
        ("blind=10", PAPER),
    ],
)
def test_a_changed_value_executes_what_depends_on_it(ci_book, settings, expected):
    assert planned(ci_book, settings) == expected


def test_a_sentence_reaches_its_page_and_executes_nothing(ci_book):
    page = ci_book.root / "_build" / "html" / "book" / "nb" / "05_metrics.html"
    with edited(ci_book, "notebooks/05_metrics.py", "# # Three networks", "# # More than three networks"):
        run = ci_book.make_book()
        assert run.returncode == 0, run.stdout
        assert "executed: nothing" in run.stdout
        assert "More than three networks" in page.read_text()
    assert ci_book.make_book().returncode == 0
    assert "More than three networks" not in page.read_text()
