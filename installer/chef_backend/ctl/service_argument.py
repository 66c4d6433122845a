"""The optional SERVICE of a command, completed on Tab."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.decorators import FC
from click.shell_completion import CompletionItem

from chef_backend.ctl.word import session_of
from chef_backend.supervise.runit import RunitSupervisor


def service_argument(*others: str) -> Callable[[FC], FC]:
    """Return the decorator; `others` are words that may stand in a service's place."""

    def complete(context: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        names = [*RunitSupervisor(session_of(context).paths).defined(), *others]
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return click.argument("service", required=False, default="", metavar="[SERVICE]", shell_complete=complete)
