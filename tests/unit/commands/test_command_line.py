"""The command line itself: help, misspelt commands, start-up."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from commandline import Omnibuild

from omnibuild.cli import COMMANDS

CLI = (sys.executable, "-m", "omnibuild")
HEAVY = ("pydantic", "rich", "requests", "docker", "yaml", "pypi_simple")
UNNEEDED = ("rich", "requests", "docker", "pypi_simple", "bs4", "omnibuild.checks", "omnibuild.component.build")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_exists_and_explains_itself(name: str, omnibuild: Omnibuild) -> None:
    assert isinstance(import_module(f"omnibuild.commands.{name}").command, click.Command)
    ran = omnibuild(name, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: omnibuild {name}")


@pytest.mark.parametrize(
    ("argv", "message", "page"),
    [
        (["build", "--frob"], "No such option '--frob'.", "omnibuild build --help"),
        (["build", "--jobs", "0"], "Invalid value for '-j' / '--jobs': 0 is not in the range x>=1.", "build --help"),
        (["recipe", "new"], "Missing argument 'NAME'.", "omnibuild recipe new --help"),
        (["recipe", "show"], "Missing argument 'COMPONENT'.", "omnibuild recipe show --help"),
        (["recipe", "lits"], "No such command 'lits'. Did you mean 'list'?", "omnibuild recipe --help"),
        (["pakcage"], "No such command 'pakcage'. Did you mean 'package'?", "omnibuild --help"),
    ],
)
def test_wrong_command_line_is_told_like_every_other_error(
    argv: list[str], message: str, page: str, tiny: Path, omnibuild: Omnibuild
) -> None:
    """As docs/reference/exit-codes.md says: what is wrong, and a next step."""
    assert tiny
    ran = omnibuild(*argv)
    first, hint = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert first.startswith(f"error: {message}")
    assert hint.startswith("hint: what it takes: omnibuild")
    assert hint.endswith(page)


def test_help_imports_nothing_but_click() -> None:
    """`omnibuild --help` must be quick: every heavy import is somebody's command's business."""
    loaded = _loaded_after("--help")
    assert not [name for name in HEAVY if name in loaded]


def test_package_with_nothing_to_do_imports_neither_checks_nor_clients(tiny: Path, omnibuild: Omnibuild) -> None:
    assert omnibuild("package").code == 0
    loaded = _loaded_after("package")
    assert not [name for name in UNNEEDED if name in loaded]


@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_errors_are_coloured_on_a_terminal_unless_told(settings: dict[str, str], *, coloured: bool) -> None:
    """https://no-color.org: any value but an empty one."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | settings
    argv = [*CLI, "check", "--explain", "nothing"]
    done = subprocess.run(argv, stderr=theirs, env=environment, check=False, timeout=60)
    os.close(theirs)
    said = os.read(ours, 4000)
    os.close(ours)
    assert done.returncode == 2
    assert b"there is no check called 'nothing'" in said
    assert (b"\x1b[" in said) == coloured


def test_reader_that_leaves_is_no_error() -> None:
    """As in `omnibuild check --list | head -1`."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*CLI, "check", "--list"], stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_to_a_full_disk_is_no_bug() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*CLI, "check", "--list"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 10
    assert done.stderr.startswith(b"error: standard output, or a file: the disk is full")


def _loaded_after(*argv: str) -> set[str]:
    code = "import sys; from omnibuild.cli import run; run(sys.argv[1:]); print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.splitlines())
