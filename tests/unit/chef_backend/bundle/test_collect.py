"""An item collected: whatever becomes of it is a line in the manifest, and never more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sources import FakeWorld

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import CommandFailed
from chef_backend.base.secret import MASK, Secret
from chef_backend.bundle.collect import Collected, collect
from chef_backend.bundle.item import Copy, Item, Made, Page, Program
from chef_backend.bundle.scan import Scan

SECRET = "correct horse battery"
LOG = Copy("log", Path("/log"))


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What something waits for that hangs; let go at the end."""
    event = threading.Event()
    yield event
    event.set()


def run(item: Item, world: FakeWorld) -> tuple[Collected, bytes]:
    return collect(item, world, Scan([Secret(SECRET)]), FakeClock())


def test_content_is_cleaned_and_counted() -> None:
    """Size is what there was, kept what goes in."""
    entry, content = run(LOG, FakeWorld({"/log": f"it is {SECRET}\n".encode()}))
    assert content == f"it is {MASK}\n".encode()
    assert (entry.kept, entry.size, entry.masked, entry.problem) == (15, 28, 1, "")


def test_the_end_of_what_is_too_long_is_kept() -> None:
    """The last is what somebody looks for."""
    entry, content = run(Program("out", ("p",), limit=4), FakeWorld({"p": b"123456"}))
    assert (content, entry.size, entry.code) == (b"3456", 6, 0)


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(13, "Permission denied"),
        CommandFailed("p ended\nits last lines:"),
        requests.ConnectionError("refused"),
        ValueError("a secret is in the arguments"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_is_a_line(error: Exception) -> None:
    """One line, whatever the error says."""
    entry, content = run(Page("page", "http://localhost/"), FakeWorld({"http://localhost/": error}))
    assert entry.kept is None
    assert content == b""
    assert entry.problem
    assert "\n" not in entry.problem


def test_a_failure_shows_no_secret() -> None:
    """Programs complain with what they were given."""
    entry, _ = run(LOG, FakeWorld({"/log": OSError(5, f"cannot read {SECRET}")}))
    assert SECRET not in entry.problem
    assert MASK in entry.problem


def test_what_hangs_is_given_up(never: threading.Event) -> None:
    """A disk or a service that does not answer keeps nobody waiting."""

    def hang() -> bytes:
        never.wait()
        return b""

    for item in (
        Copy("log", Path("/log"), within_s=0.05),
        Page("page", "http://localhost/", within_s=0.05),
        Made("made", "nothing", hang, within_s=0.05),
    ):
        entry, _ = run(item, FakeWorld({"/log": hang, "http://localhost/": hang}))
        assert entry.kept is None
        assert "did not end within 0.05 s" in entry.problem


def test_what_cannot_be_masked_is_kept_out() -> None:
    """The manifest says why."""
    entry, content = run(LOG, FakeWorld({"/log": b"a\0b"}))
    assert (entry.kept, content) == (None, b"")
    assert "searched for secrets" in entry.problem
