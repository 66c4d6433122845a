"""What differs between two configurations, and what each difference asks of a service."""

from __future__ import annotations

from dataclasses import dataclass

from chef_backend.base.secret import MASK
from chef_backend.config.model import Settings
from chef_backend.config.setting import Effect, Setting
from chef_backend.config.table import TABLE
from chef_backend.config.values import Value, as_ruby

ABSENT = "(not set)"


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One setting's change for one service; `old` and `new` are texts for people and hold no secret."""

    name: str
    old: str
    new: str
    effect: Effect
    service: str


def changes(old: Settings, new: Settings) -> tuple[SettingChange, ...]:
    """Return the changes in the table's order, one for each service that a setting concerns."""
    found: list[SettingChange] = []
    for name, setting in TABLE.items():
        before = as_ruby(old.value(name)) if name in old.names else ABSENT
        after = as_ruby(new.value(name)) if name in new.names else ABSENT
        if not setting.without_effect and _value(old, name) != _value(new, name):
            found.extend(_one(setting, before, after if after != before else f"{after} (another {MASK})"))
    return tuple(found)


def _value(settings: Settings, name: str) -> Value | object:
    return settings.value(name) if name in settings.names else _MISSING


_MISSING = object()


def _one(setting: Setting, before: str, after: str) -> list[SettingChange]:
    if not setting.effects:
        return [SettingChange(setting.name, before, after, Effect.NONE, setting.section or "node")]
    return [SettingChange(setting.name, before, after, effect, service) for service, effect in setting.effects.items()]
