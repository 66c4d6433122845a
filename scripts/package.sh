#!/bin/sh
# From a fresh clone to dist/: what `make package` runs.
#
# usage: [NATIVE=1] [BASE_IMAGE=...] scripts/package.sh [arguments of omnibuild package]
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

omnibuild=.venv/bin/omnibuild
if [ "${NATIVE:-}" = 1 ]; then
    scripts/setup.sh build native
    # It is for this host, whose C library may be newer than the line-up lets a release need.
    exec "$omnibuild" package --severity glibc_floor=warning "$@"
fi

scripts/setup.sh build
image() {
    "$omnibuild" image "$1" Dockerfile.build ${BASE_IMAGE:+--base-image "$BASE_IMAGE"} --bootstrap-suite bullseye
}
# The engine is asked for only while the image's files are not in the store yet.
tree=$(image path 2>/dev/null) || {
    need_packages debootstrap
    scripts/docker.sh
    tree=$(image build)
}
exec "$omnibuild" package --locked --rootfs "$tree" "$@"
