"""A tiny package with one of everything that packagers get wrong.

As a program (``python tiny.py TREE OUTPUT``) it writes the packages of an existing or new
tree, which is how a test builds under another user, locale or clock.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from omnibuild.packaging.build import BuiltPackage, build_packages
from omnibuild.packaging.contents import Content, ContentKind, Format, contents_of
from omnibuild.packaging.depends import SystemNeeds, depends_of
from omnibuild.packaging.spec import PackageSpec
from omnibuild.store.tree import Entry, EntryKind

ROOT = "/opt/tiny"
EPOCH = 1_735_689_600
NEEDS = SystemNeeds.of(
    [("libc.so.6", ""), ("libc.so.6", "GLIBC_2.14"), ("libpthread.so.0", ""), ("libpthread.so.0", "GLIBC_2.31")]
)
FILES = {
    "embedded/bin/tool": (b"#!/bin/sh\necho tiny\n", 0o755),
    "embedded/bin/setuid": (b"#!/bin/sh\n", 0o4755),
    "embedded/empty": (b"", 0o644),
    "read-only": (b"r", 0o400),
    "we ird/[a] {b}* ?$HOME \u00fc\u2028\U0001f600": (b"w", 0o644),
    "trailing ": (b"t", 0o644),
    "quote\"'back\\slash": (b"q", 0o644),
    f"{'x' * 200}/{'y' * 200}": (b"long", 0o644),
}
DIRECTORIES = {"embedded": 0o755, "embedded/bin": 0o755, "no files": 0o700, "sticky": 0o1777}
LINKS = {"dangling": "../nowhere/$X", "host": "/bin/sh", "tool": "embedded/bin/tool"}
SCRIPT = '#!/bin/sh\nset -e\necho "{hook} $1" >>/var/log/tiny-scripts.log\n'
HOOKS = ("preinstall", "postinstall", "preremove", "postremove")


@dataclass(frozen=True)
class Tiny:
    """The package: where its tree lies, and what is to be made of it."""

    folder: Path
    spec: PackageSpec

    def with_version(self, version: str) -> Tiny:
        """Return the same package under another version."""
        return replace(self, spec=replace(self.spec, version=version))

    def build(self, output: Path, *formats: Format) -> dict[Format, BuiltPackage]:
        """Write the packages of these formats (all by default)."""
        return {
            item.format: item for item in build_packages(self.spec, formats=formats or tuple(Format), output=output)
        }


def write_tiny(folder: Path, *, setting: str = "a=1\n") -> Tiny:
    """Write the tree below ``folder`` and return the package of it."""
    entries = [Entry(path, EntryKind.DIRECTORY, mode) for path, mode in DIRECTORIES.items()]
    entries += [Entry(path, EntryKind.SYMLINK, target=target) for path, target in LINKS.items()]
    for path, (data, mode) in FILES.items():
        _write(folder / path, data)
        entries.append(Entry(path, EntryKind.FILE, mode, hashlib.sha256(data).hexdigest(), len(data)))
    config = _write(folder.with_name("tiny.conf"), setting.encode())
    extras = (
        Content("/etc/tiny/tiny.conf", ContentKind.CONFIG, 0o640, "root", "mail", config, *_identity(config)),
        Content("/var/log/tiny", ContentKind.DIRECTORY, 0o2750, "games", "adm"),
        Content("/usr/bin/tiny", ContentKind.SYMLINK, target="/opt/tiny/embedded/bin/tool"),
    )
    scripts = {hook: _write(folder.with_name(hook), SCRIPT.format(hook=hook).encode()) for hook in HOOKS}
    spec = PackageSpec(
        name="tiny",
        version="3.2.0",
        release="1",
        summary="one of everything that packagers get wrong",
        description="The longer text,\n\nin two paragraphs.",
        maintainer="The Maintainers <maintainers@example.org>",
        vendor="Example",
        homepage="https://example.org/tiny",
        license="Apache-2.0 AND MIT",
        source_date_epoch=EPOCH,
        contents=contents_of(ROOT, entries, lambda entry: folder / entry.path, extras),
        depends={Format.DEB: depends_of(NEEDS, Format.DEB), Format.RPM: depends_of(NEEDS, Format.RPM, ["/bin/sh"])},
        scripts=scripts,
    )
    return Tiny(folder, spec)


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _identity(path: Path) -> tuple[str, int]:
    data = path.read_bytes()
    return hashlib.sha256(data).hexdigest(), len(data)


if __name__ == "__main__":
    os.umask(int(os.environ.get("TINY_UMASK", "022"), 8))
    for built in write_tiny(Path(sys.argv[1])).build(Path(sys.argv[2])).values():
        print(built.sha256, built.path.name)  # noqa: T201 - the test reads it
