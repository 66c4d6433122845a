"""Sees which dependencies' files a build opens, by inotify. Runs in the child.

inotify on the sandbox's own overlay sees only this build's opens; access times would be
shared with every other build that uses the same store object.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict

from omnibuild.sandbox import syscalls as sys_

_EVENT = struct.Struct("iIII")


class OpenWatch:
    """The set of owners of which at least one file was opened.

    ``owners`` maps a path below ``root`` to its owner. If the kernel's queue overflows, every
    owner counts as opened: the watch never accuses wrongly.
    """

    def __init__(self, root: str, owners: dict[str, str]) -> None:
        self.opened: set[str] = set()
        self.descriptor = -1
        self._all = set(owners.values())
        self._by_watch: dict[int, dict[str, str]] = {}
        folders: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for path, owner in owners.items():
            folder, _, name = path.rpartition("/")
            folders[folder][name] = owner
        if folders:
            self._start(root, folders)

    def _start(self, root: str, folders: dict[str, dict[str, str]]) -> None:
        self.descriptor = sys_.inotify()
        for folder, names in folders.items():
            try:
                number = sys_.watch(self.descriptor, f"{root}/{folder}", sys_.IN_OPEN)
            except OSError:  # fs.inotify.max_user_watches is small on this host
                self._finish(self._all)
                return
            self._by_watch[number] = names

    def _finish(self, opened: set[str]) -> None:
        self.opened |= opened
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def drain(self) -> None:
        """Read what is queued; stop watching once every owner was seen."""
        while self.descriptor >= 0:
            try:
                data = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            self._read(data)
            if self.opened >= self._all:
                self._finish(set())

    def _read(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            number, mask, _cookie, length = _EVENT.unpack_from(data, at)
            name = os.fsdecode(data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0"))
            at += _EVENT.size + length
            if mask & sys_.IN_Q_OVERFLOW:
                self.opened |= self._all
            elif not mask & sys_.IN_ISDIR and name in self._by_watch.get(number, {}):
                self.opened.add(self._by_watch[number][name])
