"""leaderl's end of the fencer: it starts the process, and another one when that is gone or silent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import chef_backend
from chef_backend.base.clock import Clock
from chef_backend.base.proc import BASE_ENVIRONMENT
from chef_backend.leader.fence import Fence, Sentinels
from chef_backend.leader.fencer.talk import LONGEST, Reply, Word, asked, read
from chef_backend.leader.guard import NOT_RENEWED
from chef_backend.leader.model import Held

SOCKET: Final = "fencer.sock"
_EVERY_S: Final = 1.0
# How long it may take to answer, as a part of the time that ending PostgreSQL may take: a silent one must be replaced
# while there is time left.
_PATIENCE: Final = 0.6
# But while it starts, and besides the time for which it may be ending PostgreSQL.
_LONG_S: Final = 3.0
_TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """What a fencer is told when it starts; `folder` is where its socket is."""

    folder: Path
    data_folder: Path
    sentinels: Sentinels
    fence_s: float


@dataclass(slots=True)
class Link:
    """A connection to a fencer; `process` is it, where it is our own child. `heard` is set once it has answered."""

    socket: socket.socket
    process: subprocess.Popen[bytes] | None = None
    heard: bool = False

    def ask(self, request: bytes, within_s: float) -> Reply | None:
        """Return what it answers; None when it does not, or not in time."""
        try:
            self.socket.settimeout(within_s)
            self.socket.send(request)
            reply = read(self.socket.recv(LONGEST))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self.heard = True
        return reply

    def drop(self) -> None:
        """Leave it; a child of ours is killed, for it may go on later as if nothing had been."""
        self.socket.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class FencerProcess:
    """See Deadline; for several threads at once. Where no fencer can be had, `fence` is used from here."""

    def __init__(self, place: Place, fence: Fence, clock: Clock, say: Callable[[str, str], None]) -> None:
        self._place = place
        self._fence = fence
        self._clock = clock
        self._say = say
        self._link: Link | None = None
        self._held: Held | None = None
        self._lock = threading.Lock()

    def take_over(self) -> Held | None:
        """Start a fencer in place of one that a leaderl before us left; return the leadership that it guarded."""
        with self._lock:
            before = self._found()
            self._held = before
            if before is not None:
                self._say("I", f"the leadership of epoch {before.epoch} goes on")
            self._start()
            return before

    def begin(self, held: Held) -> bool:
        """See Deadline."""
        return self._told(Word.BEGIN, held)

    def extend(self, held: Held) -> bool:
        """See Deadline."""
        return self._told(Word.EXTEND, held)

    def open(self) -> bool:
        """See Deadline."""
        reply = self._ask(Word.OPEN)
        return reply is not None and reply.done

    def close(self, reason: str) -> bool:
        """See Deadline."""
        reply = self._ask(Word.CLOSE, reason=reason)
        with self._lock:
            self._held = None
            return reply.done if reply is not None else self._fence.close(reason, self._place.fence_s)

    def end(self) -> None:
        """See Deadline."""
        self._ask(Word.END)
        with self._lock:
            self._held = None

    def watch(self, stopped: threading.Event) -> None:
        """Have a fencer until stopped: what a thread runs."""
        while not stopped.wait(_EVERY_S):
            if self._ask(Word.STATE) is None:
                self._keep_the_deadline()

    def _told(self, word: Word, held: Held) -> bool:
        reply = self._ask(word, held)
        with self._lock:
            if reply is None or not reply.done:
                return False
            self._held = held
            return True

    def _ask(self, word: Word, held: Held | None = None, reason: str = "") -> Reply | None:
        with self._lock:
            for _ in range(_TRIES):
                link = self._link or self._start()
                reply = link.ask(asked(word, held, reason), self._patience_s(link, word)) if link else None
                if reply is not None:
                    return reply
                self._drop()
            return None

    def _patience_s(self, link: Link, word: Word) -> float:
        """Return how long to wait for an answer: longer while it starts, or may be ending PostgreSQL."""
        fence_s = self._place.fence_s
        if word is not Word.CLOSE and link.heard and self._left_s() > 0:
            return _PATIENCE * fence_s
        return _LONG_S + fence_s * (2 if word is Word.CLOSE else 1)

    def _left_s(self) -> float:
        """Return how long it is until the fencer begins to end PostgreSQL; 0 where it may have begun already."""
        over = self._held.deadline - self._place.fence_s if self._held is not None else 0.0
        return max(0.0, over - self._clock.monotonic())

    def _keep_the_deadline(self) -> None:
        with self._lock:
            if self._held is not None and self._left_s() == 0:
                self._held = None
                self._fence.close(NOT_RENEWED, self._place.fence_s)

    def _found(self) -> Held | None:
        """Ask the fencer of a leaderl before us what it guards."""
        with _packets() as found:
            found.settimeout(_LONG_S)
            try:
                found.connect(str(self._place.folder / SOCKET))
            except OSError:
                return None
            reply = Link(found).ask(asked(Word.STATE), _LONG_S + self._place.fence_s)
            return reply.held if reply else None

    def _start(self) -> Link | None:
        """Start a fencer, tell it what there is to guard, and put it in charge."""
        path = self._place.folder / SOCKET
        new = path.with_name(f"{SOCKET}.{os.getpid()}")
        try:
            link = self._spawned(path, new)
        except OSError as error:
            self._say("E", f"the fencer cannot be started: {error.strerror or error}")
            return None
        # Half of the time at most: another may have to be tried, or its work done from here.
        within_s = max(0.1, min(_LONG_S, self._left_s() / 2))
        if self._held is not None and link.ask(asked(Word.BEGIN, self._held), within_s) is None:
            self._say("E", "the fencer does not answer")
            link.drop()
            return None
        with suppress(OSError):
            new.rename(path)
        self._link = link
        return link

    def _spawned(self, path: Path, new: Path) -> Link:
        """Start the process with a socket that listens already, and connect to it."""
        place = self._place
        with _packets() as listener:
            new.unlink(missing_ok=True)
            listener.bind(str(new))
            new.chmod(0o600)
            listener.listen()
            connected = _packets()
            connected.connect(str(new))
            options = {
                "--socket": path,
                "--data": place.data_folder,
                "--no-start": place.sentinels.no_start,
                "--may-start": place.sentinels.may_start,
                "--fence-s": place.fence_s,
                "--listener": listener.fileno(),
                "--inode": new.stat().st_ino,
            }
            words = [str(word) for option in options.items() for word in option]
            process = subprocess.Popen(
                [sys.executable, "-Ps", "-m", "chef_backend.leader.fencer", *words],
                cwd="/",
                env={**BASE_ENVIRONMENT, "PYTHONPATH": str(Path(chef_backend.__file__).parents[1])},
                stdin=subprocess.DEVNULL,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        return Link(connected, process)

    def _drop(self) -> None:
        if self._link is not None:
            self._say("W", "the fencer is gone, or silent: another one is started")
            self._link.drop()
            self._link = None


def _packets() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
