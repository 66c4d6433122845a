"""What Elasticsearch tells of itself, and who asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chef_backend.base.errors import ChefBackendError


class SearchUnavailable(ChefBackendError):
    """Elasticsearch does not answer as it should: look at its service and its log."""


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """What _cluster/health says; `state` is green, yellow or red."""

    state: str
    nodes: int
    cluster: str = ""
    unassigned_shards: int = 0
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class SearchNode:
    """A node that is in the search cluster now."""

    name: str
    ip: str
    master: bool


class Search(Protocol):
    """What the rest of the software asks of Elasticsearch; every call raises SearchUnavailable."""

    def version(self) -> str:
        """Return the version that answers."""
        ...

    def health(self) -> ClusterHealth:
        """Return the cluster's health as the asked node sees it."""
        ...

    def nodes(self) -> tuple[SearchNode, ...]:
        """Return the nodes that are in the cluster, by name."""
        ...
