"""PostgreSQL after its files were written: its roles' passwords, its certificate, and whether it runs as they say."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from chef_backend.base.clock import wait_for
from chef_backend.base.errors import ServiceFailed, TimedOut
from chef_backend.postgresql.conf import server_settings
from chef_backend.postgresql.control import Database, Role
from chef_backend.postgresql.effects import needs_restart
from chef_backend.postgresql.running import Difference, differences
from chef_backend.reconfigure.machine import Machine
from chef_backend.reconfigure.pending import POSTGRESQL, with_restart, without_restart
from chef_backend.resources.apply import write_receipt
from chef_backend.resources.effects import Effect
from chef_backend.resources.receipt import Receipt
from chef_backend.roles.node import Node
from chef_backend.tls.due import Reason, due
from chef_backend.tls.ensure import Place, ensure
from chef_backend.tls.request import request
from chef_backend.tls.usable import require_usable

# A reload is a signal: the server reads its files a moment later.
_RELOADED_S: Final = 5.0


def require_tls(machine: Machine, node: Node) -> None:
    """Raise Conflict where PostgreSQL would not start with what is set of TLS; nothing is changed."""
    require_usable(node.settings, _place(node), node.postgresql, machine.maker, machine.host)


def certificate_due(machine: Machine, node: Node) -> Reason | None:
    """Return why a certificate for replication is to be made now, None while there is a good one."""
    if node.settings.text_or_none("ssl.certificate") is not None:
        return None
    pair = node.certificate
    return due(machine.maker.look(pair.certificate, pair.key), machine.now(), request(node.settings).days)


def ensure_certificate(machine: Machine, node: Node, receipt: Receipt) -> Receipt:
    """Make the certificate where it is due; the receipt has what PostgreSQL owes for it before it is there."""
    reason = certificate_due(machine, node)
    if reason is None:
        return receipt
    pair = node.certificate
    effect = Effect.RELOAD if node.postgresql.tls_reloads else Effect.RESTART
    because = {POSTGRESQL: (f"{pair.certificate} ({reason})",)}
    after = receipt.with_pending({POSTGRESQL: effect}, because, machine.now())
    write_receipt(machine.host, machine.paths.receipt, after)
    ensure(node.settings, _place(node), machine.maker, machine.host, machine.now())
    return after


def _place(node: Node) -> Place:
    user, pair = node.settings.text("postgresql.username"), node.certificate
    return Place(pair.certificate, pair.key, user, user)


def ensure_roles(database: Database, node: Node) -> tuple[str, ...]:
    """Give the superuser and the replication user the passwords of the secrets file; return the names of those changed.

    On a follower nothing is changed.
    """
    settings, secrets = node.settings, node.secrets
    return database.ensure_roles(
        (
            Role(settings.text("postgresql.db_superuser"), secrets.db_superuser_password, superuser=True),
            Role(settings.text("postgresql.replication_user"), secrets.replication_password),
        )
    )


def compare(machine: Machine, database: Database, node: Node, *, reloaded: bool) -> tuple[Difference, ...]:
    """Return the settings that do not run as wanted; those that a reload changes get the time to."""
    wanted = server_settings(node.settings, node.postgresql, node.socket_folder, node.certificate)
    found: list[tuple[Difference, ...]] = []

    def look() -> bool:
        found.append(differences(wanted, database.running()))
        return all(each.pending_restart for each in found[-1])

    within_s = _RELOADED_S if reloaded else 0.0
    with suppress(TimedOut):  # a value that another file or a role overrides stays: it is reported
        wait_for("PostgreSQL to take its settings up", look, within_s=within_s, clock=machine.clock)
    return found[-1]


def as_server_says(
    machine: Machine, database: Database, node: Node, receipt: Receipt, found: tuple[Difference, ...]
) -> Receipt:
    """Return the receipt with a restart of PostgreSQL due where the server itself waits for one, and only there."""
    waiting = [each.name for each in found if each.pending_restart]
    if waiting:
        return with_restart(receipt, waiting, machine.now())
    if any(needs_restart(each.name, node.postgresql) for each in found):
        return receipt  # it has not read its files yet
    unseen = [f"{node.paths.sv / POSTGRESQL / 'env'}/"]
    unseen += [] if node.postgresql.tls_reloads else [str(node.certificate.certificate)]
    return without_restart(receipt, started_at=database.started_at(), unseen=unseen)


def require_no_mistakes(database: Database) -> None:
    """Raise ServiceFailed where the server does not take its files: it runs on with the old ones, until it stops."""
    found = database.mistakes()
    if found:
        raise ServiceFailed(
            "\n".join(["PostgreSQL does not take its configuration, and would not start with it:", *found]),
            hint="correct that in chef-backend.rb (or in the file, where it is not ours), then run this command again",
        )
