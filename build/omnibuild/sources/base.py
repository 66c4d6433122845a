"""What all location types share: the request they get, the bytes they give, how they fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from omnibuild.errors import Interrupted, SourceUnavailable


class LocationFailed(SourceUnavailable):
    """One location did not deliver; the message is the reason, and the next one is asked."""


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far one source is: ``label`` names the location, sizes are in bytes (None: not told)."""

    label: str
    done_bytes: int
    total_bytes: int | None


Progress = Callable[[FetchProgress], None]
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How sources are fetched.

    ``timeout_s`` is the longest silence of a connection, ``tool_timeout_s`` the longest run
    of a registry's client. ``retries`` and ``backoff_s`` (doubled each time, with jitter)
    are for failures that pass. Setting ``cancel`` from another thread ends every fetch with
    Interrupted and leaves no process behind.
    """

    offline: bool = False
    mirror_dirs: tuple[Path, ...] = ()
    timeout_s: float = 60.0
    retries: int = 4
    backoff_s: float = 0.5
    tool_timeout_s: float = 1800.0
    cancel: threading.Event = field(default_factory=threading.Event, compare=False)

    def stop_if_cancelled(self) -> None:
        """Raise Interrupted once ``cancel`` is set."""
        if self.cancel.is_set():
            raise Interrupted("fetching was interrupted")

    def pause(self, seconds: float) -> None:
        """Wait, unless cancelled."""
        self.cancel.wait(seconds)
        self.stop_if_cancelled()


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one location.

    ``work`` is a folder that belongs to this digest (under a lock) and survives the process,
    so that a download can be resumed; ``cache`` is shared by all sources. ``expect_sha256``
    lets a location with an index refuse before downloading; None for a ``path``.
    """

    expect_sha256: str | None
    work: Path
    cache: Path
    recipe_dir: Path
    options: FetchOptions
    progress: Progress

    def require_network(self) -> None:
        """Raise LocationFailed with --offline."""
        if self.options.offline:
            raise LocationFailed("not asked, because of --offline")

    def compare_listed(self, sha256: str | None, index: str) -> None:
        """Raise LocationFailed if ``index`` lists its file with another sha256 than the pin (None or "": with none)."""
        if sha256 and self.expect_sha256 not in {None, sha256}:
            raise LocationFailed(f"{index} has other bytes under this name: sha256 {sha256}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete file and the sha256 of its bytes, not yet compared with the pin."""

    path: Path
    sha256: str


class Reader(Protocol):
    """One location, ready to be read."""

    @property
    def label(self) -> str:
        """The location as messages name it, without credentials."""

    @property
    def file_name(self) -> str:
        """The name its file has, a plain name without ``/``."""

    def read(self, request: Request) -> Fetched:
        """Deliver the bytes below ``request.work``; LocationFailed with the reason if it cannot."""
