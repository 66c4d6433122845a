"""Other programs: what they get, how they end, and what is shown of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chef_backend.base.clock import SystemClock, wait_for
from chef_backend.base.errors import CommandFailed
from chef_backend.base.proc import BASE_ENVIRONMENT, Command, SystemRunner
from chef_backend.base.secret import Redactor, Secret

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
SH = "/bin/sh"


def shell(script: str, **options: object) -> Command:
    return Command(argv=(SH, "-c", script), **{"timeout_s": 20, **options})  # type: ignore[arg-type]


def run(script: str, **options: object) -> str:
    return SystemRunner().run(shell(script, **options)).out


def alive(pid: int) -> bool:
    state = Path("/proc", str(pid), "stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] not in {"Z", "X"}


def test_the_environment_is_built_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the caller's environment nothing arrives; what the command adds does."""
    monkeypatch.setenv("PGPASSWORD", "from outside")
    lines = run("env", env={"A": "b c"}).splitlines()
    ours = {**BASE_ENVIRONMENT, "A": "b c"}
    shells_own = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert {line for line in lines if line.partition("=")[0] not in shells_own} == {f"{k}={v}" for k, v in ours.items()}


def test_standard_input_is_empty_or_what_is_given() -> None:
    """A program that reads finds the end at once, or exactly the bytes, be they more than a pipe holds."""
    assert run("wc -c") == "0\n"
    assert run("wc -c", stdin=b"x" * 300_000) == "300000\n"
    assert run("cat", stdin=Secret("pass\n")) == "pass\n"


def test_a_failure_shows_a_line_to_paste_and_the_last_lines() -> None:
    """The line runs as it is; the output's end is there, escapes made visible; the code is named."""
    with pytest.raises(CommandFailed) as raised:
        run("for i in $(seq 50); do echo line $i >&2; done; printf 'bad\\033[2J' >&2; exit 3", cwd=Path("/usr"))
    message = raised.value.message
    assert "exit code 3" in message
    assert "| line 50" in message
    assert "line 12\n" not in message
    assert "| bad\\x1b[2J" in message
    line = message.splitlines()[1].strip()
    assert line.startswith("cd /usr && env -i ")
    assert subprocess.run(["bash", "-c", line], capture_output=True, check=False).returncode == 3


def test_a_secret_is_masked_in_errors_and_never_handed_over_as_an_argument() -> None:
    """Output that repeats a secret is masked; a secret in argv or the environment is a bug and refused."""
    runner = SystemRunner(Redactor([Secret("s3cr3t-pass")]))
    with pytest.raises(CommandFailed) as raised:
        runner.run(shell("cat >&2; exit 1", stdin=Secret("password=s3cr3t-pass")))
    assert "password=********" in raised.value.message
    assert "s3cr3t" not in repr(raised.value)
    for command in (shell("echo s3cr3t-pass"), shell("true", env={"X": "s3cr3t-pass"})):
        with pytest.raises(ValueError, match="a secret is in the arguments") as refused:
            runner.run(command)
        assert "s3cr3t" not in str(refused.value)
    assert "s3cr3t" not in repr(shell("true", stdin=b"s3cr3t-pass"))


def test_a_program_that_is_late_is_ended_with_its_children(tmp_path: Path) -> None:
    """After the time limit neither the program nor what it started is left, though it ignores SIGTERM."""
    pids, waited = tmp_path / "pids", tmp_path / "waited"
    script = f"trap '' TERM; sleep 60 & echo $$ $! > {pids}; wait; touch {waited}; sleep 60"
    with pytest.raises(CommandFailed, match=r"did not end within 0\.5 s"):
        run(script, timeout_s=0.5)
    assert not waited.exists()
    ended = [int(pid) for pid in pids.read_text().split()]
    # The kernel ends a killed process when it gets to it.
    wait_for("the end of both", lambda: not any(map(alive, ended)), within_s=10, clock=SystemClock())


def test_a_program_ended_by_a_signal_has_it_named() -> None:
    """The signal's name is in the message; without `check` the negative number is returned."""
    with pytest.raises(CommandFailed, match="signal SIGKILL"):
        run("kill -KILL $$")
    assert SystemRunner().run(shell("kill -KILL $$"), check=False).code == -9


def test_a_daemon_left_behind_does_not_hold_the_call() -> None:
    """Output is read when the program ends, not when the last process that inherited it does."""
    started = time.monotonic()
    daemon = int(run("sleep 30 & echo $!"))
    assert time.monotonic() - started < 10
    os.kill(daemon, 9)


@pytest.mark.parametrize(("number", "options"), [(signal.SIGINT, ""), (signal.SIGKILL, "mortal=True")])
def test_interrupted_no_child_is_left(tmp_path: Path, number: signal.Signals, options: str) -> None:
    """Ctrl-C while waiting ends the program's group, then goes on up; a mortal program ends with a killed caller."""
    pid = tmp_path / "pid"
    program = (
        f"from chef_backend.base.proc import *; script = 'echo $$ > {pid}.t; mv {pid}.t {pid}; exec sleep 300'\n"
        f"SystemRunner().run(Command(argv=('/bin/sh', '-c', script), timeout_s=60, {options}))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    wait_for("the program", pid.exists, within_s=20, clock=SystemClock())
    child.send_signal(number)
    assert child.wait(20) != 0
    wait_for("its end", lambda: not alive(int(pid.read_text())), within_s=20, clock=SystemClock())


def test_a_mortal_program_is_the_program_itself() -> None:
    """It has its arguments, input and exit code, and one that is not there says so; the line to paste is its own."""
    assert run("cat; exit 3", stdin=b"given", mortal=True, accept=frozenset({3})) == "given"
    with pytest.raises(CommandFailed, match=r"could not be started: No such file or directory \(/no/such\)") as raised:
        SystemRunner().run(Command(argv=("/no/such",), timeout_s=20, mortal=True))
    assert "mortal" not in raised.value.message


def test_what_cannot_start_says_why() -> None:
    """A missing program, a missing folder and a missing account are named."""
    with pytest.raises(CommandFailed, match=r"could not be started: No such file or directory \(/no/such\)"):
        SystemRunner().run(Command(argv=("/no/such",), timeout_s=1))
    with pytest.raises(CommandFailed, match="/no/folder"):
        run("true", cwd=Path("/no/folder"))
    with pytest.raises(CommandFailed, match="no_such_user"):
        run("true", user="no_such_user")


def test_other_exit_codes_can_be_accepted() -> None:
    """A program whose 3 is no failure may end with it."""
    assert SystemRunner().run(shell("exit 3", accept=frozenset({0, 3}))).code == 3


@as_root
def test_another_users_program_has_no_group_of_ours() -> None:
    """User and group are changed, and the supplementary groups are gone."""
    lines = run("cat /proc/self/status", user="nobody").splitlines()
    status = {key: set(rest.split()) for key, _, rest in (line.partition(":") for line in lines)}
    assert status["Uid"] == {run("id -u nobody").strip()}
    assert status["Gid"] == {run("id -g nobody").strip()}
    assert status["Groups"] <= status["Gid"]
