"""Steps of a long command: what a terminal, a pipe and a quiet call show, and the log that nobody can redirect."""

from __future__ import annotations

import io
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import Conflict, UnsafePath
from chef_backend.base.log import EventLog
from chef_backend.base.paths import Paths
from chef_backend.base.secret import Redactor, Secret
from chef_backend.ctl.joblog import opened_log
from chef_backend.ctl.live import TerminalScreen
from chef_backend.ctl.progress import Steps, operation
from chef_backend.ctl.screens import PlainScreen, QuietScreen, Screen, marks
from chef_backend.ctl.session import Session

PLANNED = ("Unpacking", "Restoring", "Starting up")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Paths:
    (tmp_path / "var/log").mkdir(parents=True)
    return Paths(tmp_path)


def walk(steps: Steps) -> None:
    with steps.step("Unpacking"):
        steps.note("12 files\x1b[31m")
    with steps.step("Restoring"):
        raise Conflict("no room")


def shown_by(screen: Screen) -> str:
    log = io.StringIO()
    with pytest.raises(Conflict):
        walk(Steps(screen, EventLog(log), FakeClock(), PLANNED))
    return log.getvalue()


def test_plain_lines_show_what_ended_and_what_did_not_run() -> None:
    """A mark a step; what was not reached keeps three blanks."""
    stream = io.StringIO()
    log = shown_by(PlainScreen(stream))
    assert stream.getvalue() == "✓ Unpacking\n✗ Restoring\n   Starting up\n"
    assert [line.split(" ", 2)[2] for line in log.splitlines()] == [
        "begin step=Unpacking",
        'note text="12 files\\x1b[31m"',
        "done step=Unpacking seconds=0.0",
        "begin step=Restoring",
        'failed step=Restoring seconds=0.0 error="no room"',
    ]


def test_a_quiet_call_says_what_and_that_it_failed() -> None:
    """The contract's headline and its FAILED, no step."""
    stream = io.StringIO()
    screen = QuietScreen(stream)
    screen.headline("Joining node to cluster")
    shown_by(screen)
    screen.failed()
    assert stream.getvalue() == "Joining node to cluster...\nFAILED\n"


def test_a_terminal_ends_with_the_same_lines() -> None:
    """The spinner leaves nothing behind, no text is markup, and no escape of a note reaches the terminal."""
    stream = io.StringIO()
    screen = TerminalScreen(Console(file=stream, force_terminal=True, width=60, color_system=None))
    screen.headline("Restoring [node]")
    shown_by(screen)
    lines = re.sub(r"\x1b\[\??[\d;]*[a-zA-Z]", "", stream.getvalue()).replace("\r", "\n").splitlines()
    assert lines[0] == "Restoring [node]..."
    assert "✗ Restoring" in lines
    assert lines[-1] == "   Starting up"
    assert "\x1b[31m" not in stream.getvalue()


def test_a_long_note_leaves_the_title_its_room() -> None:
    stream = io.StringIO()
    screen = TerminalScreen(Console(file=stream, force_terminal=True, width=60, color_system=None))
    screen.begin("Waiting for Elasticsearch")
    screen.note("a line of its log " * 20)
    screen.end("Waiting for Elasticsearch", done=True)
    assert re.search(r"Waiting for Elasticsearch 0:00:00 a line of its.*…", stream.getvalue())


def test_marks_fit_the_encoding() -> None:
    """A terminal that knows ASCII only gets ASCII."""
    assert marks(io.TextIOWrapper(io.BytesIO(), encoding="ascii")) == ("+", "x")
    assert marks(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) == ("✓", "✗")


def run(session: Session, secret: str) -> Result:
    @click.command()
    def job() -> None:
        with operation(session, "Working", word="work", planned=PLANNED, redactor=Redactor([Secret(secret)])) as steps:
            with steps.step("Unpacking"):
                steps.note(f"using {secret}")
            raise Conflict(f"no {secret}", hint="look there")

    return CliRunner().invoke(job)


def test_whoever_interrupts_it_is_told_how_to_go_on(node: Paths) -> None:
    @click.command()
    def job() -> None:
        with operation(Session(paths=node), "Working", word="work", planned=PLANNED) as steps, steps.step("Unpacking"):
            raise KeyboardInterrupt

    found = CliRunner().invoke(job)
    assert found.exit_code == 1
    assert found.stderr == "\nInterrupted. To go on, run it again: chef-backend-ctl work\n"
    (log,) = (node.logs / "chef-backend-ctl").iterdir()
    assert log.read_text().endswith("error interrupted\n")


def test_an_error_ends_the_command_in_the_contracts_form(node: Paths) -> None:
    """Sentence, message, hint, and the log's name, which root alone may read; no secret in either."""
    found = run(Session(paths=node), "hunter2secret")
    (log,) = (node.logs / "chef-backend-ctl").iterdir()
    assert found.exit_code == Conflict.exit_code
    assert found.stdout == "Working...\n✓ Unpacking\n"
    assert found.stderr == (
        "\nAn error occurred during this operation:\n      no ********\n      hint: look there\n"
        f"      See '{log}' for additional information.\n"
    )
    assert "hunter2secret" not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_a_command_works_without_a_log(tmp_path: Path) -> None:
    """A folder that cannot be made is told, and the work goes on."""
    found = run(Session(paths=Paths(tmp_path / "nowhere")), "hunter2secret")
    assert found.stderr.startswith("warning: no log of this command: ")
    assert found.stdout == "Working...\n✓ Unpacking\n"


def test_old_logs_of_the_command_go(node: Paths) -> None:
    """Twenty are kept, the newest, and no other file is touched."""
    for number in range(25):
        with opened_log(node, "backup", AT + timedelta(seconds=number)) as (path, stream):
            stream.write("x")
    path.with_name("keep").touch()
    with opened_log(node, "restore", AT):
        pass
    names = sorted(each.name for each in path.parent.iterdir())
    assert len(names) == 22
    assert path.name in names
    assert not any(name.startswith(f"backup-{AT:%Y%m%dT%H%M%SZ}") for name in names)


def test_a_link_in_place_of_the_folder_is_not_followed(node: Paths, tmp_path: Path) -> None:
    """A folder that others may write to cannot lead the log elsewhere."""
    node.logs.mkdir()
    node.logs.chmod(0o777)
    (tmp_path / "elsewhere").mkdir()
    (node.logs / "chef-backend-ctl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafePath), opened_log(node, "work", AT):
        pass
    assert list((tmp_path / "elsewhere").iterdir()) == []
