"""Compares what ldd says about each ELF file with what omnibuild's check of the linkage says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_RESOLVED = re.compile(r"\t(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$")
_VERSION = re.compile(r"(\S+): (?:\S+: )?version `[^']+' not found")
_KERNEL = ("linux-vdso.so.1", "linux-gate.so.1")


@dataclass(slots=True)
class Linked:
    """One file as ldd sees it: libraries that are not found or come from outside, files from inside."""

    faults: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)


def parse_ldd(output: str, root: str, allowed: Collection[str]) -> dict[str, Linked]:
    """Return each file (relative to ``root``) with what ldd says about it.

    ``allowed`` are the libraries that may come from outside, as Omnibus's whitelist.
    """
    files: dict[str, Linked] = {}
    current = Linked()
    for line in output.splitlines():
        if line.startswith("/") and line.endswith(":"):
            current = files.setdefault(line[:-1].removeprefix(f"{root}/"), Linked())
        elif match := _RESOLVED.match(line):
            library, place = match.groups()
            if place.startswith(f"{root}/"):
                current.inside.add(place.removeprefix(f"{root}/"))
            elif library not in allowed and library not in _KERNEL:
                current.faults.add(library)
        elif _VERSION.search(line):
            current.faults.add("a symbol version")
    return files


def compare(ldd: Mapping[str, Linked], report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts, and the files that ldd faults and omnibuild does not.

    omnibuild reports a need at the file that has it, ldd at every file that loads that one
    as well: a fault counts as seen when it is reported at either.
    """
    found = {item["path"] for item in _linkage(report["findings"])}
    opted_out = {item["path"] for item in _linkage(report["skipped"])}
    ours = found | opted_out
    faulty = {path for path, linked in ldd.items() if linked.faults}
    missed = sorted(path for path in faulty if not ours & {path, *ldd[path].inside})
    return {
        "elf_files": len(ldd),
        "faulty_by_ldd": len(faulty),
        "faulty_by_omnibuild": len(ours),
        "of_those_opted_out": len(opted_out - found),
        "false_negatives": missed,
    }


def _linkage(items: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return (item for item in items if item["check"] == "linkage")
