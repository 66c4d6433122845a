"""etcd's first start, which cannot be gone on with once it was interrupted.

etcd makes its log, and then writes to it that it is a member. What is killed in between starts again as a member of
nothing: it has no voters, so it never has a leader. https://github.com/etcd-io/etcd/issues/12578
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
    """Tell whether etcd's log is that of a first start which has not ended: nothing was ever kept in it.

    False where there is no log: ETCD_WAL_DIR may have it elsewhere.
    """
    log = paths.etcd_member / "wal"
    if [name for name in host.list_folder(log) if name.endswith(".wal")] != [wal.FIRST]:
        return False
    return wal.has_only_its_head(host.observe(log / wal.FIRST).content)


def forget(host: Host, paths: Paths) -> None:
    """Remove etcd's data, so that its next start is its first; etcd must not run meanwhile."""
    for name in _FOLDERS:
        _remove(host, paths.etcd_member / name)


def _remove(host: Host, folder: Path) -> None:
    for name in host.list_folder(folder):
        path = folder / name
        if host.observe(path).kind is Kind.FOLDER:
            _remove(host, path)
        else:
            host.remove_file(path)
    if host.observe(folder).kind is Kind.FOLDER:
        host.remove_folder(folder)
