"""Several leaderl on one etcd, through whatever may happen between two of their turns.

A node is a real Elector with its Guard; etcd, PostgreSQL and the clock are in memory. What must hold is checked
after every step, for each node by the frontends' question and by what its PostgreSQL would do with a write.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chef_backend.base.clock import FakeClock
from chef_backend.etcd.fake import FakeEtcd
from chef_backend.etcd.model import Member, Swap
from chef_backend.leader.act import Actor
from chef_backend.leader.decide import decide
from chef_backend.leader.elector import Elector
from chef_backend.leader.fake import FakeServer
from chef_backend.leader.guard import Guard
from chef_backend.leader.model import Act, Barrier, Database, Memory, Policy, Record, Role, View
from chef_backend.leader.observe import DiskSpace, Observer
from chef_backend.leader.record import KEY, RecordKeeper, parse

POLICY = Policy(ttl_s=30, fence_s=5, margin_s=5, max_database_failures=5)
STANDING = replace(POLICY, followers_stand=True)
NOWHERE = Path("/nonexistent/unsynced")


@dataclass
class Node:
    """One node of a cluster; `log` is what its leaderl wrote."""

    guid: str
    etcd: FakeEtcd
    clock: FakeClock
    policy: Policy = POLICY
    server: FakeServer = field(default_factory=FakeServer)
    unsynced_file: Path = NOWHERE
    disks: tuple[DiskSpace, ...] = ()
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.boot(self.server)

    def say(self, level: str, text: str) -> None:
        self.log.append(f"[{level}] {text}")

    def boot(self, server: FakeServer | None = None) -> None:
        """Come up with nothing but what is on the disk; with another server where one is given."""
        if server is None:
            self.server.reboot()
        else:
            self.server = server
        self.guard = Guard(self.server, self.clock, self.policy.fence_s, self.say)
        self.start()

    def start(self) -> None:
        """Begin anew, as after `kill -9`: PostgreSQL, its sentinels and the fencer are as they were."""
        keeper = RecordKeeper(self.etcd, self.clock, Record(self.guid, 0, f"be-{self.guid}"), self.policy.ttl_s)
        observer = Observer(keeper, self.server, self.server, self.clock, self.unsynced_file, lambda: self.disks)
        self.elector = Elector(
            self.guid, observer, Actor(keeper, self.server, self.guard, self.say), self.policy, held=self.guard.held
        )

    def turns(self, count: int = 1) -> None:
        """Take turns with the supervisor doing its part between them."""
        for _ in range(count):
            self.elector.turn()
            self.clock.advance(1)
            self.server.supervise()
            self.guard.tick()

    @property
    def leads(self) -> bool:
        return self.elector.snapshot.leads(self.clock.monotonic())

    @property
    def epoch(self) -> int:
        return self.elector.snapshot.epoch

    @property
    def role(self) -> Role:
        return self.elector.snapshot.role


def cluster(count: int, clock: FakeClock | None = None, policy: Policy = POLICY) -> list[Node]:
    """Return nodes whose etcd clients share one cluster."""
    members = tuple(Member(number, f"{number:032x}", (), ()) for number in range(count))
    etcd, clock = FakeEtcd(cluster=members), clock or FakeClock()
    return [Node(member.name, etcd.client(), clock, policy) for member in members]


@pytest.fixture
def node() -> Node:
    """A cluster of one."""
    return cluster(1)[0]


def test_a_node_alone_leads_after_two_turns(node: Node) -> None:
    assert (node.role, node.leads) == (Role.INITIALIZING, False)
    node.turns()
    assert (node.role, node.leads) == (Role.PROMOTING, False)
    node.turns()
    assert (node.role, node.leads, node.epoch, node.server.epoch) == (Role.LEADER, True, 1, 1)
    assert node.log == [
        "[I] from initializing to promoting: nobody leads",
        "[I] this node leads from epoch 1 on",
        "[I] from promoting to leader",
    ] or node.log[-1].startswith("[I] from promoting to leader")


def test_a_leadership_lasts_and_writes_nothing_to_the_log(node: Node) -> None:
    node.turns(3)
    written = len(node.log)
    node.turns(200)
    assert node.leads
    assert node.epoch == 1
    assert len(node.log) == written


def test_etcd_gone_ends_it_before_the_deadline_and_back_begins_a_new_epoch(node: Node) -> None:
    """Nobody has to do anything for it."""
    node.turns(3)
    node.etcd.available = False
    node.turns(20)
    assert node.leads
    node.turns(10)
    assert not node.leads
    assert not node.server.running
    assert (node.role, node.server.kept) == (Role.DEPOSED, Barrier.OURS)
    node.etcd.available = True
    node.turns(4)
    assert (node.leads, node.epoch, node.server.kept) == (True, 2, Barrier.NONE)


def test_the_deadline_is_kept_while_a_turn_waits(node: Node) -> None:
    """A turn that hangs does not keep PostgreSQL up: the guard needs no turn."""
    node.turns(3)
    node.clock.advance(POLICY.ttl_s - POLICY.fence_s)
    assert not node.leads
    node.guard.tick()
    assert not node.server.running
    assert not node.guard.open()
    node.turns(4)
    assert (node.leads, node.epoch) == (True, 2)


def test_a_suspended_machine_wakes_up_without_the_leadership(node: Node) -> None:
    node.turns(3)
    node.clock.advance(3600)
    assert not node.leads


def test_a_renewal_whose_answer_is_lost_costs_nothing(node: Node) -> None:
    node.turns(3)
    node.etcd.lose_next_answer = True
    node.turns(3)
    assert (node.leads, node.epoch, node.server.reasons) == (True, 1, [])


def test_a_renewal_whose_answer_comes_too_late_is_none(node: Node) -> None:
    """The fencer has ended PostgreSQL meanwhile; a new leadership begins instead."""

    class Late(FakeEtcd):
        def swap(self, key: str, data: bytes, *, expected: int) -> Swap:
            swap = FakeEtcd.swap(self, key, data, expected=expected)
            node.clock.advance(POLICY.ttl_s - POLICY.fence_s)
            node.guard.tick()
            return swap

    node.turns(3)
    etcd = node.etcd
    node.etcd = Late(etcd.keys, etcd.cluster, revisions=etcd.revisions)
    node.start()
    node.elector.turn()
    assert (node.leads, node.role, node.server.running) == (False, Role.DEPOSED, False)
    node.etcd = etcd
    node.start()
    node.turns(4)
    assert (node.leads, node.epoch) == (True, 2)


def test_a_campaign_whose_answer_is_lost_is_won_by_the_next(node: Node) -> None:
    node.etcd.lose_next_answer = True
    node.turns(3)
    assert (node.leads, node.epoch) == (True, 2)


def test_a_server_that_ends_is_no_leader_until_it_is_back(node: Node) -> None:
    node.turns(3)
    node.server.running = False
    node.elector.turn()
    assert (node.leads, node.role) == (False, Role.PROMOTING)
    node.turns(2)
    assert (node.leads, node.epoch) == (True, 1)


def test_what_a_killed_first_process_left_is_cleared_away(node: Node) -> None:
    """It takes no new clients, and keeps another server from starting for as long as one of its queries lasts."""
    node.turns(3)
    node.server.headless = True
    node.elector.turn()
    assert (node.leads, node.role, node.server.running) == (False, Role.PROMOTING, False)
    node.turns(3)
    assert (node.leads, node.epoch, node.server.reasons) == (True, 1, [])


def test_a_headless_server_without_a_leadership_is_ended(node: Node) -> None:
    node.etcd.available = False
    node.server.headless = True
    node.turns(2)
    assert not node.server.running


def test_a_server_that_takes_no_writes_is_no_leader(node: Node) -> None:
    node.turns(3)
    node.server.takes_writes = False
    node.turns()
    assert not node.leads
    node.turns(100)
    assert node.epoch == 1  # kept: nobody else could do better


def test_a_slow_answer_is_forgiven_as_often_as_the_settings_say(node: Node) -> None:
    node.turns(3)
    node.server.answers = False
    node.turns(POLICY.max_database_failures)
    assert node.leads
    node.turns()
    assert not node.leads


def test_a_leaderl_that_was_killed_goes_on_with_the_leadership(node: Node) -> None:
    """The fencer held it meanwhile."""
    node.turns(3)
    node.start()
    assert not node.leads
    node.turns()
    assert (node.leads, node.epoch, node.server.reasons) == (True, 1, [])


def test_a_leaderl_that_was_killed_without_etcd_leaves_the_server_its_time(node: Node) -> None:
    node.turns(3)
    node.etcd.available = False
    node.start()
    node.turns(20)
    assert (node.leads, node.server.running) == (True, True)
    node.turns(10)
    assert (node.leads, node.server.running) == (False, False)


def test_a_leaderl_and_a_fencer_that_were_both_killed_take_a_new_epoch(node: Node) -> None:
    node.turns(3)
    node.boot(node.server)
    node.turns(2)
    assert (node.leads, node.epoch, node.server.reasons) == (True, 2, [])


def test_a_machine_that_comes_back_serves_nothing_before_it_leads(node: Node) -> None:
    node.turns(3)
    node.etcd.available = False
    node.boot()
    node.turns(50)
    assert not node.server.running
    assert node.role is Role.WAITING
    node.etcd.available = True
    node.turns(4)
    assert (node.leads, node.epoch) == (True, 2)


def test_a_server_that_is_started_all_the_same_is_ended_by_the_fencer(node: Node) -> None:
    """Without any turn of leaderl: by hand, or by a run script that had looked just before."""
    node.turns(3)
    node.guard.close("a test")
    node.server.running = True
    node.guard.tick()
    assert not node.server.running


def test_a_record_that_nobody_can_read_is_no_leadership(node: Node) -> None:
    node.etcd.put(KEY, b"something else")
    node.turns(2)
    assert not node.server.running
    assert "holds no leader record" in node.elector.snapshot.reason


def test_a_server_that_refuses_us_may_take_writes_of_others() -> None:
    """What one client is told (out of memory, say) is no proof that nobody writes."""
    view = View(1.0, None, Database(error="out of memory", refused=True))
    decision = decide(view, Memory(), POLICY, "a")
    assert decision.act is Act.FENCE


def test_a_restart_of_leaderl_takes_a_new_epoch_and_leaves_the_server_alone(node: Node) -> None:
    node.turns(3)
    node.elector.stop()
    assert not node.leads
    assert parse(node.etcd.get(KEY)).record.released
    node.start()
    node.turns(2)
    assert (node.leads, node.epoch, node.server.reasons) == (True, 2, [])


def test_a_stop_where_others_could_lead_ends_the_server_first() -> None:
    first, second = cluster(2, policy=STANDING)
    second.boot(FakeServer(in_recovery=True))
    first.turns(3)
    first.elector.stop()
    assert not first.server.running
    second.turns(4)
    assert (second.leads, second.epoch) == (True, 2)
    first.start()
    first.turns(3)
    assert not first.server.running  # its data is older than what be-1 wrote since
    assert "must be copied first" in first.elector.snapshot.ineligible


def test_a_leader_that_was_killed_is_followed_after_its_time_only() -> None:
    first, second = cluster(2, policy=STANDING)
    first.turns(3)
    second.boot(FakeServer(in_recovery=True))
    second.turns(30)
    assert second.role is not Role.LEADER
    assert second.epoch == 1
    second.turns(10)
    assert second.epoch == 2


def test_a_server_that_somebody_started_is_ended_where_another_leads() -> None:
    first, second = cluster(2)
    second.server.running = False
    second.server.starts = False
    first.turns(3)
    second.server.running = True
    second.turns()
    assert not second.server.running
    assert "without a leadership: be-" in second.server.reasons[0]


def test_no_start_pgsql_of_an_operator_is_left_alone(node: Node) -> None:
    node.boot(FakeServer(running=False, kept=Barrier.FOREIGN))
    node.turns(5)
    assert (node.role, node.server.kept, node.server.running) == (Role.WAITING, Barrier.FOREIGN, False)
    assert "no-start-pgsql" in node.elector.snapshot.ineligible
    node.server.kept = Barrier.NONE
    node.turns(4)
    assert node.leads


def test_a_copy_that_did_not_end_keeps_a_node_from_leading(node: Node, tmp_path: Path) -> None:
    node.unsynced_file = tmp_path / "unsynced"
    node.unsynced_file.touch()
    node.start()
    node.turns(5)
    assert not node.server.running
    assert node.elector.snapshot.unsynced
    node.unsynced_file.unlink()
    node.turns(4)
    assert node.leads


@pytest.mark.parametrize("fatal", [True, False])
def test_a_full_disk_keeps_a_node_from_leading_where_the_settings_say_so(fatal: bool) -> None:  # noqa: FBT001
    policy = Policy(ttl_s=30, fence_s=5, margin_s=5, max_database_failures=5, needs_disk_space=fatal)
    (node,) = cluster(1, policy=policy)
    node.disks = (DiskSpace("/var/log", 10, 250), DiskSpace("/gone", -1, 250))
    node.turns(3)
    assert node.leads is not fatal


def test_required_followers_are_counted(node: Node) -> None:
    node.policy = Policy(ttl_s=30, fence_s=5, margin_s=5, max_database_failures=5, required_followers=1)
    node.start()
    node.turns(4)
    assert (node.role, node.leads) == (Role.LEADER, False)
    assert node.elector.snapshot.reason == "0 followers stream, 1 are required"


def test_a_lone_follower_is_promoted(node: Node) -> None:
    node.server.in_recovery = True
    node.turns(4)
    assert node.leads
    followers = cluster(3)
    followers[1].server.in_recovery = True
    followers[1].turns(40)
    assert followers[1].epoch == 0


def test_an_etcd_made_anew_does_not_bring_back_an_old_epoch(node: Node) -> None:
    """After a restore the data knows of later epochs than etcd does; so it is when only a later look can tell."""
    node.server.epoch = 57
    node.turns(3)
    assert (node.leads, node.epoch) == (True, 58)
    (other,) = cluster(1)
    other.boot(FakeServer(running=False, epoch=57))
    other.turns(5)
    assert (other.leads, other.epoch) == (True, 58)


def test_what_changes_is_said_once(node: Node) -> None:
    node.etcd.available = False
    node.turns(50)
    assert len(node.log) <= 3
    assert any("nobody can tell who leads: http" in line for line in node.log)
