"""Why a component would be built now: which inputs of its key are other than the last time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from omnibuild.cachekey import Change, changes, key_of
from omnibuild.pipeline.latest import Latest
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.sourcing import Sources
from omnibuild.store.local import LocalStore
from omnibuild.store.result import BuildResult

_DEPENDENCY = "dependency "


@dataclass(frozen=True, slots=True)
class Reason:
    """The state of one component, and what made it so.

    ``state`` is ``stored``; ``new`` (never built here); ``changed`` (see ``changes``);
    ``unfetched`` (which bytes its source has is not known yet); ``lost`` (nothing changed, but
    its result is no longer in the store). ``waits_for`` are dependencies that are to be built
    first; ``because`` says for each changed dependency what changed in it.
    """

    name: str
    version: str
    state: str
    key: str
    changes: tuple[Change, ...] = ()
    waits_for: tuple[Reason, ...] = ()
    because: Mapping[str, tuple[Change, ...]] | None = None


class Inquiry:
    """Answers for the components of one project."""

    def __init__(self, planner: Planner, store: LocalStore, sources: Sources) -> None:
        self._planner = planner
        self._store = store
        self._sources = sources
        self._latest = Latest(store, planner.project.lineup.name)

    def why(self, name: str) -> Reason:
        """Return the reason of one component."""
        return self._why(name, self._planner.cached([name]))

    def _why(self, name: str, cached: Mapping[str, BuildResult]) -> Reason:
        version = self._planner.project.recipes[name].recipe.version
        if name in cached:
            return Reason(name, version, "stored", cached[name].key)
        needs = self._planner.edges.laid_out[name]
        waits_for = tuple(self._why(need, cached) for need in needs if need not in cached)
        last = self._latest.get(name)
        digests = self._sources.known_digests(name)
        if last is None or digests is None:
            return Reason(name, version, "new" if last is None else "unfetched", "", (), waits_for)
        trees = {need: cached[need].tree for need in needs if need in cached}
        # What is still to be built counts as unchanged: it may well give the same bytes again.
        unknown = {need.name: last.inputs.get(f"{_DEPENDENCY}{need.name}", "") for need in waits_for}
        now = self._planner.inputs_from(name, digests, {need: (trees | unknown)[need] for need in needs})
        found = tuple(part for change in changes(last.inputs, now) for part in detailed(change))
        state = "changed" if found or waits_for else "lost"
        key = "" if waits_for else key_of(now)
        return Reason(name, version, state, key, found, waits_for, self._because(last, now, cached))

    def _because(
        self, last: BuildResult, now: Mapping[str, str], cached: Mapping[str, BuildResult]
    ) -> dict[str, tuple[Change, ...]]:
        found: dict[str, tuple[Change, ...]] = {}
        for change in changes(last.inputs, now):
            need = change.input.removeprefix(_DEPENDENCY)
            if need == change.input or need not in cached:
                continue
            before = next((r for r in self._store.results() if r.name == need and r.tree == change.before), None)
            if before is not None:
                inputs = changes(before.inputs, cached[need].inputs)
                found[need] = tuple(part for each in inputs for part in detailed(each))
        return found


def detailed(change: Change) -> Iterator[Change]:
    """Split a change between two JSON objects into one for each value that differs."""
    before, after = _object(change.before), _object(change.after)
    if before is None or after is None:
        yield change
        return
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Change(f"{change.input} {key}", _text(before.get(key)), _text(after.get(key)))


def _object(text: str | None) -> dict[str, object] | None:
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)
