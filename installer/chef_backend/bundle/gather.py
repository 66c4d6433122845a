"""A bundle made: everything collected, cleaned, listed in a manifest, looked through once more, and written at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chef_backend.base.clock import Clock
from chef_backend.base.errors import ChefBackendError
from chef_backend.bundle.archive import Archive, leaks
from chef_backend.bundle.collect import Collected, collect
from chef_backend.bundle.item import MIB, Item
from chef_backend.bundle.scan import Scan
from chef_backend.bundle.seal import Seal
from chef_backend.bundle.world import World
from chef_backend.reconfigure.steps import Steps

FORMAT: Final = 1
COLLECT: Final = "Collecting"
CHECK: Final = "Looking through all of it for secrets"
WRITE: Final = "Writing the bundle"
TITLES: Final = (COLLECT, CHECK, WRITE)
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a whole bundle may hold (it is made in memory), and how long its collecting may take."""

    size: int = 60 * MIB
    within_s: float = 300.0


LIMITS: Final = Limits()


class Leaked(ChefBackendError):
    """The finished bundle holds a secret, so it was not written: this is a bug."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's name, without any suffix, and what became of each item."""

    name: str
    entries: tuple[Collected, ...] = field(default=())

    @property
    def failed(self) -> tuple[Collected, ...]:
        """What could not be collected, or was kept out."""
        return tuple(entry for entry in self.entries if entry.kept is None)

    @property
    def masked(self) -> tuple[Collected, ...]:
        """What had something masked in it."""
        return tuple(entry for entry in self.entries if entry.masked)


class Gathering:
    """The making of one bundle."""

    def __init__(self, world: World, scan: Scan, clock: Clock, steps: Steps, *, limits: Limits = LIMITS) -> None:
        self._world = world
        self._scan = scan
        self._clock = clock
        self._steps = steps
        self._limits = limits

    def make(
        self,
        name: str,
        items: Iterable[Item],
        *,
        facts: Mapping[str, Any],
        seal: Seal | None,
        write: Callable[[bytes], None],
    ) -> Bundle:
        """Collect the items, and give the finished bundle to `write`, encrypted when there is a seal.

        `facts` are what its manifest begins with.
        Raises Leaked, and what `seal` and `write` raise; no failure of an item ends it.
        """
        began = self._clock.now()
        with self._steps.step(COLLECT):
            archive = Archive(name)
            bundle = Bundle(name, tuple(self._collect(items, archive)))
            archive.add(MANIFEST, self._manifest(bundle, facts, began), self._clock.now())
            content = archive.finish()
        with self._steps.step(CHECK):
            found = list(leaks(content, self._scan))
            if found:
                raise Leaked(
                    f"a secret is still in {', '.join(found)}: nothing was written", hint="this is a bug: report it"
                )
        with self._steps.step(WRITE):
            write(content if seal is None else seal.close(content))
        return bundle

    def _collect(self, items: Iterable[Item], archive: Archive) -> Iterator[Collected]:
        """Yield what became of each item; after the time or the room for all of them, only that it was left out."""
        limits, end, room = self._limits, self._clock.monotonic() + self._limits.within_s, self._limits.size
        for item in items:
            self._steps.note(item.path)
            reason = ""
            if self._clock.monotonic() > end:
                reason = f"left out: the {limits.within_s:g} s for the whole bundle were over"
            elif room <= 0:
                reason = f"left out: the whole bundle holds {limits.size} bytes at most"
            if reason:
                yield Collected(path=item.path, source=item.source, began=self._clock.now(), problem=reason)
                continue
            entry, content = collect(item, self._world, self._scan, self._clock)
            if entry.kept is not None:
                room -= entry.kept
                archive.add(entry.path, content, entry.began)
            yield entry

    def _manifest(self, bundle: Bundle, facts: Mapping[str, Any], began: datetime) -> bytes:
        document = {
            "format": FORMAT,
            **facts,
            "began": began.isoformat(timespec="seconds"),
            "entries": [_entry(entry) for entry in bundle.entries],
        }
        cleaned = self._scan.clean(json.dumps(document, indent=1, ensure_ascii=False).encode(errors="replace") + b"\n")
        return cleaned.content


def _entry(entry: Collected) -> dict[str, Any]:
    found = {
        "path": entry.path,
        "source": entry.source,
        "began": entry.began.isoformat(timespec="milliseconds"),
        "seconds": round(entry.seconds, 3),
        "code": entry.code,
        "bytes": entry.kept,
        "of_bytes": entry.size,
        "masked": entry.masked,
        "problem": entry.problem,
    }
    return {key: value for key, value in found.items() if value not in (None, "") and (key != "masked" or value)}
