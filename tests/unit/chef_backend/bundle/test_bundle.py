"""A bundle: whole or not at all, with a manifest, and looked through once more when it is finished."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from seals import FakeRunner
from sources import FakeWorld

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import CommandFailed, WriteFailed
from chef_backend.base.secret import MASK, Secret
from chef_backend.bundle.archive import Archive, leaks
from chef_backend.bundle.gather import MANIFEST, TITLES, Bundle, Gathering, Limits
from chef_backend.bundle.item import Copy, Item, Made
from chef_backend.bundle.report import closing_lines
from chef_backend.bundle.scan import Scan
from chef_backend.bundle.seal import Age
from chef_backend.reconfigure.steps import Silent

SECRET = "correct horse battery"


class Written:
    """Where a bundle was put."""

    def __init__(self) -> None:
        self.content = b""

    def __call__(self, content: bytes) -> None:
        self.content = content

    def files(self) -> dict[str, bytes]:
        with tarfile.open(fileobj=io.BytesIO(self.content)) as tar:
            found = {}
            for member in tar:
                content = tar.extractfile(member)
                assert content is not None
                assert (member.mode, member.uid, member.uname) == (0o600, 0, "")
                found[member.name] = content.read()
            return found


def gather(items: Sequence[Item], world: FakeWorld, written: Written, clock: FakeClock | None = None) -> Bundle:
    steps, facts = Silent(), {"version": "3.2.0"}
    making = Gathering(world, Scan([Secret(SECRET)]), clock or FakeClock(), steps, limits=Limits(60, 300.0))
    bundle = making.make("bundle", items, facts=facts, seal=None, write=written)
    assert steps.titles == list(TITLES)
    return bundle


def test_all_is_under_one_folder_and_in_the_manifest() -> None:
    """What failed, and what was masked, too."""
    written = Written()
    log = f"it is {SECRET}".encode()
    bundle = gather([Copy("a/log", Path("/log")), Copy("gone", Path("/gone"))], FakeWorld({"/log": log}), written)
    files = written.files()
    assert list(files) == ["bundle/a/log", f"bundle/{MANIFEST}"]
    assert files["bundle/a/log"] == f"it is {MASK}".encode()
    manifest = json.loads(files[f"bundle/{MANIFEST}"])
    assert manifest["version"] == "3.2.0"
    first, second = manifest["entries"]
    assert (first["path"], first["source"], first["bytes"], first["of_bytes"], first["masked"]) == (
        "a/log",
        "/log",
        14,
        27,
        1,
    )
    assert "No such file" in second["problem"]
    assert list(closing_lines(bundle)) == [
        "masked: 1 in a/log",
        "not in it: gone: FileNotFoundError: [Errno 2] No such file or directory: '/gone'",
    ]


def test_what_finds_no_room_or_no_time_is_left_out() -> None:
    """A bundle is held in memory, and somebody waits for it."""
    clock, written = FakeClock(), Written()
    big = [Copy(f"{number}", Path("/big"), limit=40) for number in range(3)]
    bundle = gather(big, FakeWorld({"/big": b"x" * 50}), written, clock)
    assert [entry.path for entry in bundle.failed] == ["2"]
    assert "60 bytes at most" in bundle.failed[0].problem

    def late() -> bytes:
        clock.advance(301)
        return b"x"

    bundle = gather([Made("late", "", late), Made("too late", "", late)], FakeWorld(), written, clock)
    assert [entry.path for entry in bundle.failed] == ["too late"]
    assert "were over" in bundle.failed[0].problem


def test_a_secret_in_a_finished_archive_is_found() -> None:
    """In a member's content, or in its name."""
    archive = Archive("bundle")
    at = FakeClock().now()
    archive.add("fine", b"text", at)
    archive.add("log", SECRET.encode(), at)
    archive.add(f"found/{SECRET}", b"", at)
    assert list(leaks(archive.finish(), Scan([Secret(SECRET)]))) == ["bundle/log", "member 3"]


def test_a_bundle_that_cannot_be_written_is_an_error() -> None:
    """Nothing is said to be there then."""

    def full(_content: bytes) -> None:
        raise WriteFailed("no room")

    making = Gathering(FakeWorld(), Scan([]), FakeClock(), Silent())
    with pytest.raises(WriteFailed):
        making.make("bundle", [], facts={}, seal=None, write=full)


def test_only_what_is_encrypted_is_written() -> None:
    """The plain bundle is never given away when there is a seal, even where that fails."""
    runner, written = FakeRunner("-----BEGIN AGE ENCRYPTED FILE-----\nx\n-----END AGE ENCRYPTED FILE-----\n"), Written()
    making = Gathering(FakeWorld(), Scan([]), FakeClock(), Silent())
    making.make("bundle", [], facts={}, seal=Age(runner, "age1"), write=written)
    assert written.content.startswith(b"-----BEGIN AGE")
    assert runner.ran[0].stdin
    with pytest.raises(CommandFailed):
        making.make("bundle", [], facts={}, seal=Age(FakeRunner(fails=True), "age1"), write=written)
    assert written.content.startswith(b"-----BEGIN AGE")
