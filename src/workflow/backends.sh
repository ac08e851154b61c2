#!/bin/sh
# Adds JAX and PyTorch to .venv, for the tests that run on every backend; called by make.
set -eu
torch=2.13.0
# On Linux a package index' own build needs gigabytes of CUDA; the CPU build has a name of its own.
[ "$(uname -s)" = Linux ] && torch=$torch+cpu
add() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: "$@"; }

add --require-hashes -r requirements-backends.lock
.venv/bin/python -c "import importlib.metadata as m, sys; sys.exit(m.version('torch') != '$torch')" 2>/dev/null ||
    add --no-deps "torch==$torch" 2>/dev/null ||
    printf '%s\n' "PyTorch's tests will be skipped: pip finds no torch==$torch. To run them, name a place that has it in PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL, then: sh src/workflow/backends.sh" >&2
