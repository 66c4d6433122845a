"""What a package holds: one complete, sorted list of paths, the same for every format."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path

from omnibuild.errors import InvalidInput
from omnibuild.store.tree import Entry, EntryKind


class Format(StrEnum):
    """The package formats that can be written."""

    DEB = "deb"
    RPM = "rpm"


class ContentKind(StrEnum):
    """What a packaged path is; a config file is kept as the administrator edited it."""

    FILE = "file"
    CONFIG = "config"
    DIRECTORY = "directory"
    SYMLINK = "symlink"


FILES = frozenset({ContentKind.FILE, ContentKind.CONFIG})

# Directories of the Filesystem Hierarchy Standard: many packages put files there, none of them
# may own one, or removing that package (rpm) would try to take it away.
SYSTEM_DIRECTORIES = frozenset(
    ["/", "/boot", "/dev", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin"]
    + ["/srv", "/sys", "/tmp", "/bin"]  # noqa: S108 - a name to refuse, nothing is written there
    + [f"/etc/{name}" for name in ("cron.d", "default", "init.d", "ld.so.conf.d", "logrotate.d", "profile.d")]
    + [f"/etc/{name}" for name in ("pam.d", "security", "security/limits.d", "sudoers.d", "sysconfig", "sysctl.d")]
    + ["/etc", "/etc/systemd", "/etc/systemd/system", "/etc/tmpfiles.d", "/lib/systemd", "/lib/systemd/system"]
    + ["/usr", "/usr/bin", "/usr/include", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/sbin", "/usr/share"]
    + ["/usr/lib/systemd", "/usr/lib/systemd/system", "/usr/lib/sysctl.d", "/usr/lib/sysusers.d"]
    + ["/usr/lib/tmpfiles.d", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share"]
    + [f"/usr/share/{name}" for name in ("bash-completion", "bash-completion/completions", "doc", "info", "licenses")]
    + [f"/usr/share/{name}" for name in ("lintian", "lintian/overrides", "man", "zsh", "zsh/vendor-completions")]
    + [f"/usr/share/man/man{section}" for section in range(1, 9)]
    + ["/var", "/var/cache", "/var/lib", "/var/log", "/var/opt", "/var/run", "/var/spool", "/var/tmp"]  # noqa: S108
)


# Control characters, and what stands for bytes that are not UTF-8 (PEP 383).
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, order=True)
class Content:
    """One packaged path (absolute).

    ``source`` is the host's file with the bytes (files only), ``sha256`` and ``size`` (bytes)
    what they must be; ``target`` is a symlink's. ``only`` limits the path to one format.
    """

    path: str
    kind: ContentKind
    mode: int = 0
    owner: str = "root"
    group: str = "root"
    source: Path | None = None
    sha256: str = ""
    size: int = 0
    target: str = ""
    only: Format | None = None


def contents_of(
    root: str, entries: Iterable[Entry], source_of: Callable[[Entry], Path], extras: Iterable[Content] = ()
) -> tuple[Content, ...]:
    """Return all contents sorted by path: the root, its entries, the extras, every owned parent.

    ``entries`` are relative to ``root``; ``source_of`` says where a file entry's bytes lie. A
    declared directory sets mode and owner of one that the entries have, too. Raises
    InvalidInput that lists every collision and every path that no package can hold.
    """
    payload = [Content(root, ContentKind.DIRECTORY, 0o755)]
    payload += [_content(f"{root}/{entry.path}", entry, source_of) for entry in entries]
    merged: dict[str, Content] = {}
    problems: list[str] = []
    for content in (*payload, *extras):
        problems += _faults(content)
        present = merged.get(content.path)
        if present is not None and not _directories(present, content) and present != content:
            problems.append(f"{content.path}: wanted both as {present.kind} and as {content.kind}")
        merged[content.path] = content
    problems += _hidden(merged)
    if problems:
        raise InvalidInput(
            "the package cannot hold these paths:\n  " + "\n  ".join(sorted(set(problems))),
            hint="change the line-up's package section, or remove the path in the recipe's payload.remove",
        )
    return tuple(merged[path] for path in sorted(merged))


def of_format(contents: Iterable[Content], package_format: Format) -> tuple[Content, ...]:
    """Return the contents that packages of this format hold."""
    return tuple(content for content in contents if content.only in (None, package_format))


def parents(path: str) -> Iterator[str]:
    """Yield the directories above an absolute path, nearest first, without ``/``."""
    while (path := posixpath.dirname(path)) != "/":
        yield path


def _content(path: str, entry: Entry, source_of: Callable[[Entry], Path]) -> Content:
    match entry.kind:
        case EntryKind.FILE:
            return Content(
                path,
                ContentKind.FILE,
                entry.mode,
                source=source_of(entry),
                sha256=entry.sha256,
                size=entry.size,
            )
        case EntryKind.DIRECTORY:
            return Content(path, ContentKind.DIRECTORY, entry.mode)
        case EntryKind.SYMLINK:
            return Content(path, ContentKind.SYMLINK, target=entry.target)


def _directories(*contents: Content) -> bool:
    return all(content.kind is ContentKind.DIRECTORY for content in contents)


def _faults(content: Content) -> Iterator[str]:
    """What deb, rpm or nfpm would get wrong in silence.

    md5sums, conffiles and rpm's queries are lists by line; nfpm's YAML is UTF-8; a mode of 0
    means "as on disk" to nfpm, and it cleans the paths and link targets that it is given.
    """
    path, target = content.path, content.target
    for text in (path, target):
        if _UNPRINTABLE.search(text):
            yield f"{path!r}: control characters or bytes that are not UTF-8 in the name or link target"
    if path in SYSTEM_DIRECTORIES:
        yield f"{path}: belongs to the system, no package may own it"
    elif posixpath.normpath(path) != path:
        yield f"{path}: not a clean absolute path"
    if content.kind is ContentKind.SYMLINK and (not target or posixpath.normpath(target) != target):
        yield f"{path}: the link target {target!r} is not in its shortest form {posixpath.normpath(target)!r}"
    if content.kind is not ContentKind.SYMLINK and not content.mode:
        yield f"{path}: has no permission at all (mode 0)"


def _hidden(merged: dict[str, Content]) -> list[str]:
    """Add the missing owned parents to ``merged``; return paths below something not a directory."""
    problems: list[str] = []
    sound: set[str] = set(SYSTEM_DIRECTORIES)  # and all that is above them
    for path, content in list(merged.items()):
        new = list(takewhile(lambda parent: parent not in sound, parents(path)))
        found = []
        for parent in new:
            above = merged.setdefault(parent, Content(parent, ContentKind.DIRECTORY, 0o755, only=content.only))
            if above.kind is not ContentKind.DIRECTORY:
                found.append(f"{path}: lies below {parent}, which is a {above.kind}")
        problems += found
        sound.update(() if found else new)
    return problems
