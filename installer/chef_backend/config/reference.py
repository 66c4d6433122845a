"""The reference page of settings, made from the table."""

from __future__ import annotations

from collections.abc import Mapping

from chef_backend.config.setting import Effect, Rule, Setting
from chef_backend.config.table import ALIASES, OBSOLETE, SECTIONS
from chef_backend.config.values import as_ruby
from chef_backend.postgresql.versions import oldest, since

_TITLES = {"": "The node", "ssl": "ssl"}
_HEAD = "| setting | value | default | when it changes | meaning |\n|---|---|---|---|---|\n"


def tables() -> str:
    """Return a Markdown table of every section's settings, then of the old names."""
    parts = [f"## {_TITLES.get(section, section)}\n\n{_HEAD}{_rows(rows)}" for section, rows in SECTIONS.items()]
    old = [f"| `{alias}` | the old name of `{name}` |\n" for alias, name in sorted(ALIASES.items())]
    old += [f"| `{name}` | without effect since {each.since}: {each.reason} |\n" for name, each in OBSOLETE.items()]
    return "\n".join(parts) + "\n## Old names\n\n| name | what it is now |\n|---|---|\n" + "".join(old)


def _rows(rows: tuple[Setting, ...]) -> str:
    return "".join(f"| {' | '.join(_cell(cell) for cell in _row(row))} |\n" for row in rows)


def _row(row: Setting) -> list[str]:
    unit = f" ({row.unit})" if row.unit and row.unit != "port" else ""
    return [f"`{row.name}`", row.kind.words() + unit, _default(row), _effects(row), _meaning(row)]


def _default(row: Setting) -> str:
    return row.default.words if isinstance(row.default, Rule) else f"`{as_ruby(row.default)}`"


def _effects(row: Setting) -> str:
    if row.without_effect:
        return "without effect"
    if row.fixed:
        return "set it before `create-cluster`"
    first = since(row.reloads)
    older = f"; before PostgreSQL {first}: {_listed(row.effects_on(oldest()))}" if first else ""
    return _listed(row.effects) + older


def _listed(effects: Mapping[str, Effect]) -> str:
    by_effect: dict[str, list[str]] = {}
    for service, effect in effects.items():
        by_effect.setdefault(effect.value, []).append(service)
    return "; ".join(f"{effect} {', '.join(services)}" for effect, services in by_effect.items()) or "nothing restarts"


def _meaning(row: Setting) -> str:
    notes = [row.meaning]
    if row.without_effect:
        notes.append(f"Accepted, and without effect: {row.without_effect}.")
    if row.per_node:
        notes.append("May differ between nodes.")
    if row.since:
        notes.append(f"Since {row.since}.")
    return " ".join(notes)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
