"""An archive is read back as it was written, and anything else is refused before it can do harm."""

from __future__ import annotations

import io
import json
import random
import tarfile

import pytest
from archives import CONTENT, FOLDERS, ORIGIN, archive, database, entry, manifest, member, raw
from hypothesis import given, settings
from hypothesis import strategies as st

from chef_backend.backup.archive import read, read_head
from chef_backend.backup.manifest import CONFIG, SECRETS, is_safe, parse, render
from chef_backend.base.errors import InvalidBackup


def unpacked(data: bytes) -> dict[str, bytes]:
    return {name: stream.read() for name, stream in read(io.BytesIO(data), "b.tgz")}


def test_what_is_written_is_read() -> None:
    """Every file with its content, the node's two first; the same bytes each time."""
    data = archive()
    assert unpacked(data) == CONTENT
    assert archive() == data
    head = read_head(io.BytesIO(data), "b.tgz")
    assert (head.manifest, head.config) == (manifest(), CONTENT[CONFIG])
    assert head.secrets == CONTENT[SECRETS]


def test_tar_itself_unpacks_it() -> None:
    """A person needs no program of ours; what is unpacked is open to nobody else."""
    with tarfile.open(fileobj=io.BytesIO(archive()), mode="r:gz") as tar:
        infos = tar.getmembers()
    assert [info.name for info in infos][:3] == ["manifest.json", CONFIG, SECRETS]
    assert {info.name for info in infos if info.isdir()} == set(FOLDERS)
    assert {info.mode for info in infos} == {0o600, 0o700}


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert parse(render(manifest()), "b.tgz") == manifest()
    assert parse(render(manifest()), "b.tgz").origin == ORIGIN


BAD_MANIFESTS = {
    "no JSON": b"{",
    "a list": b"[]",
    "a newer format": json.dumps({**json.loads(render(manifest())), "format": 2}).encode(),
    "no members": json.dumps({**json.loads(render(manifest())), "members": {}}).encode(),
    "a time that is none": json.dumps({**json.loads(render(manifest())), "made_at": "yesterday"}).encode(),
    "a checksum that is none": render(manifest(members={**manifest().members, "postgresql/x": member(b"")}))
    .decode()
    .replace(member(b"").sha256, "abc")
    .encode(),
    **{
        f"a member {name!r}": render(manifest(members={**manifest().members, name: member(b"")}))
        for name in (
            "../x",
            "/etc/passwd",
            "postgresql/../../x",
            "postgresql//x",
            "x",
            "postgresql/a\nb",
            "postgresql/.",
        )
    },
    **{
        f"a folder {name!r}": render(manifest(folders=(name,)))
        for name in ("..", "/etc", "postgresql/..", "other", "postgresql/")
    },
}


@pytest.mark.parametrize("content", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS)
def test_a_manifest_that_is_none_is_refused(content: bytes) -> None:
    """Before anything is unpacked; the archive's name is in the message."""
    with pytest.raises(InvalidBackup, match=r"b\.tgz"):
        parse(content, "b.tgz")


BAD_ARCHIVES = {
    "nothing": b"",
    "no gzip": b"PK\x03\x04" + b"x" * 1000,
    "no tar": archive()[:20],
    "a file outside": raw(*database(), (entry("../../etc/cron.d/x", b"x"), b"x")),
    "an absolute name": raw(*database(), (entry("/etc/cron.d/x", b"x"), b"x")),
    "a link": raw((entry("postgresql/PG_VERSION", kind=tarfile.SYMTYPE, link="/etc/shadow"), b""), *database()),
    "a hard link": raw((entry("postgresql/PG_VERSION", kind=tarfile.LNKTYPE, link="/etc/shadow"), b""), *database()),
    "a device": raw((entry("postgresql/PG_VERSION", kind=tarfile.BLKTYPE), b""), *database()),
    "a pipe": raw((entry("postgresql/PG_VERSION", kind=tarfile.FIFOTYPE), b""), *database()),
    "a folder of a file's name": raw((entry("postgresql/PG_VERSION", kind=tarfile.DIRTYPE), b""), *database()),
    "a file twice": raw(*database(), database()[0]),
    "a file more": raw(*database(), (entry("postgresql/more", b"x"), b"x")),
    "a file missing": raw(*database()[1:]),
    "another content": raw(*database()[:-1], (entry(database()[-1][0].name, b"port = 6666\n"), b"port = 6666\n")),
    "another size": raw(*database()[:-1], (entry(database()[-1][0].name, b"x"), b"x")),
    "another configuration": archive({**CONTENT, CONFIG: b"publish_address '10.0.2.66'\n"}, manifest()),
}


@pytest.mark.parametrize("data", BAD_ARCHIVES.values(), ids=BAD_ARCHIVES)
def test_what_is_not_as_the_manifest_says_is_refused(data: bytes) -> None:
    """Names, kinds, sizes and contents; each message names the archive."""
    with pytest.raises(InvalidBackup, match=r"b\.tgz"):
        unpacked(data)


def test_the_archive_of_another_program_is_told_apart() -> None:
    """Such as the original's, whose backups hold a dump."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        tar.addfile(entry("postgresql.sql", b"x"), io.BytesIO(b"x"))
    with pytest.raises(InvalidBackup, match="does not begin with manifest"):
        read_head(io.BytesIO(target.getvalue()), "b.tgz")


@pytest.mark.parametrize(("more", "times"), [(0, 150), (3 << 20, 20)], ids=["small", "read in pieces"])
def test_no_damage_goes_unseen(more: int, times: int) -> None:
    """Cut off anywhere, or a byte changed anywhere: it is refused, or all content is there as it was."""
    chance = random.Random(7)
    content = {**CONTENT, "postgresql/base/1/2600": chance.randbytes(more)}
    data = archive(content)
    for _ in range(times):
        at = chance.randrange(len(data))
        for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]):
            try:
                assert unpacked(damaged) == content
            except InvalidBackup:
                continue


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_safe_name_stays_below_its_folder(name: str) -> None:
    """Whatever the operating system makes of it."""
    if is_safe(name):
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert "\0" not in name
