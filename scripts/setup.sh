#!/bin/sh
# Brings what a make target needs: Debian packages that are missing, and the Python environment
# in .venv. Says nothing and takes no time when all is there.
#
# usage: scripts/setup.sh [build] [native] [test]
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

# git, mvn and apt are clients that sources are fetched with; rpm reads packages back; zstd unpacks.
build="ca-certificates git maven rpm unzip xz-utils zstd"
# As in Dockerfile.build: what recipes expect of the system they are built on.
native="bison build-essential bzip2 file flex m4 patch perl pkg-config python3-minimal tcl unzip xz-utils zip"
# What the tests compile with, make clean roots with, and compare our results with.
test="binutils debootstrap dpkg-dev faketime fish gcc graphviz iproute2 libc6-dev lintian make openssl patch procps shellcheck zsh"

python() {
    for candidate in ${PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

make_venv() {
    wanted=$({ cat requirements.lock; sed -n '/^\[project.scripts\]/,/^$/p' pyproject.toml; } | sha256sum)
    [ "$(cat .venv/.made-from 2>/dev/null)" != "$wanted" ] || return 0
    [ -n "$(python)" ] || need_packages python3-venv
    interpreter=$(python)
    [ -n "$interpreter" ] || fail "there is no Python 3.11 or newer with venv" "install one, or set PYTHON"
    say "making .venv with $("$interpreter" --version)"
    rm -rf .venv
    "$interpreter" -m venv .venv
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
    echo "$wanted" >.venv/.made-from
}

packages=
for set in "$@"; do
    case $set in
    build) packages="$packages $build" ;;
    native) packages="$packages $native" ;;
    test) packages="$packages $build $test" ;;
    *) fail "unknown set of packages: $set" "usage: scripts/setup.sh [build] [native] [test]" ;;
    esac
done
# shellcheck disable=SC2086 # one word a package
[ -z "$packages" ] || need_packages $packages
make_venv
