"""The gate of create-cluster: critical findings stop it, warnings are shown, one is asked about."""

from __future__ import annotations

from collections.abc import Collection

import click
from click.testing import CliRunner, Result

from chef_backend.base.errors import Unhealthy
from chef_backend.ctl.fitness import require_fit
from chef_backend.ctl.prompts import Declined, Scripted
from chef_backend.ctl.session import Session
from chef_backend.health.codes import CLOCK, HUGE_PAGES, MAPS, MEMORY, NTP, SPACE, SYNC
from chef_backend.health.finding import Finding

GOOD = (MEMORY.fine("8 GB"), HUGE_PAGES.note("always"))
NO_CLOCK = NTP.warning("none runs", fix="apt-get install -y chrony")
FULL = SPACE.critical("0.1 GB free at /", fix="du -xh / | sort -h | tail")
SLOW = SYNC.critical("80 ms")


def gate(
    *findings: Finding, person: Scripted, ignored: Collection[str] = (), yes: bool = False, quiet: bool = False
) -> Result:
    @click.command()
    def job() -> None:
        require_fit(Session(quiet=quiet), findings, person, ignored=ignored, yes=yes)

    return CliRunner().invoke(job)


def test_a_fit_host_is_not_talked_about() -> None:
    """Notes are for preflight."""
    done = gate(*GOOD, person=Scripted(there=False))
    assert (done.exit_code, done.output) == (0, "")


def test_what_is_critical_ends_it_with_everything_to_mend() -> None:
    """All at once, each with its command; nobody is asked anything before."""
    person = Scripted(["proceed"])
    error = gate(*GOOD, FULL, NO_CLOCK, SLOW, person=person, yes=True).exception
    assert isinstance(error, Unhealthy)
    assert error.exit_code == 19
    assert "nothing was changed" in error.message
    assert "CB111 disk space: 0.1 GB free at /" in error.message
    assert "do: du -xh / | sort -h | tail" in error.message
    assert "CB115 disk latency: 80 ms" in error.message
    assert error.hint.endswith("--ignore CB111 --ignore CB115")
    assert person.asked == []


def test_what_is_ignored_is_shown_and_passed() -> None:
    """Only by its own code."""
    assert isinstance(gate(FULL, SLOW, person=Scripted(), ignored=["CB115"]).exception, Unhealthy)
    done = gate(FULL, SLOW, person=Scripted(), ignored=["CB115", "CB111"])
    assert done.exit_code == 0
    assert "warning: CB111 disk space: 0.1 GB free at / (expected: at least 5 GB)\n" in done.stderr


def test_warnings_are_listed_and_nothing_else_happens() -> None:
    """What could not be told is one too; with -q there is nothing to read."""
    findings = (MAPS.warning("65530"), CLOCK.unknown("not told"))
    done = gate(*findings, person=Scripted(there=False))
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "warning: CB142 vm.max_map_count: 65530 (expected: at least 262144)",
        "warning: CB105 clock: not told (expected: synchronised to 1.5 s)",
        "hint: chef-backend-ctl preflight says more, and what to do",
    ]
    assert done.stdout == ""
    assert gate(*findings, person=Scripted(there=False), quiet=True).output == ""


def test_without_a_time_service_proceed_is_to_be_typed() -> None:
    """The contract's code and sentence; anything else, and an empty chair, end it."""
    person = Scripted(["proceed"])
    assert gate(NO_CLOCK, person=person).exit_code == 0
    (question,) = person.asked
    assert question.startswith("CBWARN001: The NTP daemon is not running on this system.\n")
    assert "do: apt-get install -y chrony" in question
    assert "`proceed`" in question
    assert isinstance(gate(NO_CLOCK, person=Scripted(["yes"])).exception, Declined)
    assert isinstance(gate(NO_CLOCK, person=Scripted(there=False)).exception, Declined)


def test_the_options_answer_for_it() -> None:
    """--yes and --accept-license: it is shown all the same, unless with -q."""
    nobody = Scripted(there=False)
    done = gate(NO_CLOCK, person=nobody, yes=True)
    assert done.exit_code == 0
    assert "warning: CBWARN001 time service: none runs" in done.stderr
    assert gate(NO_CLOCK, person=nobody, yes=True, quiet=True).output == ""
    assert nobody.asked == []
