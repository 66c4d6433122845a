"""The folders of one component's build, and the sandbox made from them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild.component.environment import BUILD_DIR, TOOLS_DIR
from omnibuild.component.note import LD_WRAPPER
from omnibuild.errors import BuildFailed
from omnibuild.files import write_atomic
from omnibuild.platform import Host
from omnibuild.sandbox.spec import Bind, Isolation, Overlay, SandboxSpec, Step
from omnibuild.store.local import LocalStore
from omnibuild.store.tree import Entry, EntryKind, Tree


@dataclass(frozen=True, slots=True)
class Workspace:
    """``directory`` holds build/ (seen as /build), lower/, upper/, work/ and view/."""

    directory: Path
    install_root: str
    isolation: Isolation

    @classmethod
    def make(cls, directory: Path, install_root: str, isolation: Isolation) -> Workspace:
        """Create the folders in an empty ``directory``."""
        for name in ("build/src", "build/tmp", "build/home", "build/wheels", "lower", "upper", "work", "view"):
            (directory / name).mkdir(parents=True)
        return cls(directory, install_root, isolation)

    @property
    def source(self) -> Path:
        """The host's folder for the unpacked sources (/build/src inside)."""
        return self.directory / "build/src"

    @property
    def destdir(self) -> str:
        """The staging folder where writes to the prefix cannot be captured, else empty."""
        return f"{BUILD_DIR}/destdir" if self.isolation is Isolation.NONE else ""

    @property
    def captured(self) -> Path:
        """The host's folder that receives what is installed to the root."""
        if self.isolation is Isolation.NONE:
            return self.directory / f"build/destdir{self.install_root}"
        return self.directory / "upper"

    def add_recipe(self, files: Mapping[str, Path], note: str) -> None:
        """Copy the recipe's files to /build/recipe and lay the linker wrapper out."""
        for name, path in files.items():
            target = self.directory / "build/recipe" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            # Not the mode that someone's umask gave to the checkout: a build may install the file.
            target.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        tools = self.directory / TOOLS_DIR.removeprefix("/")
        write_atomic(tools / "ld", LD_WRAPPER.encode(), mode=0o755)
        write_atomic(tools / "note.s", note.encode())

    def lay_out(self, store: LocalStore, dependencies: Mapping[str, Tree]) -> tuple[dict[str, Entry], dict[str, str]]:
        """Lay the dependencies' files out as the lower layer; return their entries and owners.

        Raises BuildFailed when two of them have different files at one path.
        """
        entries: dict[str, Entry] = {}
        owners: dict[str, str] = {}
        for name, tree in dependencies.items():
            for entry in tree.entries:
                other = entries.setdefault(entry.path, entry)
                if other != entry and not other.kind is entry.kind is EntryKind.DIRECTORY:
                    raise BuildFailed(f"{entry.path}: comes from both {owners.get(entry.path, 'a folder')} and {name}")
                if entry.kind is EntryKind.FILE:
                    owners.setdefault(entry.path, name)
        store.materialise(Tree.of(entries.values()), self.directory / "lower")
        return entries, owners

    def spec(self, host: Host, steps: tuple[Step, ...], owners: Mapping[str, str]) -> SandboxSpec:
        """Return the sandbox in which the steps see this workspace."""
        inside = str(self.directory)
        return SandboxSpec(
            isolation=self.isolation,
            rootfs=str(host.rootfs),
            scratch=f"{inside}/view",
            steps=steps,
            overlay=Overlay(self.install_root, f"{inside}/lower", f"{inside}/upper", f"{inside}/work"),
            binds=(Bind(f"{inside}/build", BUILD_DIR, writable=True),),
            owners=dict(owners),
        )

    def fresh_layers(self) -> Workspace:
        """Return a workspace beside this one for the tests: same place, empty layers."""
        directory = self.directory / "test"
        shutil.rmtree(directory, ignore_errors=True)
        return Workspace.make(directory, self.install_root, self.isolation)
