"""A reconfigure in short: plans and applies on one host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from chef_backend.resources.apply import Step, apply, read_receipt
from chef_backend.resources.desired import settle
from chef_backend.resources.host import Host
from chef_backend.resources.model import Resource
from chef_backend.resources.plan import Plan, make_plan
from chef_backend.resources.view import look

RECEIPT = Path("/state/receipt.json")


class Engine:
    """Plans and applies on one host, as a reconfigure does."""

    def __init__(self, host: Host, receipt: Path = RECEIPT) -> None:
        self.host = host
        self.receipt = receipt

    def plan(self, resources: Iterable[Resource]) -> Plan:
        desired, receipt = settle(resources), read_receipt(self.host, self.receipt)
        return make_plan(desired, look(self.host, desired, receipt), receipt)

    def run(
        self, resources: Iterable[Resource], *, now: float = 1.0, on_step: Callable[[Step], None] = lambda _step: None
    ) -> Plan:
        plan = self.plan(resources)
        apply(plan, self.host, receipt=self.receipt, now=lambda: now, on_step=on_step)
        return plan
