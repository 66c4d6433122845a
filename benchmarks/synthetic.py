"""A project of any size whose components are copied into place: real bytes of this host, cut to size.

The text, bytecode, images and archives of /usr/lib, /usr/share and /usr/include, in an order
that a fixed seed decides, are one long stream; each file of the project is its next piece. So
it compresses as software does, and no piece comes twice before the host's files are used up.
Beside them lie whole ELF files of the host, one in eight with a library's name altered, so
that some of what it needs is found nowhere. The same host gives the same project.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20
ROOT = "/opt/bench"
LEAF = "leaf"

_PARTS = 10
_SEED = 20261124
_LARGEST_ELF = 6 * MIB
_LARGEST_PIECE = 2 * MIB
_SPREAD = 1.6  # of the sizes' logarithms: many small files, few large ones
_STREAM = ("/usr/lib", "/usr/share", "/usr/include")
_ELVES = ("/usr/bin", "/usr/lib/x86_64-linux-gnu")
_ELF = b"\x7fELF"
_GLIBC = (
    *("ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6"),
    *("libpthread.so.0", "libresolv.so.2", "librt.so.1", "libutil.so.1"),
)
_CHECKS = (
    *("linkage", "rpath", "glibc_floor", "hardening", "package_note", "build_paths", "secrets", "architecture"),
    *("interpreters", "symlinks", "permissions", "undeclared_dependencies", "unused_dependencies"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a project is to be; one ELF file for each 94 files, as in a real prefix."""

    files: int = 30_000
    mib: int = 1024

    @property
    def elves(self) -> int:
        """The number of ELF files."""
        return self.files * 320 // 30_000


def write_project(directory: Path, shape: Shape) -> Path:
    """Write recipes and sources below ``directory``; return the line-up's file."""
    chance = random.Random(_SEED)  # noqa: S311 - the same every time is what is wanted
    pieces = _pieces(shape, chance)
    names = [f"part{number}" for number in range(_PARTS)]
    for number, name in enumerate(names):
        count = shape.files // _PARTS + (number < shape.files % _PARTS)
        archive = directory / "sources" / f"{name}.tar"
        _write_tar(archive, name, (next(pieces) for _ in range(count)))
        source = {"sha256": _sha256(archive), "locations": [{"url": archive.as_uri()}]}
        build = {"kind": "prebuilt", "copy": {"tree": "."}}
        _write_recipe(directory, name, {"sources": [source], "build": build, "payload": {"strip": False}})
    _write_recipe(directory, LEAF, {"build": {"kind": "script"}, "license_files": []}, script="")
    touch_leaf(directory, 0)
    return _write_lineup(directory, [*names, LEAF])


def touch_leaf(directory: Path, number: int) -> None:
    """Change what the leaf component installs: one small file, and no time to compile."""
    script = f'mkdir -p "$DESTDIR$PREFIX/share"\necho {number} >"$DESTDIR$PREFIX/share/leaf"\n'
    (directory / "recipes" / LEAF / "build.sh").write_text(script)


def _pieces(shape: Shape, chance: random.Random) -> Iterator[tuple[str, int, bytes]]:
    """Yield (path, mode, bytes) of every file of the project."""
    elves = _host_elves(shape.elves, chance)
    rest = shape.mib * MIB - sum(path.stat().st_size for path in elves)
    count = shape.files - len(elves)
    weights = [chance.lognormvariate(0, _SPREAD) for _ in range(count)]
    scale = rest / sum(weights)
    stream = _Stream(chance)
    for number, weight in enumerate(weights):
        head = f"# {number}\n".encode()
        size = max(len(head), min(int(weight * scale), 64 * _LARGEST_PIECE))
        yield f"share/{number % 97:02d}/{number}.dat", 0o644, head + stream.read(size - len(head))
        if elves and number % (count // len(elves)) == 0:
            yield from _elf_piece(elves.pop(), len(elves))
    for left, path in enumerate(elves):
        yield from _elf_piece(path, left)


def _elf_piece(path: Path, number: int) -> Iterator[tuple[str, int, bytes]]:
    data = path.read_bytes()
    if number % 8 == 0:
        for library in (b"libz.so.1", b"libgcc_s.so.1", b"libstdc++.so.6", b"libselinux.so.1", b"libtinfo.so.6"):
            data = data.replace(b"\0" + library + b"\0", b"\0liQ" + library[3:] + b"\0")
    yield f"{'bin' if path.parent.name == 'bin' else 'lib'}/{path.name}", 0o755, data


def _host_elves(count: int, chance: random.Random) -> list[Path]:
    found = [path for folder in _ELVES if Path(folder).is_dir() for path in sorted(Path(folder).iterdir())]
    found = [path for path in found if not path.is_symlink() and path.is_file()]
    found = [path for path in found if path.stat().st_size < _LARGEST_ELF and path.open("rb").read(4) == _ELF]
    return sorted(chance.sample(found, min(count, len(found))))


class _Stream:
    """The bytes of the host's files, one after the other, from the start again at the end."""

    def __init__(self, chance: random.Random) -> None:
        self._paths = sorted(_host_files())
        chance.shuffle(self._paths)
        self._next = 0
        self._held = b""

    def read(self, size: int) -> bytes:
        while len(self._held) < size:
            data = Path(self._paths[self._next % len(self._paths)]).read_bytes()
            self._held += b"" if data.startswith(_ELF) else data
            self._next += 1
        data, self._held = self._held[:size], self._held[size:]
        return data


def _host_files() -> Iterator[str]:
    for top in _STREAM:
        for folder, _, names in os.walk(top):
            for name in names:
                path = f"{folder}/{name}"
                status = os.lstat(path)
                if stat.S_ISREG(status.st_mode) and 0 < status.st_size < _LARGEST_PIECE:
                    yield path


def _write_tar(archive: Path, name: str, pieces: Iterator[tuple[str, int, bytes]]) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w") as tar:
        _add(tar, f"{name}/LICENSE", 0o644, b"Copyright (c) 2026 Example\n")
        for path, mode, data in pieces:
            _add(tar, f"{name}/tree/{path}", mode, data)


def _add(tar: tarfile.TarFile, path: str, mode: int, data: bytes) -> None:
    member = tarfile.TarInfo(path)
    member.mode, member.size = mode, len(data)
    tar.addfile(member, io.BytesIO(data))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_recipe(directory: Path, name: str, fields: dict[str, object], script: str | None = None) -> None:
    folder = directory / "recipes" / name
    folder.mkdir(parents=True)
    head = {"schema": 1, "name": name, "version": "1", "description": name, "license": "MIT"}
    document = {**head, "license_files": ["LICENSE"], **fields}
    if script is not None:
        (folder / "LICENSE").write_text("Copyright (c) 2026 Example\n")
        document |= {"license_files": ["LICENSE"], "sources": [{"locations": [{"path": "LICENSE"}], "unpack": False}]}
    (folder / "recipe.yml").write_text(json.dumps(document, indent=1))


def _write_lineup(directory: Path, names: list[str]) -> Path:
    package = dict.fromkeys(("summary", "description"), "bench")
    package |= {"maintainer": "Bench <bench@example.com>", "vendor": "Bench", "homepage": "https://example.com"}
    document = {
        "schema": 1,
        "name": "bench",
        "version": "1.0",
        "root": ROOT,
        "prefix": f"{ROOT}/embedded",
        "source_date_epoch": 1795478400,
        "components": dict.fromkeys(names, "1"),
        "shipped": names,
        "policy": {
            "glibc_max": "2.99",
            "system_libraries": list(_GLIBC),
            "licenses": ["MIT"],
            "severity": dict.fromkeys(_CHECKS, "warning"),
        },
        "package": {**package, "license": "MIT"},
    }
    file = directory / "manifests" / "bench.yml"
    file.parent.mkdir()
    file.write_text(json.dumps(document, indent=1))
    return file
