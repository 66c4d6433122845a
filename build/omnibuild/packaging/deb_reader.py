"""Reads a deb back through dpkg-deb, in one pass and without holding its data in memory."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import IO

from omnibuild.errors import HostLacks, PackagingFailed
from omnibuild.packaging.contents import ContentKind
from omnibuild.packaging.programs import Programs
from omnibuild.packaging.readback import Found, ReadBack

_HOOKS = {"preinst": "preinstall", "postinst": "postinstall", "prerm": "preremove", "postrm": "postremove"}
_BLOCK = 1 << 20


def read_deb(package: Path, programs: Programs) -> ReadBack:
    """Return what the deb holds; its md5sums and conffiles are compared with its data on the way."""
    control = _control(package, programs)
    conffiles = set(_lines(control.pop("conffiles", b"")))
    paths: dict[str, Found] = {}
    md5sums: dict[str, str] = {}
    duplicates: list[str] = []
    with _archive(package, "--fsys-tarfile", programs) as (archive, stream):
        for member in archive:
            path = "/" + member.name.removeprefix("./").strip("/")
            if path in paths:
                duplicates.append(path)
            paths[path], md5 = _found(member, stream, conffiles)
            if md5:
                md5sums[path.lstrip("/")] = md5
    listed = {line[34:]: line[:32] for line in _lines(control.pop("md5sums", b""))}
    complaints = [
        f"{path}: md5sums says {listed.get(path)}, the file has {md5sums.get(path)}"
        for path in sorted(listed.keys() | md5sums)
        if listed.get(path) != md5sums.get(path)
    ]
    complaints += [f"{path}: in conffiles, but not in the package" for path in sorted(conffiles - paths.keys())]
    fields = {name: value.partition("\n")[0] for name, value in _header(control.pop("control")).items()}
    scripts = {_HOOKS.get(name, name): data for name, data in control.items()}
    return ReadBack(paths, fields, scripts, tuple(duplicates), tuple(complaints))


def _header(control: bytes) -> Message:
    return HeaderParser().parsestr(control.decode())


def _lines(data: bytes) -> list[str]:
    """Return the lines; ``str.splitlines`` would split names at more than line feeds."""
    return data.decode().split("\n")[:-1]


def _control(package: Path, programs: Programs) -> dict[str, bytes]:
    with _archive(package, "--ctrl-tarfile", programs) as (archive, stream):
        return {member.name.removeprefix("./"): stream.read(member.size) for member in archive if member.isfile()}


@contextmanager
def _archive(package: Path, option: str, programs: Programs) -> Iterator[tuple[tarfile.TarFile, _Forward]]:
    program = shutil.which("dpkg-deb")
    if program is None:
        raise HostLacks("dpkg-deb is not installed: the deb cannot be verified", hint="apt-get install dpkg")
    argv = [program, option, str(package)]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    with programs.started(argv, environment=environment) as process:
        stream = _Forward(process.stdout or io.BytesIO())
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                yield archive, stream
            _drain(process)
        except tarfile.TarError as error:
            raise PackagingFailed(f"{' '.join(argv)}: no readable archive: {error}") from error


class _Forward(io.RawIOBase):
    """A pipe as a file that is read once from its start to its end; tarfile asks for no more.

    tarfile's own streams copy each byte several times: a fifth of the processor time of reading a deb back.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__()
        self._pipe = pipe
        self._position = 0

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        data = self._pipe.read(size)
        self._position += len(data)
        return data

    def seek(self, position: int, _whence: int = io.SEEK_SET, /) -> int:
        while self._position < position and self.read(min(position - self._position, _BLOCK)):
            pass
        return self._position


def _drain(process: subprocess.Popen[bytes]) -> None:
    """Read the padding after the archive's end, so that dpkg-deb ends by itself and has its say."""
    while process.stdout and process.stdout.read(_BLOCK):
        pass
    complaint = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
    if process.wait(timeout=60):
        raise PackagingFailed(f"dpkg-deb: {complaint or 'failed'}")


def _found(member: tarfile.TarInfo, stream: _Forward, conffiles: set[str]) -> tuple[Found, str]:
    """Return what a member is, and its md5 if it is a file, whose bytes come next in ``stream``."""
    path = "/" + member.name.removeprefix("./").strip("/")
    sha256 = md5 = target = ""
    mode = member.mode
    if member.isdir():
        kind = str(ContentKind.DIRECTORY)
    elif member.issym():
        kind, target, mode = str(ContentKind.SYMLINK), member.linkname, 0
    elif member.isreg():
        kind = str(ContentKind.CONFIG if path in conffiles else ContentKind.FILE)
        sha256, md5 = _digests(stream, member.size)
    else:
        kind = f"tar member of type {member.type!r}"
    found = Found(kind, mode, member.uname, member.gname, sha256, member.size, target, int(member.mtime))
    return found, md5


def _digests(stream: _Forward, size: int) -> tuple[str, str]:
    sha256 = hashlib.sha256()
    md5 = hashlib.md5(usedforsecurity=False)
    end = stream.tell() + size
    while block := stream.read(min(end - stream.tell(), _BLOCK)):
        sha256.update(block)
        md5.update(block)
    return sha256.hexdigest(), md5.hexdigest()
