"""One table of commands: words, help, completion, rights, and the contract's answers to what is no command."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result
from shells import Shell

from chef_backend.base.errors import NotPermitted
from chef_backend.ctl import cli
from chef_backend.ctl.session import Session
from chef_backend.ctl.table import TABLE, Row, find, words
from chef_backend.ctl.word import Word

INSTALLER = Path(__file__).parents[4] / "installer"


def call(*arguments: str, user: int = 0) -> Result:
    return CliRunner().invoke(
        cli.command, list(arguments), obj=Session(user_id=lambda: user), prog_name="chef-backend-ctl"
    )


def test_no_word_stands_for_two_commands() -> None:
    """Words and aliases are unique, in lower case, and all are found."""
    assert len(set(words())) == len(words())
    assert all(word == word.lower() and find(word) for word in words())
    assert find("nope") is None


def test_whatever_tells_of_a_command_tells_of_one_that_there_is() -> None:
    """An operator is never sent to a command of another version."""
    sources = (INSTALLER / "chef_backend").rglob("*.py")
    told = {name for path in sources for name in re.findall(r"chef-backend-ctl ([a-z][a-z-]+)", path.read_text())}
    assert "restart" in told
    assert {name for name in told if find(name) is None} == set()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.word)
def test_a_row_leads_to_a_command(row: Row) -> None:
    """Each row's module is there and holds a command of that word, which shows its help to everybody."""
    command = cli.command.get_command(click.Context(cli.command), row.word)
    assert isinstance(command, Word)
    assert command.name == row.word
    shown = call(row.word, "--help", user=1000)
    assert shown.exit_code == 0
    assert "--quiet" in shown.output
    assert row.help.endswith(".")
    assert command.help


@pytest.mark.parametrize("row", [row for row in TABLE if row.root], ids=lambda row: row.word)
def test_a_command_that_needs_root_says_so(row: Row) -> None:
    """Without root's rights nothing of the command runs."""
    command = cli.command.get_command(click.Context(cli.command), row.word)
    assert command is not None
    needed = ["x" for param in command.params if isinstance(param, click.Argument) and param.required]
    error = call(row.word, *needed, user=1000).exception
    assert isinstance(error, NotPermitted)
    assert error.exit_code == 10
    assert row.word in error.message


@pytest.mark.parametrize("arguments", [[], ["nope"], ["-q"], ["nope", "etcd", "--force"]], ids=str)
def test_an_unknown_word_is_answered_with_the_list(arguments: list[str]) -> None:
    """The contract's sentence, the list of commands, exit code 1."""
    found = call(*arguments)
    assert found.exit_code == 1
    assert found.stderr.startswith("I don't know that command.\n")
    assert "General:" in found.stderr
    assert found.stdout == ""


def test_swapped_words_are_recognised() -> None:
    """`etcd help` was meant as `help etcd`."""
    assert "Did you mean: chef-backend-ctl help etcd?" in call("etcd", "help").stderr


def test_arguments_too_many_are_refused_in_the_contracts_words() -> None:
    """A command without arguments ends with 2 when it gets some."""
    found = call("version", "now")
    assert (found.exit_code, found.stderr) == (2, "The command version does not accept any arguments\n")


@pytest.mark.parametrize(
    ("arguments", "message", "page", "code"),
    [
        (["status", "--frob"], "No such option '--frob'.", "chef-backend-ctl status", 2),
        (["status", "--simple", "--json"], "--simple and --json exclude each other", "chef-backend-ctl status", 2),
        (["restore"], "Missing argument", "chef-backend-ctl restore", 2),
        (["health", "--ignore", "x"], "Invalid value for '--ignore'", "chef-backend-ctl health", 3),
        (["--frob"], "No such option '--frob'.", "chef-backend-ctl", 2),
    ],
)
def test_a_wrong_command_line_is_told_like_every_other_error(
    arguments: list[str], message: str, page: str, code: int
) -> None:
    """What is wrong, and a next step."""
    found = call(*arguments)
    first, *_, hint = found.stderr.splitlines()
    assert (found.exit_code, found.stdout) == (code, "")
    assert first.startswith(f"error: {message}")
    assert hint == f"hint: what it takes: {page} --help"


def test_help_is_the_same_by_word_and_by_option() -> None:
    """`help` and `--help` list every word by group; `help WORD` shows one."""
    assert call("help").output == call("--help").output
    assert call("help").exit_code == 0
    assert all(word in call("help").output for word in words())
    assert call("help", "version").output == call("version", "--help").output
    assert call("help", "nope").exit_code == 1


@pytest.mark.parametrize("arguments", ["-q probe -v", "probe --quiet --verbose", "-qv probe"])
def test_verbosity_stands_before_or_after_the_word(arguments: str) -> None:
    """Both options reach the session wherever they are."""

    @click.command(cls=Word, name="probe")
    @click.pass_obj
    def probe(session: Session) -> None:
        click.echo(f"{session.quiet} {session.verbose}")

    group = click.Group("group", {"probe": probe}, params=list(cli.command.params))
    assert CliRunner().invoke(group, arguments.split(), obj=Session()).output == "True True\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_program(shell: str) -> None:
    """Each script calls the program back with the same variable."""
    script = call("completion", shell).output
    assert f"_CHEF_BACKEND_CTL_COMPLETE={shell}_complete" in script
    assert "chef-backend-ctl" in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_words_and_options(shell: str, tmp_path: Path) -> None:
    """On Tab, in the shell itself."""
    there = Shell(shell, tmp_path, "chef-backend-ctl", "chef_backend")
    there.prepare(call("completion", shell).output)
    for keys, completed in (("cluster-s", "cluster-status"), ("cluster-status --js", "cluster-status --json")):
        assert there.typed(f"chef-backend-ctl {keys}\t", tmp_path) == completed.split()


def test_words_are_completed() -> None:
    """What begins so is offered, with its help."""
    complete = ShellComplete(cli.command, {}, "chef-backend-ctl", "_CHEF_BACKEND_CTL_COMPLETE")
    assert [each.value for each in complete.get_completions([], "ver")] == ["version"]
    assert [each.value for each in complete.get_completions(["help"], "compl")] == ["completion"]


def test_the_list_is_shown_without_importing_the_commands() -> None:
    """`--help` loads no command, nor what only commands need: it is there within a third of a second."""
    code = (
        "import sys\nfrom chef_backend.ctl import cli\n"
        "try: cli.command(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'rich', 'requests', 'lark', 'jinja2', 'psycopg2'}\n"
        "print(sorted(n for n in sys.modules if n in heavy or n.startswith('chef_backend.ctl.commands.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=INSTALLER, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
