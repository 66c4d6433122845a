"""Symbol versions of glibc that are newer than the oldest supported system has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omnibuild.checks.base import ElfFile, Problem, Severity, Subject
from omnibuild.checks.elf_symbols import symbol_needing

NAME = "glibc_floor"
SEVERITY = Severity.ERROR
HINT = "build it in the build image, whose glibc is old enough, or raise policy.glibc_max and drop the old systems"
EXPLAIN = (
    "A file that needs a symbol version such as GLIBC_2.34 does not start where glibc is older: the "
    'loader stops with "version `GLIBC_2.34\' not found". policy.glibc_max is the version of the '
    "oldest system that the package is for. GLIBC_PRIVATE is an error everywhere, since it binds a "
    "file to one exact glibc; GLIBC_ABI_* marks file formats that only newer loaders understand."
)

_NUMBERED = re.compile(r"^GLIBC_(\d+(?:\.\d+)*)$")
_ABI_SINCE = {"GLIBC_ABI_DT_RELR": (2, 36), "GLIBC_ABI_GNU_TLS": (2, 42), "GLIBC_ABI_GNU2_TLS": (2, 42)}


def find(subject: Subject) -> Iterator[Problem]:
    """Yield each file and version above the limit, with a symbol that asks for it."""
    limit = _numbers(subject.policy.glibc_max)
    for file in subject.elves:
        for need in file.elf.version_needs:
            if not need.weak and _is_above(need.version, limit):
                symbol = symbol_needing((subject.directory / file.path).read_bytes(), need.index)
                by = f", for the symbol {symbol}" if symbol else ""
                yield file.problem(
                    NAME, f"needs {need.version} of {need.library}{by}; the limit is {subject.policy.glibc_max}"
                )


def highest(files: tuple[ElfFile, ...]) -> str | None:
    """Return the newest numbered glibc version that any of these files needs, such as "2.31"."""
    versions = {
        match.group(1) for file in files for need in file.elf.version_needs if (match := _NUMBERED.match(need.version))
    }
    return max(versions, key=_numbers, default=None)


def _is_above(version: str, limit: tuple[int, ...]) -> bool:
    match = _NUMBERED.match(version)
    if match:
        return _numbers(match.group(1)) > limit
    if version == "GLIBC_PRIVATE":
        return True
    return version.startswith("GLIBC_ABI_") and _ABI_SINCE.get(version, (999,)) > limit


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
