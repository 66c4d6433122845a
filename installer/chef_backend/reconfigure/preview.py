"""What a run would do, told before it is done: for people, and for programs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from chef_backend.postgresql.effects import SettingChange, setting_changes
from chef_backend.reconfigure.pending import POSTGRESQL
from chef_backend.resources.effects import Effect
from chef_backend.resources.host import Kind
from chef_backend.resources.model import Absent, File
from chef_backend.resources.plan import Plan
from chef_backend.resources.show import as_json, as_text
from chef_backend.roles.node import Node
from chef_backend.tls.due import Reason

_NOT_BY_ITSELF: Final = (
    "note: PostgreSQL is reloaded by this, and restarted only with --apply-restarts "
    "or by chef-backend-ctl restart postgresql\n"
)


def preview_text(plan: Plan, node: Node, certificate: Reason | None, *, hide_sensitive: bool) -> str:
    """Return what a run would do; it says so when that is nothing."""
    text = as_text(plan, hide_sensitive=hide_sensitive)
    text += "".join(_setting_lines(settings(plan, node)))
    text += "".join(f"{service}: it would be stopped, and not start again\n" for service in stopped(plan, node))
    if certificate is not None:
        text += f"certificate for replication: {certificate}, it would be made\n"
    if plan.effects.get(POSTGRESQL) is Effect.RESTART:
        text += _NOT_BY_ITSELF
    return text or "Nothing would be changed.\n"


def preview_json(plan: Plan, node: Node, certificate: Reason | None, *, hide_sensitive: bool) -> dict[str, Any]:
    """Return the same as a document."""
    return {
        **as_json(plan, hide_sensitive=hide_sensitive),
        "settings": {
            POSTGRESQL: [
                {"name": each.name, "old": each.old, "new": each.new, "effect": str(each.effect)}
                for each in settings(plan, node)
            ]
        },
        "stopped": list(stopped(plan, node)),
        "certificate": certificate and str(certificate),
    }


def settings(plan: Plan, node: Node) -> tuple[SettingChange, ...]:
    """Return the settings of a running PostgreSQL that a plan changes."""
    conf = node.folder("postgresql.data_dir") / "postgresql.conf"
    for change in plan.changes:
        item = change.resource
        if isinstance(item, File) and item.path == conf and change.found.kind is Kind.FILE:
            return setting_changes(change.found.content, item.data, node.postgresql)
    return ()


def stopped(plan: Plan, node: Node) -> tuple[str, ...]:
    """Return the services that a plan switches off: without its link the supervisor ends a service."""
    removed = [each.resource.path for each in plan.changes if isinstance(each.resource, Absent)]
    return tuple(path.name for path in removed if path.parent == node.paths.service)


def _setting_lines(changes: tuple[SettingChange, ...]) -> Iterator[str]:
    if changes:
        yield "\nsettings of PostgreSQL:\n"
    for each in changes:
        yield f"  {each.name}: {each.old or '(none)'} → {each.new or '(none)'} ({each.effect})\n"
