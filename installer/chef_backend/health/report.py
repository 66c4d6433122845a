"""Findings for people, in 80 columns, and for programs."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from chef_backend.base.log import printable
from chef_backend.health.finding import Finding, Severity, verdict

SCHEMA_VERSION: Final = 1
NAME: Final = "CHEF-BACKEND"
"""How a plugin's line begins."""
_WIDTH: Final = 80
_HEAD: Final = ("State", "Code", "What", "Found")
_COLUMNS: Final = (10, 11, 24)
_DETAIL: Final = _COLUMNS[0]
_PLURAL: Final = {Severity.WARNING: "warnings", Severity.NOTE: "notes"}

Paint = Callable[[Severity, str], str]


def plain(_severity: Severity, text: str) -> str:
    """Leave a text without colour."""
    return text


def table(findings: Sequence[Finding], paint: Paint = plain) -> str:
    """Return a row for each finding; those that are not as they should be with what helps to mend them."""
    lines = [_row(_HEAD)]
    for finding in findings:
        lines += rows(finding, paint)
    return "".join(f"{line}\n" for line in lines)


def rows(finding: Finding, paint: Paint = plain) -> Iterator[str]:
    """Yield the lines of one finding; a command is one line, however long, so that it can be pasted."""
    room = _WIDTH - sum(_COLUMNS)
    first, *more = textwrap.wrap(printable(finding.value), room, break_on_hyphens=False) or [""]
    row = _row((finding.severity, finding.code, printable(finding.title), first))
    yield paint(finding.severity, row[: len(finding.severity)]) + row[len(finding.severity) :]
    yield from (f"{'':{sum(_COLUMNS)}}{line}" for line in more)
    if finding.severity is not Severity.OK:
        yield from details(finding, _DETAIL)


def details(finding: Finding, indent: int) -> Iterator[str]:
    """Yield what was expected, what was seen, and what to do: nothing for what its cause explains."""
    yield from _wrapped("expected: ", finding.limit, indent)
    for line in finding.evidence.splitlines():
        yield from _wrapped("seen: ", line, indent)
    if finding.because:
        yield from _wrapped("follows from: ", finding.because, indent)
        return
    if finding.fix.endswith("."):
        yield from _wrapped("do: ", finding.fix, indent)
    elif finding.fix:
        yield f"{'':{indent}}do: {printable(finding.fix)}"


def counts(findings: Iterable[Finding]) -> str:
    """Return how many there are of each severity, the worst first."""
    found = Counter(finding.severity for finding in findings)
    words = [
        f"{found[each]} {_PLURAL.get(each, each) if found[each] != 1 else each}"
        for each in reversed(Severity)
        if found[each]
    ]
    return ", ".join(words)


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what --json prints; keys are only ever added while the schema's version stays."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": str(verdict(findings)),
        "findings": [asdict(finding) for finding in findings],
    }


def verdict_document(findings: Sequence[Finding], summary: str) -> dict[str, Any]:
    """Return what `health --json` prints."""
    return {**document(findings), "summary": summary, "exit_code": verdict(findings).nagios}


def _row(cells: Sequence[str]) -> str:
    widths = (*_COLUMNS, 0)
    return "".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _wrapped(label: str, text: str, indent: int) -> list[str]:
    """Return a text in lines; a long word, such as a path, is left whole."""
    if not text:
        return []
    return textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=" " * indent + label,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
