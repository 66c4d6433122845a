"""What a node was last configured with, for what must work when its configuration does not."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chef_backend.base.paths import Paths
from chef_backend.config.load import recorded
from chef_backend.config.model import Settings
from chef_backend.config.values import Value
from chef_backend.resources.host import Host


@dataclass(frozen=True, slots=True)
class LastSettings:
    """The settings of the last reconfigure; any of them may be missing, or damaged since."""

    settings: Settings

    def text(self, name: str, default: str = "") -> str:
        """Return a text; the default in place of anything else."""
        found = self._value(name)
        return found if isinstance(found, str) else default

    def number(self, name: str, default: int) -> int:
        """Return a whole number; the default in place of anything else."""
        found = self._value(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else default

    def _value(self, name: str) -> Value:
        return self.settings.value(name) if name in self.settings.names else None


def last_settings(host: Host, paths: Paths) -> LastSettings:
    """Return what the last reconfigure recorded; nothing where it left no file that can be read."""
    try:
        tree = json.loads(host.observe(paths.running).content)["chef-backend"]
    except (ValueError, KeyError, TypeError):
        tree = {}
    return LastSettings(recorded(tree if isinstance(tree, dict) else {}))
