"""The checks of settings against each other and against the node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from chef_backend.config.checks_network import check_addresses, check_ports
from chef_backend.config.checks_paths import check_paths
from chef_backend.config.findings import Finding, View
from chef_backend.config.memory import COMPRESSED_OOPS_MB
from chef_backend.config.rows.postgresql_tuning import SHARED_BUFFERS, WAL_SIZE

_INTERVALS_IN_TTL: Final = 5


def check(view: View) -> Iterator[Finding]:
    """Yield all that is wrong or doubtful between settings."""
    for one in CHECKS:
        yield from one(view)


def check_leader_ttl(view: View) -> Iterator[Finding]:
    """The leader's claim outlives four missed renewals."""
    interval, ttl = "leaderl.health_check.interval_seconds", "leaderl.leader_ttl_seconds"
    least = _INTERVALS_IN_TTL * view.number(interval)
    if view.number(ttl) < least:
        yield Finding(
            (ttl, interval),
            f"{ttl} is {view.number(ttl)}, and must be at least {_INTERVALS_IN_TTL} times {interval}: {least}",
            f"Chef's documentation says it the other way round (an interval of 5 times the TTL), but then the claim "
            f"would end before it is renewed; set {ttl} to {least} or more, or the interval to "
            f"{view.number(ttl) // _INTERVALS_IN_TTL} or less",
        )


def check_etcd_timing(view: View) -> Iterator[Finding]:
    """etcd does not start with less than 5 heartbeats in its election timeout."""
    heartbeat, timeout = "etcd.heartbeat_interval", "etcd.election_timeout"
    least = 5 * view.number(heartbeat)
    if view.number(timeout) < least:
        yield Finding(
            (timeout, heartbeat),
            f"{timeout} is {view.number(timeout)}, and must be at least 5 times {heartbeat}: {least}",
            "etcd refuses to start otherwise; 10 times is usual",
        )


def check_memory(view: View) -> Iterator[Finding]:
    """Heap and shared buffers fit into the node."""
    memory = view.facts.memory_mb
    heap = view.number("elasticsearch.heap_size")
    shared = SHARED_BUFFERS.smallest(view.values["postgresql.shared_buffers"]) // 2**20
    sizes = (("elasticsearch.heap_size", heap), ("postgresql.shared_buffers", shared))
    for name, size in sizes:
        if size >= memory:
            yield Finding((name,), f"{name} is {size} MB, and this node has {memory} MB of memory", "write less")
    if heap + shared > memory * 9 // 10 and max(heap, shared) < memory:
        names = ("elasticsearch.heap_size", "postgresql.shared_buffers")
        message = f"heap and shared buffers take {heap + shared} of {memory} MB of memory"
        yield Finding(names, message, "leave some for etcd, leaderl and the system's cache", fatal=False)
    if heap >= COMPRESSED_OOPS_MB:
        message = f"a heap of {heap} MB is too large for compressed object pointers: it holds less than one of 31 GB"
        yield Finding(("elasticsearch.heap_size",), message, "write 31744 or less", fatal=False)


def check_new_size(view: View) -> Iterator[Finding]:
    """The new generation is a part of the heap."""
    new, heap = "elasticsearch.new_size", "elasticsearch.heap_size"
    if view.number(new) >= view.number(heap):
        message = f"{new} is {view.number(new)} MB, and the whole heap {view.number(heap)} MB"
        yield Finding((new, heap), message, f"an eighth of the heap is usual: {max(view.number(heap) // 8, 1)}")


def check_wal(view: View) -> Iterator[Finding]:
    """PostgreSQL accepts the sizes and numbers together."""
    low, high = "postgresql.min_wal_size", "postgresql.max_wal_size"
    if WAL_SIZE.smallest(view.values[low]) > WAL_SIZE.smallest(view.values[high]):
        yield Finding((low, high), f"{low} is more than {high}", "a plain number counts segments of 16 MB")
    senders, connections = "postgresql.max_wal_senders", "postgresql.max_connections"
    if view.number(senders) >= view.number(connections):
        message = (
            f"{senders} is {view.number(senders)}, and must be less than {connections}, {view.number(connections)}"
        )
        yield Finding((senders, connections), message, "PostgreSQL refuses to start otherwise")
    if view.text("postgresql.archive_mode") != "off" and not view.text("postgresql.archive_command"):
        names = ("postgresql.archive_mode", "postgresql.archive_command")
        message = "archive_mode is on without an archive_command: WAL is kept until the disk is full"
        yield Finding(names, message, "set postgresql.archive_command", fatal=False)


def check_replication(view: View) -> Iterator[Finding]:
    """What leaderl and pg_rewind need of PostgreSQL is there."""
    for name, reason in (
        ("postgresql.hot_standby", "leaderl could not look at a follower"),
        ("postgresql.wal_log_hints", "pg_rewind could not bring a former leader back"),
    ):
        if view.text(name) == "off":
            yield Finding((name,), f"{name} is 'off': {reason}", "leave it 'on'")
    if view.text("postgresql.replication_user") == view.text("postgresql.db_superuser"):
        names = ("postgresql.replication_user", "postgresql.db_superuser")
        yield Finding(names, "replication and administration share one role", "give them two names")


def check_users(view: View) -> Iterator[Finding]:
    """leaderl may look at PostgreSQL's processes, and end them."""
    leaderl, server = "leaderl.username", "postgresql.username"
    if view.text(leaderl) != view.text(server):
        message = f"{leaderl} is {view.text(leaderl)}, and must be {server}, {view.text(server)}"
        yield Finding((leaderl, server), message, "it could neither see PostgreSQL's processes nor end them")


def check_pool(view: View) -> Iterator[Finding]:
    """The pool does not begin above its own limit."""
    first, most = "leaderl.etcd_pool.init_count", "leaderl.etcd_pool.max_count"
    if view.number(first) > view.number(most):
        message = f"{first} is {view.number(first)}, and {most} only {view.number(most)}"
        yield Finding((first, most), message, "write less than the maximum")


def check_certificate(view: View) -> Iterator[Finding]:
    """A certificate of one's own comes with its key."""
    both = ("ssl.certificate", "ssl.certificate_key")
    given = [name for name in both if view.text(name)]
    if len(given) == 1:
        missing = both[1] if given[0] == both[0] else both[0]
        yield Finding((given[0],), f"{given[0]} is set without {missing}", "set both, or none to have one made")


CHECKS: Final[tuple[Callable[[View], Iterator[Finding]], ...]] = (
    check_addresses,
    check_ports,
    check_paths,
    check_leader_ttl,
    check_etcd_timing,
    check_memory,
    check_new_size,
    check_wal,
    check_replication,
    check_users,
    check_pool,
    check_certificate,
)
