"""A small client of Elasticsearch's HTTP interface, the same for 5.6 and 6.8.

https://www.elastic.co/guide/en/elasticsearch/reference/6.8/cluster-health.html
"""

from __future__ import annotations

from typing import Any

import requests

from chef_backend.elasticsearch.model import ClusterHealth, SearchNode, SearchUnavailable


class HttpSearch:
    """Asks one node over HTTP."""

    def __init__(self, base_url: str, timeout_s: float = 3.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s

    def version(self) -> str:
        """GET /."""
        return _text(_mapping(self._get("/"), "version"), "number")

    def health(self) -> ClusterHealth:
        """GET /_cluster/health, without waiting for any state."""
        found = self._get("/_cluster/health?timeout=1s&master_timeout=1s")
        return ClusterHealth(
            state=_text(found, "status"),
            nodes=_count(found, "number_of_nodes"),
            cluster=_text(found, "cluster_name"),
            unassigned_shards=_count(found, "unassigned_shards"),
            timed_out=found.get("timed_out") is True,
        )

    def nodes(self) -> tuple[SearchNode, ...]:
        """GET /_cat/nodes; the master carries an asterisk."""
        found = self._get("/_cat/nodes?format=json&h=name,ip,master")
        if not isinstance(found, list):
            raise SearchUnavailable(f"{self._base_url}/_cat/nodes answered with no list")
        rows = (SearchNode(_text(row, "name"), _text(row, "ip"), _text(row, "master") == "*") for row in found)
        return tuple(sorted(rows, key=lambda row: row.name))

    def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON, which becomes typed by the caller
        url = f"{self._base_url}{path}"
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy of the environment is not for this node's own services
                answer = session.get(url, timeout=self._timeout_s, allow_redirects=False)
            answer.raise_for_status()
            return answer.json()
        except (requests.RequestException, ValueError) as error:
            raise SearchUnavailable(f"{url.partition('?')[0]}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Return in a few words why a request failed: requests' own texts name its objects."""
    match error:
        case requests.ConnectTimeout() | requests.ReadTimeout():
            return "no answer in time"
        case requests.ConnectionError():
            return "connection refused" if "refused" in str(error) else "no connection"
        case requests.HTTPError():
            return f"HTTP {error.response.status_code}"
        case requests.exceptions.InvalidURL() | requests.exceptions.InvalidSchema():
            return "no such address"
    return "no JSON in the answer"


def _mapping(found: Any, key: str) -> Any:  # noqa: ANN401 - JSON
    value = found.get(key) if isinstance(found, dict) else None
    if not isinstance(value, dict):
        raise SearchUnavailable(f"an answer without {key}")
    return value


def _text(found: Any, key: str) -> str:  # noqa: ANN401 - JSON
    value = found.get(key) if isinstance(found, dict) else None
    if not isinstance(value, str):
        raise SearchUnavailable(f"an answer without {key}")
    return value


def _count(found: Any, key: str) -> int:  # noqa: ANN401 - JSON
    value = found.get(key) if isinstance(found, dict) else None
    if not isinstance(value, int):
        raise SearchUnavailable(f"an answer without {key}")
    return value
