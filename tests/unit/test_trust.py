"""Nothing that is read can run: no pickles, no evaluated text, and no network loaded outside Keras' safe mode."""

import ast

import pytest

from helpers.paths import ROOT

SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("notebooks/**/*.py")])
FORBIDDEN_CALLS = {"eval", "exec", "enable_unsafe_deserialization", "unsafe_load", "read_pickle", "to_pickle"}
FORBIDDEN_MODULES = {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve"}
FORBIDDEN_ARGUMENTS = {("allow_pickle", True), ("safe_mode", False), ("shell", True)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_executes_what_it_reads(path):
    assert list(dangers(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    ["np.load(f, allow_pickle=True)", "import pickle", "from joblib import load", "eval(text)",
     "keras.models.load_model(f, safe_mode=False)", "subprocess.run(text, shell=True)", "yaml.unsafe_load(f)"],
)  # fmt: skip
def test_what_would_is_found(line):
    assert len(list(dangers(line))) == 1


def dangers(source: str):
    """Whatever could execute a file, by its name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.split(".")[0] in FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
            yield node.module
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORBIDDEN_CALLS and not (name == "eval" and isinstance(node.func, ast.Attribute)):
                yield name
            for given in node.keywords:
                if isinstance(given.value, ast.Constant) and (given.arg, given.value.value) in FORBIDDEN_ARGUMENTS:
                    yield given.arg
