#!/bin/sh
# Makes a Docker engine answer: does nothing when one does, else installs and starts it.
set -eu
cd "$(dirname "$0")/.."
. scripts/common.sh

answers() {
    .venv/bin/python -c 'import docker; docker.from_env(timeout=20).ping()' 2>/dev/null
}

start() {
    if [ -d /run/systemd/system ]; then
        as_root systemctl start docker
    else
        say "starting dockerd, log /var/log/dockerd.log"
        as_root sh -c 'setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &'
    fi
}

! answers || exit 0
need_packages docker.io
answers || start
tries=0
until answers; do
    tries=$((tries + 1))
    [ $tries -le 30 ] || fail "no Docker engine answers" \
        "see /var/log/dockerd.log or journalctl -u docker; an ordinary user must be in the group docker"
    sleep 1
done
