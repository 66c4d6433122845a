"""The files that services write their logs to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from chef_backend.base.paths import Paths

# What is no log, or one that has ended: the same words in a file's path as ever, so that nobody misses a file; and the
# Java machine's log of its memory, with several lines a second that nobody reads in passing.
_LEFT_OUT: Final = re.compile(r"config|lock|@|bz2|gz|gzip|tbz2|tgz|txz|xz|zip|gc\.log")
# These are no services: sasl is a library's of older versions, the other is that of operators' commands.
_NO_SERVICES: Final = {"sasl", "chef-backend-ctl"}


def log_folders(paths: Paths, services: Iterable[str], *, everything: bool) -> list[Path]:
    """Return where the services' logs are: by default and, where the settings say so, elsewhere too."""
    named = list(services)
    usual = [paths.logs] if everything else [paths.logs / name for name in named]
    elsewhere = [folder for folder in _set_folders(paths, named) if paths.logs not in folder.parents]
    return usual + elsewhere


def log_files(folders: Iterable[Path]) -> list[Path]:
    """Return the logs in folders and below, sorted, through links; those that are rotated away are left out."""
    seen: set[tuple[int, int]] = set()
    found = {file for folder in folders for file in _files(folder, folder, seen)}
    return sorted(found)


def _files(folder: Path, top: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    with suppress(OSError):
        identity = folder.stat()
        if (identity.st_dev, identity.st_ino) in seen:
            return
        seen.add((identity.st_dev, identity.st_ino))
        for item in folder.iterdir():
            if item.is_dir() and item.name not in _NO_SERVICES:
                yield from _files(item, top, seen)
            elif item.is_file() and not _LEFT_OUT.search(str(item.relative_to(top))):
                yield item


def _set_folders(paths: Paths, services: Iterable[str]) -> list[Path]:
    """Return the log folders by the settings of the last reconfigure; none where they cannot be read."""
    try:
        settings: Any = json.loads(paths.running.read_bytes())["chef-backend"]
        return [paths.root / settings[name]["log_directory"].lstrip("/") for name in services if name in settings]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
