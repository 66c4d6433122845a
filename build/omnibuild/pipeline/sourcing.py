"""The sources of a project's components: which bytes are meant, and how they get here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from omnibuild import events
from omnibuild.component.order import SourceFile
from omnibuild.errors import ChecksumMismatch, InvalidInput, SourceUnavailable
from omnibuild.lineup.load import Project
from omnibuild.lock import Lock
from omnibuild.recipe.model import Location, Source
from omnibuild.sources.base import FetchOptions, FetchProgress, Progress
from omnibuild.sources.fetch import FetchedSource, fetch_source
from omnibuild.sources.store import SourceStore
from omnibuild.spelling import did_you_mean


@dataclass(frozen=True, slots=True)
class Fetched:
    """A component's sources, here and checked; ``digests`` by their number in the recipe."""

    files: tuple[SourceFile, ...]
    digests: Mapping[str, str]
    locations: Mapping[str, str]
    warnings: tuple[str, ...]


class Sources:
    """Fetches the sources of one project; safe to use from several threads.

    ``overrides`` replace a component's sources by a local tree.
    """

    def __init__(
        self,
        project: Project,
        cache: Path,
        options: FetchOptions,
        lock: Lock | None,
        overrides: Mapping[str, Path] | None = None,
    ) -> None:
        self._project = project
        self._store = SourceStore(cache)
        self._options = options
        self._pinned = lock.source_digests() if lock else {}
        self._overrides = dict(overrides or {})
        self._local: dict[tuple[str, int], FetchedSource] = {}
        for name in self._overrides:
            known = project.lineup.components
            if name not in known:
                raise InvalidInput(f"--override {name}: no such component", hint=did_you_mean(name, known))

    def of(self, name: str) -> tuple[Source, ...]:
        """Return a component's sources, overridden or as its recipe states them."""
        if name in self._overrides:
            return (Source(locations=(Location(path=str(self._overrides[name].resolve())),)),)
        return self._project.recipes[name].recipe.sources

    def override_input(self, name: str) -> dict[str, str]:
        """Return what an override adds to the component's key inputs."""
        return {"override": "path"} if name in self._overrides else {}

    def overridden(self) -> Mapping[str, Path]:
        """Return the overridden components and their trees."""
        return self._overrides

    def known_digests(self, name: str) -> dict[str, str] | None:
        """Return the digests of a component's sources if they are certain without the network.

        A source that some location repacked may have one of several digests: the lock says
        which, or else what was fetched before.
        """
        digests: dict[str, str] = {}
        for number, source in enumerate(self.of(name)):
            digest = self._known(name, number, source)
            if digest is None:
                return None
            digests[str(number)] = digest
        return digests

    def _known(self, name: str, number: int, source: Source) -> str | None:
        if source.is_local:
            return self._fetch_local(name, number, source).sha256
        candidates = list(dict.fromkeys(filter(None, map(source.digest_of, source.locations))))
        pinned = self._pinned.get((name, number))
        if len(candidates) == 1 or pinned in candidates:
            return candidates[0] if len(candidates) == 1 else pinned
        here = [digest for digest in candidates if self._store.find(digest, lambda _warning: None)]
        return here[0] if here else None

    def _fetch_local(self, name: str, number: int, source: Source) -> FetchedSource:
        if (name, number) not in self._local:
            self._local[name, number] = self._fetch(name, number, source, lambda _progress: None)
        return self._local[name, number]

    def fetch(self, name: str, tell: events.Listener = events.ignore) -> Fetched:
        """Bring all sources of a component here. Raises SourceUnavailable, ChecksumMismatch."""
        try:
            return self._fetch_all(name, tell)
        except (SourceUnavailable, ChecksumMismatch) as error:
            tell(events.Failed(name, error.message))
            raise

    def _fetch_all(self, name: str, tell: events.Listener) -> Fetched:
        def progress(now: FetchProgress) -> None:
            tell(events.Fetching(name, now.done_bytes, now.total_bytes))

        files: list[SourceFile] = []
        digests: dict[str, str] = {}
        locations: dict[str, str] = {}
        warnings: list[str] = []
        for number, source in enumerate(self.of(name)):
            got = (
                self._fetch_local(name, number, source)
                if source.is_local
                else self._fetch(name, number, source, progress)
            )
            files.append(SourceFile(got.path, source.into, source.unpack, got.file_name))
            digests[str(number)] = got.sha256
            locations[str(number)] = got.label
            cached = got.is_local or got.label == "cache"
            tell(events.Arrived(name, got.label, got.path.stat().st_size, cached))
            warnings += got.warnings
        return Fetched(tuple(files), digests, locations, tuple(warnings))

    def _fetch(self, name: str, number: int, source: Source, progress: Progress) -> FetchedSource:
        loaded = self._project.recipes[name]
        return fetch_source(
            source,
            variables=self._project.variables(name),
            recipe_dir=loaded.folder,
            store=self._store,
            options=self._options,
            progress=progress,
            where=loaded.place(f"sources.{number}"),
        )

    def cancel(self) -> None:
        """End every fetch that runs; they raise Interrupted."""
        self._options.cancel.set()
