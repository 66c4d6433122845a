"""PostgreSQL's own programs, for copies of a node's data."""

from __future__ import annotations

from chef_backend.base.proc import SystemRunner
from chef_backend.base.secret import Redactor
from chef_backend.postgresql.copies import ServerCopies
from chef_backend.postgresql.serving import serving_port
from chef_backend.roles.node import Node


def server_copies(node: Node) -> ServerCopies:
    """Return them for a node as it is configured."""
    settings = node.settings
    return ServerCopies(
        runner=SystemRunner(Redactor(node.secrets.every())),
        bin_folder=node.paths.embedded_bin,
        version=node.postgresql,
        socket_folder=node.socket_folder,
        port=serving_port(node.folder("postgresql.data_dir"), settings.integer("postgresql.port")),
        superuser=settings.text("postgresql.db_superuser"),
        owner=settings.text("postgresql.username"),
    )
