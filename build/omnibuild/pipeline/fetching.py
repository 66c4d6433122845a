"""Fetches the sources of many components side by side."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from omnibuild import events, scheduler
from omnibuild.errors import OmnibuildError
from omnibuild.files import not_written
from omnibuild.pipeline.sourcing import Fetched, Sources

_AT_ONCE = 4


def fetch_all(
    sources: Sources, names: Iterable[str], tell: events.Listener
) -> tuple[dict[str, Fetched], dict[str, OmnibuildError]]:
    """Bring the sources of all components here; return them, and what failed, by component."""
    fetched: dict[str, Fetched] = {}
    lock = threading.Lock()

    def fetch(name: str) -> None:
        got = sources.fetch(name, tell)
        with lock:
            fetched[name] = got

    failures = scheduler.run(
        dict.fromkeys(names, ()),
        fetch,
        budget=scheduler.Budget(_AT_ONCE, sys.maxsize),
        weights={},
        keep_going=True,
        stop=sources.cancel,
    )
    return fetched, failures


def write_mirror(sources: Sources, fetched: Mapping[str, Fetched], directory: Path) -> list[Path]:
    """Put the sources into ``directory`` as --mirror-dir reads it; return the files that are there now.

    What lies in this repository anyway is left out. Files that are there already are kept:
    their name is their checksum, and whoever reads a mirror compares it. Raises HostLacks where
    nothing can be written.
    """
    placed = []
    for name, component in fetched.items():
        for number, source in enumerate(component.files):
            if sources.of(name)[number].is_local:
                continue
            target = directory / component.digests[str(number)] / source.name
            if not target.exists():
                _copy(source.path, target)
            placed.append(target)
    return placed


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, partial)
        partial.replace(target)
    except OSError as error:
        raise not_written(target, error) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
