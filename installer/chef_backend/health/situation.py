"""What this node's own files say, where every mistake in them is a finding instead of an end."""

from __future__ import annotations

from dataclasses import dataclass

from chef_backend.base.errors import ChefBackendError, Conflict, InvalidSecrets
from chef_backend.base.plural import counted
from chef_backend.cluster.preconditions import require_all_services, require_no_data
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import examine
from chef_backend.config.model import Settings
from chef_backend.config.problems import ConfigInvalid
from chef_backend.health.codes import CONFIGURATION, LEFTOVERS, SECRETS, STATE
from chef_backend.health.finding import Code, Finding
from chef_backend.health.wanted import Wanted, wanted
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.membership import Membership
from chef_backend.reconfigure.situation import Situation, gather


@dataclass(frozen=True, slots=True)
class Known:
    """The situation, None where something stands against it; what is `wanted` of the host is known all the same."""

    situation: Situation | None
    wanted: Wanted
    findings: tuple[Finding, ...]


def known(machine: Machine) -> Known:
    """Read this node's files; a configuration with mistakes is taken to be the defaults."""
    facts = machine.sources.facts()
    try:
        situation = gather(machine)
    except (ConfigInvalid, InvalidSecrets, Conflict) as error:
        return Known(None, wanted(_settings(machine, facts), facts, machine.paths), (_finding(error),))
    fine = CONFIGURATION.fine(str(machine.paths.config))
    return Known(situation, wanted(situation.node.settings, facts, machine.paths), (fine,))


def before_creation(machine: Machine, situation: Situation) -> tuple[Finding, ...]:
    """Return what stands against a new cluster on a node that is in none."""
    if situation.membership is not Membership.NONE:
        return ()
    found: list[Finding] = []
    try:
        require_all_services(situation)
    except Conflict as error:
        found.append(_told(CONFIGURATION, error, "no cluster possible"))
    try:
        require_no_data(situation, machine.host)
    except Conflict as error:
        found.append(_told(LEFTOVERS, error, "data of another cluster"))
    return tuple(found)


def _settings(machine: Machine, facts: HostFacts) -> Settings:
    try:
        return machine.sources.settings(facts)
    except ConfigInvalid:
        return examine("", facts, str(machine.paths.config)).settings


def _finding(error: ConfigInvalid | InvalidSecrets | Conflict) -> Finding:
    match error:
        case ConfigInvalid(problems=problems):
            lines = "\n".join(str(problem) for problem in problems)
            count = counted(len(problems), "mistake")
            return CONFIGURATION.critical(count, evidence=f"{lines}\nthe rest of this goes by the defaults")
        case InvalidSecrets():
            return _told(SECRETS, error, "cannot be used")
        case Conflict():
            return _told(STATE, error, "contradicts itself")


def _told(code: Code, error: ChefBackendError, value: str) -> Finding:
    return code.critical(value, evidence=error.message, fix=f"{error.hint}." if error.hint else "")
