"""Programs that encrypt, as far as a bundle can tell."""

from __future__ import annotations

from chef_backend.base.errors import CommandFailed
from chef_backend.base.proc import Command, Completed


class FakeRunner:
    """Writes `out`, whatever it runs; remembers that."""

    def __init__(self, out: str = "", *, fails: bool = False) -> None:
        self.out = out
        self.fails = fails
        self.ran: list[Command] = []

    def run(self, command: Command, *, check: bool = True) -> Completed:
        self.ran.append(command)
        if self.fails and check:
            raise CommandFailed(f"{command.argv[0]} ended with exit code 1")
        return Completed(0, self.out, "")
