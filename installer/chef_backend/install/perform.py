"""The steps made on a machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.paths import Paths
from chef_backend.install import record
from chef_backend.install.accounts import make_accounts
from chef_backend.install.boot import Boot, stop_all
from chef_backend.install.event import Event, Script, read_event
from chef_backend.install.kernel import Kernel
from chef_backend.install.record import Record
from chef_backend.install.steps import MAP_COUNT, Facts, Step, closing_words, steps
from chef_backend.resources.host import Host, Kind
from chef_backend.supervise.process import SupervisorProcess


class FilesOnly(Protocol):
    """A reconfigure of files, owners and modes: it starts, stops and restarts no service."""

    def __call__(self, *, enable: bool) -> None:
        """Make this configured node's files those of the installed version.

        With `enable` the services' links too, which a removal took away: a supervisor that runs would start them.
        """
        ...


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything that the steps touch; `tell` shows a line of text."""

    host: Host
    paths: Paths
    boot: Boot
    supervisor: SupervisorProcess
    kernel: Kernel
    files_only: FilesOnly
    tell: Callable[[str], None]


def perform(machine: Machine, script: Script, version: str, arguments: tuple[str, ...]) -> Event:
    """Do what a scriptlet is called for, and return what that was; a step done before is done again without harm."""
    known = record.read_record(machine.host, machine.paths)
    allowed = record.read_permission(machine.host, machine.paths)
    event = read_event(script, version, arguments, last=known.version, allowed=allowed)
    facts = observe(machine, known)
    for step in steps(event, facts):
        known = _make(machine, step, event, known, facts)
    for line in closing_words(event, facts):
        machine.tell(line)
    return event


def observe(machine: Machine, known: Record) -> Facts:
    """Return what the steps depend on."""
    configured = machine.host.observe(machine.paths.receipt).kind is Kind.FILE
    return Facts(
        configured=configured,
        undefined=configured and not machine.host.list_folder(machine.paths.sv),
        running=machine.supervisor.is_running(),
        enabled=known.enabled,
        map_count=machine.kernel.map_count(),
    )


def _make(machine: Machine, step: Step, event: Event, known: Record, facts: Facts) -> Record:
    """Make one step, and return the record as it is to be from then on."""
    match step:
        case Step.ENABLE:
            machine.boot.enable()
            return replace(known, enabled=True)
        case Step.RECORD:
            return _recorded(machine, event, known)
        case Step.FORGET:
            return _recorded(machine, event, replace(known, version=known.version or event.new, enabled=False))
        case _:
            acts: dict[Step, Callable[[], None]] = {
                Step.ACCOUNTS: lambda: make_accounts(machine.host),
                Step.RELOAD: machine.boot.reload,
                Step.MAP_COUNT: lambda: _raise_map_count(machine),
                Step.FILES: lambda: _write_files(machine, enable=facts.undefined and not facts.running),
                Step.STOP: lambda: stop_all(machine.boot, machine.supervisor),
                Step.DISABLE: machine.boot.disable,
            }
            acts[step]()
            return known


def _recorded(machine: Machine, event: Event, known: Record) -> Record:
    known = replace(known, version=event.new) if event.kind.configures else known
    record.write_record(machine.host, machine.paths, known)
    if event.kind.configures:
        # A permission is for once: forgotten, it would let a later mistake through.
        machine.host.remove_file(record.permission_path(machine.paths))
    return known


def _raise_map_count(machine: Machine) -> None:
    if not machine.kernel.raise_map_count():
        machine.tell(f"warning: vm.max_map_count could not be raised to {MAP_COUNT} (in a container it is the host's)")
        machine.tell(f"hint: Elasticsearch needs it in a cluster; on the host: sysctl -w vm.max_map_count={MAP_COUNT}")


def _write_files(machine: Machine, *, enable: bool) -> None:
    """Write a configured node's files; what is wrong with its configuration is not the package's failure."""
    try:
        machine.files_only(enable=enable)
    except ChefBackendError as error:
        machine.tell(f"warning: the files of this node are still those of the version before: {error.message}")
        machine.tell(f"hint: {error.hint + '; then ' if error.hint else ''}run `chef-backend-ctl reconfigure`")
