"""What a person sees while a build runs: on a terminal, and where there is none."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import Process, edit

pytestmark = pytest.mark.root
# A build waits for the disk, which others may keep busy.
WITHIN_S = 300
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


Child = subprocess.Popen[str]


def on_terminal(process: Process, at_work: Callable[[Child], None], code: int = 0, **settings: str) -> str:
    """Build on a terminal of its own, do ``at_work`` when greet is; return all that it showed."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    child = process("build", stderr=theirs, env=environment | {"TERM": "xterm", "COLUMNS": "100"} | settings)
    os.close(theirs)
    shown, until, waiting = "", time.monotonic() + WITHIN_S, True
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        while time.monotonic() < until:
            try:
                shown += terminal.read(65536).decode(errors="replace")
            except OSError:  # its other side was closed
                break
            if waiting and RUNNING.search(CONTROL.sub("", shown)):
                at_work(child)
                waiting = False
        else:
            pytest.fail(f"not within {WITHIN_S} s: {shown[-2000:]}")
    assert child.wait(WITHIN_S) == code, shown
    return shown


@pytest.fixture
def go(slow: Path) -> Callable[[Child], None]:
    """What lets greet's build go on."""

    def go(_child: Child) -> None:
        for work in (slow.parent / "store/scratch").glob("work-*-greet/build/src"):
            (work / "go").touch()

    return go


def assert_given_back(shown: str) -> None:
    """The cursor is there again, and the last words are the error's alone."""
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")
    after = CONTROL.sub("", shown[shown.rfind("\x1b[?25h") :])
    assert re.search(r"^error: ", after, re.MULTILINE), after


def test_terminal_has_a_line_a_running_component_with_its_last_log_line_and_elapsed_time(
    process: Process, go: Callable[[Child], None]
) -> None:
    shown = on_terminal(process, go)
    assert COLOUR.search(shown)
    lines = CONTROL.sub("", shown)
    assert RUNNING.search(lines), lines
    assert "3 of 4 done" in lines
    assert re.search(r"✓ greet 2\.0: built in \d", lines)


def test_terminal_without_colours_shows_the_same_words(process: Process, go: Callable[[Child], None]) -> None:
    shown = on_terminal(process, go, NO_COLOR="1")
    assert not COLOUR.search(shown)
    assert "● greet 2.0" in shown
    assert "✓ greet 2.0: built in" in shown


def test_terminal_is_given_back_after_ctrl_c(process: Process, slow: Path) -> None:
    assert_given_back(on_terminal(process, lambda child: child.send_signal(signal.SIGINT), 130))


def test_terminal_is_given_back_when_a_source_is_missing(process: Process, tiny: Path) -> None:
    """The one failure that comes while something else is still shown."""
    edit(tiny / "recipes/greet/recipe.yml", "path: ../../src/greet", "url: http://127.0.0.1:9/greet.tar.gz")
    edit(tiny / "recipes/greet/recipe.yml", "sources:\n  -", f"sources:\n  - sha256: {'ab' * 32}\n   ")
    shown = on_terminal(process, lambda _child: None, 3)
    assert_given_back(shown)
    assert "✗ greet: FAILED" in CONTROL.sub("", shown)


def test_elsewhere_there_are_plain_lines(process: Process, tiny: Path) -> None:
    child = process("build")
    out, err = child.communicate(timeout=WITHIN_S)
    assert out == "4 components ready, 4 built now\n"
    lines = err.splitlines()
    assert lines[0] == "0 components in the store, 4 to build"
    assert any(re.fullmatch(r"greet 2\.0: building, log .*\.log", line) for line in lines)
    assert any(re.fullmatch(r"greet 2\.0: built in [\d.]+s, \d+ B", line) for line in lines)
    assert "\x1b" not in err
