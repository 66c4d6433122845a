"""Severities, opt-outs and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnibuild import checknames
from omnibuild.checks import registry
from omnibuild.checks.base import Severity
from omnibuild.checks.registry import CHECKS, RULES
from omnibuild.checks.run import run_checks
from omnibuild.errors import InvalidInput

if TYPE_CHECKING:
    from conftest import Compile, Planted

SETUID = {"permissions": {"bin/*": "it changes the user for pings"}}


def test_an_opt_out_moves_its_problems_aside_with_the_reason(planted: Planted) -> None:
    """Globs are relative to the prefix; other files of the same check stay errors."""
    planted.component("ping", skip=SETUID)
    planted.file("ping", "embedded/bin/ping", b"x", 0o4755)
    planted.file("ping", "embedded/sbin/ping", b"x", 0o4755)
    report = run_checks(planted.subject())
    assert [item.problem.path for item in report.errors] == ["embedded/sbin/ping"]
    assert [(item.problem.path, item.reason) for item in report.skipped] == [
        ("embedded/bin/ping", "it changes the user for pings")
    ]


def test_an_opt_out_of_one_component_does_not_cover_another(planted: Planted) -> None:
    """The recipe that ships the file must say so."""
    planted.component("ping", skip=SETUID)
    planted.file("ping", "embedded/bin/ping", b"x", 0o4755)
    planted.file("alpha", "embedded/bin/pong", b"x", 0o4755)
    assert [item.problem.component for item in run_checks(planted.subject()).errors] == ["alpha"]


def test_an_opt_out_that_matches_nothing_is_a_problem(planted: Planted) -> None:
    """It would hide the next real problem."""
    planted.component("ping", skip=SETUID)
    (finding,) = run_checks(planted.subject()).findings
    assert (finding.problem.check, finding.severity) == ("opt_outs", Severity.ERROR)
    assert "'bin/*' matches no problem" in finding.problem.message


def test_an_opt_out_is_not_called_unused_when_its_check_did_not_run(planted: Planted) -> None:
    """With --only, or a check turned off, there is nothing to compare with."""
    planted.component("ping", skip=SETUID)
    assert not run_checks(planted.subject(), only=["linkage"]).findings
    assert not run_checks(planted.subject(severity={"permissions": "off"})).findings


def test_recipes_and_lineups_may_name_what_there_is() -> None:
    """The names that they are read with are those of the checks themselves."""
    assert tuple(CHECKS) == checknames.CHECKS
    assert tuple(RULES) == checknames.RULES


def test_an_unknown_check_on_the_command_line_is_refused(planted: Planted) -> None:
    """The closest one is named."""
    with pytest.raises(InvalidInput) as caught:
        run_checks(planted.subject(), only=["secret"])
    assert caught.value.hint == "did you mean secrets?"


def test_an_opt_out_can_name_what_it_is_about(planted: Planted, compiled: Compile) -> None:
    """linkage:libgone.so.1 accepts that library only; another missing one stays an error."""
    planted.component("java", kind="prebuilt", skip={"linkage:libgone.so.1": {"**": "the launcher loads it first"}})
    libraries = [
        str(compiled("int x;", "-shared", f"-Wl,-soname,lib{name}.so.1", name=f"lib{name}.so"))
        for name in ("gone", "lost")
    ]
    planted.elf("java", "embedded/bin/java", compiled("int main(void){return 0;}", "-Wl,--no-as-needed", *libraries))
    report = run_checks(planted.subject())
    assert [item.problem.detail for item in report.errors] == ["liblost.so.1"]
    assert [item.problem.detail for item in report.skipped] == ["libgone.so.1"]


def test_a_problem_without_a_file_can_be_opted_out_of(planted: Planted) -> None:
    """The glob ** covers what concerns the component as a whole."""
    planted.component("odd", license="Zlib", skip={"licences": {"**": "approved by hand"}})
    assert not run_checks(planted.subject()).findings


def test_the_line_up_decides_the_tier(planted: Planted) -> None:
    """An error becomes a warning, or is not looked for at all."""
    planted.file("alpha", "embedded/x", b"x", 0o666)
    assert run_checks(planted.subject()).errors
    softened = run_checks(planted.subject(severity={"permissions": "warning"}))
    assert (len(softened.errors), len(softened.warnings)) == (0, 1)
    off = run_checks(planted.subject(severity={"permissions": "off"}))
    assert not off.findings
    assert "permissions" not in off.timings


def test_the_report_is_plain_json_with_counts_hints_and_timings(planted: Planted) -> None:
    """What a machine reads."""
    planted.component("ping", skip=SETUID)
    planted.file("ping", "embedded/bin/ping", b"x", 0o4755)
    planted.file("alpha", "embedded/x", b"x", 0o666)
    planted.folder("alpha", "embedded/void")
    document = json.loads(json.dumps(run_checks(planted.subject()).to_json()))
    assert document["format"] == 1
    assert document["counts"] == {"errors": 1, "warnings": 1, "skipped": 1}
    assert document["findings"][0] == {
        "check": "permissions",
        "component": "alpha",
        "path": "embedded/x",
        "message": "mode 0666: writable by everybody",
        "detail": "",
        "severity": "error",
        "hint": CHECKS["permissions"].HINT,
    }
    assert document["skipped"][0]["reason"] == "it changes the user for pings"
    assert set(document["timings_s"]) == {"(reading files)", *CHECKS}


def test_every_module_with_a_find_is_registered() -> None:
    """The folder's listing is the list of checks."""
    folder = Path(registry.__file__).parent
    listed = {path.stem for path in folder.glob("*.py") if "\ndef find(subject: Subject)" in path.read_text()}
    assert listed == set(CHECKS)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_explains_itself(name: str) -> None:
    """Two to six sentences, a hint without a full stop, and the name it is registered under."""
    rule = RULES[name]
    assert name == rule.NAME
    sentences = rule.EXPLAIN.replace("...", "").count(". ") + 1
    assert 2 <= sentences <= 6
    assert rule.EXPLAIN.endswith(".")
    assert rule.HINT
    assert not rule.HINT.endswith(".")
