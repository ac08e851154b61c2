#!/bin/sh
# Pins pyproject.toml into the lock files: exact versions and hashes, no addresses. Called by `make lock`.
# What is pinned already stays as it is, unless UPGRADE says otherwise.
set -eu
mkdir -p build
pin() {
    .venv/bin/uv pip compile "$@" --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --quiet ${UPGRADE:+--upgrade}
}
project="pyproject.toml --extra test --extra build"
pin $project --extra cpu --universal --output-file requirements.lock
# CUDA's wheels are Linux's alone, and NumPy's for 3.12 differ from those for 3.11: this lock is for 3.11.
pin $project --extra cuda --python-platform x86_64-manylinux_2_28 --output-file requirements-cuda.lock
# The tests' other backends stand beside the first lock and change nothing in it.
pin --group backends --constraint requirements.lock --universal --output-file requirements-backends.lock
# So does what runs studies on clusters, with the S3 server of its tests.
.venv/bin/python - <<'EXTRA' >build/cluster.in
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text())
print(*project["project"]["optional-dependencies"]["cluster"], *project["dependency-groups"]["storage-tests"], sep="\n")
EXTRA
pin build/cluster.in --constraint requirements.lock --universal --output-file requirements-cluster.lock
