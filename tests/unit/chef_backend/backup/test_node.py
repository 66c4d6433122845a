"""What a backup and a restore ask of a node, and do with its services: on a whole node in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import CONTENT, manifest

from chef_backend.backup.archive import Head
from chef_backend.backup.examine import examine
from chef_backend.backup.manifest import CONFIG, SECRETS, Origin
from chef_backend.backup.newcluster import ThisNode
from chef_backend.backup.prepare import companions
from chef_backend.backup.source import examine as source
from chef_backend.base.errors import ChefBackendError, Conflict, NotAMember, ServiceFailed
from chef_backend.cluster.create import Creation, Options
from chef_backend.cluster.create import examine as creatable
from chef_backend.cluster.ports import Holder
from chef_backend.config.problems import ConfigInvalid
from chef_backend.etcd.model import Member
from chef_backend.postgresql.control import DatabaseUnavailable
from chef_backend.postgresql.running import Running
from chef_backend.reconfigure.fake import FakeNode
from chef_backend.reconfigure.membership import Membership, membership
from chef_backend.reconfigure.situation import Situation, gather
from chef_backend.reconfigure.steps import Silent
from chef_backend.resources.host import Kind, Observed
from chef_backend.roles.supervision import SERVICES

OTHER = Member(2, "a" * 32, ("http://10.0.2.16:2380",), ("http://10.0.2.16:2379",))


@pytest.fixture
def node() -> FakeNode:
    """A cluster of one."""
    made = FakeNode()
    Creation(made.machine, creatable(made.machine, lambda _node: {}), Options(), Silent()).run()
    made.postgresql.settings["server_version"] = Running("15.18")
    return made


def of(node: FakeNode, *, force: bool = False) -> Origin:
    return source(node.machine, gather(node.machine), force=force).origin


def wanted(node: FakeNode, config: str = "", held: dict[int, Holder] | None = None, **changes: str) -> Situation:
    content = {**CONTENT, CONFIG: config.encode()}
    origin = manifest().origin
    fields = {name: getattr(origin, name) for name in origin.__slots__}
    head = Head(manifest(content, origin=Origin(**{**fields, **changes})), config.encode(), CONTENT[SECRETS])
    return examine(node.machine, head, "", lambda _node: held or {})[0]


def test_a_backup_says_where_it_is_from(node: FakeNode) -> None:
    """Enough to judge by whether it fits another node."""
    origin = of(node)
    assert (origin.postgresql, origin.major, origin.software) == ("15.18", "15", "3.2.0")
    assert (origin.node, origin.address, origin.leader) == ("be1", "10.0.2.15", True)


def test_only_a_member_whose_data_is_whole_is_backed_up(node: FakeNode) -> None:
    """What never was in a cluster, half a copy, data elsewhere or closed, a database that is down."""
    alone = FakeNode()
    with pytest.raises(NotAMember):
        of(alone)
    data = node.paths.postgresql_data("15")
    for path, message in (
        (node.paths.unsynced, "no whole copy"),
        (data / "pg_tblspc/16385", "1 tablespace outside"),
        (data / "lost+found", "which it may not read"),
    ):
        node.host.add(path, Observed(Kind.FILE))
        with pytest.raises(Conflict, match=message):
            of(node, force=True)
        del node.host.tree[path]
    node.machine.host.remove_file(node.paths.service / "postgresql")
    with pytest.raises(DatabaseUnavailable):
        of(node)


def test_a_leader_of_others_needs_force(node: FakeNode) -> None:
    """A follower does not, nor does the only node."""
    node.etcd.cluster = (OTHER,)
    with pytest.raises(Conflict, match="this node is the leader"):
        of(node)
    assert of(node, force=True).leader
    node.postgresql.follows = True
    assert not of(node).leader


def test_what_does_not_fit_is_refused_and_nothing_is_changed(node: FakeNode) -> None:
    """Another major version, a port of somebody else's, a configuration that is none here, services switched off."""
    before = dict(node.host.tree)
    port = {5432: Holder(7, "/usr/sbin/other")}
    cases: list[tuple[type[ChefBackendError], str, dict[int, Holder], dict[str, str]]] = [
        (Conflict, "", {}, {"major": "9.5", "postgresql": "9.5.25"}),
        (Conflict, "", port, {}),
        (ConfigInvalid, "publish_address '10.0.2.15'\nnonsense 1\n", {}, {}),
        (Conflict, "etcd.enable false\n", {}, {}),
    ]
    for error, config, held, changes in cases:
        with pytest.raises(error):
            wanted(node, config, held, **changes)
    assert node.host.tree == before
    assert wanted(node, "postgresql.port 5433\n", port).node.settings.integer("postgresql.port") == 5433
    assert node.host.tree == before


def test_the_others_of_the_cluster_are_known_where_etcd_answers(node: FakeNode) -> None:
    """A node whose configuration is wrong by now is asked all the same."""
    new = wanted(node).node
    assert companions(node.machine, Membership.NONE, new) == ()
    assert companions(node.machine, Membership.MEMBER, new) == ()
    node.etcd.cluster = (OTHER,)
    node.text = "nonsense 1\n"
    assert companions(node.machine, Membership.MEMBER, new) == ("10.0.2.16",)
    node.machine.host.remove_file(node.paths.service / "etcd")
    assert companions(node.machine, Membership.MEMBER, new) is None


def test_nothing_starts_and_nothing_else_goes_on_while_data_is_replaced(node: FakeNode) -> None:
    """At a boot neither; an abandoned restore is as if it never was."""
    cluster = ThisNode(node.machine, wanted(node), Silent())
    cluster.begin()
    cluster.stop()
    assert not any(node.runs(service) for service in SERVICES)
    assert [path for path in node.host.tree if path.parent == node.paths.service] == []
    with pytest.raises(Conflict, match="a restore was interrupted"):
        gather(node.machine)
    cluster.configure()
    assert not any(node.runs(service) for service in SERVICES)
    for before in (Membership.RESTORING, Membership.CREATING):
        cluster.abandon(before)
        assert membership(node.host, node.paths) is before
    cluster.abandon(Membership.NONE)
    assert membership(node.host, node.paths) is Membership.MEMBER


def test_a_service_that_does_not_stop_ends_it(node: FakeNode) -> None:
    cluster = ThisNode(node.machine, wanted(node), Silent())
    node.services.stop_s = 1000
    with pytest.raises(ServiceFailed, match="does not stop"):
        cluster.stop()


@pytest.mark.parametrize("is_new", [True, False], ids=["a fresh node", "a member"])
def test_the_restored_node_is_a_cluster_of_its_own(node: FakeNode, *, is_new: bool) -> None:
    """With the backup's configuration and passwords, another token for etcd, and the name it had."""
    node = FakeNode() if is_new else node
    config = "etcd.snapshot_count 6000\n"
    situation = wanted(node, config)
    cluster = ThisNode(node.machine, situation, Silent())
    cluster.begin()
    cluster.stop()
    for path in [path for path in node.host.tree if node.paths.etcd / "data" in (path, *path.parents)]:
        del node.host.tree[path]  # put aside
    node.text = config
    _put(node, node.paths.secrets, situation.node.secrets.document.reveal().encode())
    cluster.configure()
    node.postgresql.initialised = True
    cluster.start()
    assert node.leads
    assert membership(node.host, node.paths) is Membership.MEMBER
    found = gather(node.machine).node
    assert found.secrets.db_superuser_password.reveal() == "super-pass"
    assert found.secrets.initial_cluster_token.reveal() != "cluster-token"
    assert found.identity == situation.node.identity


def _put(node: FakeNode, path: Path, content: bytes) -> None:
    node.host.add(path, Observed(Kind.FILE, content=content, mode=0o640))
