"""The folders that belong to no single service."""

from __future__ import annotations

from chef_backend.resources.model import Directory, Resource
from chef_backend.roles.node import Node


def folders(node: Node) -> list[Resource]:
    """Return the folders of the configuration, of all data and of all logs."""
    paths = node.paths
    return [Directory(path=path) for path in (paths.etc, paths.data, paths.state, paths.logs)]
