"""The real machine of a reconfigure."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chef_backend.base.clock import SystemClock
from chef_backend.base.errors import ChefBackendError
from chef_backend.base.folders import opened_parent
from chef_backend.base.log import printable
from chef_backend.base.paths import Paths
from chef_backend.base.proc import Runner, SystemRunner
from chef_backend.base.secret import Redactor
from chef_backend.base.version import installed_version
from chef_backend.config.facts import HostFacts
from chef_backend.config.file import load_file
from chef_backend.config.host import read_host
from chef_backend.config.model import Settings
from chef_backend.install.supervision import supervision
from chef_backend.postgresql.control import Database
from chef_backend.postgresql.installed import installed_major
from chef_backend.postgresql.server import LocalDatabase
from chef_backend.postgresql.server import Place as DatabasePlace
from chef_backend.reconfigure.machine import Machine
from chef_backend.resources.lock import only_one
from chef_backend.resources.real import RealHost
from chef_backend.roles.node import Node, url
from chef_backend.roles.postgresql import MANAGED
from chef_backend.secrets.store import Loaded, load
from chef_backend.supervise.runit import RunitSupervisor
from chef_backend.tls.openssl import OpenSsl

if TYPE_CHECKING:
    from chef_backend.elasticsearch.client import HttpSearch
    from chef_backend.etcd.client import HttpEtcd

_TIMEOUT_S: Final = 3.0
_LINE_BYTES: Final = 1365
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OK: Final = 200


def real_machine(paths: Paths) -> Machine:
    """Return this machine."""
    runner, clock = SystemRunner(), SystemClock()
    host = RealHost(runner)
    return Machine(
        paths=paths,
        host=host,
        sources=FileSources(paths, runner),
        supervisor=RunitSupervisor(paths),
        process=supervision(paths, runner, clock, host),
        clients=NodeClients(paths),
        maker=OpenSsl(runner, paths.embedded_bin / "openssl"),
        clock=clock,
        version=installed_version(),
        entropy=os.urandom,
        lock=lambda command: only_one(paths.lock, command),
        last_lines=last_lines,
    )


class FileSources:
    """See Sources: the files of /etc/chef-backend."""

    def __init__(self, paths: Paths, runner: Runner) -> None:
        self._paths = paths
        self._runner = runner

    def facts(self) -> HostFacts:
        """See Sources."""
        return read_host(installed_major(self._runner, self._paths.embedded_bin))

    def settings(self, facts: HostFacts) -> Settings:
        """See Sources."""
        return load_file(self._paths.config, facts)

    def secrets(self, *, configured: bool, is_ours: Callable[[bytes], bool]) -> Loaded:
        """See Sources."""
        return load(self._paths.secrets, configured=configured, is_ours=is_ours)


class NodeClients:
    """See Clients. Nobody is asked over HTTP where nothing was started, so what is needed for it is imported then."""

    def __init__(self, paths: Paths) -> None:
        self._bin = paths.embedded_bin

    def database(self, node: Node) -> Database:
        """See Clients."""
        settings = node.settings
        place = DatabasePlace(
            data_folder=node.folder("postgresql.data_dir"),
            socket_folder=node.socket_folder,
            port=settings.integer("postgresql.port"),
            superuser=settings.text("postgresql.db_superuser"),
            owner=settings.text("postgresql.username"),
            major=node.facts.postgresql_major,
            keep=MANAGED,
        )
        return LocalDatabase(place, SystemRunner(Redactor(node.secrets.every())), self._bin)

    def etcd(self, node: Node) -> HttpEtcd:
        """See Clients."""
        from chef_backend.etcd.client import HttpEtcd  # noqa: PLC0415 - slow to import

        return HttpEtcd([url(node.loopback, node.settings.integer("etcd.client_port"))], _TIMEOUT_S)

    def search(self, node: Node) -> HttpSearch:
        """See Clients."""
        from chef_backend.elasticsearch.client import HttpSearch  # noqa: PLC0415 - the same

        return HttpSearch(url(node.loopback, node.settings.integer("elasticsearch.port")), _TIMEOUT_S)

    def leads(self, node: Node) -> bool | None:
        """See Clients."""
        import requests  # noqa: PLC0415 - the same

        given = ip_address(node.settings.text("leaderl.http_address"))
        address = node.loopback if given.is_unspecified else str(given)
        with requests.Session() as session, suppress(requests.RequestException):
            session.trust_env = False  # a proxy of the environment is not for this node's own services
            asked = url(address, node.settings.integer("leaderl.http_port")) + "/leader"
            return session.get(asked, timeout=_TIMEOUT_S, allow_redirects=False).status_code == _OK
        return None


def last_lines(log: Path, lines: int) -> list[str]:
    """Return at most so many last lines of a log, none when it is not there or is no file."""
    with suppress(OSError, ChefBackendError), opened_parent(log) as folder:
        with os.fdopen(os.open(log.name, _READ, dir_fd=folder), "rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - lines * _LINE_BYTES))
            found = stream.read().decode(errors="replace").strip().splitlines()
        return [printable(line) for line in found[-lines:]]
    return []
