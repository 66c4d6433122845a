"""What the last reconfigure wrote: how its own files are told from an operator's.

Before the first change the receipt lists, for each path, what was and what is to be; after the last
change, what is. A run that ends in between thus leaves nothing unknown, with two writes in all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chef_backend.base.errors import Conflict
from chef_backend.resources.effects import Effect, merged
from chef_backend.resources.host import Kind

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written at a path."""

    kind: Kind
    owner: str = ""
    group: str = ""
    mode: int = 0
    sha256: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a service still needs: for which paths, and since when (seconds of the epoch)."""

    effect: Effect
    since: float
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The states that each path may be in by our own doing, what services need, and actions not run yet."""

    entries: Mapping[Path, tuple[Entry, ...]] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    finished: bool = True

    def with_pending(
        self, effects: Mapping[str, Effect], because: Mapping[str, tuple[str, ...]], now: float
    ) -> Receipt:
        """Return the receipt with more to do for services; `since` becomes the latest change's time."""
        pending = dict(self.pending)
        for service, effect in effects.items():
            old = pending.get(service, Pending(Effect.NONE, now))
            strongest = merged({service: old.effect}, {service: effect})[service]
            reasons = tuple(dict.fromkeys([*old.because, *because.get(service, ())]))
            pending[service] = Pending(strongest, now, reasons)
        return replace(self, pending=pending)

    def since(self, services: Collection[str], now: float) -> Receipt:
        """Return the receipt with what these services need counted from `now` on."""
        pending = {name: replace(item, since=now) if name in services else item for name, item in self.pending.items()}
        return replace(self, pending=pending)

    def without_pending(self, service: str, done: Effect) -> Receipt:
        """Return the receipt after a service was reloaded or restarted: a reload leaves a restart to do."""
        old = self.pending.get(service)
        if old is None or old.effect.weight > done.weight:
            return self
        return replace(self, pending={name: item for name, item in self.pending.items() if name != service})


def parse(content: bytes, path: Path) -> Receipt:
    """Read a receipt; Conflict when it is damaged or of a newer format."""
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise Conflict(
                f"{path} has format {document['format']}, this version knows {FORMAT}",
                hint="install the version of chef-backend that wrote it, or a newer one",
            )
        return _receipt(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Conflict(
            f"{path} is damaged: {type(error).__name__}: {error}",
            hint=f"move it away (mv {path} {path}.damaged): everything is then compared anew, "
            "and files that only older configurations wanted stay",
        ) from None


def render(receipt: Receipt) -> bytes:
    """Write a receipt as JSON, the same bytes for the same receipt."""
    document = {
        "format": FORMAT,
        "finished": receipt.finished,
        "entries": {str(path): [_entry(item) for item in states] for path, states in sorted(receipt.entries.items())},
        "pending": {service: asdict(item) for service, item in sorted(receipt.pending.items())},
        "actions": list(receipt.actions),
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _receipt(document: Any) -> Receipt:  # noqa: ANN401 - JSON, which becomes typed here
    entries = {Path(path): tuple(_read_entry(item) for item in states) for path, states in document["entries"].items()}
    pending = {
        service: Pending(Effect(item["effect"]), float(item["since"]), tuple(map(str, item["because"])))
        for service, item in document["pending"].items()
    }
    return Receipt(entries, pending, tuple(map(str, document["actions"])), bool(document["finished"]))


def _read_entry(item: Mapping[str, str]) -> Entry:
    values = {key: str(item.get(key, "")) for key in ("owner", "group", "sha256", "target")}
    return Entry(kind=Kind(item["kind"]), mode=int(item.get("mode", "0"), 8), **values)


def _entry(item: Entry) -> dict[str, str]:
    values = asdict(item) | {"mode": f"{item.mode:04o}" if item.mode else ""}
    return {key: str(value) for key, value in values.items() if value}
