"""The orders to services: a command for each word of sv's, and `graceful-kill`."""

from __future__ import annotations

import click

from chef_backend.base.clock import SystemClock
from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.ctl.service_argument import service_argument
from chef_backend.ctl.session import Session
from chef_backend.ctl.table import find
from chef_backend.ctl.word import Word
from chef_backend.resources.lock import only_one
from chef_backend.resources.real import RealHost
from chef_backend.status.restarts import forget_done
from chef_backend.supervise.choice import chosen
from chef_backend.supervise.graceful import graceful_kill
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.supervise.tree import ProcessTree
from chef_backend.supervise.verbs import WAIT_S, Outcome, Verb, stop_order, tell

_MOST_S = 3600.0
_EXIT = "It ends with the number of services that did not obey."

_wait = click.option(
    "-w",
    "--wait",
    "wait_s",
    type=click.FloatRange(0, _MOST_S),
    default=WAIT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each service.",
)


def _of(verb: Verb) -> click.Command:
    """Return the command that gives an order to all enabled services, or to one; what it says is in the table."""
    word = verb.name.lower()
    row = find(word)

    @click.command(cls=Word, name=word, help=f"{row.help if row else ''}\n\n{_EXIT}")
    @service_argument()
    @click.pass_context
    def command(context: click.Context, service: str, wait_s: float = WAIT_S) -> None:
        supervisor, session = RunitSupervisor(context.obj.paths), context.obj
        outcomes = []
        for name in verb.in_order(_meant(supervisor, service)):
            outcomes.append(tell(supervisor, name, verb, SystemClock(), wait_s=wait_s))
            _show(session, outcomes[-1])
        if verb.waits:
            _forget_restarts(session.paths, supervisor, f"chef-backend-ctl {word}")
        _end(context, outcomes)

    return _wait(command) if verb.waits else command


@click.command(cls=Word, name="graceful-kill")
@service_argument()
@_wait
@click.pass_context
def graceful(context: click.Context, service: str, wait_s: float) -> None:
    """Stop the services, or SERVICE, and kill what is left of them when the time is over.

    It ends with the number of services that run on, and with 1 where SERVICE is not enabled.
    """
    supervisor, session = RunitSupervisor(context.obj.paths), context.obj
    names = _meant(supervisor, service)
    outcomes = []
    for name in stop_order(names):
        outcome, killed = graceful_kill(supervisor, name, SystemClock(), ProcessTree, wait_s=wait_s)
        if killed:
            click.echo(f"killed what was left of {name}: {', '.join(map(str, killed))}", err=True)
        _show(session, outcome)
        outcomes.append(outcome)
    if service and not names:
        context.exit(1)
    _end(context, outcomes)


def _meant(supervisor: RunitSupervisor, service: str) -> tuple[str, ...]:
    names = chosen(supervisor, service)
    if not names:
        click.echo(f"{service or 'no service'} is {'not ' if service else ''}enabled on this node", err=True)
    return names


def _forget_restarts(paths: Paths, supervisor: RunitSupervisor, command: str) -> None:
    forget_done(RealHost(SystemRunner()), paths, supervisor, lambda: only_one(paths.lock, command))


def _show(session: Session, outcome: Outcome) -> None:
    if not (session.quiet and outcome.ok):
        click.echo(outcome.line)


def _end(context: click.Context, outcomes: list[Outcome]) -> None:
    if not all(outcome.supervised for outcome in outcomes):
        click.echo(
            "hint: start the supervisor: systemctl start chef-backend-runsvdir-start, or, without systemd, "
            "/opt/chef-backend/embedded/bin/runsvdir-start",
            err=True,
        )
    context.exit(sum(not outcome.ok for outcome in outcomes))


start = _of(Verb.START)
stop = _of(Verb.STOP)
restart = _of(Verb.RESTART)
once = _of(Verb.ONCE)
up = _of(Verb.UP)
down = _of(Verb.DOWN)
pause = _of(Verb.PAUSE)
cont = _of(Verb.CONT)
hup = _of(Verb.HUP)
alarm = _of(Verb.ALARM)
interrupt = _of(Verb.INT)
quit_ = _of(Verb.QUIT)
usr1 = _of(Verb.USR1)
usr2 = _of(Verb.USR2)
term = _of(Verb.TERM)
kill = _of(Verb.KILL)
