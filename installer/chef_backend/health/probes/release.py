"""How software is installed on this distribution. Pure; see os-release(5)."""

from __future__ import annotations

from typing import Final

_RPM: Final = frozenset({"rhel", "fedora", "centos", "suse", "opensuse", "amzn", "rocky", "almalinux", "ol"})


def installs(release: str, *, deb: str, rpm: str) -> str:
    """Return the command that installs a package by its name among debs, or among rpms."""
    words = set[str]()
    for line in release.splitlines():
        key, _, value = line.partition("=")
        if key in {"ID", "ID_LIKE"}:
            words.update(value.strip("\"'").split())
    return f"dnf install -y {rpm}" if words & _RPM else f"apt-get install -y {deb}"
