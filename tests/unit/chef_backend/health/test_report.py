"""Findings as a person sees them in 80 columns, and as programs read them."""

from __future__ import annotations

import json

import click
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from chef_backend.ctl.findings import show_preflight
from chef_backend.ctl.session import Session
from chef_backend.health.codes import CLOCK, CODES, MAPS, MEMORY, NTP, SPACE
from chef_backend.health.finding import Finding, Severity, verdict, worst
from chef_backend.health.report import counts, document, table

FOUND = (
    MEMORY.fine("23.5 GB"),
    NTP.warning("none runs", evidence="no process of chrony", fix="apt-get install -y chrony"),
    SPACE.critical("0.1 GB free at /var/opt", evidence="for etcd and\nPostgreSQL", fix="du -xh /var/opt | sort -h"),
    CLOCK.unknown("not told"),
)
TABLE = """\
State     Code       What                    Found
ok        CB101      memory                  23.5 GB
warning   CBWARN001  time service            none runs
          expected: running
          seen: no process of chrony
          do: apt-get install -y chrony
critical  CB111      disk space              0.1 GB free at /var/opt
          expected: at least 5 GB
          seen: for etcd and
          seen: PostgreSQL
          do: du -xh /var/opt | sort -h
unknown   CB105      clock                   not told
          expected: synchronised to 1.5 s
          do: See what it says: `chronyc -n tracking`, `timedatectl
            timesync-status` or `ntpq -p`.
"""


def shown(*findings: Finding, as_document: bool = False, quiet: bool = False) -> Result:
    @click.command()
    def job() -> None:
        show_preflight(Session(quiet=quiet), findings, as_document=as_document)

    return CliRunner().invoke(job)


def test_the_table() -> None:
    """What is fine is a line; the rest says what was expected and seen, and what to do."""
    assert table(FOUND) == TABLE
    assert counts(FOUND) == "1 critical, 1 warning, 1 unknown, 1 ok"


@given(st.sampled_from(CODES), st.text(max_size=120), st.text(max_size=300))
def test_everything_lines_up_in_80_columns(code: object, value: str, evidence: str) -> None:
    """Whatever a host says: only a single word that is longer, such as a path, and a command to paste go beyond."""
    assert isinstance(code, type(MEMORY))
    for line in table([code.critical(value, evidence=evidence)]).splitlines():
        assert len(line) <= 80 or max(map(len, line.split())) > 60
        assert line.isprintable()


def test_a_command_is_not_broken() -> None:
    """It can be pasted."""
    fix = "firewall-cmd --permanent " + " ".join(f"--add-port={port}/tcp" for port in range(2379, 2390))
    assert f"          do: {fix}\n" in table([MAPS.warning("1", fix=fix)])


def test_programs_read_the_same() -> None:
    """With the schema's version and what all come to."""
    found = json.loads(shown(*FOUND, as_document=True).stdout)
    assert found == document(FOUND)
    assert (found["schema_version"], found["verdict"]) == (1, "critical")
    assert found["findings"][1] == {
        "code": "CBWARN001",
        "severity": "warning",
        "title": "time service",
        "value": "none runs",
        "limit": "running",
        "evidence": "no process of chrony",
        "fix": "apt-get install -y chrony",
        "subject": "",
        "because": "",
    }


def test_preflights_exit_code_is_that_of_the_worst() -> None:
    """Only what is critical stops create-cluster, and only that is no success; -q leaves out what is fine."""
    assert (shown(*FOUND).exit_code, shown(*FOUND, as_document=True).exit_code) == (19, 19)
    assert shown(*FOUND[:2]).exit_code == 0
    assert shown(*FOUND[:2]).stdout.endswith("\n1 warning, 1 ok\n")
    assert "23.5 GB" not in shown(*FOUND[:2], quiet=True).stdout
    assert "\x1b" not in shown(*FOUND).stdout


def test_what_findings_come_to() -> None:
    """A note is no warning, and what is unknown weighs less than what is known to be bad."""
    assert worst(()) is Severity.OK
    assert verdict([MEMORY.note("x"), MEMORY.fine("y")]) is Severity.OK
    assert verdict([FOUND[3], FOUND[0]]) is Severity.UNKNOWN
    assert verdict([FOUND[3], FOUND[1]]) is Severity.WARNING
    assert verdict(FOUND) is Severity.CRITICAL
    assert [each.nagios for each in Severity] == [0, 0, 3, 1, 2]
