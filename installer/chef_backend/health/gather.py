"""One look at this node: everybody is asked at once, and in a bounded time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from chef_backend.base.errors import ChefBackendError, Conflict
from chef_backend.base.paths import Paths
from chef_backend.health.checks.ended import Place, mended, why
from chef_backend.health.seen import SILENT, Certificate, Guarded, OnDisk, Said, Seen, Served
from chef_backend.health.situation import Known
from chef_backend.health.world import World
from chef_backend.postgresql.standby import secret_file
from chef_backend.reconfigure.database import certificate_due, compare
from chef_backend.reconfigure.files import plan_files
from chef_backend.reconfigure.logs import end_of_log
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership, membership
from chef_backend.reconfigure.situation import Situation
from chef_backend.resources.host import Host, Kind
from chef_backend.resources.plan import Plan
from chef_backend.roles.node import Node, url
from chef_backend.roles.supervision import SERVICES
from chef_backend.secrets.modes import PGSQL, Protection, protected_files
from chef_backend.status.answers import Answers
from chef_backend.status.ask import Questions
from chef_backend.status.gather import Sources
from chef_backend.status.gather import gather as ask_everybody
from chef_backend.status.model import Failure

# Everybody's answers take up to 6.5 s: see chef_backend.status.gather.
_WITHIN_S: Final = 7.5
_LINES: Final = 60


def look(machine: Machine, found: Known, sources: Sources, world: World) -> Seen:
    """Return what is seen; nothing is changed, and nothing is waited for longer than 7.5 s.

    Raises NotPermitted for anyone but root.
    """
    asked = Questions(machine.clock, _WITHIN_S)
    answers = asked.ask(lambda: ask_everybody(sources, machine.clock))
    node = found.situation.node if found.situation else None
    on_disk = asked.ask(_disk_question(machine, found.situation)) if found.situation else None
    served = asked.ask(_served_question(machine, node)) if node else None
    pages = [asked.ask(_page_question(world, node, name)) for name in ("metrics", "health")] if node else []
    holders = asked.ask(lambda: world.holders(found.wanted.ports))
    logs = asked.ask(_logs_question(machine, node)) if node else None
    metrics, etcd_health = [_text(page()) for page in pages] or ["", ""]
    told, listening = answers(), holders()
    return Seen(
        at=machine.now(),
        membership=_membership(machine),
        known=found,
        supervised=machine.process.is_running(),
        sentinels=_sentinels(machine.host, machine.paths),
        answers=told,
        on_disk=on_disk() if on_disk else None,
        served=served() if served else None,
        metrics=metrics,
        etcd_health=etcd_health,
        said=_said(world, told, logs() if logs else {}),
        holders={} if isinstance(listening, Failure) else listening,
    )


def _text(page: str | Failure) -> str:
    return page if isinstance(page, str) else ""


def _said(world: World, told: Answers | Failure, logs: Mapping[str, Said] | Failure) -> dict[str, Said]:
    """Return what each service's log says, and whether its process is stopped."""
    known = {} if isinstance(logs, Failure) else logs
    states = {} if isinstance(told, Failure) else told.services
    pids = {name: state.process.pid for name, state in states.items() if state and state.is_up}
    return {
        name: replace(
            known.get(name, SILENT), stopped=name in pids and is_stopped(world.read(f"/proc/{pids[name]}/stat"))
        )
        for name in {*known, *pids}
    }


def is_stopped(stat: str) -> bool:
    """Tell whether a signal has stopped the process of a /proc/PID/stat: see proc(5)."""
    return stat.rpartition(")")[2].split()[:1] == ["T"]


def _membership(machine: Machine) -> Membership | None:
    try:
        return membership(machine.host, machine.paths)
    except Conflict:
        return None


def _sentinels(host: Host, paths: Paths) -> dict[Path, str]:
    found = {path: host.observe(path) for path in (paths.no_start_pgsql, paths.unsynced)}
    return {
        path: each.content.decode(errors="replace") for path, each in found.items() if each.kind is not Kind.MISSING
    }


def _disk_question(machine: Machine, situation: Situation) -> Callable[[], OnDisk]:
    node = situation.node
    own = node.settings.text_or_none("ssl.certificate") is not None

    def look_at_disk() -> OnDisk:
        pair = node.certificate
        certificate = Certificate(
            pair.certificate, machine.maker.look(pair.certificate, pair.key), own, certificate_due(machine, node)
        )
        return OnDisk(_plan(machine, situation), certificate, tuple(_guarded(machine.host, node, own_key=own)))

    return look_at_disk


def _plan(machine: Machine, situation: Situation) -> Plan | Failure:
    try:
        return plan_files(machine, situation, enable=situation.membership is Membership.MEMBER)
    except ChefBackendError as error:
        return Failure(error.message)


def _guarded(host: Host, node: Node, *, own_key: bool) -> Iterator[Guarded]:
    """Yield the files that hold secrets; a key of the operator's own may be root's, as PostgreSQL allows."""
    folder = node.paths.postgresql(node.facts.postgresql_major)
    standby = secret_file(node.postgresql, folder, node.folder("postgresql.data_dir"))
    wanted = protected_files(node.paths, standby, (node.certificate.key,))
    if own_key:
        wanted[node.certificate.key] = Protection("root", PGSQL, 0o640)
    for path, protection in wanted.items():
        found = host.observe(path)
        if found.kind is Kind.FILE:
            there = Protection(host.user_name(found.uid), host.group_name(found.gid), found.mode)
            yield Guarded(path, there, protection)


def _served_question(machine: Machine, node: Node) -> Callable[[], Served]:
    def ask_postgresql() -> Served:
        database = machine.clients.database(node)
        readiness = database.ready()
        if not readiness.is_ready:
            return Served(readiness)
        return Served(readiness, compare(machine, database, node, reloaded=False))

    return ask_postgresql


def _page_question(world: World, node: Node, name: str) -> Callable[[], str]:
    return lambda: world.page(f"{url(node.loopback, node.settings.integer('etcd.client_port'))}/{name}")


def _logs_question(machine: Machine, node: Node) -> Callable[[], dict[str, Said]]:
    place = Place(
        node.folder("postgresql.data_dir"), node.settings.text("postgresql.username"), node.paths.etcd / "data"
    )

    def read() -> dict[str, Said]:
        ends = {name: end_of_log(machine, node, name, _LINES) for name in SERVICES}
        return {name: Said(why(lines), mended(name, lines, place)) for name, lines in ends.items()}

    return read
