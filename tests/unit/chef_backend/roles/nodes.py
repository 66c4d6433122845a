"""Nodes to make a desired state of."""

from __future__ import annotations

from pathlib import Path

from chef_backend.base.paths import Paths
from chef_backend.config.facts import HostFacts
from chef_backend.config.load import load
from chef_backend.roles.node import Identity, Node
from chef_backend.secrets.model import Secrets

GUID = "00112233445566778899aabbccddeeff"
DOCUMENT = {
    "postgresql": {"db_superuser_password": "super-pass", "replication_password": "repl-pass"},
    "etcd": {"initial_cluster_token": "cluster-token"},
    "elasticsearch": {"cluster_name": "ChefBackend-00112233"},
}


def facts(major: str = "15") -> HostFacts:
    return HostFacts(8 * 2**30, 2, "be1", ("10.0.2.15", "10.0.2.16", "127.0.0.1", "2001:db8::15", "::1"), major)


def node(text: str = "", *, major: str = "15", root: Path = Path("/"), is_member: bool = False) -> Node:
    """A node of 8 GB with this chef-backend.rb."""
    settings = load(text, facts(major), "chef-backend.rb")
    secrets = Secrets.of(DOCUMENT)
    return Node(settings, secrets, facts(major), Paths(root), Identity(GUID, "be1"), "3.2.0", is_member=is_member)
