"""Which mirror and which keys are taken from the host's apt sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from omnibuild.sources.aptsources import find_mirror, parse_targets, signed_by
from omnibuild.sources.debian import parse_stanzas

LISTED = """\
Other|https://other.example/|bookworm|/etc/apt/sources.list:1
Debian-Security|http://mirror.example/debian-security/|bookworm-security|/etc/apt/sources.list.d/debian.sources:2
Debian|http://mirror.example/debian/|bookworm|/etc/apt/sources.list.d/debian.sources:1
"""
NEVER_UPDATED = (
    LISTED.replace("Debian-Security|", "$(LABEL)|").replace("Debian|", "$(LABEL)|").replace("Other", "$(LABEL)")
)
DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n'
UBUNTU = "VERSION_CODENAME=bookworm\nID=ubuntu\n"


@pytest.mark.parametrize(
    ("suite", "uri"),
    [
        ("bookworm", "http://mirror.example/debian/"),
        ("trixie", "http://mirror.example/debian/"),
        ("bullseye-security", "http://mirror.example/debian-security/"),
    ],
)
def test_mirror_by_label(suite: str, uri: str) -> None:
    """Any suite is asked of the mirror of the archive it belongs to."""
    mirror = find_mirror(parse_targets(LISTED), suite, os_release=DEBIAN_12)
    assert mirror is not None
    assert mirror.uri == uri


def test_host_without_lists() -> None:
    """Before the first apt-get update there are no labels: the host's own release tells."""
    targets = parse_targets(NEVER_UPDATED.splitlines(keepends=True)[2])
    assert find_mirror(targets, "trixie", os_release=DEBIAN_12) is not None
    assert find_mirror(targets, "trixie", os_release=UBUNTU) is None


def test_no_debian() -> None:
    """A host that knows no Debian mirror has none."""
    assert find_mirror(parse_targets("Ubuntu|http://u.example/|noble|x:1\n"), "bookworm", os_release=UBUNTU) is None
    assert find_mirror([], "bookworm", os_release=DEBIAN_12) is None


def test_signed_by(tmp_path: Path) -> None:
    """The entry's own keyrings are found in both formats, and those of other entries are not."""
    deb822 = tmp_path / "debian.sources"
    deb822.write_text(
        "Types: deb\n# note\nURIs: http://a/\nSigned-By: /k/one.gpg\n\nTypes: deb\nSigned-By: /k/two.gpg\n"
    )
    assert signed_by(f"{deb822}:1") == ["/k/one.gpg"]
    assert signed_by(f"{deb822}:2") == ["/k/two.gpg"]
    lines = tmp_path / "sources.list"
    lines.write_text("deb http://a/ x main\ndeb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg] http://b/ x main\n")
    assert signed_by(f"{lines}:1") == []
    assert signed_by(f"{lines}:2") == ["/k/a.gpg", "/k/b.gpg"]
    assert signed_by("/nowhere:1") == signed_by("") == []


SHOWN = """\
Package: hello
Version: 2.10-3
Files:
 aaaa 100 hello_2.10-3.dsc
 bbbb 200 hello_2.10.orig.tar.gz
Checksums-Sha256:
 cccc 100 hello_2.10-3.dsc
 dddd 200 hello_2.10.orig.tar.gz

Package: other
Version: 1
Files:
 x 1 hello_2.10.orig.tar.gz
"""


def test_stanzas() -> None:
    """Files come with their sha256; another source found by a binary's name does not count."""
    (stanza,) = parse_stanzas(SHOWN, "hello")
    assert stanza.version == "2.10-3"
    assert stanza.files == {"hello_2.10-3.dsc": "cccc", "hello_2.10.orig.tar.gz": "dddd"}
    assert parse_stanzas("", "hello") == []
