"""Time, log lines and the contract's paths."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chef_backend.base.clock import FakeClock, SystemClock, wait_for
from chef_backend.base.errors import TimedOut
from chef_backend.base.log import EventLog, printable
from chef_backend.base.paths import Paths
from chef_backend.base.secret import Redactor, Secret


def test_waiting_returns_what_came() -> None:
    """The check's own result is returned as soon as there is one."""
    clock = FakeClock()
    assert wait_for("ready", lambda: clock.monotonic() >= 3 and "it is", within_s=10, clock=clock) == "it is"
    assert 3 <= clock.monotonic() < 3.5


def test_waiting_in_vain_names_what_for_how_long_and_the_last_sign() -> None:
    """A wait ends in its time, having asked at least once."""
    clock = FakeClock()
    asked: list[float] = []
    with pytest.raises(TimedOut, match=r"waited 5 s for etcd, in vain; the last sign of it: no leader"):
        wait_for("etcd", lambda: asked.append(1), within_s=5, clock=clock, evidence=lambda: "no leader")
    assert clock.monotonic() == pytest.approx(5)
    asked.clear()
    with pytest.raises(TimedOut):
        wait_for("etcd", lambda: asked.append(1), within_s=0, clock=clock)
    assert asked == [1]


def test_the_system_clock_goes_on() -> None:
    """Both times move forward, and the wall clock knows its zone."""
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(-1)
    assert clock.monotonic() >= before
    assert clock.now().tzinfo is UTC


def test_an_event_is_one_line_without_secrets() -> None:
    """Line breaks and escapes cannot forge a line; secrets are masked before and after quoting."""
    stream = io.StringIO()
    log = EventLog(stream, redactor=Redactor([Secret("s3cr3t")]), now=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    log.info("started", pid=12, path="/a/b", note='two "words"\n\x1b[31m', url="pg://u:s3cr3t@h")
    log.warning("odd")
    log.error("bad")
    assert stream.getvalue().splitlines() == [
        '2026-01-02T03:04:05.000+00:00 info started pid=12 path=/a/b note="two \\"words\\"\\n\\x1b[31m" url="pg://u:********@h"',
        "2026-01-02T03:04:05.000+00:00 warning odd",
        "2026-01-02T03:04:05.000+00:00 error bad",
    ]


def test_printable_keeps_what_a_person_reads() -> None:
    """Letters of any language stay; what moves a cursor does not."""
    assert printable('a "name"') == 'a "name"'
    assert printable("größe\t1\u2028\x00") == "größe\\t1\\u2028\\x00"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Paths().config, "/etc/chef-backend/chef-backend.rb"),
        (Paths().secrets, "/etc/chef-backend/chef-backend-secrets.json"),
        (Paths().running, "/etc/chef-backend/chef-backend-running.json"),
        (Paths().leaderl_config, "/var/opt/chef-backend/leaderl/data/sys.config"),
        (Paths().postgresql_data("9.5"), "/var/opt/chef-backend/postgresql/9.5/data"),
        (Paths().log("postgresql", "15"), "/var/log/chef-backend/postgresql/15"),
        (Paths().log("etcd"), "/var/log/chef-backend/etcd"),
        (Paths().etcd_environment(), "/opt/chef-backend/service/etcd/env"),
        (Paths().license_accepted, "/var/opt/chef-backend/.license.accepted"),
        (Paths(Path("/x")).service, "/x/opt/chef-backend/service"),
    ],
)
def test_paths_are_the_contracts(found: Path, expected: str) -> None:
    """Other people's tools look at exactly these."""
    assert str(found) == expected
