"""What a component's build is given, once its sources are here and its dependencies are stored."""

from __future__ import annotations

from collections.abc import Mapping

from omnibuild.cachekey import key_of
from omnibuild.component.order import Order
from omnibuild.pipeline.plan import Planner
from omnibuild.pipeline.sourcing import Fetched, Sources
from omnibuild.store.result import BuildResult


def order_for(
    name: str, fetched: Fetched, planner: Planner, sources: Sources, results: Mapping[str, BuildResult]
) -> Order:
    """Return the order of one component; ``results`` must have everything it needs."""
    inputs = planner.inputs(name, fetched.digests, results)
    return Order(
        planner.project.recipes[name],
        key_of(inputs),
        inputs,
        fetched.files,
        planner.trees(planner.edges.laid_out[name], results),
        planner.trees(planner.edges.shipped_with[name], results),
        overridden=bool(sources.override_input(name)),
    )
