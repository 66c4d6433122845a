"""The requirements of a package, computed from what its ELF files need of the system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omnibuild.errors import InvalidInput
from omnibuild.packaging.contents import Format

# Which Debian package brings a system library. Everything of glibc is libc6; the others exist
# under these names from Debian 11 and Ubuntu 20.04 on.
_GLIBC = frozenset(
    [
        "ld-linux-x86-64.so.2",
        "libanl.so.1",
        "libc.so.6",
        "libdl.so.2",
        "libm.so.6",
        "libmvec.so.1",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libthread_db.so.1",
        "libutil.so.1",
    ]
)
_DEBIAN = {"libcrypt.so.1": "libcrypt1", "libgcc_s.so.1": "libgcc-s1", "libstdc++.so.6": "libstdc++6"}

_VERSION = re.compile(r"^GLIBC_(\d+(?:\.\d+)+)$")
# A version without a number that a file with packed relative relocations needs; glibc 2.36 is
# the first that has it: https://sourceware.org/glibc/wiki/Release/2.36
_RELR = ("GLIBC_ABI_DT_RELR", "2.36")


@dataclass(frozen=True)
class SystemNeeds:
    """The system libraries (by soname) that the packaged ELF files need, with symbol versions."""

    versions: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> SystemNeeds:
        """Collect (soname, symbol version) pairs; the version is "" for a plain DT_NEEDED."""
        found: dict[str, set[str]] = {}
        for soname, version in pairs:
            found.setdefault(soname, set()).update({version} - {""})
        return cls({soname: frozenset(found[soname]) for soname in sorted(found)})

    @property
    def glibc_floor(self) -> str:
        """The oldest glibc that has every needed symbol, such as ``2.31`` ("" if none is needed)."""
        numbers = {
            _floor(version) for soname, versions in self.versions.items() if soname in _GLIBC for version in versions
        }
        return max(numbers - {""}, key=_numeric, default="")


def depends_of(needs: SystemNeeds, package_format: Format, declared: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the requirements in the words of this format: computed ones first, then ``declared``.

    For rpm they are the ones that rpm's own generator (elfdeps) writes for the same files,
    one a library and one a symbol version, as EL and openSUSE's glibc provide them; a single
    ``libc.so.6(GLIBC_<floor>)`` would not do, since not each version exists in each library
    (2.31 is one of libpthread's only). Raises InvalidInput for a library that no known Debian
    package brings.
    """
    match package_format:
        case Format.DEB:
            computed = _debian(needs)
        case Format.RPM:
            computed = _rpm(needs)
    return (*computed, *(item for item in declared if item not in computed))


def _rpm(needs: SystemNeeds) -> list[str]:
    return [
        f"{soname}({version})(64bit)"
        for soname in sorted(needs.versions)
        for version in ("", *sorted(needs.versions[soname]))
    ]


def _debian(needs: SystemNeeds) -> list[str]:
    unknown = sorted(set(needs.versions) - _GLIBC - set(_DEBIAN))
    if unknown:
        raise InvalidInput(
            f"no Debian package is known to bring {', '.join(unknown)}",
            hint="build the library as a component, or drop it from policy.system_libraries",
        )
    packages = sorted(_DEBIAN[soname] for soname in needs.versions if soname in _DEBIAN)
    if not _GLIBC.intersection(needs.versions):
        return packages
    floor = needs.glibc_floor
    return [f"libc6 (>= {floor})" if floor else "libc6", *packages]


def _floor(version: str) -> str:
    if version == _RELR[0]:
        return _RELR[1]
    match = _VERSION.match(version)
    return match.group(1) if match else ""


def _numeric(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
