"""Everything stopped, and kept so: the opposite of what reconfigure brings up, which undoes it."""

from __future__ import annotations

from typing import Final

from chef_backend.reconfigure.steps import Steps
from chef_backend.removal.ground import survey
from chef_backend.removal.machine import Machine

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
