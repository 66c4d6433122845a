"""Limits of the kernel that Elasticsearch asks for.

https://www.elastic.co/guide/en/elasticsearch/reference/6.8/bootstrap-checks.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chef_backend.health.codes import FILES, MAPS
from chef_backend.health.finding import Finding
from chef_backend.health.wanted import Wanted
from chef_backend.health.world import World

_LEAST_FILES: Final = 65_536
_LEAST_MAPS: Final = 262_144
_HARD: Final = re.compile(r"^Max open files +\S+ +(\S+)", re.MULTILINE)
_BOUNDS: Final = re.compile(r"^CapBnd:\s+([0-9a-f]+)$", re.MULTILINE)
_MAY_RAISE: Final = 1 << 24  # CAP_SYS_RESOURCE of capabilities(7)


def limits(world: World, _wanted: Wanted) -> Iterator[Finding]:
    """Yield the limits that services started by the machine's first process will have."""
    yield files(world.read("/proc/1/limits"), world.read("/proc/1/status"), world.read("/proc/sys/fs/nr_open"))
    yield maps(world.read("/proc/sys/vm/max_map_count"))


def files(limits_of_init: str, status_of_init: str, most: str) -> Finding:
    """Judge how many files a service may open: the first process's limit, or the kernel's where root may raise it."""
    hard, bounds = _HARD.search(limits_of_init), _BOUNDS.search(status_of_init)
    if hard is None:
        return FILES.unknown("not told", evidence="/proc/1/limits cannot be read")
    raises = bounds is not None and bool(int(bounds[1], 16) & _MAY_RAISE)
    shown = most.strip() if raises and most.strip() else hard[1]
    evidence = f"the first process's limit is {hard[1]}, and root may {'' if raises else 'not '}raise it"
    if shown == "unlimited" or int(shown) >= _LEAST_FILES:
        return FILES.fine(shown, evidence=evidence)
    return FILES.warning(shown, evidence=evidence)


def maps(text: str) -> Finding:
    """Judge how many areas of memory a process may map."""
    if not text.strip().isdecimal():
        return MAPS.unknown("not told", evidence="/proc/sys/vm/max_map_count cannot be read")
    count = int(text)
    fix = f"sysctl -w vm.max_map_count={_LEAST_MAPS}"
    return MAPS.fine(str(count)) if count >= _LEAST_MAPS else MAPS.warning(str(count), fix=fix)
