"""Examining many files on several cores."""

from __future__ import annotations

from pathlib import Path

from omnibuild.checks.scanner import Task, scan


def _tasks(folder: Path) -> list[Task]:
    texts = {
        "plain": b"nothing",
        "Zürich": b"#!/bin/sh\n",
        "leak\udcff": b"see /build/src/x",
        "elf": b"\x7fELF damaged",
        "empty": b"",
    }
    for name, data in texts.items():
        (folder / name).write_bytes(data)
    tasks = [Task(name, str(folder / name), len(data)) for name, data in texts.items()]
    return [*tasks, Task("gone", str(folder / "gone"), 1), Task("cut", str(folder / "plain"), 3)]


def test_workers_find_what_one_process_finds(tmp_path: Path) -> None:
    """Any number of processes, even more than files, gives one answer; names may be of any bytes."""
    alone = scan(_tasks(tmp_path), workers=1)
    assert set(alone) == {"Zürich", "leak\udcff", "elf", "gone", "cut"}
    assert alone["gone"].fault == "cannot be read: No such file or directory"
    assert "3 bytes" in alone["cut"].fault
    for workers in (2, 3, 9):
        assert scan(_tasks(tmp_path), workers=workers) == alone


def test_nothing_to_do_is_done() -> None:
    """An empty prefix has no contents."""
    assert scan([]) == {}
