"""Nodes of one cluster in simulated time: the real decisions, with etcd, PostgreSQL and the processes simulated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from simtime import Program, Simulation

from chef_backend.etcd.fake import FakeEtcd
from chef_backend.etcd.model import EtcdUnavailable, Member, Swap, Value
from chef_backend.leader.act import Actor
from chef_backend.leader.elector import Elector
from chef_backend.leader.fake import FakeServer
from chef_backend.leader.guard import Guard
from chef_backend.leader.model import Barrier, Database, Held, Policy, Record
from chef_backend.leader.observe import Observer
from chef_backend.leader.record import KEY, RecordKeeper, parse

# Without a margin, which is for clocks that run at different speeds: these run at the same.
POLICY = Policy(ttl_s=30, fence_s=5, margin_s=0, max_database_failures=5, followers_stand=True)
INTERVAL_S = 5.0
ETCD_TIMEOUT_S = 5.0
DATABASE_TIMEOUT_S = 2.0
_QUICK_S = 0.01
_FENCER_S = 0.1
_RUNSV_S = 1.0
_COPIED_S = 15.0
_NOWHERE = Path("/nonexistent/unsynced")


class SimEtcd:
    """One node's client: what it asks takes time, and may get no answer whether it was done or not."""

    def __init__(self, etcd: FakeEtcd, simulation: Simulation) -> None:
        self._etcd = etcd
        self._simulation = simulation
        self.cut_until = 0.0
        self.delay_s = _QUICK_S
        self.loses_answers_until = 0.0
        self.last_write_takes_s = 0.0

    def get(self, key: str) -> Value | None:
        with self._asked():
            return self._etcd.get(key)

    def get_all(self, prefix: str) -> Mapping[str, Value]:
        with self._asked():
            return self._etcd.get_all(prefix)

    def put(self, key: str, data: bytes) -> int:
        with self._asked():
            return self._etcd.put(key, data)

    def swap(self, key: str, data: bytes, *, expected: int) -> Swap:
        with self._asked():
            swap = self._etcd.swap(key, data, expected=expected)
        if self.last_write_takes_s:
            self._simulation.sleep(self.last_write_takes_s)
            self.cut_until, self.last_write_takes_s = inf, 0.0
        return swap

    def delete(self, key: str, *, expected: int) -> bool:
        with self._asked():
            return self._etcd.delete(key, expected=expected)

    def members(self) -> tuple[Member, ...]:
        with self._asked():
            return self._etcd.members()

    def is_healthy(self) -> bool:
        return True

    def version(self) -> str:
        return "3.5.0"

    @contextmanager
    def _asked(self) -> Iterator[None]:
        simulation, delay_s = self._simulation, self.delay_s
        if simulation.monotonic() < self.cut_until:
            simulation.sleep(ETCD_TIMEOUT_S)
            raise EtcdUnavailable("no answer")
        simulation.sleep(delay_s / 2)
        yield
        lost = simulation.monotonic() < max(self.loses_answers_until, self.cut_until)
        simulation.sleep(ETCD_TIMEOUT_S if lost else delay_s / 2)
        if lost or delay_s > ETCD_TIMEOUT_S:
            raise EtcdUnavailable("no answer, whatever was done")


@dataclass(slots=True)
class SimServer(FakeServer):
    """A PostgreSQL that takes time to answer, and `ends_in_s` to end, but no longer than it is given."""

    simulation: Simulation = field(default_factory=Simulation)
    ends_in_s: float = 0.0
    hangs_until: float = 0.0
    ends_at: float = inf

    def look(self, epoch: int) -> Database:
        if self.simulation.monotonic() < self.hangs_until:
            self.simulation.sleep(DATABASE_TIMEOUT_S)
            return Database(error="no answer", in_recovery=self.in_recovery)
        self.simulation.sleep(_QUICK_S)
        return FakeServer.look(self, epoch)

    def close(self, reason: str, within_s: float) -> bool:
        self.reasons.append(reason)
        self.has_permit = False
        self.kept = Barrier.OURS if self.kept is Barrier.NONE else self.kept
        self.ends_at = min(self.ends_at, self.simulation.monotonic() + min(self.ends_in_s, within_s))
        self.simulation.at(self.ends_at, self._end)
        self._end()
        return not self.running

    def is_breached(self) -> bool:
        return self.ends_at == inf and FakeServer.is_breached(self)

    def _end(self) -> None:
        if self.simulation.monotonic() >= self.ends_at:
            self.running, self.ends_at = False, inf


class SimNode:
    """A machine: leaderl, its fencer, runsv, and PostgreSQL."""

    def __init__(self, guid: str, etcd: FakeEtcd, simulation: Simulation, *, is_follower: bool) -> None:
        self.guid = guid
        self.simulation = simulation
        self.etcd = SimEtcd(etcd, simulation)
        self.server = SimServer(running=False, in_recovery=is_follower, simulation=simulation)
        self.frozen_until = 0.0
        self.off_until = 0.0
        self.handed_until = 0.0
        self.deadline = 0.0
        self.log: list[str] = []
        self.guard: Guard | None = None
        self.leaderl: Program | None = None
        self.elector: Elector | None = None
        self._known: Held | None = None
        simulation.every(_FENCER_S, self._fencer)
        simulation.every(_RUNSV_S, self._runsv)

    @property
    def is_up(self) -> bool:
        """Whether anything runs on this machine now."""
        return self.simulation.monotonic() >= max(self.frozen_until, self.off_until)

    @property
    def leaderl_runs(self) -> bool:
        program = self.leaderl
        return (
            self.is_up
            and program is not None
            and not program.over
            and not program.killed
            and self.simulation.monotonic() >= program.stopped_until
        )

    @property
    def leads(self) -> bool:
        """What the node would tell a frontend."""
        return self.leaderl_runs and self.elector is not None and self.elector.snapshot.leads(self._now())

    @property
    def holds(self) -> bool:
        """Whether the fencer lets PostgreSQL take writes, or would if it ran."""
        return self.guard is not None and self.guard.held is not None and self._now() < self.guard.held.deadline

    @property
    def is_writable(self) -> bool:
        return self.is_up and self.server.is_writable

    # See Deadline: leaderl's end of the fencer.
    def begin(self, held: Held) -> bool:
        return self._told(held, self.guard is not None and self.guard.begin(held))

    def extend(self, held: Held) -> bool:
        return self._told(held, self.guard is not None and self.guard.extend(held))

    def open(self) -> bool:
        return self.guard is not None and self.guard.open()

    def close(self, reason: str) -> bool:
        self._known = None
        return self.guard.close(reason) if self.guard is not None else self.server.close(reason, POLICY.fence_s)

    def end(self) -> None:
        self._known = None
        if self.guard is not None:
            self.guard.end()

    # What may happen to it, some of it for so many seconds.
    def cut_off(self, seconds: float) -> None:
        self.etcd.cut_until = self._now() + seconds

    def lose_answers(self, seconds: float) -> None:
        self.etcd.loses_answers_until = self._now() + seconds

    def slow_down(self, seconds: float) -> None:
        self.etcd.delay_s = seconds / 10
        self.simulation.at(self._now() + seconds, self._speed_up)

    def _speed_up(self) -> None:
        self.etcd.delay_s = _QUICK_S

    def hang_server(self, seconds: float) -> None:
        self.server.hangs_until = self._now() + seconds

    def let_server_linger(self, seconds: float) -> None:
        self.server.ends_in_s = seconds

    def freeze(self, seconds: float) -> None:
        """Stop the whole machine, as a hypervisor does; the fencer is the first to know when it goes on."""
        self.frozen_until = max(self.frozen_until, self._now() + seconds)
        if self.leaderl is not None:
            self.simulation.stop(self.leaderl, seconds)
        self.simulation.at(self.frozen_until, self._fencer, ahead=True)

    def cut_power(self, seconds: float) -> None:
        self.off_until = max(self.off_until, self._now() + seconds)
        self.kill_leaderl()
        self.guard = self._known = None
        self.server.reboot()

    def kill_leaderl(self, _seconds: float = 0.0) -> None:
        if self.leaderl is not None:
            self.simulation.kill(self.leaderl)
            self.leaderl = None

    def stop_leaderl(self, seconds: float) -> None:
        """Have the process stand still, wherever it is; its fencer does not."""
        if self.leaderl_runs and self.leaderl is not None and self.guard is not None:
            self.simulation.stop(self.leaderl, seconds)

    def kill_fencer(self, _seconds: float = 0.0) -> None:
        """Not while leaderl cannot start another: one of the two must be left."""
        if self.leaderl_runs:
            self.guard = None

    def end_server(self, _seconds: float = 0.0) -> None:
        """End PostgreSQL, of which leaderl is told at once."""
        self.server.running = False
        if self.leaderl is not None:
            self.simulation.rouse(self.leaderl)

    def start_by_hand(self, _seconds: float = 0.0) -> None:
        """Start PostgreSQL without asking anybody."""
        if self.is_up and not self.server.running:
            self.server.running = True
            self.handed_until = self._now() + INTERVAL_S * 3

    def copy_from_leader(self, stored_leader: str) -> None:
        """Become a follower of whoever leads, as an operator has a deposed leader do."""
        server = self.server
        if not server.running and stored_leader not in {"", self.guid} and server.barrier() is not Barrier.NONE:
            server.in_recovery, server.kept = True, Barrier.NONE

    def _fencer(self) -> None:
        """Do what the fencer does, and what starts another in its place."""
        if not self.is_up:
            return
        if self.guard is None and self.leaderl_runs:
            self.guard = self._new_guard()
            if self._known is not None:
                self.guard.begin(self._known)
        if self.guard is not None:
            self.guard.tick()

    def _runsv(self) -> None:
        if not self.is_up:
            return
        self.server.supervise()
        if self.leaderl is None or self.leaderl.over:
            self._start()

    def _start(self) -> None:
        """Start leaderl, which takes over what the one before it left."""
        self.guard = self.guard or self._new_guard()
        self._known = self.guard.held
        keeper = RecordKeeper(self.etcd, self.simulation, Record(self.guid, 0, f"be-{self.guid}"), POLICY.ttl_s)
        observer = Observer(keeper, self.server, self.server, self.simulation, _NOWHERE)
        actor = Actor(keeper, self.server, self, self._say)
        elector = Elector(self.guid, observer, actor, POLICY, held=self._known)
        self.elector = elector

        def work() -> None:
            while True:
                elector.turn()
                self.simulation.rest(elector.seconds_to_next(INTERVAL_S))

        self.leaderl = self.simulation.start(self.guid, work)

    def _new_guard(self) -> Guard:
        return Guard(self.server, self.simulation, POLICY.fence_s, self._say)

    def _told(self, held: Held, done: bool) -> bool:  # noqa: FBT001 - what the fencer answered
        if done:
            self._known = held
            self.deadline = held.deadline
        return done

    def _say(self, level: str, text: str) -> None:
        self.log.append(f"{self._now():8.2f} {self.guid} [{level}] {text}")

    def _now(self) -> float:
        return self.simulation.monotonic()


class SimCluster:
    """All of it, with what must hold at any time."""

    def __init__(self, count: int) -> None:
        self.simulation = Simulation(self.check)
        names = [chr(ord("a") + number) for number in range(count)]
        self.etcd = FakeEtcd(cluster=tuple(Member(number, name, (), ()) for number, name in enumerate(names)))
        self.nodes = [
            SimNode(name, self.etcd, self.simulation, is_follower=number > 0) for number, name in enumerate(names)
        ]
        self.epoch = 0
        self._read: tuple[Value | None, Record] = (None, parse(None).record)
        self.leaders: dict[int, str] = {}
        self.simulation.every(_COPIED_S, self._copy)

    @property
    def record(self) -> Record:
        value = self.etcd.keys.get(KEY)
        if value is not self._read[0]:
            self._read = value, parse(value).record
        return self._read[1]

    def check(self) -> None:
        """Raise AssertionError for what must never be."""
        now, record = self.simulation.monotonic(), self.record
        assert record.epoch >= self.epoch, "an epoch that is over came back"
        assert record.epoch == 0 or self.leaders.setdefault(record.epoch, record.leader) == record.leader
        self.epoch = record.epoch
        leading = [node for node in self.nodes if node.leads]
        assert len(leading) <= 1, "two nodes lead"
        for node in leading:
            assert (record.leader, record.epoch, record.released) == (
                node.guid,
                node.elector and node.elector.snapshot.epoch,
                False,
            ), "a node leads on that has lost its leadership"
        vouched = [node for node in self.nodes if node.is_writable and now >= node.handed_until]
        assert len(vouched) <= 1, "two servers take writes"
        holding = [node for node in self.nodes if node in vouched or node.holds]
        assert len(holding) <= 1, "a leadership begins while another may still take writes"
        for node in vouched:
            assert now < node.deadline, "a server takes writes after its leadership's deadline"

    def _copy(self) -> None:
        for node in self.nodes:
            if node.is_up:
                node.copy_from_leader(self.record.leader)
