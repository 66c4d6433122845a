"""Which finding follows from which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chef_backend.health import codes
from chef_backend.health.causes import explained
from chef_backend.health.finding import Finding

LEADER = codes.LEADER.critical("none")
ETCD = codes.ETCD.critical("0 of 1 healthy")


def down(service: str) -> Finding:
    return replace(codes.SERVICE.critical(f"{service} down"), subject=service)


@pytest.mark.parametrize(
    ("found", "because"),
    [
        ([LEADER, down("etcd"), ETCD], {"CB311": "CB301 service: etcd down", "CB321": "CB301 service: etcd down"}),
        ([LEADER, ETCD], {"CB311": "CB321 etcd: 0 of 1 healthy"}),
        ([LEADER, down("elasticsearch")], {}),
        (
            [LEADER, codes.NO_START.critical("there"), replace(codes.PAUSED.critical("leaderl"), subject="leaderl")],
            {"CB311": "CB305 service: leaderl", "CB313": "CB305 service: leaderl"},
        ),
        (
            [replace(down("postgresql"), evidence="Read-only file system"), codes.READ_ONLY.critical("ro at /var")],
            {"CB301": "CB116 mount options: ro at /var"},
        ),
        (
            [ETCD, codes.CONFIGURATION.critical("1 mistake", evidence="publish_address 10.0.2.9 is not on this node")],
            {"CB321": "CB130 chef-backend.rb: 1 mistake"},
        ),
        ([ETCD, codes.CONFIGURATION.critical("1 mistake", evidence="no setting")], {}),
        ([down("leaderl"), codes.NOT_MEMBER.critical("creating")], {"CB301": "CB391 cluster: creating"}),
        ([LEADER, codes.SUPERVISOR.critical("does not run")], {"CB311": "CB303 supervisor: does not run"}),
        ([down("postgresql"), codes.ROOM.critical("0 MB")], {}),
        (
            [replace(down("postgresql"), evidence="FATAL: No space left on device"), codes.ROOM.critical("0 MB")],
            {"CB301": "CB351 disk space: 0 MB"},
        ),
        (
            [
                replace(down("postgresql"), evidence='could not load server certificate file "/ssl/postgresql.crt"'),
                codes.CERTIFICATE.critical("not there", evidence="/ssl/postgresql.crt"),
            ],
            {"CB301": "CB361 certificate: not there"},
        ),
        (
            [codes.DRIFT.unknown("not compared"), codes.SECRETS.warning("cannot be used")],
            {"CB381": "CB382 secrets: cannot be used"},
        ),
        (
            [down("etcd"), ETCD, replace(codes.PORTS.critical("2379 is taken"), subject="etcd")],
            {"CB301": "CB121 port: 2379 is taken", "CB321": "CB121 port: 2379 is taken"},
        ),
    ],
)
def test_the_cause_is_named(found: list[Finding], because: dict[str, str]) -> None:
    """It comes first, and what nothing explains names nothing."""
    judged = explained(found)
    assert {each.code: each.because for each in judged if each.because} == because
    assert [bool(each.because) for each in judged] == sorted(bool(each.because) for each in judged)


def test_what_is_fine_or_milder_explains_nothing() -> None:
    young = replace(codes.FLAPPING.warning("etcd up 3 s"), subject="etcd")
    assert not any(each.because for each in explained([LEADER, codes.ETCD.fine("1 of 1"), young]))
