"""Everything that a node should have."""

from __future__ import annotations

from chef_backend.resources.model import Resource
from chef_backend.roles.accounts import accounts
from chef_backend.roles.elasticsearch import elasticsearch
from chef_backend.roles.etcd import etcd
from chef_backend.roles.folders import folders
from chef_backend.roles.leaderl import leaderl
from chef_backend.roles.node import Node
from chef_backend.roles.postgresql import postgresql
from chef_backend.roles.secret_files import secret_files
from chef_backend.roles.tls import tls


def desired(node: Node) -> list[Resource]:
    """Return a node's resources, services in the order of their start."""
    return [
        *accounts(node.settings),
        *folders(node),
        *secret_files(node),
        *tls(node),
        *etcd(node),
        *postgresql(node),
        *elasticsearch(node),
        *leaderl(node),
    ]
