"""Checks of folders: none holds another's data, none belongs to the system or the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from chef_backend.config.findings import Finding, View

_DATA: Final = ("postgresql.data_dir", "elasticsearch.data_dir", "ssl.data_dir")
_OTHERS: Final = (
    "elasticsearch.plugins_directory",
    "elasticsearch.scripts_directory",
    "elasticsearch.temp_directory",
    "etcd.log_directory",
    "postgresql.log_directory",
    "elasticsearch.log_directory",
    "leaderl.log_directory",
)
_FIXED: Final = ("/var/opt/chef-backend/etcd", "/var/opt/chef-backend/leaderl", "/var/opt/chef-backup")
_PACKAGE: Final = ("/opt/chef-backend", "/etc/chef-backend")
_TOP: Final = re.compile(r"/(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)?")
_SHARED: Final = re.compile(r"/var/(?:lib|log|opt|run|tmp)|/var/(?:log|opt)/chef-backend|/usr/.*")
_VOLATILE: Final = ("/dev", "/proc", "/run", "/sys", "/tmp", "/var/run", "/var/tmp")  # noqa: S108 - the same


def check_paths(view: View) -> Iterator[Finding]:
    """Every folder is its service's own."""
    good: list[str] = []
    for name in (*_DATA, *_OTHERS):
        misplaced = list(_place(view, name))
        yield from misplaced
        if not misplaced:
            good.append(name)
    for one, other in combinations(good, 2):
        if not _may_share(one, other):
            yield from _overlap(one, _bare(view, one), other, _bare(view, other))


def _place(view: View, name: str) -> Iterator[Finding]:
    path = _bare(view, name)
    if _TOP.fullmatch(path) or _SHARED.fullmatch(path):
        yield Finding((name,), f"{name} {path} is a folder of the system", f"use a folder of its own, as {path}/…")
        return
    for owner in (*_PACKAGE, *_FIXED):
        if _within(path, owner):
            yield Finding((name,), f"{name} {path} is inside {owner}, which is not its own", "use another folder")
    for folder in _VOLATILE:
        if name in _DATA and _within(path, folder):
            yield Finding((name,), f"{name} {path} is in {folder}, whose files do not last", "use another folder")


def _may_share(one: str, other: str) -> bool:
    """Whether two folders may be one: a service's temporary folder may hold its others, and logs may lie together."""
    both = {one, other}
    if both <= set(_OTHERS):
        return True
    return "elasticsearch.temp_directory" in both and all(name.startswith("elasticsearch.") for name in both)


def _overlap(one: str, path: str, other: str, other_path: str) -> Iterator[Finding]:
    names = (other, one)
    hint = "give each a folder of its own"
    if path == other_path:
        yield Finding(names, f"{one} and {other} are both {path}", hint)
    elif _within(path, other_path):
        yield Finding(names, f"{one} {path} is inside {other} {other_path}", hint)
    elif _within(other_path, path):
        yield Finding(names, f"{other} {other_path} is inside {one} {path}", hint)


def _bare(view: View, name: str) -> str:
    return view.text(name).rstrip("/") or "/"


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
