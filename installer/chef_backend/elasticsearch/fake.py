"""An Elasticsearch in memory that keeps the promises of Search."""

from __future__ import annotations

from dataclasses import dataclass

from chef_backend.elasticsearch.model import ClusterHealth, SearchNode, SearchUnavailable


@dataclass(slots=True)
class FakeSearch:
    """Told by its fields what it is."""

    up: bool = True
    state: str = "green"
    found: tuple[SearchNode, ...] = ()

    def version(self) -> str:
        """See Search."""
        self._need()
        return "6.8.23"

    def health(self) -> ClusterHealth:
        """See Search."""
        self._need()
        return ClusterHealth(self.state, len(self.found))

    def nodes(self) -> tuple[SearchNode, ...]:
        """See Search."""
        self._need()
        return self.found

    def _need(self) -> None:
        if not self.up:
            raise SearchUnavailable("http://127.0.0.1:9200/: connection refused")
