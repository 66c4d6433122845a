"""A look at a whole host: complete, in order, in bounded time, and no more than a look."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chef_backend.base.clock import FakeClock, SystemClock
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.health import codes
from chef_backend.health.fake import FakeWorld
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.look import PROBES, Probe, look
from chef_backend.health.real import RealWorld
from chef_backend.health.wanted import Wanted, wanted
from chef_backend.health.world import World

FACTS = HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15", "127.0.0.1"), "15")


@pytest.fixture
def needs() -> Wanted:
    return wanted(load("", FACTS, "chef-backend.rb"), FACTS, Paths())


def test_a_good_host_has_nothing_to_be_said_against(needs: Wanted) -> None:
    """Every code of a host is looked at, in the probes' order, and each is fine."""
    found = look(PROBES, FakeWorld(), needs, FakeClock())
    assert {each.code for each in found} == {code.code for code in codes.HOST}
    assert [each for each in found if each.severity is not Severity.OK] == []
    order = [code.code for probe in PROBES for code in probe.codes]
    assert [each.code for each in found] == sorted((each.code for each in found), key=order.index)


def test_a_look_that_hangs_is_a_finding(needs: Wanted) -> None:
    """The others are not held up by it: a file system that does not answer is critical, a name service unknown."""
    never = threading.Event()

    def hangs(_world: World, _wanted: Wanted) -> Iterator[Finding]:
        never.wait()
        yield codes.SPACE.fine("")

    probes = [
        Probe((codes.HOST_NAME,), hangs),
        Probe((codes.SPACE, codes.INODES), hangs, Severity.CRITICAL),
        Probe((codes.MAPS,), lambda _world, _wanted: iter([codes.MAPS.fine("262144")])),
    ]
    found = look(probes, FakeWorld(), needs, SystemClock(), within_s=0.2)
    never.set()
    assert [(each.code, each.severity, each.value) for each in found] == [
        ("CB131", Severity.UNKNOWN, "no answer"),
        ("CB111", Severity.CRITICAL, "no answer"),
        ("CB113", Severity.CRITICAL, "no answer"),
        ("CB142", Severity.OK, "262144"),
    ]
    assert found[0].evidence == "no answer within 0.2 s"


def test_a_look_that_fails_is_a_finding(needs: Wanted) -> None:
    """A disk that is broken does not end the whole."""

    class Broken(FakeWorld):
        def disk(self, path: Path) -> codes.Code:  # type: ignore[override]
            raise OSError(5, "Input/output error", str(path))

    found = {each.code: each for each in look(PROBES, Broken(), needs, FakeClock())}
    assert (found["CB111"].severity, found["CB111"].evidence) == (Severity.CRITICAL, "Input/output error")
    assert found["CB101"].severity is Severity.OK


def test_this_machine_answers_and_nothing_is_left_on_it(tmp_path: Path, needs: Wanted) -> None:
    """Every probe gives a finding of its codes, within the time, and the measurement leaves no file."""
    here = replace(
        needs,
        folders=dict.fromkeys(needs.folders, tmp_path / "yet/to/be/made"),
        synced=tmp_path / "etcd",
        temporary=tmp_path,
        ports={},
    )
    found = look(PROBES, RealWorld(SystemRunner()), here, SystemClock())
    assert {each.code for each in found} == {code.code for code in codes.HOST}
    assert all(each.evidence != "no answer within 10 s" for each in found)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - names
    speed = next(each for each in found if each.code == "CB115")
    assert f"fdatasync in {tmp_path.resolve()}" in speed.evidence
