"""Each way in which a package can differ from the list is reported, and a right one is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omnibuild.packaging.contents import Content, ContentKind, Format
from omnibuild.packaging.readback import Found, ReadBack
from omnibuild.packaging.spec import PackageSpec
from omnibuild.packaging.verify import differences

EPOCH = 1_735_689_600
FILE = "/opt/tiny/f"
CONTENTS = (
    Content("/opt/tiny", ContentKind.DIRECTORY, 0o755),
    Content(FILE, ContentKind.FILE, 0o644, source=Path("/store/f"), sha256="1" * 64, size=7),
    Content("/opt/tiny/l", ContentKind.SYMLINK, target="f"),
)
SPEC = PackageSpec(
    name="tiny",
    version="3.2.0",
    release="1",
    summary="summary",
    description="description",
    maintainer="M <m@example.org>",
    vendor="V",
    homepage="https://example.org",
    license="MIT",
    source_date_epoch=EPOCH,
    contents=CONTENTS,
)
RIGHT = ReadBack(
    paths={
        "/opt/tiny": Found("directory", 0o755, "root", "root", "", 0, "", EPOCH),
        FILE: Found("file", 0o644, "root", "root", "1" * 64, 7, "", EPOCH),
        "/opt/tiny/l": Found("symlink", 0, "root", "root", "", 0, "f", EPOCH),
    },
    fields={
        "NAME": "tiny",
        "VERSION": "3.2.0",
        "RELEASE": "1",
        "ARCH": "x86_64",
        "SUMMARY": "summary",
        "DESCRIPTION": "description",
        "LICENSE": "MIT",
        "URL": "https://example.org",
        "VENDOR": "V",
        "PACKAGER": "M <m@example.org>",
        "BUILDHOST": "localhost",
        "BUILDTIME": str(EPOCH),
        "Provides": "tiny = 3.2.0-1\ntiny(x86-64) = 3.2.0-1",
        "Requires": "",
        "Conflicts": "",
        "Capabilities": "",
    },
    scripts={},
)


def _lines(found: ReadBack) -> list[str]:
    return list(differences(SPEC, Format.RPM, found))


def test_a_right_package_has_no_difference() -> None:
    """Nothing is reported that is not wrong."""
    assert _lines(RIGHT) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"kind": "config"}, "kind 'config', expected 'file'"),
        ({"mode": 0o4644}, "mode 4644, expected 0644"),
        ({"owner": "daemon"}, "owner 'daemon', expected 'root'"),
        ({"group": "adm"}, "group 'adm', expected 'root'"),
        ({"sha256": "2" * 64}, f"sha256 '{'2' * 64}', expected '{'1' * 64}'"),
        ({"size": 8}, "size 8, expected 7"),
        ({"target": "g"}, "target 'g', expected ''"),
        ({"mtime_s": 1}, f"mtime_s 1, expected {EPOCH}"),
    ],
)
def test_each_attribute_of_a_path_is_compared(change: dict[str, Any], line: str) -> None:
    """One changed attribute is one line."""
    altered = replace(RIGHT, paths={**RIGHT.paths, FILE: replace(RIGHT.paths[FILE], **change)})
    assert _lines(altered) == [f"{FILE}: {line}"]


@pytest.mark.parametrize(
    ("altered", "line"),
    [
        (replace(RIGHT, paths={k: v for k, v in RIGHT.paths.items() if k != FILE}), f"{FILE}: missing"),
        (replace(RIGHT, paths={**RIGHT.paths, "/etc": RIGHT.paths["/opt/tiny"]}), "/etc: unexpected directory"),
        (replace(RIGHT, duplicates=(FILE,)), f"{FILE}: is in the package twice"),
        (replace(RIGHT, complaints=("digests NOT OK",)), "digests NOT OK"),
        (replace(RIGHT, scripts={"postinstall": b"x"}), "script postinstall: unexpected"),
        (
            replace(RIGHT, fields={**RIGHT.fields, "Provides": "libz.so.1()(64bit)"}),
            "field Provides: 'libz.so.1()(64bit)', expected 'tiny = 3.2.0-1\\ntiny(x86-64) = 3.2.0-1'",
        ),
        (
            replace(RIGHT, fields={**RIGHT.fields, "Capabilities": "cap_net_raw=ep"}),
            "field Capabilities: 'cap_net_raw=ep', expected ''",
        ),
    ],
)
def test_paths_lists_scripts_and_fields_are_compared_both_ways(altered: ReadBack, line: str) -> None:
    """What is missing and what is too much are both differences."""
    assert _lines(altered) == [line]
