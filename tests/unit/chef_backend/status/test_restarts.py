"""What still waits for a restart, and what does not any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from chef_backend.base.clock import FakeClock
from chef_backend.base.errors import Busy
from chef_backend.base.paths import Paths
from chef_backend.resources.apply import read_receipt, write_receipt
from chef_backend.resources.effects import Effect
from chef_backend.resources.fake import FakeHost
from chef_backend.resources.host import Kind, Observed
from chef_backend.resources.receipt import Receipt
from chef_backend.status.model import Restart
from chef_backend.status.restarts import due, forget_done
from chef_backend.supervise.fake import FakeSupervisor
from chef_backend.supervise.verbs import Verb, tell

PATHS = Paths(Path("/node"))


class Node:
    """PostgreSQL owes a restart, etcd a reload."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.supervisor = FakeSupervisor(self.clock, ("etcd", "postgresql"))
        self.supervisor.state("postgresql")  # it starts
        self.supervisor.state("etcd")
        self.clock.advance(60)
        self.host = FakeHost()
        effects = {"postgresql": Effect.RESTART, "etcd": Effect.RELOAD}
        receipt = Receipt().with_pending(effects, {"postgresql": ("max_connections",)}, self.clock.now().timestamp())
        write_receipt(self.host, PATHS.receipt, receipt)

    def due(self) -> list[str]:
        return [restart.service for restart in due(self.host, PATHS, self.supervisor, 0)]

    def restart(self) -> None:
        self.clock.advance(1)
        assert tell(self.supervisor, "postgresql", Verb.RESTART, self.clock).ok

    def pending(self) -> list[str]:
        return sorted(read_receipt(self.host, PATHS.receipt).pending)

    def forget(self, *, busy: bool = False) -> None:
        @contextmanager
        def lock() -> Iterator[None]:
            if busy:
                raise Busy("a reconfigure runs")
            yield

        def locked() -> AbstractContextManager[None]:
            return lock()

        forget_done(self.host, PATHS, self.supervisor, locked)


def test_what_needs_a_restart_is_shown_with_why_and_how() -> None:
    """A reload that is due is none of the operator's business."""
    assert due(Node().host, PATHS, Node().supervisor, 0) == (
        Restart("postgresql", ("max_connections",), "chef-backend-ctl restart postgresql"),
    )


def test_a_restart_is_over_once_the_service_started_since() -> None:
    """However it was restarted: nobody needs to have told us."""
    node = Node()
    node.restart()
    assert node.due() == []
    assert node.pending() == ["etcd", "postgresql"]


def test_what_was_started_before_the_package_runs_older_code() -> None:
    """The upgrade restarts it, whatever else it needs a restart for; afterwards nothing is due."""
    node = Node()
    installed_at = node.clock.now().timestamp()
    found = due(node.host, PATHS, node.supervisor, installed_at)
    assert [(each.service, each.because, each.command) for each in found] == [
        ("etcd", ("the new package",), "chef-backend-ctl upgrade"),
        ("postgresql", ("max_connections", "the new package"), "chef-backend-ctl upgrade"),
    ]
    node.restart()
    assert [each.service for each in due(node.host, PATHS, node.supervisor, installed_at)] == ["etcd"]


def test_a_restart_by_an_order_is_taken_out_of_the_receipt() -> None:
    node = Node()
    node.forget()
    assert node.pending() == ["etcd", "postgresql"]
    node.restart()
    node.forget()
    assert node.pending() == ["etcd"]


def test_while_another_command_has_the_receipt_it_is_left_alone() -> None:
    """That command compares it with the services itself."""
    node = Node()
    node.restart()
    node.forget(busy=True)
    assert node.pending() == ["etcd", "postgresql"]
    assert node.due() == []


def test_a_damaged_receipt_spoils_no_order() -> None:
    node = Node()
    node.host.add(PATHS.receipt, Observed(Kind.FILE, content=b"{"))
    node.forget()
