"""What a person sees while a build runs: on a terminal, and where there is none."""

from __future__ import annotations

import os
import pty
import re
import time
from pathlib import Path

import pytest
from commandline import Process

pytestmark = pytest.mark.root
WITHIN_S = 60
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
# At work for a second or more.
RUNNING = re.compile(r"● greet 2\.0 +[1-9]\d*\.\ds still at work")


@pytest.fixture
def slow(tiny: Path) -> Path:
    """The tiny product, one component of which says something and then goes on after the file `go` is there."""
    script = tiny / "recipes/greet/build.sh"
    script.write_text(f"echo first\necho still at work\nwhile [ ! -e go ]; do sleep 0.1; done\n{script.read_text()}")
    return tiny


def on_terminal(process: Process, slow: Path, **settings: str) -> str:
    """Build on a terminal of its own; return all that it showed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    child = process("build", stderr=theirs, env=environment | {"TERM": "xterm", "COLUMNS": "100"} | settings)
    os.close(theirs)
    shown, until = "", time.monotonic() + WITHIN_S
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while time.monotonic() < until:
            try:
                shown += terminal.read(65536).decode(errors="replace")
            except OSError:  # its other side was closed
                break
            if RUNNING.search(CONTROL.sub("", shown)):
                for work in (slow.parent / "store/scratch").glob("work-*-greet/build/src"):
                    (work / "go").touch()
    assert child.wait(WITHIN_S) == 0, shown
    return shown


def test_terminal_has_a_line_a_running_component_with_its_last_log_line_and_elapsed_time(
    process: Process, slow: Path
) -> None:
    shown = on_terminal(process, slow)
    assert COLOUR.search(shown)
    lines = CONTROL.sub("", shown)
    assert RUNNING.search(lines), lines
    assert "3 of 4 done" in lines
    assert re.search(r"✓ greet 2\.0: built in \d", lines)


def test_terminal_without_colours_shows_the_same_words(process: Process, slow: Path) -> None:
    shown = on_terminal(process, slow, NO_COLOR="1")
    assert not COLOUR.search(shown)
    assert "● greet 2.0" in shown
    assert "✓ greet 2.0: built in" in shown


def test_elsewhere_there_are_plain_lines(process: Process, tiny: Path) -> None:
    child = process("build")
    out, err = child.communicate(timeout=WITHIN_S)
    assert out == "4 components ready, 4 built now\n"
    lines = err.splitlines()
    assert lines[0] == "0 components are in the store, 4 to build"
    assert any(re.fullmatch(r"greet 2\.0: building, log .*\.log", line) for line in lines)
    assert any(re.fullmatch(r"greet 2\.0: built in [\d.]+s, \d+ B", line) for line in lines)
    assert "\x1b" not in err
