"""Locales: one whose characters are UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

from chef_backend.health.codes import LOCALE
from chef_backend.health.finding import Finding
from chef_backend.health.probes.release import installs
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World


def locales(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield whether there is one."""
    yield utf8(world.asked("locale", "-a"), world.read("/etc/os-release"))


def utf8(listed: str | None, release: str) -> Finding:
    """Judge what `locale -a` lists."""
    if listed is None:
        return LOCALE.unknown("not told", evidence="there is no program `locale`")
    found = [name for name in listed.split() if name.lower().replace("-", "").endswith("utf8")]
    if found:
        return LOCALE.fine(found[0])
    return LOCALE.note("none", fix=installs(release, deb="locales", rpm="glibc-langpack-en"))
