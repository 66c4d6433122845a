"""Nodes that are a cluster of one already."""

from __future__ import annotations

from chef_backend.cluster.create import Creation, Options, examine
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.run import Outcome, reconfigure
from chef_backend.reconfigure.steps import Silent


def create(node: FakeNode) -> None:
    """Do what create-cluster does, from its beginning."""
    Creation(node.machine, examine(node.machine, lambda _node: {}), Options(), Silent()).run()


def created(text: str = "", *, major: str = "15") -> FakeNode:
    """Return a node that is a cluster of one."""
    node = FakeNode(text, major=major)
    create(node)
    return node


def configured(node: FakeNode, text: str | None = None, *, apply_restarts: bool = False) -> Outcome:
    """Change chef-backend.rb and reconfigure."""
    node.text = node.text if text is None else text
    return reconfigure(node.machine, Silent(), apply_restarts=apply_restarts)
