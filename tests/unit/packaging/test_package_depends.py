"""Requirements say what the ELF files need, in the words of dpkg and rpm."""

from __future__ import annotations

import pytest

from omnibuild.errors import InvalidInput
from omnibuild.packaging.contents import Format
from omnibuild.packaging.depends import SystemNeeds, depends_of

NEEDS = SystemNeeds.of(
    [
        ("libc.so.6", "GLIBC_2.2.5"),
        ("libc.so.6", "GLIBC_2.14"),
        ("libpthread.so.0", "GLIBC_2.31"),
        ("libm.so.6", "GLIBC_2.9"),
        ("libgcc_s.so.1", "GCC_3.0"),
        ("libdl.so.2", ""),
    ]
)


def test_the_floor_is_the_highest_version_by_number() -> None:
    """2.31 is above 2.9, although text sorts the other way."""
    assert NEEDS.glibc_floor == "2.31"


def test_deb_names_packages_with_the_glibc_floor_and_adds_what_is_declared_once() -> None:
    """All of glibc's libraries are one package."""
    assert depends_of(NEEDS, Format.DEB, ["adduser", "libgcc-s1"]) == ("libc6 (>= 2.31)", "libgcc-s1", "adduser")


def test_rpm_names_each_library_and_symbol_version_as_elfdeps_does() -> None:
    """The floor is asked of the library that has it: glibc's libc.so.6 2.31 has no GLIBC_2.31."""
    assert depends_of(NEEDS, Format.RPM, ["/bin/sh"]) == (
        "libc.so.6()(64bit)",
        "libc.so.6(GLIBC_2.14)(64bit)",
        "libc.so.6(GLIBC_2.2.5)(64bit)",
        "libdl.so.2()(64bit)",
        "libgcc_s.so.1()(64bit)",
        "libgcc_s.so.1(GCC_3.0)(64bit)",
        "libm.so.6()(64bit)",
        "libm.so.6(GLIBC_2.9)(64bit)",
        "libpthread.so.0()(64bit)",
        "libpthread.so.0(GLIBC_2.31)(64bit)",
        "/bin/sh",
    )


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], ()),
        ([("libc.so.6", "")], ("libc6",)),
        ([("libc.so.6", "GLIBC_PRIVATE")], ("libc6",)),
        ([("libc.so.6", "GLIBC_ABI_DT_RELR"), ("libc.so.6", "GLIBC_2.14")], ("libc6 (>= 2.36)",)),
    ],
)
def test_deb_without_a_numbered_version(pairs: list[tuple[str, str]], expected: tuple[str, ...]) -> None:
    """Nothing needed means no requirement; packed relocations mean glibc 2.36."""
    assert depends_of(SystemNeeds.of(pairs), Format.DEB) == expected


def test_an_unknown_library_is_an_error_for_deb() -> None:
    """A guess at its package would be a deb that cannot be installed."""
    with pytest.raises(InvalidInput, match=r"libodd\.so\.1"):
        depends_of(SystemNeeds.of([("libodd.so.1", "")]), Format.DEB)
