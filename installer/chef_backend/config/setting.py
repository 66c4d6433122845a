"""One row of the table of settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from chef_backend.config.facts import HostFacts
from chef_backend.config.kinds.base import Kind
from chef_backend.config.values import Value
from chef_backend.postgresql.versions import Version

# Returns the value of a setting that stands earlier in the table.
Lookup = Callable[[str], Value]


class Effect(StrEnum):
    """What a service needs for a changed setting."""

    NONE = "none"
    RELOAD = "reload"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Rule:
    """A default that is computed; `words` say how."""

    compute: Callable[[HostFacts, Lookup], Value]
    words: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name with dots, what it takes, and what happens when it changes.

    `effects` are by service; where `reloads` does not hold for PostgreSQL's version, a reload is a restart. `fixed` is
    decided once, when the node is created; `per_node` may differ between the nodes of a cluster, all others must not.
    `without_effect` says why nothing uses it any more.
    """

    name: str
    kind: Kind
    default: Value | Rule
    meaning: str
    effects: Mapping[str, Effect] = field(default_factory=lambda: MappingProxyType({}))
    reloads: Callable[[Version], bool] = lambda _version: True
    unit: str = ""
    since: str = ""
    aliases: tuple[str, ...] = ()
    per_node: bool = False
    fixed: bool = False
    in_sample: bool = True
    without_effect: str = ""

    @property
    def section(self) -> str:
        """The part before the first dot; empty for a setting of the node itself."""
        return self.name.partition(".")[0] if "." in self.name else ""

    def default_on(self, facts: HostFacts, lookup: Lookup) -> Value:
        """Return the default on this node."""
        return self.default.compute(facts, lookup) if isinstance(self.default, Rule) else self.default

    def effects_on(self, postgresql: Version) -> Mapping[str, Effect]:
        """Return the effects by service with a version of PostgreSQL."""
        if self.reloads(postgresql):
            return self.effects
        return {name: Effect.RESTART if each is Effect.RELOAD else each for name, each in self.effects.items()}


def reload(*services: str) -> MappingProxyType[str, Effect]:
    """Return effects: each service reloads; leaderl ends for it and starts again, and keeps the leadership."""
    return MappingProxyType(dict.fromkeys(services, Effect.RELOAD))


def restart(*services: str) -> MappingProxyType[str, Effect]:
    """Return effects: each service restarts."""
    return MappingProxyType(dict.fromkeys(services, Effect.RESTART))
