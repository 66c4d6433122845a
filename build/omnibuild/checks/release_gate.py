"""Which differences to the last release stop the next one, or are pointed out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from omnibuild.checks.base import Finding, Problem, Severity
from omnibuild.checks.release_diff import Change, ReleaseDiff

GROWTH_LIMIT_PERCENT = 20


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule on the difference to the last release; its attributes are those of a check."""

    NAME: str
    SEVERITY: Severity
    HINT: str
    EXPLAIN: str
    find: Callable[[ReleaseDiff], Iterator[Problem]]


def judge(difference: ReleaseDiff, severity: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what the gates say, errors first; ``severity`` is the line-up's policy.severity."""
    findings = [
        Finding(problem, tier)
        for gate in GATES
        if (tier := Severity(severity.get(gate.NAME, gate.SEVERITY))) is not Severity.OFF
        for problem in gate.find(difference)
    ]
    return tuple(sorted(findings, key=lambda item: item.severity is not Severity.ERROR))


def _sonames(difference: ReleaseDiff) -> Iterator[Problem]:
    for soname, paths in difference.sonames_removed.items():
        yield Problem("soname_removed", "", paths[0], f"the library {soname} is no longer provided")


def _setuid(difference: ReleaseDiff) -> Iterator[Problem]:
    for path, change in difference.setuid.items():
        if change.new is not None:
            yield Problem("setuid_added", "", path, f"mode {change.new:04o}, before {_mode(change.old)}")


def _licenses(difference: ReleaseDiff) -> Iterator[Problem]:
    for component, change in difference.licenses.items():
        if change.old is not None and change.new is not None:
            yield Problem("license_changed", component, "", f"from {change.old} to {change.new}")


def _components(difference: ReleaseDiff) -> Iterator[Problem]:
    for component, change in difference.versions.items():
        if change.new is None:
            yield Problem("component_removed", component, "", f"{component} {change.old} is no longer shipped")


def _removed(difference: ReleaseDiff) -> Iterator[Problem]:
    for path in difference.files_removed:
        yield Problem("files_removed", "", path, "no longer shipped")


def _growth(difference: ReleaseDiff) -> Iterator[Problem]:
    for component, change in {"": difference.size, **difference.sizes}.items():
        grown = growth_percent(change)
        if grown is not None and grown > GROWTH_LIMIT_PERCENT:
            what = component or "the whole"
            message = f"{what} grew by {grown:.0f} %, from {change.old} to {change.new} bytes"
            yield Problem("size_grown", component, "", f"{message} (limit {GROWTH_LIMIT_PERCENT} %)")


def growth_percent(change: Change[int]) -> float | None:
    """Return by how many percent a size grew; None when there is nothing to compare with."""
    return None if not change.old or change.new is None else 100 * (change.new - change.old) / change.old


def _mode(mode: int | None) -> str:
    return "not setuid or setgid" if mode is None else f"{mode:04o}"


GATES = (
    Gate(
        "soname_removed",
        Severity.ERROR,
        "ship the old library too, or announce the break and set policy.severity.soname_removed for this release",
        "Extensions and programs that operators linked against a library of the last release ask for it by its "
        "SONAME. When no file provides it any more, they stop working with the upgrade.",
        _sonames,
    ),
    Gate(
        "setuid_added",
        Severity.ERROR,
        "remove the bit, or have it reviewed and set policy.severity.setuid_added for this release",
        "A new setuid or setgid file lets every user of a node act as somebody else. It must never come in "
        "unnoticed with a new version of a component.",
        _setuid,
    ),
    Gate(
        "license_changed",
        Severity.ERROR,
        "have the new licence approved, then set policy.severity.license_changed for this release",
        "A component that changes its licence between two versions may no longer be passed on as before, even "
        "where the new licence is generally allowed. Somebody should have read it.",
        _licenses,
    ),
    Gate(
        "component_removed",
        Severity.WARNING,
        "mention it in the release notes",
        "A component of the last release is missing. If that is intended, operators should read about it.",
        _components,
    ),
    Gate(
        "files_removed",
        Severity.WARNING,
        "mention what operators may have used in the release notes",
        "Files of the last release are missing from this one. Operators' scripts may call them. Often it shows "
        "a configure option that was lost, or a feature that was silently not found.",
        _removed,
    ),
    Gate(
        "size_grown",
        Severity.WARNING,
        "look at the sizes by component in the report for what came in",
        f"The release, or a component of it, grew by more than {GROWTH_LIMIT_PERCENT} percent. Usual causes are "
        "unstripped files, test data or static libraries that payload.remove no longer matches.",
        _growth,
    ),
)
