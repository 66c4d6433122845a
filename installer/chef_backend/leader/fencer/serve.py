"""The fencer's loop: it listens to one leaderl at a time, and looks at the clock several times a second."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

from chef_backend.leader.fencer.talk import LONGEST, answered
from chef_backend.leader.guard import Guard

# A wait does not count the time that a machine is suspended, the deadline does: so no wait is long.
_EVERY_MS: Final = 100


class Fencer:
    """Serves the socket `listener`, whose file is the `inode`; the one whose file is at `path` is in charge."""

    def __init__(self, listener: socket.socket, path: Path, inode: int, guard: Guard) -> None:
        self._listener = listener
        self._path = path
        self._inode = inode
        self._guard = guard
        self._client: socket.socket | None = None
        self._was_in_charge = False

    def run(self) -> None:
        """Return when there is nothing to guard and nobody who could say so, or another fencer has taken its place."""
        while True:
            self._hear()
            if self._is_replaced() or (self._client is None and not (self._was_in_charge and self._guard.held)):
                return
            self._guard.tick()

    def _hear(self) -> None:
        waiting = select.poll()
        for each in (self._listener, self._client):
            if each is not None:
                waiting.register(each, select.POLLIN)
        ready = {descriptor for descriptor, _event in waiting.poll(_EVERY_MS)}
        if self._client is not None and self._client.fileno() in ready:
            self._answer(self._client)
        if self._listener.fileno() in ready:
            self._accept()

    def _accept(self) -> None:
        """Listen to another leaderl from now on: there is one at a time, and the last one to come is it."""
        with suppress(OSError):
            client, _address = self._listener.accept()
            client.setblocking(False)  # noqa: FBT003 - the socket's own call
            self._leave()
            self._client = client

    def _answer(self, client: socket.socket) -> None:
        """Do what was said; whoever says what is not understood, or does not listen, is left."""
        try:
            message = client.recv(LONGEST)
            if message:
                client.send(answered(message, self._guard))
                return
        except BlockingIOError:
            return
        except (OSError, ValueError, KeyError, TypeError):
            pass
        self._leave()

    def _leave(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _is_replaced(self) -> bool:
        try:
            is_ours = self._path.stat().st_ino == self._inode
        except OSError:
            return False
        replaced = self._was_in_charge and not is_ours
        self._was_in_charge = self._was_in_charge or is_ours
        return replaced
