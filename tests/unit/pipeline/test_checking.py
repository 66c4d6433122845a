"""What of the checks' findings is told while a release is made."""

from __future__ import annotations

from omnibuild import events
from omnibuild.checks.base import Finding, Problem, Severity
from omnibuild.pipeline.checking import tell_warnings


def findings(severity: Severity, check: str, count: int) -> list[Finding]:
    return [Finding(Problem(check, "zlib", f"lib/{number}", "is bad"), severity) for number in range(count)]


def test_every_error_is_returned_and_of_warnings_a_few_of_each_check_are_told() -> None:
    """What is not told stands in the report."""
    told: list[events.Event] = []
    found = [
        *findings(Severity.WARNING, "hardening", 10),
        *findings(Severity.ERROR, "linkage", 30),
        *findings(Severity.WARNING, "names", 1),
    ]
    errors = tell_warnings(found, told.append)
    assert len(errors) == 30
    assert errors[0].startswith("linkage: zlib: lib/0: is bad (link with")
    lines = [event.message for event in told if isinstance(event, events.Warned)]
    assert [line.partition(":")[0] for line in lines] == ["hardening"] * 9 + ["names"]
    assert lines[8] == "hardening: 2 more, see the report"


def test_a_problem_without_a_file_leaves_no_gap() -> None:
    (line,) = tell_warnings([Finding(Problem("licences", "zlib", "", "is bad"), Severity.ERROR)], lambda _event: None)
    assert line.startswith("licences: zlib: is bad (")
