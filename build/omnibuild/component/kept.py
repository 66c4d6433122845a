"""The tree of a component's last failed build, kept so that a person can look into it.

``scratch/failed-<component>`` is the failed workspace, with ``spec.json`` (the sandbox and its
commands, as they see it there) and ``failed.json`` (which of them failed). Nothing done in it is
ever stored: a build starts from an empty workspace, always.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from omnibuild.files import remove_tree, write_atomic
from omnibuild.sandbox.spec import SandboxSpec
from omnibuild.store.local import LocalStore

SPEC = "spec.json"
FAILED = "failed.json"


@dataclass(frozen=True, slots=True)
class KeptTree:
    """One component's place for a failed workspace; it need not exist."""

    directory: Path

    @classmethod
    def of(cls, store: LocalStore, name: str) -> KeptTree:
        """Return the place of a component."""
        return cls(store.directory / "scratch" / f"failed-{name}")

    def discard(self) -> None:
        """Remove what is kept; harmless when nothing is."""
        remove_tree(self.directory)

    def keep(self, workspace: Path, spec: SandboxSpec) -> None:
        """Move a workspace here; ``spec`` is its sandbox with this folder's paths."""
        write_atomic(workspace / SPEC, spec.to_json().encode())
        self.discard()
        workspace.rename(self.directory)

    def load(self) -> tuple[SandboxSpec, int | None] | None:
        """Return the sandbox of what is kept, and the number of the step that failed (None: none did)."""
        try:
            spec = SandboxSpec.parse((self.directory / SPEC).read_text())
            noted = self.directory / FAILED
            step: int | None = json.loads(noted.read_text())["step"] if noted.exists() else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return spec, step


def note_failure(workspace: Path, step: int) -> None:
    """Record in a workspace which of its commands failed."""
    write_atomic(workspace / FAILED, json.dumps({"step": step}).encode())
