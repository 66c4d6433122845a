"""The folder of the certificates that are made here; chef_backend.tls makes them."""

from __future__ import annotations

from chef_backend.resources.model import Directory, Resource
from chef_backend.roles.node import Node


def tls(node: Node) -> list[Resource]:
    """Return the folder: root's, so that no service can put another key into it."""
    group = node.settings.text("postgresql.username")
    return [Directory(path=node.folder("ssl.data_dir"), group=group, mode=0o750)]
