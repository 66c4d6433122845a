"""Reads an rpm back through rpm's own queries."""

from __future__ import annotations

import shutil
import stat
import tempfile
from pathlib import Path

from omnibuild.errors import HostLacks, PackagingFailed
from omnibuild.packaging.contents import ContentKind
from omnibuild.packaging.programs import Programs
from omnibuild.packaging.readback import Found, ReadBack

# https://rpm.org/documentation lists the tags; %config is bit 0 of FILEFLAGS, sha256 is digest algorithm 8.
_COLUMNS = (
    *("FILENAMES", "FILEMODES", "FILEUSERNAME", "FILEGROUPNAME", "FILEDIGESTS"),
    *("LONGFILESIZES", "FILELINKTOS", "FILEMTIMES", "FILEFLAGS"),
)
_CONFIG_FLAG = 1
_SHA256 = "8"
_TAGS = (
    *("NAME", "VERSION", "RELEASE", "ARCH", "SUMMARY", "DESCRIPTION", "LICENSE", "URL"),
    *("VENDOR", "PACKAGER", "BUILDHOST", "BUILDTIME", "FILEDIGESTALGO"),
)
_SCRIPTS = {
    "PREIN": "preinstall",
    "POSTIN": "postinstall",
    "PREUN": "preremove",
    "POSTUN": "postremove",
    "PRETRANS": "pretrans",
    "POSTTRANS": "posttrans",
    "VERIFYSCRIPT": "verify",
}
_RELATIONS = {"Requires": "REQUIRE", "Provides": "PROVIDE", "Conflicts": "CONFLICT"}

# Ends each answer of a query: contents with control characters in their names are refused.
_END = "\x1f"


def read_rpm(package: Path, programs: Programs) -> ReadBack:
    """Return what the rpm's header says, after rpm itself found header and payload undamaged.

    The header's digest of each file was computed while nfpm wrote the payload, and rpm
    compares them again when it installs.
    """
    with tempfile.TemporaryDirectory(prefix="omnibuild-rpm-") as folder:
        query = _Query(package, Path(folder), programs)
        complaints = query.check()
        paths, duplicates = _paths(query)
        fields = dict(zip(_TAGS, query.ask(*_TAGS), strict=True))
        fields |= {name: "\n".join(_relations(query, tag)) for name, tag in _RELATIONS.items()}
        fields["Capabilities"] = "\n".join(sorted(set(query.ask("FILECAPS", each=True)) - {"", "(none)"}))
        scripts = {hook: text.encode() for tag, hook in _SCRIPTS.items() if (text := query.ask(tag)[0]) != "(none)"}
    if fields["FILEDIGESTALGO"] != _SHA256:
        complaints.append(f"files are digested by algorithm {fields['FILEDIGESTALGO']}, expected {_SHA256} (sha256)")
    return ReadBack(paths, fields, scripts, tuple(duplicates), tuple(complaints))


class _Query:
    """rpm on one package file, with an empty database of its own: the host's says nothing."""

    def __init__(self, package: Path, folder: Path, programs: Programs) -> None:
        program = shutil.which("rpm")
        if program is None:
            raise HostLacks("rpm is not installed: the rpm cannot be verified", hint="apt-get install rpm")
        self._argv = [program, "--dbpath", str(folder)]
        self._package = str(package.absolute())
        self._folder = folder
        self._programs = programs
        self._environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder), "TZ": "UTC"}

    def ask(self, *tags: str, each: bool = False) -> list[str]:
        """Return the tags' values; with ``each``, those of all their elements in turn."""
        template = "".join(f"%{{{tag}}}{_END}" for tag in tags)
        argv = [*self._argv, "-qp", "--nosignature", "--qf", f"[{template}]" if each else template, self._package]
        return self._run(argv).split(_END)[:-1]

    def check(self) -> list[str]:
        """Return what rpm finds wrong with the package's digests."""
        argv = [*self._argv, "-K", "--nosignature", self._package]
        try:
            output = self._run(argv).strip()
        except PackagingFailed as error:
            return [error.message]
        return [] if output.endswith("digests OK") else [output]

    def _run(self, argv: list[str]) -> str:
        return self._programs.run(argv, cwd=self._folder, environment=self._environment).decode()


def _paths(query: _Query) -> tuple[dict[str, Found], list[str]]:
    cells = query.ask(*_COLUMNS, each=True)
    paths: dict[str, Found] = {}
    duplicates = []
    for start in range(0, len(cells), len(_COLUMNS)):
        path, *rest = cells[start : start + len(_COLUMNS)]
        if path in paths:
            duplicates.append(path)
        paths[path] = _found(*rest)
    return paths, duplicates


def _found(  # noqa: PLR0913, PLR0917 - the columns of one query
    mode: str, owner: str, group: str, digest: str, size: str, target: str, mtime: str, flags: str
) -> Found:
    bits = int(mode)
    permissions = stat.S_IMODE(bits)
    if stat.S_ISDIR(bits):
        return Found(ContentKind.DIRECTORY, permissions, owner, group, "", 0, "", int(mtime))
    if stat.S_ISLNK(bits):
        return Found(ContentKind.SYMLINK, 0, owner, group, "", 0, target, int(mtime))
    kind = str(ContentKind.CONFIG if int(flags) & _CONFIG_FLAG else ContentKind.FILE)
    if not stat.S_ISREG(bits):
        kind = f"file of type {stat.S_IFMT(bits):o}"
    return Found(kind, permissions, owner, group, digest, int(size), "", int(mtime))


def _relations(query: _Query, tag: str) -> list[str]:
    cells = query.ask(f"{tag}NAME", f"{tag}FLAGS:depflags", f"{tag}VERSION", each=True)
    items = (" ".join(" ".join(cells[start : start + 3]).split()) for start in range(0, len(cells), 3))
    return [item for item in items if item and not item.startswith(("rpmlib(", "(none)"))]
