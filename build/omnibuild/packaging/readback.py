"""What a written package says it holds, read back from its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """One path as the package has it; the fields are those of Content, plus its time.

    ``capabilities`` are a file's, in rpm's notation ("" if none).
    """

    kind: str
    mode: int
    owner: str
    group: str
    sha256: str
    size: int
    target: str
    mtime_s: int
    capabilities: str = ""


@dataclass(frozen=True)
class ReadBack:
    """A package's paths, header fields, maintainer scripts (by our hook names) and own lists.

    ``duplicates`` are paths that occur twice; ``complaints`` what the format's own digests
    disagree about.
    """

    paths: Mapping[str, Found]
    fields: Mapping[str, str]
    scripts: Mapping[str, bytes]
    duplicates: tuple[str, ...] = ()
    complaints: tuple[str, ...] = field(default=())
