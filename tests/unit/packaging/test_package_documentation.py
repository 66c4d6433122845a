"""Debian's documents are complete and the same in each build."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from omnibuild.errors import InvalidInput
from omnibuild.lineup.model import Lineup
from omnibuild.packaging.documentation import Licensed, changelog_text, copyright_text, documents, notices_of
from omnibuild.packaging.scripts import check_scripts, rendered

LINEUP = Lineup.model_validate(
    {
        "schema": 1,
        "name": "tiny",
        "version": "3.2.0",
        "root": "/opt/tiny",
        "prefix": "/opt/tiny/embedded",
        "source_date_epoch": 1_735_689_600,
        "components": {"zlib": "1.3"},
        "shipped": ["zlib"],
        "policy": {"glibc_max": "2.31", "system_libraries": ["libc.so.6"], "licenses": ["Zlib"]},
        "package": {
            "maintainer": "The Maintainers <maintainers@example.org>",
            "vendor": "Example",
            "homepage": "https://example.org",
            "summary": "summary",
            "description": "description",
            "license": "Apache-2.0",
        },
    }
)
ZLIB = Licensed(
    "zlib", "1.3", "Zlib", "https://zlib.net", ("/opt/tiny/LICENSES/zlib-README",), ("(C) 1995-2023 Jean-loup Gailly",)
)
CHANGELOG = """tiny (3.2.0-1) stable; urgency=medium

  * Release 3.2.0-1.

 -- The Maintainers <maintainers@example.org>  Wed, 01 Jan 2025 00:00:00 +0000
"""


def test_the_changelog_is_made_from_version_and_time() -> None:
    """Without a written one there is still an entry for this version, dated by SOURCE_DATE_EPOCH."""
    assert changelog_text(LINEUP) == CHANGELOG


def test_a_written_changelog_must_be_of_this_version() -> None:
    """A forgotten entry is an error that says what was found."""
    assert changelog_text(LINEUP, CHANGELOG) == CHANGELOG
    with pytest.raises(InvalidInput, match=r"'tiny \(3\.1\.0-1\)', expected 'tiny \(3\.2\.0-1\)'"):
        changelog_text(LINEUP, CHANGELOG.replace("3.2.0", "3.1.0"))


def test_the_copyright_file_has_a_paragraph_for_each_component_and_licence() -> None:
    """Each licence named is defined; common ones refer to the system's copy."""
    text = copyright_text(LINEUP, [ZLIB])
    assert text.startswith("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n")
    assert "Files: opt/tiny/LICENSES/zlib-README\nCopyright: (C) 1995-2023 Jean-loup Gailly\nLicense: Zlib\n" in text
    assert "License: Zlib\n The licence texts, as their components bring them, are installed as\n" in text
    assert "/usr/share/common-licenses/Apache-2.0" in text


def test_notices_are_the_distinct_lines_that_claim_a_copyright() -> None:
    """Text about copyright is not a notice."""
    text = "# Copyright (C) 2001, 2002 A\n * (c) 1999 B\ncopyright notice must appear\n# Copyright (C) 2001, 2002 A\n"
    assert notices_of(text) == ("Copyright (C) 2001, 2002 A", "(c) 1999 B")


def test_documents_are_contents_of_the_deb_and_the_same_each_time(tmp_path: Path) -> None:
    """The compressed changelog holds no time of its own."""
    first = documents(LINEUP, [ZLIB], tmp_path, tmp_path)
    again = documents(LINEUP, [ZLIB], tmp_path, tmp_path)
    assert first == again
    assert [item.path for item in first] == ["/usr/share/doc/tiny/copyright", "/usr/share/doc/tiny/changelog.Debian.gz"]
    source = first[1].source
    assert source is not None
    assert gzip.decompress(source.read_bytes()).decode() == CHANGELOG


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "does not exist"),
        ("#!/bin/bash\nset -e\n", "does not start with '#!/bin/sh'"),
        ("#!/bin/sh\ntrue\n", "does not say 'set -e'"),
        ("#!/bin/sh\nset -e\nif true\n", "end of file unexpected|[Ss]yntax error"),
    ],
)
def test_a_bad_maintainer_script_is_refused(text: str | None, fault: str, tmp_path: Path) -> None:
    """rpm runs each script by /bin/sh whatever its first line says, so the file must be for that."""
    script = tmp_path / "postinst"
    if text is not None:
        script.write_text(text)
    with pytest.raises(InvalidInput, match=fault):
        check_scripts({"postinstall": script})


def test_a_good_maintainer_script_is_accepted(tmp_path: Path) -> None:
    """The usual first two lines are enough."""
    script = tmp_path / "postinst"
    script.write_text("#!/bin/sh\nset -eu\n")
    check_scripts({"postinstall": script})


def test_a_maintainer_script_knows_its_own_version(tmp_path: Path) -> None:
    """rpm tells a script neither the old version nor the new one."""
    script = tmp_path / "preinst"
    script.write_text("#!/bin/sh\nset -e\nversion='@VERSION@'\n")
    assert rendered(script, "3.2.0-1").splitlines()[-1] == b"version='3.2.0-1'"
