"""doctor and health as they are seen: what is wrong first, one line for Nagios, exit codes, and an end in time."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection
from dataclasses import replace

import click
import pytest
from alone import created, report, seen, sources, standby
from click.testing import CliRunner, Result

from chef_backend.base.clock import SystemClock
from chef_backend.base.errors import NotPermitted
from chef_backend.ctl import cli
from chef_backend.ctl.findings import show_doctor, show_health
from chef_backend.ctl.session import Session
from chef_backend.health.codes import CLOCK, LEADER, LOOK, RESTART, ROOM, SERVICE
from chef_backend.health.doctor import DOCTORS_CHECKS, DOCTORS_PROBES, HEALTHS_CHECKS, HEALTHS_PROBES, judged
from chef_backend.health.examine import Examined, examine, in_time
from chef_backend.health.fake import FakeWorld
from chef_backend.health.finding import Finding, Severity, verdict
from chef_backend.health.nagios import line
from chef_backend.status.answers import Told
from chef_backend.status.model import Failure

BAD = (
    RESTART.warning("etcd is due", fix="chef-backend-ctl restart etcd"),
    SERVICE.fine("etcd up 1d"),
    SERVICE.critical("postgresql down 3s", fix="chef-backend-ctl start postgresql"),
    LEADER.critical("none"),
    CLOCK.warning("not synchronised"),
)
# https://nagios-plugins.org/doc/guidelines.html#AEN201
FIGURE = re.compile(r"('[^'=]+'|[^' =]+)=-?\d+(\.\d+)?(s|MB|B|%|c)?(;[\d.:@~]*){0,4}")


def shown(show: Callable[[], None]) -> Result:
    @click.command()
    def job() -> None:
        show()

    return CliRunner().invoke(job)


def doctor(*findings: Finding, as_document: bool = False, verbose: bool = False) -> Result:
    return shown(lambda: show_doctor(Session(verbose=verbose), findings, as_document=as_document))


def health(examined: Examined, *, ignored: Collection[str] = (), as_document: bool = False) -> Result:
    return shown(lambda: show_health(examined, ignored=ignored, as_document=as_document))


def test_doctor_shows_the_worst_first_and_nothing_that_is_fine() -> None:
    """With -v all; the exit code is that of preflight."""
    done = doctor(*BAD)
    assert done.exit_code == 19
    rows = [row for row in done.stdout.splitlines()[1:] if row and not row.startswith(" ")]
    assert [row.split()[:2] for row in rows[:-1]] == [
        ["critical", "CB301"],
        ["critical", "CB311"],
        ["warning", "CB371"],
        ["warning", "CB105"],
    ]
    assert "          do: chef-backend-ctl start postgresql\n" in done.stdout
    assert done.stdout.endswith("\n\n2 critical, 2 warnings, 1 ok\n")
    assert "etcd up 1d" in doctor(*BAD, verbose=True).stdout


def test_doctor_has_little_to_say_of_a_healthy_node() -> None:
    done = doctor(BAD[1])
    assert (done.exit_code, done.stdout) == (0, "1 ok\n")
    assert doctor(BAD[0]).exit_code == 0
    assert json.loads(doctor(*BAD, as_document=True).stdout)["verdict"] == "critical"


@pytest.mark.parametrize(
    ("findings", "code", "word"),
    [
        ((BAD[1],), 0, "OK"),
        ((CLOCK.note("x"),), 0, "OK"),
        ((BAD[0], LOOK.unknown("x")), 1, "WARNING"),
        (BAD, 2, "CRITICAL"),
        ((BAD[1], LOOK.unknown("x")), 3, "UNKNOWN"),
    ],
)
def test_healths_exit_codes_are_nagios(findings: tuple[Finding, ...], code: int, word: str) -> None:
    """And the line begins with the word for it."""
    done = health(Examined(findings))
    assert done.exit_code == code
    assert done.stdout.startswith(f"CHEF-BACKEND {word} - ")
    assert len(done.stdout.splitlines()) == 1


def test_the_line_names_the_worst_and_says_how_many_more() -> None:
    assert health(Examined(BAD)).stdout == (
        "CHEF-BACKEND CRITICAL - CB301 service: postgresql down 3s, CB311 leader: none, CB371 restart: etcd is due, "
        "and 1 more\n"
    )


def test_what_is_ignored_is_left_out() -> None:
    """Of the line, the document and the exit code."""
    assert health(Examined(BAD), ignored=["CB301", "CB311"]).exit_code == 1
    found = health(Examined(BAD), ignored=["CB301", "CB311", "CB371", "CB105"], as_document=True)
    document = json.loads(found.stdout)
    assert (found.exit_code, document["exit_code"], document["verdict"]) == (0, 0, "ok")
    assert document["findings"] == []


def test_the_line_of_a_healthy_node_has_figures() -> None:
    """Each is what a graph can be made of; a bar in a text would begin them."""
    node = created()
    own = report(node.clock.now().timestamp(), standbys=(standby("10.0.2.1"),))
    found = line([SERVICE.fine("x|y")], seen(node, told=Told(own, ())))
    text, _, figures = found.partition(" | ")
    assert text == "CHEF-BACKEND OK - be1 leads; 1 check"
    assert [FIGURE.fullmatch(each) is not None for each in re.findall(r"(?:'[^']*'|[^' ])+", figures)] == [True] * 7
    assert "'free /var/opt/chef-backend'=50000MB;;250:;0" in figures
    assert "certificate_days=3649;30:;0:" in figures
    assert "lag=16B" in figures
    assert line([ROOM.critical("a|b\nc")], None) == "CHEF-BACKEND CRITICAL - CB351 disk space: a/b\\nc"


def test_without_any_answer_the_verdict_is_unknown() -> None:
    """Nothing is taken to be fine because nobody told."""
    look = replace(seen(), answers=Failure("no answer within 7.5 s"))
    findings = judged(look, HEALTHS_CHECKS)
    assert verdict(findings) is Severity.UNKNOWN
    found = line(findings, look)
    assert found.startswith(
        "CHEF-BACKEND UNKNOWN - CB311 leader: not told, CB321 etcd: not told, CB351 disk space: not"
    )
    assert " | certificate_days=" in found


def test_a_whole_examination() -> None:
    """Node and host together: doctor's is the larger; a healthy one has nothing but what is fine."""
    node = created()
    whole = examine(node.machine, sources(node), FakeWorld(), DOCTORS_CHECKS, DOCTORS_PROBES)
    assert {each.severity for each in whole.findings} == {Severity.OK}
    part = examine(node.machine, sources(node), FakeWorld(error_s=16.0), HEALTHS_CHECKS, HEALTHS_PROBES)
    assert [each.code for each in part.findings if each.severity is not Severity.OK] == ["CB105"]
    assert {each.code for each in part.findings} < {each.code for each in whole.findings}
    assert part.seen is not None


def test_an_examination_ends_in_time() -> None:
    """Whatever hangs, and whatever fails as expected: the verdict is unknown."""
    never = threading.Event()

    def hangs() -> Examined:
        never.wait()
        return Examined(())

    def fails() -> Examined:
        raise NotPermitted("root only")

    late = in_time(hangs, SystemClock(), 0.1)
    never.set()
    assert late.findings == (LOOK.unknown("no answer within 0.1 s"),)
    assert in_time(fails, SystemClock(), 5).findings == (LOOK.unknown("root only"),)


def test_a_plugin_that_is_called_in_a_wrong_way_is_unknown() -> None:
    """By a word too many, an option that is none, and anyone but root: 3, never the 2 of something critical."""
    for arguments in (["now"], ["--nope"], ["--ignore", "CB999"]):
        done = CliRunner().invoke(cli.command, ["health", *arguments], obj=Session(user_id=lambda: 0, age_s=lambda: 0))
        assert done.exit_code == 3, arguments
        assert done.stdout == ""
    done = CliRunner().invoke(cli.command, ["health"], obj=Session(user_id=lambda: 1000, age_s=lambda: 0))
    assert done.exit_code == 3
    assert done.stdout == "CHEF-BACKEND UNKNOWN - CB300 this look: `chef-backend-ctl health` needs root's rights\n"
