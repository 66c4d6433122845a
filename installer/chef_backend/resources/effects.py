"""What a change asks of the running services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a service needs before a change has come to it."""

    NONE = "none"
    RELOAD = "reload"
    RESTART = "restart"

    @property
    def weight(self) -> int:
        """Rank among the effects: a restart includes a reload."""
        return list(Effect).index(self)


@dataclass(frozen=True, slots=True)
class ServiceEffect:
    """What one service needs."""

    service: str
    effect: Effect


Effects = tuple[ServiceEffect, ...]
# From the old content (None: there was no file) and the new one to what services need: a file of
# settings of which some take effect by a reload and others by a restart.
EffectRule = Callable[[bytes | None, bytes], Effects]


def strongest(effects: Iterable[ServiceEffect]) -> dict[str, Effect]:
    """Return, by service in alphabetical order, the strongest effect; services that need nothing are left out."""
    found: dict[str, Effect] = {}
    for item in effects:
        if item.effect.weight > found.get(item.service, Effect.NONE).weight:
            found[item.service] = item.effect
    return dict(sorted(found.items()))


def merged(one: Mapping[str, Effect], other: Mapping[str, Effect]) -> dict[str, Effect]:
    """Return the strongest of both by service."""
    both = [ServiceEffect(service, effect) for effects in (one, other) for service, effect in effects.items()]
    return strongest(both)
