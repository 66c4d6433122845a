"""The difference between two version manifests, as data, text, Markdown and a changelog."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from omnibuild.manifest.model import SoftwareEntry, VersionManifest


@dataclass(frozen=True, slots=True)
class Update:
    """A component that is in both manifests, with anything about it changed."""

    name: str
    old_version: str
    new_version: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManifestDiff:
    """What came, went and changed; each sorted by name."""

    old: str
    new: str
    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    updated: tuple[Update, ...]

    @property
    def empty(self) -> bool:
        """Whether the two have the same components."""
        return not (self.added or self.removed or self.updated)

    def to_json(self) -> str:
        """Return the difference as a JSON document."""
        return json.dumps(asdict(self), indent=2)

    def to_text(self) -> str:
        """Return the difference as lines, aligned."""
        if self.empty:
            return f"{self.old} and {self.new} have the same components\n"
        width = max(len(name) for name, *_ in self._rows())
        return "".join(f"{mark} {name.ljust(width)}  {text}\n" for name, mark, text in self._rows())

    def to_markdown(self) -> str:
        """Return the difference as the sections that a changelog has."""
        sections = (
            ("New Components", [f"* {name} ({version})" for name, version in self.added]),
            ("Updated Components", [f"* {_describe(update)}" for update in self.updated]),
            ("Removed Components", [f"* {name} ({version})" for name, version in self.removed]),
        )
        parts = ["### " + title + "\n\n" + "\n".join(lines) + "\n" for title, lines in sections if lines]
        return f"## {self.new}\n\n" + ("\n".join(parts) or "No component changed.\n")

    def _rows(self) -> list[tuple[str, str, str]]:
        rows = [(name, "+", version) for name, version in self.added]
        rows += [(name, "-", version) for name, version in self.removed]
        rows += [(u.name, "~", _describe(u).removeprefix(u.name).strip(" ()")) for u in self.updated]
        return sorted(rows)


def diff(old: VersionManifest, new: VersionManifest) -> ManifestDiff:
    """Compare two manifests entry by entry."""
    return ManifestDiff(
        _title(old),
        _title(new),
        _only(new, old),
        _only(old, new),
        tuple(_updates(old, new)),
    )


def _title(manifest: VersionManifest) -> str:
    return f"{manifest.name} {manifest.build_version or ''}".strip()


def _only(here: VersionManifest, there: VersionManifest) -> tuple[tuple[str, str], ...]:
    names = sorted(here.software.keys() - there.software.keys())
    return tuple((name, here.software[name].locked_version or "") for name in names)


def _updates(old: VersionManifest, new: VersionManifest) -> Iterable[Update]:
    for name in sorted(old.software.keys() & new.software.keys()):
        before, after = old.software[name], new.software[name]
        what = tuple(_changes(before, after))
        if what:
            yield Update(name, before.locked_version or "", after.locked_version or "", what)


def _changes(before: SoftwareEntry, after: SoftwareEntry) -> Iterable[str]:
    if before.locked_version != after.locked_version:
        yield "version"
    if (before.locked_source or {}).get("sha256") != (after.locked_source or {}).get("sha256"):
        yield "source"
    if before.license != after.license:
        yield f"licence {before.license} → {after.license}"
    if before.dependencies != after.dependencies and before.dependencies:
        yield "dependencies"


def _describe(update: Update) -> str:
    if "version" in update.what:
        return f"{update.name} ({update.old_version} → {update.new_version})"
    return f"{update.name} ({update.new_version}: {', '.join(update.what)})"
