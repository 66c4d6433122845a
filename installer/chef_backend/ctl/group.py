"""The group of all commands: loads the one that is called, lists the table, and answers unknown words."""

from __future__ import annotations

import importlib
from typing import Any

import click
from click.shell_completion import CompletionItem

from chef_backend.ctl.mistake import Mistake, told
from chef_backend.ctl.table import TABLE, Group, find

_COMMANDS = "chef_backend.ctl.commands"
_PAIR = 2


class UnknownCommand(Mistake):
    """No such command, or none at all: see the list."""

    exit_code = 1

    def __init__(self, words: list[str], context: click.Context) -> None:
        super().__init__("I don't know that command.", context)
        self.words = words

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the message, the call that was perhaps meant, and the list of commands."""
        click.echo(self.message, file=file, err=file is None)
        if len(self.words) == _PAIR and find(self.words[1]) is not None:
            click.echo(f"Did you mean: chef-backend-ctl {self.words[1]} {self.words[0]}?", file=file, err=file is None)
        if self.ctx is not None:
            click.echo(self.ctx.find_root().get_help(), file=file, err=file is None)


class TableGroup(click.Group):
    """A group whose commands are the table's."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the words, in the table's order."""
        return [row.word for row in TABLE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Import a command; None if the table has no such word."""
        row = find(cmd_name)
        if row is None:
            return None
        module, _, attribute = row.target.partition(":")
        command = getattr(importlib.import_module(f"{_COMMANDS}.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(row.target)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the word."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise told(error) from error

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command of the word."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise told(error) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word; UnknownCommand if there is none."""
        command = None if args[0].startswith("-") else self.get_command(ctx, args[0])
        if command is None:
            raise UnknownCommand(args, ctx)
        return args[0], command, args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """Write the table, a part for each group."""
        for group in Group:
            rows = [(", ".join([row.word, *row.aliases]), row.help) for row in TABLE if row.group is group]
            if rows:
                with formatter.section(group.value):
                    formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the words that begin so, then the options, without importing any command."""
        found = [CompletionItem(row.word, help=row.help) for row in TABLE if row.word.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)
