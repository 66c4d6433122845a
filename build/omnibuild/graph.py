"""The component graph: order, closures and cycles, over plain ``name → names`` edges."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Callable, Iterable, Mapping

from omnibuild.errors import InvalidInput

Edges = Mapping[str, Iterable[str]]


def order(edges: Edges, *, where: Callable[[str, str], str] | None = None) -> tuple[str, ...]:
    """Return every name after all it points to; the same for equal graphs.

    Raises InvalidInput for a cycle, naming each edge (after its place from ``where``, given who needs whom).
    """
    sorter = graphlib.TopologicalSorter({name: sorted(set(edges[name])) for name in sorted(edges)})
    try:
        return tuple(sorter.static_order())
    except graphlib.CycleError as error:
        cycle = list(reversed(error.args[1]))
        places = [f"\n  {where(name, need)}: {need}" for name, need in itertools.pairwise(cycle)] if where else []
        message = f"dependency cycle: {' → '.join(cycle)}{''.join(places)}"
        raise InvalidInput(message, hint="one of these edges must go, or become a runtime need of a third") from error


def closure(edges: Edges, start: Iterable[str]) -> frozenset[str]:
    """Return everything reachable from ``start``, itself included."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(edges[name])
    return frozenset(found)


def critical_path(edges: Edges, seconds: Mapping[str, float]) -> tuple[float, tuple[str, ...]]:
    """Return the longest chain by time: no schedule can be faster than this."""
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    for name in order(edges):
        before = max((best[need] for need in edges[name]), default=(0.0, ()))
        best[name] = (before[0] + seconds.get(name, 0.0), (*before[1], name))
    return max(best.values(), default=(0.0, ()))


def time_to_end(edges: Edges, seconds: Mapping[str, float]) -> dict[str, float]:
    """Return for each name the longest chain of time from its start to the end of the build.

    The scheduler starts ready components in this order, longest first.
    """
    users: dict[str, list[str]] = {name: [] for name in edges}
    for name, needs in edges.items():
        for need in needs:
            users[need].append(name)
    result: dict[str, float] = {}
    for name in reversed(order(edges)):
        result[name] = seconds.get(name, 1.0) + max((result[user] for user in users[name]), default=0.0)
    return result
