"""What has to be built: the keys that are known already, and what the store has for them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from omnibuild import graph
from omnibuild.cachekey import Platform, key_inputs, key_of
from omnibuild.errors import StoreDamaged
from omnibuild.lineup.load import Project
from omnibuild.pipeline.sourcing import Sources
from omnibuild.plural import counted
from omnibuild.sources.base import Warn
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult
from omnibuild.store.tree import Tree


@dataclass(frozen=True, slots=True)
class Edges:
    """The graph as the pipeline needs it, by component name.

    ``needed``: what must be built before (tests need runtime dependencies too). ``laid_out``:
    the closure that a build sees in its prefix. ``shipped_with``: the closure that tests see.
    """

    needed: Mapping[str, tuple[str, ...]]
    laid_out: Mapping[str, tuple[str, ...]]
    shipped_with: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, project: Project) -> Edges:
        """Derive the three relations from a project's recipes."""
        depends = {name: loaded.recipe.depends for name, loaded in project.recipes.items()}
        ship = {name: (*d.link, *d.runtime) for name, d in depends.items()}
        rank = {name: number for number, name in enumerate(project.order)}

        def sort(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(sorted(names, key=rank.__getitem__))

        return cls(
            needed={name: sort({*d.build, *d.link, *d.runtime}) for name, d in depends.items()},
            laid_out={name: sort(graph.closure(ship, (*d.build, *d.link))) for name, d in depends.items()},
            shipped_with={name: sort(graph.closure(ship, ship[name])) for name in depends},
        )

    def seen_by(self, name: str) -> frozenset[str]:
        """Return whose files a component's build or its tests see."""
        return frozenset((*self.laid_out[name], *self.shipped_with[name]))

    def subset(self, names: Iterable[str]) -> frozenset[str]:
        """Return the names with everything that must be built for them."""
        return graph.closure(self.needed, names)


class Planner:
    """Finds keys and stored results for one project on one platform."""

    def __init__(self, project: Project, store: LocalStore, platform: Platform, sources: Sources) -> None:
        self.project = project
        self.edges = Edges.of(project)
        self._store = store
        self._platform = platform
        self._sources = sources

    def inputs(self, name: str, digests: Mapping[str, str], results: Mapping[str, BuildResult]) -> dict[str, str]:
        """Return a component's key inputs, given its sources' digests and what is built."""
        return self.inputs_from(name, digests, {need: results[need].tree for need in self.edges.laid_out[name]})

    def inputs_from(self, name: str, digests: Mapping[str, str], dependencies: Mapping[str, str]) -> dict[str, str]:
        """Return a component's key inputs, given its sources' and its dependencies' trees' digests."""
        loaded = self.project.recipes[name]
        return key_inputs(
            loaded, self.project.lineup, self._platform, sources=digests, dependencies=dependencies
        ) | self._sources.override_input(name)

    def cached(self, names: Iterable[str], warn: Warn = lambda _warning: None) -> dict[str, BuildResult]:
        """Return the stored result of each component whose key is known and stored."""
        wanted = self.edges.subset(names)
        results: dict[str, BuildResult] = {}
        for name in self.project.order:
            if name not in wanted or any(need not in results for need in self.edges.laid_out[name]):
                continue
            digests = self._sources.known_digests(name)
            if digests is not None:
                result = self._stored(name, key_of(self.inputs(name, digests, results)), warn)
                if result is not None:
                    results[name] = result
        return results

    def _stored(self, name: str, key: str, warn: Warn) -> BuildResult | None:
        try:
            return self._store.result(key)
        except StoreDamaged as error:
            warn(f"{name}: {error.message}: built anew")
            return None

    def sound_result(self, name: str, key: str, warn: Warn) -> BuildResult | None:
        """Return what is stored under a key, if every byte of it is right; else it is forgotten."""
        result = self._stored(name, key, warn)
        return result if result is not None and self._is_sound(name, result, warn, thorough=True) else None

    def sound(
        self, results: Mapping[str, BuildResult], warn: Warn, *, thorough: Container[str] = ()
    ) -> dict[str, BuildResult]:
        """Return the results whose files are all as they were stored; ``warn`` tells what is wrong with the rest.

        Every byte is read of those named in ``thorough``; of the others sizes, modes and times
        are looked at. What is damaged is dropped and its result forgotten, so that it is built
        anew. Whatever was built with a damaged dependency is left out too: the rebuilt one may
        have other bytes.
        """
        good = {name: r for name, r in results.items() if self._is_sound(name, r, warn, thorough=name in thorough)}
        return {name: r for name, r in good.items() if all(need in good for need in self.edges.laid_out[name])}

    def _is_sound(self, name: str, result: BuildResult, warn: Warn, *, thorough: bool) -> bool:
        try:
            entries = self._store.tree(result.tree).entries
        except StoreDamaged as error:
            self._store.drop_tree(result.tree)
            warn(f"{name}: {error.message}: built anew")
        else:
            bad = self._store.verify(entries) if thorough else self._store.touched(entries)
            if not bad:
                return True
            self._store.drop_objects(bad)
            warn(f"{name}: {counted(len(bad), 'damaged object')} in the store, such as {bad[0].path}: built anew")
        self._store.forget(result.key)
        return False

    def trees(self, names: Iterable[str], results: Mapping[str, BuildResult]) -> dict[str, Tree]:
        """Return the stored trees of these components."""
        return {name: self._store.tree(results[name].tree) for name in names}
