"""The leadership through whatever happens, in simulated time: at most one leads, at most one takes writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simcluster import SimCluster, SimNode

FAULTS: Mapping[str, Callable[[SimNode, float], None]] = {
    "etcd does not answer this node": SimNode.cut_off,
    "answers of etcd are lost": SimNode.lose_answers,
    "etcd answers slowly": SimNode.slow_down,
    "leaderl is killed": SimNode.kill_leaderl,
    "leaderl stands still": SimNode.stop_leaderl,
    "the fencer is killed": SimNode.kill_fencer,
    "the machine stands still": SimNode.freeze,
    "the power is cut": SimNode.cut_power,
    "PostgreSQL ends": SimNode.end_server,
    "PostgreSQL hangs": SimNode.hang_server,
    "PostgreSQL takes long to end": SimNode.let_server_linger,
    "PostgreSQL is started by hand": SimNode.start_by_hand,
}
QUIET_S = 150.0


@dataclass(frozen=True)
class Fault:
    """What happens to a node, when, and for how long."""

    what: str
    number: int
    at: float
    seconds: float

    def strike(self, cluster: SimCluster) -> None:
        FAULTS[self.what](cluster.nodes[self.number % len(cluster.nodes)], self.seconds)


faults = st.builds(
    Fault,
    what=st.sampled_from(sorted(FAULTS)),
    number=st.integers(0, 2),
    at=st.integers(0, 1500).map(lambda tenths: tenths / 10),
    seconds=st.sampled_from([0.3, 1.0, 3.0, 6.0, 12.0, 24.0, 28.0, 33.0, 50.0, 90.0]),
)


def run(cluster: SimCluster, happening: list[Fault], until: float) -> None:
    for fault in happening:
        cluster.simulation.at(fault.at, lambda fault=fault: fault.strike(cluster))  # type: ignore[misc]
    try:
        cluster.simulation.run_until(until)
    except AssertionError as error:
        error.add_note("\n".join(sorted(line for node in cluster.nodes for line in node.log)))
        raise


def leading(cluster: SimCluster) -> list[str]:
    return [node.guid for node in cluster.nodes if node.leads]


@pytest.mark.parametrize("count", [1, 3])
def test_without_faults_one_leads_for_good(count: int) -> None:
    cluster = SimCluster(count)
    run(cluster, [], 600)
    assert leading(cluster) == ["a"]
    assert cluster.epoch == 1
    cluster.simulation.close()


@pytest.mark.parametrize("count", [1, 3])
@settings(deadline=None, max_examples=60)
# Two things end at the same moment: the fencer is still the first to know that the machine goes on.
@example(happening=[Fault(what, 0, 4.2, 28.0) for what in ("etcd answers slowly", "the machine stands still")])
@given(happening=st.lists(faults, max_size=10))
def test_whatever_happens(count: int, happening: list[Fault]) -> None:
    """And once nothing happens any more, one leads again by itself."""
    cluster = SimCluster(count)
    try:
        run(cluster, happening, 250)
        cluster.simulation.run_until(250 + QUIET_S)
        assert len(leading(cluster)) == 1, [node.elector and node.elector.snapshot for node in cluster.nodes]
    finally:
        cluster.simulation.close()


def test_the_end_of_a_server_is_known_at_once() -> None:
    cluster = SimCluster(1)
    run(cluster, [Fault("PostgreSQL ends", 0, 20.5, 0.0)], 20.7)
    assert leading(cluster) == []
    cluster.simulation.run_until(23)
    assert leading(cluster) == ["a"]
    assert cluster.epoch == 1
    cluster.simulation.close()


@pytest.mark.parametrize("tenths", range(0, 50, 5))
def test_a_leader_that_hears_late_of_its_last_renewal_ends_before_the_others_begin(tenths: int) -> None:
    """The time counts from before it was sent: whoever saw it written waits for as long, from a later moment on."""
    cluster = SimCluster(3)
    leader = cluster.nodes[0]
    leader.server.ends_in_s = 90
    cluster.simulation.at(60 + tenths / 10, lambda: setattr(leader.etcd, "last_write_takes_s", 4.9))
    run(cluster, [], 150)
    assert cluster.epoch > 1
    cluster.simulation.close()


@pytest.mark.parametrize("what", sorted(FAULTS))
@pytest.mark.parametrize("seconds", [1.0, 12.0, 40.0])
def test_each_fault_alone_on_the_leader(what: str, seconds: float) -> None:
    cluster = SimCluster(3)
    run(cluster, [Fault(what, 0, 20.0, seconds)], 250)
    assert len(leading(cluster)) == 1
    cluster.simulation.close()
