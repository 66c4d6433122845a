"""What one build of a component gave, as it is kept under the component's cache key."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class BuildResult:
    """One component's build.

    ``tree`` is the payload's digest; ``inputs`` are what the key was made from; ``seconds``
    is wall time, ``peak_rss`` bytes; ``opened`` names the dependencies whose files the build
    opened (None where that could not be seen); ``notes`` are warnings for the report.
    """

    key: str
    name: str
    version: str
    tree: str
    size: int
    seconds: float
    peak_rss: int
    isolation: str
    opened: tuple[str, ...] | None
    inputs: dict[str, str]
    notes: tuple[str, ...] = ()

    def dump(self) -> bytes:
        """Return the result as JSON, one input a line."""
        return (json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def load(cls, data: bytes) -> BuildResult:
        """Read what ``dump`` wrote; ValueError if it is something else."""
        document: dict[str, Any] = json.loads(data)
        try:
            if document.pop("format") != FORMAT:
                msg = "written by another version of omnibuild"
                raise ValueError(msg)
            document["opened"] = None if document["opened"] is None else tuple(document["opened"])
            document["notes"] = tuple(document["notes"])
            return cls(**document)
        except (TypeError, KeyError, AttributeError) as error:
            msg = f"not a build result: {error}"
            raise ValueError(msg) from error
