"""Everything stopped, and kept so: the opposite of what reconfigure brings up, which undoes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chef_backend.reconfigure.steps import Steps
from chef_backend.removal.ground import Ground, survey
from chef_backend.removal.machine import Machine
from chef_backend.resources.apply import read_receipt, write_receipt

STOP: Final = "Stopping the services and their supervisor"
END: Final = "Ending what still runs"
DISABLE: Final = "Disabling the services"
TITLES: Final = (STOP, END, DISABLE)


def uninstall(machine: Machine, steps: Steps) -> None:
    """Stop all services and the supervisor, now and at the next boot; data, configuration and logs stay.

    The caller holds the lock. Raises ServiceFailed and what a full or read-only disk raises; made again it goes on.
    """
    ground = survey(machine.host, machine.paths)
    with steps.step(STOP):
        machine.supervision.retire()
    with steps.step(END):
        machine.end_processes(ground)
    with steps.step(DISABLE):
        # Only what reconfigure makes again: a service that an operator has added stays.
        for link in ground.links:
            machine.host.remove_file(link)
        _forget(machine, ground)


def _forget(machine: Machine, ground: Ground) -> None:
    """Take the links out of the receipt: that they are gone is nobody's edit."""
    if ground.links:
        host, path = machine.host, machine.paths.receipt
        receipt = read_receipt(host, path)
        kept = {place: states for place, states in receipt.entries.items() if place not in ground.links}
        write_receipt(host, path, replace(receipt, entries=kept))
