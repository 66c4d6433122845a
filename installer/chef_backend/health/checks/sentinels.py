"""The files by which leaderl remembers that this node's data may not be used."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chef_backend.health.codes import NO_START, UNSYNCED
from chef_backend.health.finding import Code, Finding
from chef_backend.health.seen import Seen


def sentinels(seen: Seen) -> Iterator[Finding]:
    """Yield whether they are there."""
    found = {path.name: (path, content) for path, content in seen.sentinels.items()}
    for code in (NO_START, UNSYNCED):
        yield _judged(code, *found[code.title]) if code.title in found else code.fine("not there")


def _judged(code: Code, path: object, content: str) -> Finding:
    return code.critical("there", evidence=f"{path}: {_reason(content)}")


def _reason(content: str) -> str:
    """Return why it was written: leaderl's are JSON, anything else is somebody else's."""
    try:
        document = json.loads(content)
        return f"written by {document['by']}: {document['reason']}"
    except (ValueError, KeyError, TypeError):
        return "not written by leaderl"
