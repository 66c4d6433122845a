"""The last build of each component of a line-up, whatever its key was: for weights, and for ``why``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omnibuild.files import write_atomic
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult


@dataclass(frozen=True, slots=True)
class Latest:
    """The last builds of one line-up."""

    store: LocalStore
    lineup: str

    def get(self, name: str) -> BuildResult | None:
        """Return a component's last build; None if there was none that can be read."""
        try:
            return BuildResult.load(self._path(name).read_bytes())
        except (OSError, ValueError, KeyError):
            return None

    def put(self, result: BuildResult) -> None:
        """Remember a build as its component's last."""
        write_atomic(self._path(result.name), result.dump())

    def _path(self, name: str) -> Path:
        return self.store.directory / "latest" / self.lineup / f"{name}.json"


def current_keys(store: LocalStore) -> frozenset[str]:
    """Return the keys of the last builds of all line-ups that used this store."""
    folder = store.directory / "latest"
    found = (Latest(store, path.parent.name).get(path.stem) for path in sorted(folder.glob("*/*.json")))
    return frozenset(result.key for result in found if result is not None)
