"""What keeps a cluster from being made on a node: told before the first change, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from made import create, created

from chef_backend.base.errors import AlreadyConfigured, Conflict
from chef_backend.cluster.create import examine
from chef_backend.cluster.ports import Holder
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.resources.host import Kind, Observed

ETCD = Path("/var/opt/chef-backend/etcd/data/member")
POSTGRESQL = Path("/var/opt/chef-backend/postgresql/15/data/PG_VERSION")
SEARCH = Path("/var/opt/chef-backend/elasticsearch/data/nodes")
FOLDER = Observed(Kind.FOLDER, mode=0o700)


def test_a_member_makes_no_second_cluster() -> None:
    node = created()
    changes = node.host.changes
    with pytest.raises(AlreadyConfigured, match="nothing was changed"):
        create(node)
    assert node.host.changes == changes


def test_data_that_is_there_is_never_made_a_new_clusters() -> None:
    """Each kind of it is named, whoever left it; even by a restore it would be lost."""
    node = FakeNode()
    node.host.add(ETCD, FOLDER)
    node.host.add(SEARCH, FOLDER)
    node.host.add(POSTGRESQL, Observed(Kind.FILE, content=b"15\n"))
    changes = node.host.changes
    with pytest.raises(Conflict, match="nothing was changed") as caught:
        create(node)
    assert caught.value.message.splitlines()[1:] == [
        "  etcd: /var/opt/chef-backend/etcd/data/member",
        "  PostgreSQL 15: /var/opt/chef-backend/postgresql/15/data",
        "  Elasticsearch: /var/opt/chef-backend/elasticsearch/data/nodes",
    ]
    assert node.host.changes == changes


def test_a_cluster_needs_its_services() -> None:
    with pytest.raises(Conflict, match=r"without etcd, leaderl: etcd\.enable, leaderl\.enable is false"):
        create(FakeNode("etcd.enable false\nleaderl.enable false"))


def test_a_port_that_somebody_has_is_told_with_the_program() -> None:
    node = FakeNode()
    with pytest.raises(Conflict, match=r"port 9200 is needed by elasticsearch, and /usr/bin/perl \(pid 7\) listens"):
        examine(node.machine, lambda _node: {9200: Holder(7, "/usr/bin/perl")})
