"""A node in a folder that keeps the promises of newcluster.NewCluster: its state is a file, its services are a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from chef_backend.base.errors import ServiceFailed
from chef_backend.reconfigure.membership import Membership


@dataclass
class FakeNewCluster:
    """`note` is where it notes what is under way; `fails` names the calls that do, `calls` are those made."""

    note: Path
    data_folder: Path
    fails: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def membership(self) -> Membership:
        """Return what the note says; a node without one is a member."""
        return Membership(self.note.read_text()) if self.note.exists() else Membership.MEMBER

    def begin(self) -> None:
        """See NewCluster."""
        self._call("begin")
        self._note(Membership.RESTORING)

    def stop(self) -> None:
        """See NewCluster."""
        self._call("stop")

    def configure(self) -> None:
        """See NewCluster."""
        self._call("configure")
        self.data_folder.mkdir(exist_ok=True)
        (self.data_folder / "postgresql.conf").write_text("of this node")

    def start(self) -> None:
        """See NewCluster."""
        self._note(Membership.CREATING)
        self._call("start")
        self.note.unlink()

    def abandon(self, before: Membership) -> None:
        """See NewCluster."""
        self._call("abandon")
        if before in {Membership.CREATING, Membership.RESTORING}:
            self._note(before)
        else:
            self.note.unlink()

    def _note(self, doing: Membership) -> None:
        new = self.note.with_suffix(".new")
        new.write_text(doing)
        new.rename(self.note)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise ServiceFailed(f"{name} failed")
