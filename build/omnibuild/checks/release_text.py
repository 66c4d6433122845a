"""The difference between two releases, as Markdown for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from omnibuild.checks.release_diff import Change, ReleaseDiff
from omnibuild.checks.release_gate import growth_percent

_MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    lines: tuple[str, ...]


def to_markdown(difference: ReleaseDiff) -> str:
    """Return the difference as Markdown with a heading a section; says so when there is none."""
    parts = [f"# {_title(difference)}"]
    for section in _sections(difference):
        parts.append(f"\n## {section.title} ({len(section.lines)})\n")
        parts += [f"- `{line}`" for line in _limited(section.lines)]
    return "\n".join(parts) + "\n"


def _title(difference: ReleaseDiff) -> str:
    name, version = difference.name, difference.version
    old, new = f"{name.old} {version.old}", f"{name.new} {version.new}"
    equal = "" if any(True for _ in _sections(difference)) else ": no difference"
    return f"{old} → {new}{equal}"


def _sections(difference: ReleaseDiff) -> Iterator[_Section]:
    candidates = (
        _Section("Components", _arrows(difference.versions.items())),
        _Section("Licences", _arrows(difference.licenses.items())),
        _Section("Libraries (SONAME) removed", tuple(difference.sonames_removed)),
        _Section("Libraries (SONAME) added", difference.sonames_added),
        _Section("Setuid and setgid", _arrows((path, _octal(c)) for path, c in difference.setuid.items())),
        _Section("Sizes", tuple(_sizes(difference))),
        _Section("Files removed", difference.files_removed),
        _Section("Files added", difference.files_added),
        _Section("Files changed", difference.files_changed),
        _Section("Modes changed", _arrows((path, _octal(c)) for path, c in difference.modes.items())),
    )
    return (section for section in candidates if section.lines)


def _arrows(items: Iterable[tuple[str, Change[str]]]) -> tuple[str, ...]:
    return tuple(f"{key}: {change.old or '(none)'} → {change.new or '(none)'}" for key, change in items)


def _octal(change: Change[int]) -> Change[str]:
    old, new = (None if mode is None else f"{mode:04o}" for mode in (change.old, change.new))
    return Change(old, new)


def _sizes(difference: ReleaseDiff) -> Iterator[str]:
    if difference.size.old != difference.size.new:
        yield _size("total", difference.size)
    for component, change in difference.sizes.items():
        yield _size(component, change)


def _size(what: str, change: Change[int]) -> str:
    grown = growth_percent(change)
    percent = "" if grown is None else f" ({grown:+.1f} %)"
    return f"{what}: {change.old or 0:,} → {change.new or 0:,} bytes{percent}"


def _limited(lines: tuple[str, ...]) -> Iterator[str]:
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"… and {len(lines) - _MOST_LINES} more (see the JSON)"
