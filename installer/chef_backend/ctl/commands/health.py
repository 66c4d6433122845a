"""``health``."""

from __future__ import annotations

import json
from typing import Final

import click

from chef_backend.ctl.lastword import last_word
from chef_backend.ctl.mistake import told
from chef_backend.ctl.word import Word, session_of
from chef_backend.health.codes import CODES, LOOK
from chef_backend.health.finding import Severity
from chef_backend.health.report import NAME, verdict_document

# Who asks waits 10 s for an answer by default, and the program has to start, too.
_WITHIN_S: Final = 9.0
_LOOK_S: Final = 8.0


class Plugin(Word):
    """A command that ends as a plugin of Nagios does: whoever calls it in a wrong way gets 3, unknown."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            told(error).show()
            raise click.exceptions.Exit(Severity.UNKNOWN.nagios) from error


@click.command(cls=Plugin, name="health")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    type=click.Choice([code.code for code in CODES]),
    metavar="CODE",
    help="Leave these findings out; may be given several times.",
)
@click.option("--json", "as_document", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def command(context: click.Context, *, ignored: tuple[str, ...], as_document: bool) -> None:
    """Print one verdict over this node and its cluster, in a line that Nagios and its kin read.

    Exit code 0 when all is well, 1 for a warning, 2 for something critical, 3 when it cannot be told: not in nine
    seconds, or not to anyone but root.
    """
    session = session_of(context)
    with last_word(late(as_document=as_document), Severity.UNKNOWN.nagios, _WITHIN_S - session.age_s()):
        from chef_backend.base.clock import SystemClock  # noqa: PLC0415 - slow to import
        from chef_backend.ctl.examination import real_examination  # noqa: PLC0415 - the same
        from chef_backend.ctl.findings import show_health  # noqa: PLC0415 - the same
        from chef_backend.health.doctor import HEALTHS_CHECKS, HEALTHS_PROBES  # noqa: PLC0415 - the same
        from chef_backend.health.examine import Examined, in_time  # noqa: PLC0415 - the same

        def look() -> Examined:
            session.require_root("health")
            return real_examination(session.paths, HEALTHS_CHECKS, HEALTHS_PROBES)

        examined = in_time(look, SystemClock(), _LOOK_S)
    show_health(examined, ignored=ignored, as_document=as_document)


def late(*, as_document: bool) -> str:
    """Return what is said when nothing better could be said in time."""
    found = LOOK.unknown(f"no answer within {_WITHIN_S:g} s")
    if as_document:
        return f"{json.dumps(verdict_document([found], found.headline), indent=2)}\n"
    return f"{NAME} {str(found.severity).upper()} - {found.headline}\n"
