"""The command line: finds the command's module, runs it, turns errors into messages and codes.

Commands are imported only when they are asked for, so that ``--help`` stays quick.
"""

from __future__ import annotations

import errno
import importlib
import os
import select
import signal
import sys
import traceback
from typing import Any

import click
from click.shell_completion import CompletionItem

from omnibuild import __version__
from omnibuild.errors import HostLacks, Interrupted, InvalidInput, OmnibuildError

# Each command's module in commands/, and its line in --help.
COMMANDS = {
    "build": "Build components into the store.",
    "package": "Build, check and package the line-up as deb and rpm.",
    "fetch": "Fetch and verify all sources.",
    "lock": "Write the line-up's lock.",
    "check": "Check the built prefix.",
    "shell": "Enter the tree of a component's build.",
    "graph": "Show the component graph.",
    "why": "Say why a component must be rebuilt.",
    "manifest": "Show and compare version manifests.",
    "cache": "List, verify and clean the store.",
    "recipe": "List, show, validate and create recipes.",
    "image": "Make the build image.",
    "doctor": "Say what this host lacks, and the command that fixes it.",
    "completion": "Print shell completion for bash, zsh or fish.",
}


class _PipeBrokeError(Exception):
    """A command wrote to a pipe that nobody reads: its standard output, or something else's input."""


class LazyGroup(click.Group):
    """A group whose commands live in omnibuild.commands.<name>."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a broken pipe is raised as one of ours, since click would end the process without a word."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _PipeBrokeError from error

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Import and return a command."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"omnibuild.commands.{name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the closest command for a misspelt one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # noqa: PLC0415 - only on this path

            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if close:
                raise click.UsageError(f"{error.message} Did you mean {close[0]!r}?", ctx) from error
            raise

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, then the options, without importing any command."""
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command list without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="omnibuild")
def main() -> None:
    """Build full-stack packages: per-component recipes in, one deb and rpm out.

    Start with `omnibuild doctor`, then `omnibuild package`.
    """


def run(argv: list[str] | None = None) -> int:
    """Run the command line and return the process's exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    os.umask(0o022)  # the caller's would show in what is unpacked, built and packaged
    try:
        code: Any = main.main(args=argv, prog_name="omnibuild", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        return _misused(error)
    except (KeyboardInterrupt, click.Abort):
        return _report(Interrupted("interrupted", hint="run the same command again: finished components are kept"))
    except OmnibuildError as error:
        return _report(error)
    except _PipeBrokeError as broken:
        return 0 if _reader_is_gone() else _bug(broken)
    except OSError as error:
        return _report(_full(error)) if error.errno in {errno.ENOSPC, errno.EDQUOT} else _bug(error)
    except Exception as error:  # noqa: BLE001 - the last line of defence says so
        return _bug(error)
    return code if isinstance(code, int) else 0


def _misused(error: click.UsageError) -> int:
    """Tell what is wrong with the command line like any other error; a group without a command shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) or error.ctx is None:
        error.show()
        return error.exit_code
    return _report(InvalidInput(error.format_message(), hint=f"what it takes: {error.ctx.command_path} --help"))


def _reader_is_gone() -> bool:
    """Tell whether nobody reads standard output any more, as behind `| head`; what is left of it is dropped then."""
    output = sys.stdout.fileno()
    asked = select.poll()
    asked.register(output, 0)
    if any(mask & select.POLLERR for _, mask in asked.poll(0)):
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
        return True
    return False


def _full(error: OSError) -> HostLacks:
    place = error.filename or "standard output, or a file"
    return HostLacks(f"{place}: the disk is full", hint="free some disk space")


def _bug(error: BaseException) -> int:
    click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo("error: this is a bug in omnibuild; please report the lines above", err=True)
    return 70


def _report(error: OmnibuildError) -> int:
    color = False if os.environ.get("NO_COLOR") else None  # https://no-color.org; None: as the terminal is
    click.secho("error: ", fg="red", bold=True, nl=False, err=True, color=color)
    click.echo(error.message, err=True)
    if error.hint:
        click.secho("hint: ", fg="cyan", nl=False, err=True, color=color)
        click.echo(error.hint, err=True)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(run())
