"""A command of the table: -q and -v, the contract's words for arguments too many, and root's rights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from chef_backend.ctl.mistake import Mistake
from chef_backend.ctl.session import Session
from chef_backend.ctl.table import find


class NoArguments(Mistake):
    """Arguments were given to a command that has none: leave them out."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the message alone, as the original does."""
        click.echo(self.message, file=file, err=file is None)


class Word(click.Command):
    """A command of the table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - click's signature
        super().__init__(*args, **kwargs)
        self.params += verbosity()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; NoArguments where there are some too many for a command without any."""
        if any(isinstance(param, click.Argument) for param in self.params):
            return super().parse_args(ctx, args)
        ctx.allow_extra_args = True
        super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise NoArguments(f"The command {ctx.info_name} does not accept any arguments", ctx)
        return ctx.args

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run the command, as root where its row says so."""
        row = find(self.name or "")
        if row is not None and row.root:
            session_of(ctx).require_root(row.word)
        return super().invoke(ctx)


def verbosity() -> list[click.Parameter]:
    """Return the two options that stand before or after the word."""
    return [_flag("quiet", _quiet, "Say only what failed."), _flag("verbose", _verbose, "Say more.")]


def _flag(name: str, callback: Callable[[click.Context, click.Parameter, bool], None], text: str) -> click.Option:
    return click.Option([f"-{name[0]}", f"--{name}"], is_flag=True, expose_value=False, callback=callback, help=text)


def session_of(context: click.Context) -> Session:
    """Return the session of a call."""
    return context.find_object(Session) or Session()


def _quiet(context: click.Context, _option: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's call
    if given:
        context.obj = replace(session_of(context), quiet=True)


def _verbose(context: click.Context, _option: click.Parameter, given: bool) -> None:  # noqa: FBT001 - click's call
    if given:
        context.obj = replace(session_of(context), verbose=True)
