"""Why a service ended by itself, as far as the end of its log tells, and what mends that. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# svlogd puts the time before each line: see svlogd(8), -tt.
_STAMP: Final = re.compile(r"^\d{4}-\d\d-\d\d_\S+ ")
# Each of our run scripts begins with this line.
_BEGIN: Final = re.compile(r"^[a-z]+: starting with at most \d+ open files$")
_BAD: Final = re.compile(
    r"FATAL|PANIC|^postgres: |^panic: |^fatal error: |^\[E\]|\bERROR\b|Exception|[Ee]rror: |insufficient memory"
)
_LEVELS: Final = frozenset({"fatal", "panic", "error"})
# What PostgreSQL tells its clients, and what follows from another line.
_OF_NO_INTEREST: Final = re.compile(r"FATAL:  (the database system is|terminating connection|password|no pg_hba)")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where this node keeps PostgreSQL's and etcd's data, and whose PostgreSQL's is."""

    postgresql: Path
    account: str
    etcd: Path


@dataclass(frozen=True, slots=True)
class _Clue:
    """What is said in the log of a service, and what to do then."""

    service: str
    said: re.Pattern[str]
    fix: str


_OTHERS_FILES: Final = "chown -R {place.account}: {place.postgresql} && chef-backend-ctl reconfigure"
_FULL: Final = "df -h {place.postgresql}; du -xh {place.postgresql} | sort -h | tail"
_BUFFERS: Final = "Lower `postgresql.shared_buffers` in chef-backend.rb, then `chef-backend-ctl reconfigure`."
_LINE: Final = "Mend the line that `chef-backend-ctl tail postgresql` names, then `chef-backend-ctl reconfigure`."
_FROM_BACKUP: Final = (
    "PostgreSQL's data is damaged or gone. Alone, bring a backup back: `chef-backend-ctl restore PATH`. "
    "Beside a leader its data is copied anew."
)
_ANEW: Final = (
    "etcd's data is damaged. In a cluster of one it is made anew: `chef-backend-ctl stop etcd`, "
    "`mv {place.etcd} {place.etcd}.damaged`, `chef-backend-ctl start etcd`."
)
_HEAP: Final = "Lower `elasticsearch.heap_size` in chef-backend.rb, then `chef-backend-ctl reconfigure`."
_CLUES: Final = tuple(
    _Clue(service, re.compile(said), fix)
    for service, said, fix in (
        ("postgresql", r"Permission denied|has invalid permissions|has wrong ownership", _OTHERS_FILES),
        ("postgresql", r"No space left on device", _FULL),
        ("postgresql", r"could not map anonymous shared memory|Cannot allocate memory", _BUFFERS),
        ("postgresql", r"configuration file \S+ contains errors|could not load pg_hba", _LINE),
        ("postgresql", r"not a valid data directory|does not appear to be a PostgreSQL data directory", _FROM_BACKUP),
        ("postgresql", r"could not find the database system|files are incompatible with server", _FROM_BACKUP),
        ("postgresql", r"incorrect checksum in control file|could not locate a valid checkpoint record", _FROM_BACKUP),
        ("postgresql", r"could not access directory \S+: No such file|data directory \S+ does not exist", _FROM_BACKUP),
        ("postgresql", r"could not locate required checkpoint record", _FROM_BACKUP),
        ("etcd", r"^fatal error: fault|^unexpected fault|crc mismatch|walpb|invalid database|file unexpectedly", _ANEW),
        ("etcd", r"failed to (open|recover|read|find) (WAL|wal|snapshot|database)|recovering backend", _ANEW),
        ("elasticsearch", r"insufficient memory|Cannot allocate memory|Could not reserve enough space", _HEAP),
        ("elasticsearch", r"Invalid maximum heap size|Initial heap size set to a larger value", _HEAP),
    )
)


def why(lines: Sequence[str]) -> str:
    """Return what a service said last of what went wrong, "" where it said nothing of it."""
    telling = [line for line in map(_told, _said(lines)) if line]
    return (telling or [""])[-1][:_LONGEST]


def mended(service: str, lines: Sequence[str], place: Place) -> str:
    """Return what to do about what a service said, "" where that is not known."""
    said = [_plain(line) for line in _said(lines)]
    for clue in _CLUES:
        if clue.service == service and any(clue.said.search(line) for line in said):
            return clue.fix.format(place=place)
    return ""


def _said(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of the last start; of the one before where the last has not come to say what is wrong."""
    runs: list[list[str]] = [[]]
    for line in (_STAMP.sub("", line).strip() for line in lines):
        if _BEGIN.match(line):
            runs.append([])
        elif line:
            runs[-1].append(line)
    latest = [run for run in runs if run][-2:]
    telling = [run for run in latest if any(map(_told, run))]
    return (telling or latest or [[]])[-1]


def _told(line: str) -> str:
    """Return a line that says what went wrong, "" of any other; etcd's are JSON."""
    if line.startswith("{"):
        return _plain(line) if _level(line) in _LEVELS else ""
    return line if _BAD.search(line) and not _OF_NO_INTEREST.search(line) else ""


def _plain(line: str) -> str:
    document = _document(line)
    words = [str(document[key]) for key in ("msg", "error") if document.get(key)]
    return ": ".join(words) or line


def _level(line: str) -> str:
    return str(_document(line).get("level", ""))


def _document(line: str) -> dict[str, object]:
    try:
        found = json.loads(line) if line.startswith("{") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
