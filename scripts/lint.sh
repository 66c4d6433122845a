#!/bin/sh
# Runs every linter, and fails when one of them found something.
set -eu
cd "$(dirname "$0")/.."
status=0
.venv/bin/ruff check . || status=1
.venv/bin/ruff format --check . || status=1
.venv/bin/mypy build/omnibuild installer/chef_backend || status=1
if command -v shellcheck >/dev/null; then
    git ls-files -z 'scripts/*.sh' 'installer/scripts/*' installer/files/runsvdir-start 'installer/files/*.init' | xargs -0 shellcheck --external-sources || status=1
    # Run by sh -eu with the build's environment, in which flags are several words.
    git ls-files -z 'recipes/*.sh' | xargs -0 shellcheck --shell=sh --exclude=SC2086 || status=1
fi
exit $status
