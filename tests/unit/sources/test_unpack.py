"""Archives: what is kept, what is refused, and that nothing lands outside."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from omnibuild.errors import UnsafeArchive
from omnibuild.sources.archive import Limits, unpack


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, type=kind, linkname=target)


def write_tar(path: Path, *members: tuple[tarfile.TarInfo, bytes], wrap: Callable[[bytes], bytes] = bytes) -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    path.write_bytes(wrap(buffer.getvalue()))
    return path


GOOD = (
    member("pkg-1/configure", b"#!/bin/sh\n", mode=0o777, mtime=1_000_000_000),
    member("pkg-1/sub/a.c", b"int a;", mode=0o600, mtime=1_000_000_001),
    link("pkg-1/sub/b.c", "a.c"),
    link("pkg-1/c.c", "pkg-1/sub/a.c", tarfile.LNKTYPE),
)


@pytest.mark.parametrize(
    ("name", "wrap"),
    [("a.tar", bytes), ("a.tar.gz", gzip.compress), ("a.tar.bz2", bz2.compress), ("a", lzma.compress)],
)
def test_tar(tmp_path: Path, name: str, wrap: Callable[[bytes], bytes]) -> None:
    """Each compression is told by its content; the top folder goes, times and execute bits stay."""
    unpack(write_tar(tmp_path / name, *GOOD, wrap=wrap), tmp_path / "out")
    configure = tmp_path / "out" / "configure"
    assert stat.S_IMODE(configure.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "out/sub/a.c").stat().st_mode) == 0o644
    assert configure.stat().st_mtime == 1_000_000_000
    assert (tmp_path / "out/sub/b.c").readlink() == Path("a.c")
    assert (tmp_path / "out/c.c").read_bytes() == b"int a;"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out"])


@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd is not installed")
def test_tar_zst(tmp_path: Path) -> None:
    """The program zstd decompresses."""
    plain = write_tar(tmp_path / "a.tar", *GOOD)
    subprocess.run(["zstd", "-q", str(plain)], check=True)
    unpack(tmp_path / "a.tar.zst", tmp_path / "out")
    assert (tmp_path / "out/sub/a.c").read_bytes() == b"int a;"


def test_setuid_is_dropped(tmp_path: Path) -> None:
    """No setuid, setgid or sticky bit comes out of an archive."""
    unpack(write_tar(tmp_path / "a.tar", member("su", b"x", mode=0o7777)), tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out/su").stat().st_mode) == 0o755


def test_several_tops_are_kept(tmp_path: Path) -> None:
    """Only a single top-level folder is stripped."""
    unpack(write_tar(tmp_path / "a.tar", member("a/x", b"1"), member("b/y", b"2")), tmp_path / "out")
    assert (tmp_path / "out/a/x").exists()
    assert (tmp_path / "out/b/y").exists()


def test_single_file_is_no_top_folder(tmp_path: Path) -> None:
    """An archive of one file gives that file."""
    unpack(write_tar(tmp_path / "a.tar", member("only", b"1")), tmp_path / "out")
    assert (tmp_path / "out/only").read_bytes() == b"1"


REFUSED = {
    "parent": ([member("a/../../evil", b"x")], "leaves the folder"),
    "absolute": ([member("/etc/evil", b"x")], "absolute path"),
    "device": ([member("a/dev", type=tarfile.CHRTYPE)], "device"),
    "pipe": ([member("a/pipe", type=tarfile.FIFOTYPE)], "pipe"),
    "absolute link": ([link("a/l", "/etc/passwd"), member("a/x", b"")], "outside the folder"),
    "escaping link": ([link("a/l", "../../x"), member("a/x", b"")], "outside the folder"),
    "link out of the stripped top": ([link("a/l", "../x"), member("a/x", b"")], "outside the folder"),
    "write through a link": ([link("a/l", "/tmp"), member("a/l/evil", b"x")], "lies below a/l"),
    "links that lead out together": (
        [member("a/p/q/z", b""), link("a/p/q/x", "../.."), link("a/y", "p/q/x/../..")],
        "through others",
    ),
    "hard link outside": ([link("a/h", "/etc/passwd", tarfile.LNKTYPE)], "points to /etc/passwd"),
    "hard link to parent": ([link("a/h", "../x", tarfile.LNKTYPE)], "points to ../x"),
    "hard link to nothing": ([link("a/h", "a/none", tarfile.LNKTYPE)], "no earlier file"),
    "twice": ([member("a/x", b"1"), member("./a//x", b"2")], "occurs twice"),
    "file then link": ([member("a/x", b"1"), link("a/x", "y")], "occurs twice"),
    "file then folder": ([member("a/x", b"1"), member("a/x/y", b"2")], "lies below"),
    "folder then file": ([member("a/x/y", b"1"), member("a/x", b"2")], "occurs twice"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path: Path, case: str) -> None:
    """The error names archive and member, and nothing is left behind."""
    members, why = REFUSED[case]
    archive = write_tar(tmp_path / "bad.tar", *members)
    with pytest.raises(UnsafeArchive, match=why) as caught:
        unpack(archive, tmp_path / "deep" / "out")
    assert str(archive) in caught.value.message
    assert "member '" in caught.value.message
    assert list((tmp_path / "deep").iterdir()) == []


def test_limits(tmp_path: Path) -> None:
    """An archive beyond its limits is refused before its content is written."""
    archive = write_tar(tmp_path / "a.tar", member("a", b"1" * 600), member("b", b"2" * 600))
    for limits, why in ((Limits(total_bytes=1000), "limit of 1000 bytes"), (Limits(members=1), "the 1 that")):
        with pytest.raises(UnsafeArchive, match=why):
            unpack(archive, tmp_path / "out", limits=limits)


def test_pax_bomb(tmp_path: Path) -> None:
    """A header that would fill the memory is refused."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 100 << 20
    archive = tmp_path / "a.tar.gz"
    archive.write_bytes(gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(100 << 20), 1))
    with pytest.raises(UnsafeArchive, match="header of"):
        unpack(archive, tmp_path / "out")


def test_truncated_archive(tmp_path: Path) -> None:
    """An archive that ends early is damaged, never half used."""
    whole = write_tar(
        tmp_path / "a.tar.gz", *GOOD, member("pkg-1/big", b"".join(b"%d" % n for n in range(90000))), wrap=gzip.compress
    )
    whole.write_bytes(whole.read_bytes()[:-2000])
    with pytest.raises(UnsafeArchive, match="damaged"):
        unpack(whole, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_not_the_tar_its_name_says(tmp_path: Path) -> None:
    """A .tar.gz that is none is an error; another file is copied as it is."""
    (tmp_path / "a.tar.gz").write_bytes(b"<html>")
    with pytest.raises(UnsafeArchive, match="damaged"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    (tmp_path / "cacert.pem").write_bytes(b"-----BEGIN")
    unpack(tmp_path / "cacert.pem", tmp_path / "out", name="ca.pem")
    assert (tmp_path / "out/ca.pem").read_bytes() == b"-----BEGIN"


def test_zip_that_is_called_tar(tmp_path: Path) -> None:
    """The content tells what an archive is: a location may deliver a zip where another has a tar."""
    with zipfile.ZipFile(tmp_path / "a.tar.gz", "w") as archive:
        archive.writestr("top/a", b"x")
    unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    assert (tmp_path / "out/a").read_bytes() == b"x"


def zip_info(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def test_zip_and_wheel(tmp_path: Path) -> None:
    """Execute bits come from the external attributes, times are taken as UTC."""
    with zipfile.ZipFile(tmp_path / "a-1-py3-none-any.whl", "w") as archive:
        archive.writestr(zip_info("a/bin/tool", stat.S_IFREG | 0o4755), b"#!")
        archive.writestr(zip_info("a-1.dist-info/RECORD", 0), b"")
        archive.writestr(zip_info("a/link", stat.S_IFLNK | 0o777), b"bin/tool")
    unpack(tmp_path / "a-1-py3-none-any.whl", tmp_path / "out")
    tool = tmp_path / "out/a/bin/tool"
    assert stat.S_IMODE(tool.stat().st_mode) == 0o755
    assert tool.stat().st_mtime == 1577934246
    assert stat.S_IMODE((tmp_path / "out/a-1.dist-info/RECORD").stat().st_mode) == 0o644
    assert (tmp_path / "out/a/link").readlink() == Path("bin/tool")


@pytest.mark.parametrize(
    ("name", "mode", "content"),
    [
        ("../evil", 0o644, b"x"),
        ("/evil", 0o644, b"x"),
        ("a/link", stat.S_IFLNK | 0o777, b"../../evil"),
        ("a/fifo", stat.S_IFIFO | 0o644, b""),
    ],
)
def test_zip_refused(tmp_path: Path, name: str, mode: int, content: bytes) -> None:
    """A zip gets the same judgement as a tar."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zip_info(name, mode), content)
        archive.writestr("a/other", b"")
    with pytest.raises(UnsafeArchive):
        unpack(tmp_path / "a.zip", tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def test_corrupt_zip(tmp_path: Path) -> None:
    """A member whose checksum is wrong, and a zip without its directory, are damaged."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", b"content-of-a")
    data = (tmp_path / "a.zip").read_bytes()
    for bad in (data.replace(b"content", b"CONTENT"), data[:40]):
        (tmp_path / "a.zip").write_bytes(bad)
        with pytest.raises(UnsafeArchive, match="damaged"):
            unpack(tmp_path / "a.zip", tmp_path / "out")
