"""The real sources: this node's services, asked where its last reconfigure had them listen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final, TypeVar

import requests

from chef_backend.base.errors import ChefBackendError
from chef_backend.base.paths import Paths
from chef_backend.elasticsearch.client import HttpSearch, reason
from chef_backend.elasticsearch.model import ClusterHealth, SearchNode
from chef_backend.etcd.client import HttpEtcd
from chef_backend.etcd.model import EtcdUnavailable, Member
from chef_backend.leader.model import Role
from chef_backend.leader.observe import disk_spaces
from chef_backend.leader.settings import LeaderSettings, read_settings
from chef_backend.leader.status import STATUS_PREFIX
from chef_backend.resources.host import Host
from chef_backend.roles.node import url
from chef_backend.status.answers import Told, Whoami
from chef_backend.status.model import Disk, Restart
from chef_backend.status.report import Report, parse_peers, parse_report
from chef_backend.status.restarts import due
from chef_backend.supervise.state import ServiceState
from chef_backend.supervise.supervisor import Supervisor
from chef_backend.upgrade.code import installed_at

_TIMEOUT_S: Final = 3.0
_HEALTH_S: Final = 2.0
# A post may be lost, and a clock be a little behind.
_POSTS: Final = 3
_SPARE_S: Final = 5.0
_T = TypeVar("_T")


class LeaderlUnavailable(ChefBackendError):
    """leaderl does not answer as it should: look at its service and its log."""


class NodeSources:
    """See Sources. Safe for several threads: each question has connections of its own."""

    def __init__(self, paths: Paths, host: Host, supervisor: Supervisor) -> None:
        self._paths = paths
        self._host = host
        self._supervisor = supervisor

    def me(self) -> Whoami:
        """See Sources."""
        settings = self._settings()
        return Whoami(settings.guid, settings.name, settings.ip, settings.status_post_s * _POSTS + _SPARE_S)

    def services(self) -> Mapping[str, ServiceState | None]:
        """See Sources."""
        return {name: self._supervisor.state(name) for name in self._supervisor.enabled()}

    def leaderl(self) -> Told:
        """See Sources."""
        settings = self._settings()
        given = ip_address(settings.http_address)
        loopback = "127.0.0.1" if given.version == 4 else "::1"  # noqa: PLR2004 - IPv4
        document = _get(url(loopback if given.is_unspecified else str(given), settings.http_port) + "/status")
        own = parse_report(document)
        if own is None:
            raise LeaderlUnavailable("leaderl's status is of another version: restart it")
        return Told(own, parse_peers(document))

    def serves(self) -> bool:
        """Tell whether this node's leaderl says that the node leads and takes writes, or that it follows."""
        try:
            own = self.leaderl().own
        except ChefBackendError:
            return False
        return own.leads or own.role == Role.FOLLOWER

    def posts(self) -> tuple[Report, ...]:
        """See Sources."""
        values = _read(lambda: self._etcd().get_all(STATUS_PREFIX)).values()
        reports = (parse_report(_json(value.data)) for value in values)
        return tuple(report for report in reports if report is not None)

    def members(self) -> tuple[Member, ...]:
        """See Sources."""
        return _read(lambda: self._etcd().members())

    def is_healthy(self, address: str) -> bool:
        """See Sources; every member listens on the same port as this node's."""
        port = int(self._settings().etcd_endpoints[0].rpartition(":")[2])
        return _read(lambda: HttpEtcd([url(address, port)], _HEALTH_S).is_healthy())

    def search(self) -> ClusterHealth:
        """See Sources."""
        return HttpSearch(self._settings().elasticsearch_url, _TIMEOUT_S).health()

    def search_nodes(self) -> tuple[SearchNode, ...]:
        """See Sources."""
        return HttpSearch(self._settings().elasticsearch_url, _TIMEOUT_S).nodes()

    def disks(self) -> tuple[Disk, ...]:
        """See Sources."""
        settings = self._settings()
        found = disk_spaces(settings.disk_paths, settings.disk_least_mb)
        return tuple(Disk(each.path, each.free_mb, each.least_mb) for each in found)

    def restarts(self) -> tuple[Restart, ...]:
        """See Sources."""
        return due(self._host, self._paths, self._supervisor, installed_at(self._paths))

    def _settings(self) -> LeaderSettings:
        return read_settings(self._paths.leaderl_config)

    def _etcd(self) -> HttpEtcd:
        return HttpEtcd(self._settings().etcd_endpoints, _TIMEOUT_S)


def _get(address: str) -> Mapping[str, Any]:
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment is not for this node's own services
            answer = session.get(address, timeout=_TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise LeaderlUnavailable(f"{address}: {reason(error)}") from None
    if not isinstance(found, dict):
        raise LeaderlUnavailable(f"{address}: no document in the answer")
    return found


def _read(question: Callable[[], _T]) -> _T:
    """Return etcd's answer; another program on its port may answer with anything."""
    try:
        return question()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EtcdUnavailable(f"an answer that is not etcd's: {type(error).__name__}") from None


def _json(data: bytes) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(data)
    except ValueError:
        return None
