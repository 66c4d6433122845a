#!/bin/sh
# Writes requirements.lock: every Python dependency with the hashes of its files, for every
# supported Python on Linux. Asks the index that pip on this host is set up for.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/python" -m pip install -q --disable-pip-version-check uv
index=$("$tools/bin/python" -m pip config get global.index-url 2>/dev/null || true)
index=${PIP_INDEX_URL:-$index}
UV_CUSTOM_COMPILE_COMMAND="make lock-python" ${index:+env UV_DEFAULT_INDEX="$index"} \
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --group dev --upgrade --output-file requirements.lock pyproject.toml
