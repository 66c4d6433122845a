"""The bundle of this machine."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chef_backend.base.paths import Paths
from chef_backend.base.proc import SystemRunner
from chef_backend.base.version import installed_version
from chef_backend.bundle.item import Item, told
from chef_backend.bundle.logs import logs
from chef_backend.bundle.node import Node, node
from chef_backend.bundle.postgresql import postgresql
from chef_backend.bundle.system import system
from chef_backend.bundle.world import RealWorld
from chef_backend.config.facts import HostFacts
from chef_backend.config.file import load_file
from chef_backend.config.host import read_host
from chef_backend.config.model import Settings
from chef_backend.ctl.table import find
from chef_backend.postgresql.installed import installed_major
from chef_backend.reconfigure.recorded import last_settings
from chef_backend.resources.real import RealHost


class RealSource:
    """What can be collected of this machine."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        # Without the secrets: a short one may well be a word of a command line, and none of them is in any.
        self.runner = SystemRunner()
        self.host = RealHost(self.runner)
        self.world = RealWorld(self.runner)

    def items(self) -> Iterator[Item]:
        """Yield everything, the most telling first and rotated logs last."""
        found = Node(
            host=self.host,
            paths=self._paths,
            last=last_settings(self.host, self._paths),
            read=self._settings,
            has_command=lambda word: find(word) is not None,
        )
        for part in (
            node(found),
            system(self.host, self._paths),
            postgresql(found),
            logs(found, self.world),
        ):
            yield from told(part)

    def facts(self, sealed_for: str) -> dict[str, Any]:
        """Return what a manifest begins with."""
        found = {"version": installed_version(), "host": socket.gethostname()}
        return {**found, "encrypted_to": sealed_for} if sealed_for else dict(found)

    def name(self, now: datetime) -> str:
        """Return the bundle's name, without any suffix."""
        host = re.sub(r"[^\w.-]", "_", socket.gethostname())
        return f"chef-backend-logs-{host}-{now:%Y%m%dT%H%M%SZ}"

    def _settings(self) -> Settings:
        facts: HostFacts = read_host(installed_major(self.runner, self._paths.embedded_bin))
        return load_file(self._paths.config, facts)
