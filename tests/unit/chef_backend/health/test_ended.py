"""Logs of services that ended, as they were really written: each says why in a line, and what mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chef_backend.health.checks.ended import Place, mended, why

CASES = Path(__file__).parent / "logs"
PLACE = Place(Path("/pg"), "chef_pgsql", Path("/etcd"))


@pytest.mark.parametrize(
    ("case", "said", "fix"),
    [
        ("postgresql-owner", "Permission denied", "chown -R chef_pgsql: /pg && chef-backend-ctl reconfigure"),
        ("postgresql-gone", "is not a valid data directory", "chef-backend-ctl restore PATH"),
        ("postgresql-control", "database files are incompatible with server", "chef-backend-ctl restore PATH"),
        ("postgresql-wal", "could not locate a valid checkpoint record", "chef-backend-ctl restore PATH"),
        ("etcd-damaged", "panic: failed to open database", "`mv /etcd /etcd.damaged`"),
        ("elasticsearch-port", "Address already in use", ""),
        ("leaderl-port", "cannot listen on 0.0.0.0 port 7331", ""),
    ],
)
def test_a_log_says_why_and_what_mends_it(case: str, said: str, fix: str) -> None:
    """Where nothing is known of it, the line alone is shown."""
    lines = (CASES / f"{case}.log").read_text().splitlines()
    assert said in why(lines)
    found = mended(case.partition("-")[0], lines, PLACE)
    assert fix in found if fix else not found


def test_what_clients_are_told_is_no_reason() -> None:
    """A server that starts turns them away with the same word."""
    lines = ["[7] LOG:  starting PostgreSQL", "[9] FATAL:  the database system is starting up"]
    assert why(lines) == ""
    lines.insert(1, "[7] PANIC:  could not locate a valid checkpoint record")
    assert why(lines) == lines[1]


def test_a_start_that_has_not_come_to_it_counts_less_than_the_one_before() -> None:
    begin = "etcd: starting with at most 1024 open files"
    assert why([begin, "panic: no", begin, '{"level":"info","msg":"hello"}']) == "panic: no"
    assert why([begin]) == why([]) == ""


def test_etcds_documents_are_told_in_words() -> None:
    assert (
        why(['{"level":"fatal","msg":"discovery failed","error":"no such host"}']) == "discovery failed: no such host"
    )
