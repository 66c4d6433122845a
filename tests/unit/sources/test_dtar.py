"""Deterministic archives: same members, same bytes."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

from omnibuild.sources.dtar import Member, write_tar

MEMBERS = [
    Member.of_bytes("b.txt", b"b"),
    Member.of_bytes("a/run", b"#!", executable=True),
    Member("a/link", target="run"),
    Member.of_bytes("a/" + "long-" * 60 + "ü", b"long"),
]


def test_same_bytes_in_any_order(tmp_path: Path) -> None:
    """The order in which members come does not matter, and the digest is the file's."""
    first = write_tar(MEMBERS, tmp_path / "1.tar")
    assert first == write_tar(reversed(MEMBERS), tmp_path / "2.tar")
    assert first == hashlib.sha256((tmp_path / "1.tar").read_bytes()).hexdigest()


def test_digest_is_pinned(tmp_path: Path) -> None:
    """The format must not drift: recipes pin digests of such archives."""
    assert write_tar(MEMBERS, tmp_path / "1.tar") == "99361d328dcd0b65cf2a02009eed95bddf2e98046cebf8427942fbb27d3390f7"


def test_nothing_of_the_host(tmp_path: Path) -> None:
    """Owner, time and mode are fixed; folders are added; all lies below one folder."""
    write_tar(MEMBERS, tmp_path / "1.tar")
    with tarfile.open(tmp_path / "1.tar") as tar:
        found = {info.name: info for info in tar}
    assert sorted(found)[:4] == ["source", "source/a", "source/a/link", "source/a/" + "long-" * 60 + "ü"]
    assert {(info.uid, info.gid, info.uname, info.gname, info.mtime) for info in found.values()} == {(0, 0, "", "", 0)}
    assert found["source/a/run"].mode == 0o755
    assert found["source/b.txt"].mode == 0o644
    assert not any(info.pax_headers for info in found.values())
