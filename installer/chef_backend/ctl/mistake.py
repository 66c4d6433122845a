"""A wrong command line, told like every other error: what is wrong, and where it stands what is right."""

from __future__ import annotations

from typing import Any

import click


class Mistake(click.UsageError):
    """The command line is wrong: see the command's --help."""

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the message and the next step."""
        click.echo(f"error: {self.message}", file=file, err=file is None)
        if self.ctx is not None:
            click.echo(f"hint: what it takes: {self.ctx.command_path} --help", file=file, err=file is None)


def told(error: click.UsageError) -> Mistake:
    """Return one of click's own errors as ours."""
    return error if isinstance(error, Mistake) else Mistake(error.format_message(), error.ctx)
