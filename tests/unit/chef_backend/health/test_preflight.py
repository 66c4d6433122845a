"""preflight of a whole node: the host, and what this node's own files have against a cluster."""

from __future__ import annotations

import pytest
from alone import created

from chef_backend.base.errors import InvalidSecrets
from chef_backend.cluster.create import examine
from chef_backend.cluster.ports import Holder
from chef_backend.health.codes import HOST
from chef_backend.health.fake import FakeWorld
from chef_backend.health.finding import Finding, Severity
from chef_backend.health.preflight import of_host, preflight
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.resources.host import Kind, Observed

WORLD = FakeWorld(names={"be1": ("10.0.2.15",)})


def wrong(node: FakeNode) -> list[Finding]:
    return [each for each in preflight(node.machine, WORLD) if each.severity is not Severity.OK]


def test_a_fresh_node_on_a_good_host() -> None:
    """Everything is looked at; a command that has read the configuration looks at the host alone."""
    node = FakeNode()
    found = preflight(node.machine, WORLD)
    assert {each.code for each in found} == {"CB130", *(code.code for code in HOST)}
    assert wrong(node) == []
    assert of_host(node.machine, examine(node.machine, lambda _node: {}), WORLD) == found[1:]


def test_mistakes_are_listed_and_the_host_is_looked_at_all_the_same() -> None:
    """By the defaults, as the evidence says."""
    node = FakeNode("etcd.client_port = 99999999\nnope = 1\n")
    (found,) = wrong(node)
    assert (found.code, found.severity, found.value) == ("CB130", Severity.CRITICAL, "2 mistakes")
    assert "nope" in found.evidence
    assert found.evidence.endswith("the rest of this goes by the defaults")


def test_data_of_another_cluster() -> None:
    """A node of which create-cluster would refuse to make a new one."""
    node = FakeNode()
    node.host.add(node.paths.postgresql_data("15") / "PG_VERSION", Observed(Kind.FILE, content=b"15\n"))
    (found,) = wrong(node)
    assert (found.code, found.severity) == ("CB171", Severity.CRITICAL)
    assert str(node.paths.postgresql_data("15")) in found.evidence
    assert "cleanse" in found.fix


def test_data_of_another_version_and_a_service_that_a_cluster_needs() -> None:
    node = FakeNode("etcd.enable = false\n")
    assert [(each.code, each.value) for each in wrong(node)] == [("CB130", "no cluster possible")]
    node.host.add(node.paths.postgresql_data("15") / "PG_VERSION", Observed(Kind.FILE, content=b"9.5\n"))
    (found,) = wrong(node)
    assert (found.code, found.severity) == ("CB170", Severity.CRITICAL)
    assert "9.5" in found.evidence


def test_secrets_that_cannot_be_used() -> None:
    """The message is the one that create-cluster would end with."""
    node = FakeNode()
    node.host.add(node.paths.secrets, Observed(Kind.FILE, content=b"not JSON"))
    with pytest.raises(InvalidSecrets) as raised:
        examine(node.machine, lambda _node: {})
    (found,) = wrong(node)
    assert (found.code, found.severity, found.evidence) == ("CB382", Severity.CRITICAL, raised.value.message)


def test_a_member_has_its_own_ports_and_data() -> None:
    """Neither is in the way of itself."""
    node = created()
    world = FakeWorld(listeners={5432: Holder(7, "/opt/chef-backend/embedded/bin/postgres")})
    assert [each for each in preflight(node.machine, world) if each.severity is not Severity.OK] == []
