#!/bin/sh
# Pins pyproject.toml into the lock files: exact versions and hashes, no addresses. Called by `make lock`.
set -eu
pin() {
    .venv/bin/uv pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --quiet
}
pin --extra cpu --extra test --extra build --output-file requirements.lock
pin --extra cuda --extra test --extra build --output-file requirements-cuda.lock
