"""What runs against what is wanted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chef_backend.base.secret import Secret
from chef_backend.postgresql.conf import Literal
from chef_backend.postgresql.control import Database, DatabaseUnavailable, Role
from chef_backend.postgresql.fake import FakeDatabase
from chef_backend.postgresql.running import Running, differences, same
from chef_backend.postgresql.server import md5_password

BLOCKS = Running("31744", "8kB", "integer")


@pytest.mark.parametrize(
    ("wanted", "running"),
    [
        ("248MB", BLOCKS),
        (31744, BLOCKS),
        ("1GB", Running("64", "16MB", "integer")),
        ("5min", Running("300", "s", "integer")),
        (-1, Running("-1", "ms", "integer")),
        (0.5, Running("0.5", "", "real")),
        (True, Running("on", "", "bool")),
        ("on", Running("on", "", "bool")),
        ("replica", Running("replica", "", "enum")),
        ("iso, mdy", Running("ISO, MDY")),
        ("/a b", Running("/a b")),
    ],
)
def test_the_same_in_other_words(wanted: Literal, running: Running) -> None:
    assert same(wanted, running)


@pytest.mark.parametrize(
    ("wanted", "running"),
    [
        ("249MB", BLOCKS),
        ("on", Running("off", "", "bool")),
        ("/a", Running("/b")),
        ("6min", Running("300", "s", "integer")),
    ],
)
def test_what_differs(wanted: Literal, running: Running) -> None:
    assert not same(wanted, running)


def test_what_waits_for_a_restart_is_told_from_what_is_overridden() -> None:
    waiting = replace(BLOCKS, pending_restart=True, source="postgresql.conf")
    overridden = Running("16384", "kB", "integer", source="postgresql.auto.conf")
    found = differences(
        {"shared_buffers": "249MB", "work_mem": "8MB", "port": 5432, "not_here": 1},
        {"shared_buffers": waiting, "work_mem": overridden, "port": Running("5432", "", "integer")},
    )
    assert [(each.name, each.pending_restart, each.source) for each in found] == [
        ("shared_buffers", True, "postgresql.conf"),
        ("work_mem", False, "postgresql.auto.conf"),
    ]
    assert (found[1].wanted, found[1].running) == ("'8MB'", "16384kB")


def test_the_hash_of_a_password() -> None:
    """As `select 'md5' || md5('secret' || 'joe')` has it."""
    assert md5_password(Role("joe", Secret("secret"))) == "md5c59ec932d911ffdf487595b5a2adf973"


def test_the_fake_keeps_the_promises() -> None:
    fake = FakeDatabase()
    database: Database = fake
    assert database.initialise(Secret("x"))
    assert not database.initialise(Secret("x"))
    assert not database.ready().is_ready
    with pytest.raises(DatabaseUnavailable):
        database.reload()
    fake.up = True
    role = Role("replicator", Secret("y"))
    assert database.ensure_roles((role,)) == ("replicator",)
    assert database.ensure_roles((role,)) == ()
    fake.follows = True
    assert database.ensure_roles((replace(role, password=Secret("z")),)) == ()
