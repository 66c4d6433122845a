"""Location ``url``: http, https, or a file of this host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from omnibuild.sources.base import Fetched, FetchProgress, LocationFailed, Request
from omnibuild.sources.download import Count, Wanted, download
from omnibuild.sources.hashing import copy_hashed
from omnibuild.sources.urls import file_name_of, redact


@dataclass(frozen=True, slots=True)
class Url:
    """One address. ``name`` is its file's name when the address does not end in it."""

    address: str
    name: str = ""
    proxies: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """The address."""
        return redact(self.address)

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.name or file_name_of(self.address)

    def read(self, request: Request) -> Fetched:
        """Download the address, or copy the file."""
        try:
            parts = urlsplit(self.address)
        except ValueError as error:
            raise LocationFailed(f"not a URL: {error}") from error
        out = request.work / "download.part"
        if parts.scheme == "file":
            return _copy(Path(unquote(parts.path)), out)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise LocationFailed(f"not an http, https or file URL with a host: {self.label!r}")
        request.require_network()
        wanted = Wanted(self.address, out, request.expect_sha256, dict(self.proxies))
        return Fetched(out, download(wanted, options=request.options, count=self._counter(request)))

    def _counter(self, request: Request) -> Count:
        def count(done_bytes: int, total_bytes: int | None) -> None:
            request.progress(FetchProgress(self.label, done_bytes, total_bytes))

        return count


def _copy(source: Path, target: Path) -> Fetched:
    if not source.is_file():
        raise LocationFailed("no such file" if not source.exists() else "not a file")
    return Fetched(target, copy_hashed(source, target))
