# What the scripts beside this file share; sourced, not run.
# shellcheck shell=sh

say() {
    echo "setup: $*" >&2
}

fail() {
    echo "setup: error: $1" >&2
    echo "setup: hint: $2" >&2
    exit 10
}

# Runs a command as root; fails with the command to paste where nobody may become root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root, and sudo is not installed" "as root: $*"
    fi
}

# Installs those of the given Debian packages that are missing; does nothing when all are there.
need_packages() {
    command -v dpkg-query >/dev/null ||
        fail "this host has no dpkg" "install the counterparts of: $*; docs/getting-started.md"
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        *" installed") ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    say "installing$missing"
    # shellcheck disable=SC2086 # one word a package
    install_packages $missing || {
        say "once more, with fresh package lists"
        as_root apt-get update -q >&2
        # shellcheck disable=SC2086
        install_packages $missing
    }
}

install_packages() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
}
