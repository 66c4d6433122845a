"""Which steps an event asks for on a machine, and what is said at the end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chef_backend.install.event import Event, Kind

MAP_COUNT = 262_144
# Whatever boots the machine: it brings back what is missing, and tells what is wrong with the configuration.
_START = "chef-backend-ctl reconfigure"


class Step(StrEnum):
    """One thing to do; none of them starts or restarts a service."""

    ACCOUNTS = "accounts"
    RELOAD = "reload"
    ENABLE = "enable"
    MAP_COUNT = "map count"
    FILES = "files"
    RECORD = "record"
    STOP = "stop"
    DISABLE = "disable"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Facts:
    """The machine before the event; `undefined`: a removal took the services' definitions from a configured node."""

    configured: bool
    undefined: bool
    running: bool
    enabled: bool
    map_count: int


def steps(event: Event, facts: Facts) -> tuple[Step, ...]:
    """Return what is to be done, in order."""
    match event.kind:
        case Kind.INSTALL | Kind.REINSTALL | Kind.UPGRADE | Kind.DOWNGRADE:
            wanted = [
                (Step.ACCOUNTS, True),
                (Step.RELOAD, True),
                # Once for each installation: what an administrator disabled stays disabled.
                (Step.ENABLE, not facts.enabled),
                (Step.MAP_COUNT, facts.map_count < MAP_COUNT),
                (Step.FILES, facts.configured),
                (Step.RECORD, True),
            ]
        case Kind.ABORT:
            wanted = [(Step.RELOAD, True), (Step.ENABLE, not facts.enabled), (Step.RECORD, not facts.enabled)]
        case Kind.REMOVE:
            wanted = [(Step.STOP, True), (Step.DISABLE, True), (Step.FORGET, True)]
        case Kind.NOTHING:
            wanted = []
    return tuple(step for step, is_wanted in wanted if is_wanted)


def closing_words(event: Event, facts: Facts) -> tuple[str, ...]:
    """Return what a person should know and do next, a line each."""
    if event.kind is Kind.ABORT:
        return () if facts.running or not facts.configured else (f"chef-backend: not started; run: {_START}",)
    if event.kind in {Kind.REMOVE, Kind.NOTHING}:
        return ()
    lines = [_what_happened(event)]
    if facts.running:
        lines.append("The services go on with the code they were started with; new code runs after:")
        lines.append("  chef-backend-ctl upgrade")
    elif facts.configured:
        lines += ["This node's data is there. Nothing was started; to start it:", f"  {_START}"]
    else:
        lines += [
            "Nothing was started. Next, write /etc/chef-backend/chef-backend.rb",
            "(chef-backend-ctl gen-sample-backend-config shows every setting), then run",
            "  chef-backend-ctl create-cluster",
        ]
    return tuple(lines)


def _what_happened(event: Event) -> str:
    match event.kind:
        case Kind.UPGRADE | Kind.DOWNGRADE:
            return f"chef-backend {event.new} is installed in place of {event.old}."
        case _:
            return f"chef-backend {event.new} is installed."
