"""version-manifest.json, format 2: written, read, and as plain text.

The keys and their order are chef/omnibus's (lib/omnibus/manifest.rb, manifest_entry.rb); the
entries' ``display_version`` and ``vendor`` are GitLab's, ``dependencies`` Datadog's, so that
each one's readers find what they look for. One key stands on a line: scripts grep it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omnibuild.errors import InvalidInput

FORMAT = 2
_WHICH = "give a version-manifest.json, or the folder that holds one"
_PADDING = 3


@dataclass(frozen=True, slots=True)
class SoftwareEntry:
    """One component. ``locked_source`` maps a location type to an address, and names the sha256."""

    locked_version: str | None
    locked_source: Mapping[str, str] | None
    source_type: str
    described_version: str | None
    license: str
    dependencies: tuple[str, ...] = ()
    overridden: bool = False

    def to_json(self, name: str) -> dict[str, Any]:
        """Return the entry's object, keys in the format's order."""
        document: dict[str, Any] = {
            "locked_version": self.locked_version,
            "locked_source": dict(self.locked_source) if self.locked_source else None,
            "source_type": self.source_type,
            "described_version": self.described_version,
            "display_version": self.described_version,
            "vendor": name,
            "dependencies": list(self.dependencies),
            "license": self.license,
        }
        if self.overridden:
            document["overridden"] = True
        return document


@dataclass(frozen=True, slots=True)
class VersionManifest:
    """A package's components in build order, and the build they came from."""

    software: Mapping[str, SoftwareEntry]
    name: str = ""
    build_version: str | None = None
    build_git_revision: str | None = None
    license: str = "Unspecified"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def dump(self) -> bytes:
        """Return the JSON document."""
        document: dict[str, Any] = {
            "manifest_format": FORMAT,
            "software": {name: entry.to_json(name) for name, entry in self.software.items()},
            "build_version": self.build_version,
            "build_git_revision": self.build_git_revision,
            "license": self.license,
            "name": self.name,
            **self.extra,
        }
        return (json.dumps({k: v for k, v in document.items() if v is not None}, indent=2) + "\n").encode()

    @classmethod
    def load(cls, path: Path) -> VersionManifest:
        """Read a manifest of format 1 or 2; InvalidInput for anything else."""
        try:
            document = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InvalidInput(f"{path}: not a version manifest: {error}", hint=_WHICH) from error
        if not isinstance(document, dict) or document.get("manifest_format") not in {1, 2}:
            found = document.get("manifest_format") if isinstance(document, dict) else type(document).__name__
            raise InvalidInput(f"{path}: manifest_format is {found!r}, expected 1 or 2", hint=_WHICH)
        try:
            software = {name: _entry(item) for name, item in document["software"].items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{path}: software: not as format {FORMAT} has it: {error}", hint=_WHICH) from error
        return cls(
            software,
            document.get("name", ""),
            document.get("build_version"),
            document.get("build_git_revision"),
            document.get("license", "Unspecified"),
        )

    def text(self) -> str:
        """Return the plain table of version-manifest.txt, sorted by component."""
        rows = [["Component", "Installed Version", "Version GUID", "Overridden From"]]
        for name, entry in sorted(self.software.items()):
            was = entry.described_version if entry.overridden else ""
            rows.append([name, entry.locked_version or "", _guid(entry), was or ""])
        if not any(entry.overridden for entry in self.software.values()):
            rows = [row[:-1] for row in rows]
        widths = [max(map(len, column)) + _PADDING for column in zip(*rows, strict=True)]
        lines = ["".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        lines.insert(1, "-" * (sum(widths) - _PADDING))
        return f"{self.name} {self.build_version}\n\n" + "\n".join(lines) + "\n"

    def markdown(self) -> str:
        """Return the components as a Markdown table, sorted."""
        rows = [(name, e.locked_version or "", e.license, e.source_type) for name, e in sorted(self.software.items())]
        title = f"# {self.name} {self.build_version}"
        lines = [title, "", "| component | version | licence | source |", "|---|---|---|---|"]
        return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _entry(item: Mapping[str, Any]) -> SoftwareEntry:
    return SoftwareEntry(
        item.get("locked_version"),
        item.get("locked_source"),
        item["source_type"],
        item.get("described_version"),
        item.get("license", "Unspecified"),
        tuple(item.get("dependencies", ())),
        bool(item.get("overridden")),
    )


def _guid(entry: SoftwareEntry) -> str:
    source = entry.locked_source or {}
    if "sha256" in source:
        return f"sha256:{source['sha256']}"
    return f"git:{source['commit']}" if "commit" in source else ""
