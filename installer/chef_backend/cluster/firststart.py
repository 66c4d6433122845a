"""etcd's first start, which cannot be gone on with once it was interrupted.

etcd makes its database, then its log, and then writes to the log that it is a member. What is killed before that starts
again as a member of nothing: it has no voters, so it never has a leader. https://github.com/etcd-io/etcd/issues/12578
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chef_backend.base.paths import Paths
from chef_backend.etcd import wal
from chef_backend.resources.host import Host, Kind

# The log goes first: what is left without it holds nothing, either.
_FOLDERS: Final = ("wal", "snap")


def was_interrupted(host: Host, paths: Paths) -> bool:
    """Tell whether etcd's data is that of a first start which has not ended: nothing was ever kept in it."""
    member = _member(paths)
    if not host.list_folder(member):
        return False
    match [name for name in host.list_folder(member / "wal") if name.endswith(".wal")]:
        case []:
            return True
        case [wal.FIRST]:
            return wal.has_only_its_head(host.observe(member / "wal" / wal.FIRST).content)
        case _:
            return False


def forget(host: Host, paths: Paths) -> None:
    """Remove etcd's data, so that its next start is its first; etcd must not run meanwhile."""
    for name in _FOLDERS:
        _remove(host, _member(paths) / name)


def _member(paths: Paths) -> Path:
    return paths.etcd / "data/member"


def _remove(host: Host, folder: Path) -> None:
    for name in host.list_folder(folder):
        path = folder / name
        if host.observe(path).kind is Kind.FOLDER:
            _remove(host, path)
        else:
            host.remove_file(path)
    if host.observe(folder).kind is Kind.FOLDER:
        host.remove_folder(folder)
