"""PostgreSQL on a node: its folders, configuration, password file and service. Nothing here ever restarts it."""

from __future__ import annotations

from typing import Final

from chef_backend.postgresql.access import pg_hba, pg_ident
from chef_backend.postgresql.conf import INCLUDED, render, server_settings
from chef_backend.postgresql.effects import SERVICE, conf_rule
from chef_backend.postgresql.standby import passfile, secret_file
from chef_backend.resources.effects import Effect, ServiceEffect
from chef_backend.resources.model import Directory, File, Resource
from chef_backend.roles.node import Node
from chef_backend.roles.supervision import Service, definition, restarts
from chef_backend.secrets.modes import STANDBY_FILE

_RELOAD: Final = (ServiceEffect(SERVICE, Effect.RELOAD),)
# What this role writes into the data directory; initdb leaves it as it is.
MANAGED: Final = (INCLUDED, "pg_hba.conf", "pg_ident.conf", "postgresql.conf")


def postgresql(node: Node) -> list[Resource]:
    """Return everything that PostgreSQL needs on this node."""
    return [*_folders(node), *_files(node), *_passfile(node), *definition(node, service(node))]


def service(node: Node) -> Service:
    """Return the service; whether it is guarded changes when it becomes a member, and counts from the next start on."""
    return Service(
        name=SERVICE,
        run="postgresql.sh.j2",
        user=_user(node),
        group=_user(node),
        values={
            "data": node.folder("postgresql.data_dir"),
            "sentinel": node.paths.no_start_pgsql,
            "may_start": node.paths.may_start_pgsql,
            "guarded": node.is_member and node.settings.flag("leaderl.enable"),
        },
        controls={"t": "postgresql-stop.sh.j2"},
        effects=restarts(SERVICE),
        waits=True,
    )


def _user(node: Node) -> str:
    return node.settings.text("postgresql.username")


def _folders(node: Node) -> list[Resource]:
    user = _user(node)
    own, data = node.paths.postgresql(node.facts.postgresql_major), node.folder("postgresql.data_dir")
    included = Directory(path=data / INCLUDED, owner=user, group=user, mode=0o700)
    return [
        Directory(path=own.parent),
        Directory(path=own),
        Directory(path=node.socket_folder, owner=user, group=user),
        Directory(path=data, owner=user, group=user, mode=0o700),
        *([] if node.postgresql.has_recovery_conf else [included]),
    ]


def _files(node: Node) -> list[Resource]:
    settings, user, folder = node.settings, _user(node), node.folder("postgresql.data_dir")
    values = server_settings(settings, node.postgresql, node.socket_folder, node.certificate)
    return [
        File(
            path=folder / "postgresql.conf",
            content=render(values, node.postgresql),
            owner=user,
            group=user,
            mode=0o600,
            effects=conf_rule(node.postgresql),
        ),
        File(
            path=folder / "pg_hba.conf",
            content=pg_hba(settings),
            owner=user,
            group=user,
            mode=0o600,
            effects=_RELOAD,
        ),
        File(
            path=folder / "pg_ident.conf",
            content=pg_ident(settings),
            owner=user,
            group=user,
            mode=0o600,
            effects=_RELOAD,
        ),
    ]


def _passfile(node: Node) -> list[Resource]:
    """Return the password file; up to PostgreSQL 11 it is recovery.conf, which only a follower has."""
    if node.postgresql.has_recovery_conf:
        return []
    user = node.settings.text("postgresql.replication_user")
    folder = node.paths.postgresql(node.facts.postgresql_major)
    return [
        File(
            path=secret_file(node.postgresql, folder, node.folder("postgresql.data_dir")),
            content=passfile(user, node.secrets.replication_password),
            owner=_user(node),
            group=_user(node),
            mode=STANDBY_FILE.mode,
        )
    ]
