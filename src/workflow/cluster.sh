#!/bin/sh
# Puts Snakemake's plug-ins for clusters and S3 beside .venv, into .venv/cluster; called by make. They are not in .venv
# itself, where each start of Snakemake would load them, and wait for a SLURM that is not there.
set -eu
rm -rf .venv/cluster
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --prefix .venv/cluster -r requirements-cluster.lock
