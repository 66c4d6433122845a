"""What has to be built: the keys that are known already, and what the store has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omnibuild import graph
from omnibuild.cachekey import Platform, key_inputs, key_of
from omnibuild.lineup.load import Project
from omnibuild.pipeline.sourcing import Sources
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

    def cached(self, names: Iterable[str]) -> dict[str, BuildResult]:
        """Return the stored result of each component whose key is known and stored."""
        wanted = self.edges.subset(names)
        results: dict[str, BuildResult] = {}
        for name in self.project.order:
            if name not in wanted or any(need not in results for need in self.edges.laid_out[name]):
                continue
            digests = self._sources.known_digests(name)
            if digests is not None:
                result = self._store.result(key_of(self.inputs(name, digests, results)))
                if result is not None:
                    results[name] = result
        return results

    def sound(self, results: Mapping[str, BuildResult]) -> tuple[dict[str, BuildResult], list[str]]:
        """Return the results whose every stored byte is right, and what was wrong with the rest.

        Damaged objects are dropped and their results forgotten, so that they are built anew.
        """
        good: dict[str, BuildResult] = {}
        problems: list[str] = []
        for name, result in results.items():
            entries = self._store.tree(result.tree).entries
            bad = self._store.verify(entries)
            if not bad:
                good[name] = result
                continue
            self._store.drop_objects(bad)
            self._store.forget(result.key)
            problems.append(f"{name}: {len(bad)} damaged object(s) in the store, such as {bad[0].path}: built anew")
        return good, problems

    def trees(self, names: Iterable[str], results: Mapping[str, BuildResult]) -> dict[str, Tree]:
        """Return the stored trees of these components."""
        return {name: self._store.tree(results[name].tree) for name in names}
