"""The fingerprint: what executes a notebook again, and what does not."""

import ast

import jupytext
import pytest

from helpers.paths import NOTEBOOKS
from workflow import fingerprint as module
from workflow import syntax
from workflow.fingerprint import fingerprint, imported_files

NOTEBOOK = """# %% [markdown]
# # A title

# %%
from helpers import alpha

alpha.double(2)
"""
ALPHA = '''"""What it is for."""
from helpers.beta import FACTOR

def double(x):
    """Doubles."""
    return FACTOR * x
'''


def forget():
    """What a new process would do: each reads a file once."""
    for cached in (module._memory, module._files, module._needed_by, module._content):
        cached.cache_clear()


@pytest.fixture
def project(tmp_path, monkeypatch):
    source, notebooks = tmp_path / "src", tmp_path / "notebooks"
    (source / "helpers").mkdir(parents=True)
    notebooks.mkdir()
    (source / "helpers" / "__init__.py").touch()
    (source / "helpers" / "alpha.py").write_text(ALPHA)
    (source / "helpers" / "beta.py").write_text("FACTOR = 2\n")
    (source / "helpers" / "gamma.py").write_text("OTHER = 1\n")
    (notebooks / "01_x.py").write_text(NOTEBOOK)
    monkeypatch.setattr(module, "SOURCE", source)
    monkeypatch.setattr(module, "NOTEBOOKS", notebooks)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "MEMORY", tmp_path / "build" / ".syntax.json")
    forget()
    yield tmp_path
    forget()


def mark(project):
    forget()
    return fingerprint("01_x")


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("notebooks/01_x.py", "# # A title", "# # Another title\n#\n# More prose."),
        ("notebooks/01_x.py", "alpha.double(2)", "alpha.double(2)  # why two"),
        ("src/helpers/alpha.py", "Doubles.", "Doubles a number."),
        ("src/helpers/alpha.py", "return FACTOR * x", "# a comment\n    return FACTOR*x"),
        ("src/helpers/gamma.py", "OTHER = 1", "OTHER = 2"),
    ],
)
def test_prose_comments_docstrings_and_strangers_keep_it(project, file, old, new):
    before = mark(project)
    edit(project / file, old, new)
    assert mark(project) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("notebooks/01_x.py", "alpha.double(2)", "alpha.double(3)"),
        ("notebooks/01_x.py", "alpha.double(2)", "alpha.double(2)\n\n# %%\n# an empty cell moves the outputs"),
        ("src/helpers/alpha.py", "FACTOR * x", "FACTOR + x"),
        ("src/helpers/beta.py", "2", "3"),
    ],
)
def test_code_anywhere_in_the_import_graph_changes_it(project, file, old, new):
    before = mark(project)
    edit(project / file, old, new)
    assert mark(project) != before


def test_what_was_read_once_is_not_parsed_again(project, monkeypatch):
    before = mark(project)
    monkeypatch.setattr(syntax.ast, "parse", lambda code: pytest.fail(f"parsed again: {code}"))
    assert mark(project) == before


@pytest.mark.parametrize("content", ["", "{", '{"half": '])
def test_a_broken_memory_is_begun_anew(project, content):
    before = mark(project)
    module.MEMORY.write_text(content)
    assert mark(project) == before
    assert module.MEMORY.read_text().startswith("{\n")


def test_the_locked_environment_counts(project):
    before = mark(project)
    (project / "requirements.lock").write_text("keras==4\n")
    assert mark(project) != before


def test_relative_imports_are_followed(project):
    (project / "src/helpers/delta.py").write_text("X = 1\n")
    relative = syntax.read("from . import delta\nfrom .beta import FACTOR", "helpers")
    names = {file.name for file in imported_files(relative, "helpers")}
    assert {"delta.py", "beta.py"} <= names


def test_each_notebook_depends_on_the_loaders_it_reaches():
    reached = module.reached(module.notebook_code(NOTEBOOKS / "01_data.py"))
    names = {file.relative_to(module.SOURCE).as_posix() for file in reached}
    assert {"helpers/datasets/mias.py", "helpers/datasets/kaggle_combined.py", "helpers/imaging/breast.py"} <= names


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_a_notebook_read_as_a_module_is_what_jupytext_reads(notebook):
    cells = [cell.source for cell in jupytext.read(notebook).cells if cell.cell_type == "code"]
    expected = ast.parse("\n".join(f"...\n{cell}" for cell in cells))
    assert ast.dump(ast.parse(module.notebook_code(notebook))) == ast.dump(expected)


def test_an_explorers_script_and_style_count_as_code(project):
    alpha = project / "src" / "helpers" / "alpha.py"
    alpha.write_text(ALPHA + 'SCRIPT = "alpha.js"\n')
    (alpha.parent / "alpha.js").write_text("draw(1)")
    (alpha.parent / "gamma.js").write_text("draw(1)")
    before = mark(project)
    edit(alpha.parent / "gamma.js", "1", "2")
    assert mark(project) == before
    edit(alpha.parent / "alpha.js", "1", "2")
    assert mark(project) != before
