"""Orders, closures and paths of the component graph."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnibuild import graph
from omnibuild.errors import InvalidInput

DIAMOND = {"top": ("left", "right"), "left": ("base",), "right": ("base",), "base": ()}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Return a random acyclic graph, its names in no particular order."""
    names = draw(st.permutations([f"c{number}" for number in range(draw(st.integers(0, 10)))]))
    return {n: tuple(draw(st.sets(st.sampled_from(names[:i])))) if i else () for i, n in enumerate(names)}


@given(graphs())
def test_order_puts_dependencies_first(edges: dict[str, tuple[str, ...]]) -> None:
    """Every name stands once, after all it points to, and equal graphs give equal orders."""
    found = graph.order(edges)
    assert sorted(found) == sorted(edges)
    assert all(found.index(need) < found.index(name) for name in edges for need in edges[name])
    assert graph.order(dict(reversed(edges.items()))) == found


@given(graphs(), st.data())
def test_closure_is_closed(edges: dict[str, tuple[str, ...]], data: st.DataObject) -> None:
    """A closure holds where it starts, all its dependencies, and nothing that is not reached."""
    start = data.draw(st.sets(st.sampled_from(sorted(edges)))) if edges else set()
    found = graph.closure(edges, start)
    assert start <= found
    assert all(need in found for name in found for need in edges[name])
    assert all(name in start or any(name in edges[user] for user in found) for name in found)


@given(graphs(), st.data())
def test_the_critical_path_is_a_longest_chain(edges: dict[str, tuple[str, ...]], data: st.DataObject) -> None:
    """It is a chain of the graph, as long as it says, and nobody's way to the end is longer."""
    seconds = {name: float(data.draw(st.integers(0, 50))) for name in edges}
    length, path = graph.critical_path(edges, seconds)
    assert length == sum(seconds[name] for name in path)
    assert all(before in edges[after] for before, after in itertools.pairwise(path))
    assert max(graph.time_to_end(edges, seconds).values(), default=0.0) == length


def test_a_cycle_names_its_members_in_order() -> None:
    """Whoever reads the message can follow the arrows, each being a dependency."""
    edges = {"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",)}
    with pytest.raises(InvalidInput, match="dependency cycle") as caught:
        graph.order(edges, where=lambda name, need: f"{name}.yml of {need}")
    first = caught.value.message.splitlines()[0].removeprefix("dependency cycle: ").split(" → ")
    assert first[0] == first[-1]
    assert all(after in edges[before] for before, after in itertools.pairwise(first))
    told = [line.strip() for line in caught.value.message.splitlines()[1:]]
    assert told == [f"{before}.yml of {after}: {after}" for before, after in itertools.pairwise(first)]


def test_a_component_that_needs_itself_is_a_cycle() -> None:
    """The shortest cycle is told like any other."""
    with pytest.raises(InvalidInput, match="a → a"):
        graph.order({"a": ("a",)})


def test_the_way_to_the_end_decides_urgency() -> None:
    """What most of the build waits for is the most urgent; an unknown time counts as a second."""
    assert graph.time_to_end(DIAMOND, {"left": 5.0, "right": 2.0}) == {"top": 1, "left": 6, "right": 3, "base": 7}
