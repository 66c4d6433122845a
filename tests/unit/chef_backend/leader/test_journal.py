"""leaderl's log."""

from __future__ import annotations

import os

from chef_backend.base.clock import FakeClock
from chef_backend.leader.journal import Journal, written_to


def journal(lines: list[str], clock: FakeClock, most_per_s: int = 3) -> Journal:
    def write(text: str) -> bool:
        lines.append(text)
        return True

    return Journal(write, clock, most_per_s)


def test_a_line_names_its_part_and_its_level_and_is_one_line() -> None:
    lines: list[str] = []
    journal(lines, FakeClock()).of("leader_elector")("W", "two\nlines \x1b[31m")
    assert lines == ["[W] leader_elector => two\\nlines \\x1b[31m\n"]


def test_too_many_a_second_are_counted_instead() -> None:
    lines: list[str] = []
    clock = FakeClock()
    say = journal(lines, clock).of("x")
    for number in range(10):
        say("I", f"{number}")
    assert [line[-2] for line in lines] == ["0", "1", "2"]
    clock.advance(1)
    say("I", "on")
    assert lines[3:] == ["[W] leaderl => 7 lines left out\n[I] x => on\n"]
    say("I", "and on")
    assert lines[4:] == ["[I] x => and on\n"]


def test_a_log_that_takes_nothing_holds_nobody_up() -> None:
    """Nobody reads the pipe, as where a disk is full; when somebody does again, it is said what is missing."""
    reads, writes = os.pipe()
    clock = FakeClock()
    say = Journal(written_to(writes), clock, 1000).of("x")
    for _ in range(100):
        clock.advance(1)
        say("I", "y" * 3000)
    filled = os.read(reads, 1 << 20)
    written = filled.count(b"\n")
    assert 0 < written < 100
    say("I", "again")
    text = os.read(reads, 1 << 20).decode()
    assert text == f"[W] leaderl => {100 - written} lines left out\n[I] x => again\n"
    os.close(reads)
    say("I", "nobody is there")
    os.close(writes)


def test_a_very_long_line_is_cut_rather_than_mixed_with_others() -> None:
    reads, writes = os.pipe()
    Journal(written_to(writes), FakeClock(), 10).of("x")("I", "ü" * 9000)
    assert len(os.read(reads, 1 << 20)) == 4096
    os.close(reads)
    os.close(writes)
