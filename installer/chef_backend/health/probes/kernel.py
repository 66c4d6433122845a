"""How the kernel gives out memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import HUGE_PAGES, OVERCOMMIT
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

_HUGE: Final = "/sys/kernel/mm/transparent_hugepage/enabled"
_CHOSEN: Final = re.compile(r"\[(\w+)\]")
_NEVER: Final = "2"


def kernel(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield what is to be said of the kernel's settings."""
    yield overcommit(world.read("/proc/sys/vm/overcommit_memory"))
    yield huge_pages(world.read(_HUGE))


def overcommit(text: str) -> Finding:
    """Judge whether memory may be promised that is not there."""
    mode = text.strip()
    if mode == _NEVER:
        return OVERCOMMIT.warning(mode, fix="sysctl -w vm.overcommit_memory=0")
    return OVERCOMMIT.fine(mode) if mode else OVERCOMMIT.unknown("not told")


def huge_pages(text: str) -> Finding:
    """Judge when the kernel makes huge pages; a kernel without them has no such file."""
    chosen = _CHOSEN.search(text)
    mode = chosen[1] if chosen else "none"
    return HUGE_PAGES.note(mode, fix=f"echo madvise > {_HUGE}") if mode == "always" else HUGE_PAGES.fine(mode)
