#!/bin/sh
# Makes .venv from a lock file of exact versions and hashes; called by make.
#   sh src/workflow/install.sh requirements.lock
set -eu
lock=$1
say() { printf '%s\n' "$*" >&2; }

# The newest supported interpreter that is here, unless PYTHON names one.
find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3}; do
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && { echo "$candidate"; return; }
    done
    say "MammoBook needs Python 3.11 or 3.12, and found neither. Install one (Debian: apt-get install python3.11) or name it: make book PYTHON=/path/to/python"
    exit 1
}

# Debian ships Python without ensurepip; its python3-venv package brings it.
allow_venv() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing python$version-venv, which Debian keeps apart from Python ..."
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "python$version-venv" ca-certificates >/dev/null
    else
        say "This Python cannot make virtual environments. Run: sudo apt-get install python$version-venv"
        exit 1
    fi
}

python=$(find_python)
allow_venv
say "Setting up .venv from $lock (once; about 2 GB) ..."
[ -x .venv/bin/python ] || "$python" -m venv .venv
# uv installs the other packages ten times faster than pip; it is itself pinned by the lock.
sed -n '/^uv==/,/^[^ ]/{/^uv==/p;/^ /p}' "$lock" >.venv/uv.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r .venv/uv.lock
# Compiled once here, TensorFlow is imported in a third of the time by every notebook, wherever bytecode is not kept.
# The lock is complete, so nothing beyond it is looked for. Where uv cannot reach the index (a mirror that only pip is told of), pip does the same more slowly.
.venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes --no-deps -r "$lock" ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# What the built book brings along for its readers: scripts and fonts that are npm packages.
.venv/bin/python -m workflow.vendored
