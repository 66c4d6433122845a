"""Streams one URL into a file: hashed while read, resumed after a break, retried with back-off.

Statuses that pass (429, 5xx) are retried by urllib3, which honours Retry-After; broken
connections are retried here, from the byte where they broke (RFC 9110, sections 13.1.5 and
14). A host that does not resolve or refuses is not asked again.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import requests
import urllib3
from requests.adapters import HTTPAdapter

from omnibuild.plural import counted
from omnibuild.sources.base import FetchOptions, LocationFailed
from omnibuild.sources.hashing import CHUNK
from omnibuild.sources.urls import redact

_RETRIED_STATUSES = (429, 500, 502, 503, 504)
_LONGEST_PAUSE_S = 60
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Count = Callable[[int, int | None], None]


class _BrokenOff(Exception):
    """A transfer ended early."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to download: ``expect_sha256`` only tells whether a resumed file must start again."""

    url: str
    part: Path
    expect_sha256: str | None = None
    proxies: Mapping[str, str] | None = None


def new_session(options: FetchOptions) -> requests.Session:
    """Return a session that retries passing statuses; one for each download, as they are not shared by threads."""
    retry = urllib3.Retry(
        total=None,
        connect=0,
        read=0,
        other=0,
        redirect=0,
        status=options.retries,
        status_forcelist=_RETRIED_STATUSES,
        backoff_factor=options.backoff_s,
        backoff_jitter=options.backoff_s,
        backoff_max=_LONGEST_PAUSE_S,
        retry_after_max=_LONGEST_PAUSE_S,
        raise_on_status=False,
    )
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def download(wanted: Wanted, *, options: FetchOptions, count: Count) -> str:
    """Complete ``wanted.part`` and return its sha256; LocationFailed with the reason if that fails.

    An earlier, unfinished ``part`` of the same URL is continued.
    """
    reason = ""
    with new_session(options) as session:
        for attempt in range(options.retries + 1):
            if attempt:
                options.pause(min(_LONGEST_PAUSE_S, options.backoff_s * 2**attempt) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            try:
                return _attempt(session, wanted, options, count)
            except _BrokenOff as error:
                reason = str(error)
    raise LocationFailed(f"{reason} (tried {counted(options.retries + 1, 'time')})")


def _attempt(session: requests.Session, wanted: Wanted, options: FetchOptions, count: Count) -> str:
    notes = _Notes(wanted)
    offset, validator = notes.resumable()
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    if offset and validator:
        headers["If-Range"] = validator
    with _open(session, wanted, headers, options) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            notes.forget()
            raise _BrokenOff("the server cannot resume at the byte where the transfer broke")
        if response.status_code not in {requests.codes.ok, requests.codes.partial_content}:
            raise LocationFailed(f"HTTP {response.status_code} {response.reason}")
        start, total = _extent(response, offset)
        notes.write(response)
        with wanted.part.open("r+b" if start else "wb") as stream:
            sha256 = _receive(response, _Resumed(stream, start, total), options, count)
    if start and wanted.expect_sha256 not in {None, sha256}:
        notes.forget()
        raise _BrokenOff("the continued file is not the one that was begun")
    return sha256


def _open(
    session: requests.Session, wanted: Wanted, headers: dict[str, str], options: FetchOptions
) -> requests.Response:
    proxies = dict(wanted.proxies) if wanted.proxies else None
    try:
        return session.get(wanted.url, headers=headers, stream=True, timeout=options.timeout_s, proxies=proxies)
    except requests.exceptions.SSLError as error:
        raise LocationFailed(f"TLS failed: {_innermost(error)}") from error
    except requests.exceptions.ConnectTimeout as error:
        raise LocationFailed(f"no connection within {options.timeout_s:g} s") from error
    except requests.exceptions.Timeout as error:
        raise _BrokenOff(f"no answer within {options.timeout_s:g} s") from error
    except requests.exceptions.ConnectionError as error:
        if isinstance(_reason(error), urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError):
            raise LocationFailed(_unreachable(error)) from error
        raise _BrokenOff(f"connection lost: {_innermost(error)}") from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise LocationFailed(f"cannot be requested: {redact(str(error))}") from error


def _extent(response: requests.Response, offset: int) -> tuple[int, int | None]:
    """Return the byte at which the body starts, and the size of the whole file."""
    if response.status_code == requests.codes.partial_content:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not offset or match is None or int(match[1]) != offset:
            raise LocationFailed(f"answered another range than asked: {response.headers.get('Content-Range')!r}")
        return offset, None if match[2] == "*" else int(match[2])
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


@dataclass(frozen=True, slots=True)
class _Resumed:
    """A part file, the byte from which it is continued, and the size it will have."""

    stream: BinaryIO
    start: int
    total: int | None


def _receive(response: requests.Response, part: _Resumed, options: FetchOptions, count: Count) -> str:
    digest = hashlib.sha256()
    while part.stream.tell() < part.start:
        digest.update(part.stream.read(min(CHUNK, part.start - part.stream.tell())))
    part.stream.truncate()
    done = part.start
    count(done, part.total)
    try:
        # Undecoded: some servers label a .tar.gz with Content-Encoding: gzip, and the pin is for the file.
        for chunk in response.raw.stream(CHUNK // 8, decode_content=False):
            options.stop_if_cancelled()
            part.stream.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            count(done, part.total)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise _BrokenOff(f"silent for {options.timeout_s:g} s after {_so_far(done, part.total)}") from error
    except urllib3.exceptions.HTTPError as error:
        raise _BrokenOff(f"broke off after {_so_far(done, part.total)}") from error
    return digest.hexdigest()


class _Notes:
    """Remembers beside a part file which URL it is of and which version of it was begun."""

    def __init__(self, wanted: Wanted) -> None:
        self._url = wanted.url
        self._part = wanted.part
        self._file = wanted.part.with_name(f"{wanted.part.name}.json")

    def resumable(self) -> tuple[int, str]:
        """Return how many bytes can be kept and the validator for If-Range; 0 when none can."""
        try:
            noted = json.loads(self._file.read_bytes())
            size = self._part.stat().st_size
        except (OSError, ValueError):
            return 0, ""
        return (size, noted["validator"]) if noted["url"] == hashlib.sha256(self._url.encode()).hexdigest() else (0, "")

    def write(self, response: requests.Response) -> None:
        """Note what is being received; the URL as a digest, since it may hold a password."""
        etag = response.headers.get("ETag", "")
        validator = etag if etag and not etag.startswith("W/") else response.headers.get("Last-Modified", "")
        url = hashlib.sha256(self._url.encode()).hexdigest()
        self._file.write_text(json.dumps({"format": 1, "url": url, "validator": validator}), encoding="utf-8")

    def forget(self) -> None:
        """Begin again with the next attempt."""
        self._file.unlink(missing_ok=True)


def _so_far(done: int, total: int | None) -> str:
    return f"{done} of {total} bytes" if total is not None else f"{done} bytes"


def _reason(error: BaseException) -> object:
    wrapped = error.args[0] if error.args else error
    return getattr(wrapped, "reason", wrapped)


def _unreachable(error: BaseException) -> str:
    reason = _reason(error)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "the host name does not resolve"
    if isinstance(reason, urllib3.exceptions.ProxyError):
        return f"the proxy failed: {_innermost(reason)}"
    return f"no connection: {_innermost(error)}"


def _innermost(error: BaseException) -> str:
    """Return the words of the first cause, without the addresses that the layers above add."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return redact(getattr(error, "strerror", None) or str(error))
