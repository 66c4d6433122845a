"""The services of this node: whether they run, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from chef_backend.health.codes import FLAPPING, PAUSED, SERVICE, SUPERVISOR
from chef_backend.health.finding import Finding
from chef_backend.health.seen import SILENT, Said, Seen
from chef_backend.status.model import Failure
from chef_backend.status.table import duration
from chef_backend.supervise.state import ServiceState

_SETTLED_S: Final = 90
_JUST_S: Final = 5
# So long after a boot it is no wonder that services have just started.
_BOOTED_S: Final = 300


def services(seen: Seen) -> Iterator[Finding]:
    """Yield a finding for each service that is enabled or should be; all are down without their supervisor."""
    if not seen.supervised:
        yield SUPERVISOR.critical("does not run", evidence="no process runsvdir of /opt/chef-backend")
        return
    yield SUPERVISOR.fine("runs")
    if isinstance(seen.answers, Failure):
        return
    states = seen.answers.services
    expected = seen.known.situation.services if seen.known.situation else ()
    booted_s = _longest(states, seen.at)
    for name in dict.fromkeys((*expected, *states)):
        said = seen.said.get(name, SILENT)
        yield service(name, states.get(name), at=seen.at, enabled=name in states, booted_s=booted_s, said=said)


def service(
    name: str, state: ServiceState | None, *, at: float, enabled: bool, booted_s: int, said: Said = SILENT
) -> Finding:
    """Judge one service; `booted_s` is how long the supervisor runs, as far as the services tell."""
    return replace(_judged(name, state, at=at, enabled=enabled, booted_s=booted_s, said=said), subject=name)


def _judged(name: str, state: ServiceState | None, *, at: float, enabled: bool, booted_s: int, said: Said) -> Finding:
    start = f"chef-backend-ctl start {name}"
    if state is None:
        if not enabled:
            return SERVICE.critical(f"{name} is not enabled", fix="chef-backend-ctl reconfigure")
        return SERVICE.critical(f"{name} is not supervised", evidence="no runsv answers for it", fix=start)
    seconds = state.process.seconds(at)
    look = said.fix or f"chef-backend-ctl tail {name}"
    if not state.is_up:
        value = f"{name} down {duration(seconds)}"
        if state.process.want == "down":
            return SERVICE.critical(value, evidence="somebody stopped it", fix=start)
        return SERVICE.critical(value, evidence=_lines("it ended by itself", said.why), fix=look)
    if said.stopped or state.process.paused:
        evidence = f"its process, {state.process.pid}, was sent a STOP"
        return PAUSED.critical(f"{name} is paused", evidence=evidence, fix=f"chef-backend-ctl cont {name}")
    # What was wrong before the start of one that has run for a while is wrong no more.
    if seconds <= _JUST_S and said.why:
        return FLAPPING.critical(f"{name} up {seconds} s", evidence=said.why, fix=look)
    if seconds >= _SETTLED_S or booted_s < _BOOTED_S:
        return SERVICE.fine(f"{name} up {duration(seconds)}")
    return FLAPPING.warning(f"{name} up {seconds} s", fix=f"chef-backend-ctl tail {name}")


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _longest(states: Mapping[str, ServiceState | None], at: float) -> int:
    processes = [each for state in states.values() if state for each in (state.process, state.log) if each]
    return max((process.seconds(at) for process in processes), default=0)
